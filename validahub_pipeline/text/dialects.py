"""Where the regular expressions of Python and of Rust, which polars speaks, read the same pattern differently."""

from __future__ import annotations

from typing import Final

# Python takes the separators of files and records for white space, and all four letters i for one another where case
# does not matter.
SPACE_OR_CASE: Final = r"[\x1c-\x1f\x{130}\x{131}]"
"""Characters beside which `\\s` or `(?i:)`, of ASCII letters and those of Latin-1, may mean something else."""

NEW_LETTER: Final = r"[\x{1c80}-\x{1c8f}\x{a7c0}-\x{a7ff}\x{10000}-\x{1efff}\x{1fb00}-\x{10ffff}]"
"""Characters that only one of them may know for a letter or number: Unicode adds some every year. No emoji."""
