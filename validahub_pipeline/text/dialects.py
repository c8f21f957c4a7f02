"""Where the regular expressions of Python and of Rust, which polars speaks, read the same pattern differently."""

from __future__ import annotations

from typing import Final

# Python takes the separators of files and records for white space, and all four letters i for one another where case
# does not matter.
SPACE_OR_CASE: Final = r"[\x1c-\x1f\x{130}\x{131}]"
"""Characters beside which `\\s` or `(?i:)`, of ASCII letters and those of Latin-1, may mean something else."""
