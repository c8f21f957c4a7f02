"""Rule packs: loading, checking, and resolving them for one marketplace, category and day.

Here packs become plain typed values; how a rule is evaluated is the engine's business, and where the YAML lies is
that of `rules`.
"""
