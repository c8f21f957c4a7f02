"""Wherever Python finds a pattern, one of the texts that are looked for first is there."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.expectations.literals import one_of_which
from validahub_pipeline.expectations.patterns import found, found_rarely

CONTACT = r"[a-z0-9._-]+@[a-z]+\.[a-z]|\([0-9]{2}\) ?9?[0-9]{4}|https?://|www\."


@pytest.mark.parametrize(
    ("regex", "texts"),
    [
        (CONTACT, ("@", "(", "http", "www.")),
        (r"[0-9]+ reais|[0-9]+ dólares", (" reais", " dólares")),
        (r".x(abc)?foo\.bar+z", ("foo.bar",)),
        ("[]x]+abc", ("abc",)),
        ("[^]x]+abcd{2}", ("abc",)),
    ],
)
def test_the_texts_of_a_pattern(regex: str, texts: tuple[str, ...]):
    assert one_of_which(regex) == texts


@pytest.mark.parametrize(
    "regex",
    [
        "",
        "oferta",  # Rust looks for it by itself
        "^[a-z]+@",  # held only against the beginning
        "[a-z]+|x@y",  # one alternative without
        "[a-z]+de",  # too short to tell
        "(?i)[a-z]+@loja",
        "[a-z]+(@loja)?",
        "[a-z](?!@loja)",
        "[a-z]+(?:@loja|x)",
    ],
)
def test_where_none_are_looked_for(regex: str):
    assert one_of_which(regex) == ()


_ATOMS = st.sampled_from(
    ["a", "b", "@", "ab@", "<b", r"\.", r"\(", "[ab]", "[^a]", "[]b]", ".", r"\w", "(?:ab|@)", "(a@)"]
)
_PIECES = st.tuples(_ATOMS, st.sampled_from(["", "", "", "?", "*", "+", "{0,1}", "{2}", "+?"])).map("".join)
_PATTERNS = st.lists(st.lists(_PIECES, max_size=4).map("".join), min_size=1, max_size=3).map("|".join)


@given(regex=_PATTERNS, texts=st.lists(st.text("ab@<(.]é", max_size=9), min_size=1, max_size=9))
def test_no_cell_is_passed_over(regex: str, texts: list[str]):
    frame = pl.DataFrame({"text": [*texts, None]})
    expected = [*(re.search(regex, text) is not None for text in texts), None]

    assert frame.select(found_rarely(pl.col("text"), regex)).to_series().to_list() == expected
    assert frame.select(found(pl.col("text"), regex)).to_series().to_list() == expected
