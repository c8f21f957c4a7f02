"""Regular expressions as packs write them: Rust's engine where it can, Python's where it cannot.

Great Expectations searches with Python's `re`; look-around and back-references exist only there, and cost accordingly.
"""

from __future__ import annotations

import re

import polars as pl

from validahub_pipeline.text.distinct import each_distinct_holds


def runs_in_rust(regex: str) -> bool:
    """Whether the pattern needs neither look-around nor back-references."""
    try:
        pl.Series([""]).str.contains(regex)
    except pl.exceptions.ComputeError:
        return False
    return True


def found(text: pl.Expr, regex: str) -> pl.Expr:
    """Whether the pattern is found anywhere in the text; null for null.

    Raises:
        re.error: the pattern is one for neither engine.
    """
    if runs_in_rust(regex):
        return text.str.contains(regex)
    pattern = re.compile(regex)
    return each_distinct_holds(text, lambda cell: pattern.search(cell) is not None)
