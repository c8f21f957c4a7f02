"""Behaviour of our dependencies that the engine relies on or works around. A failure here means: look again there."""

from __future__ import annotations

import io

import polars as pl
import pytest


def test_polars_takes_some_column_names_for_patterns() -> None:
    """Why the engine knows columns by their place."""
    frame = pl.DataFrame({"*": [1], "^a.*$": [2], "ab": [3]})

    assert frame.select(pl.col("*")).columns == ["*", "^a.*$", "ab"]
    assert frame.select(pl.col("^a.*$")).columns == ["ab"]


def test_polars_writes_a_null_of_a_single_column_as_an_empty_line() -> None:
    """Why `CsvFile` writes an empty text there: most readers skip empty lines."""
    file = io.BytesIO()
    pl.DataFrame({"a": ["1", None]}).write_csv(file)

    assert file.getvalue() == b"a\n1\n\n"


def test_scatter_writes_into_its_series_but_not_into_clones_or_frames() -> None:
    """Why cells are cloned before they are replaced, and why that is enough."""
    frame = pl.DataFrame({"a": ["old"]})
    series = frame.get_column("a")
    clone = series.clone()

    assert series.scatter(0, "new").to_list() == ["new"]
    assert series.to_list() == ["new"]
    assert clone.to_list() == frame.get_column("a").to_list() == ["old"]


def test_rust_has_no_look_around() -> None:
    """Why patterns of packs may take the path through Python."""
    with pytest.raises(pl.exceptions.ComputeError, match="look-around"):
        pl.Series(["a"]).str.contains("(?=a)")


def test_a_hash_is_the_same_in_every_batch() -> None:
    """Repeated values are found by comparing hashes of different batches."""
    assert pl.Series(["a", "b"]).hash()[1] == pl.Series(["b"]).hash()[0]
    assert pl.Series(["a"]).hash()[0] != pl.Series(["b"]).hash()[0]
