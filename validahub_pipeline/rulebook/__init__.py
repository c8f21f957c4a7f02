"""What people read and write about rule packs: what differs between two of them, and the catalogue of all rules.

Not here: what a pack means (`rulepacks`), whether it is sound (`linting`), and what it finds (`engine`, `checking`).
"""
