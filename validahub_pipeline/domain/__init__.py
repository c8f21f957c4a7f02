"""What a product value is and how a damaged one is put right: GTINs, number notations, markup, wording.

Patterns are for Rust's regex (no look-around) unless a name says otherwise. Nothing here knows packs or batches.
"""
