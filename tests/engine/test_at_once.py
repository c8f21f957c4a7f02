"""Corrections that change all texts at once make of each what the function for a single text makes of it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.domain import markup
from validahub_pipeline.text import dialects

SPACES = [" ", "  ", "\n", "\r\n", "\t", " \n \n\n", "\u00a0", "\u2003", "\u2028", "\x1c", "\x85", ""]
# The last ones are letters that case folds in ways of its own, and one of Unicode 15.
WORDS = ["É", "e\u0301", "Ção 12", *'ab-<>&"', "😀", "\u0130", "\u0131", "\u017f", "\u212a", "\U0001e030"]

_NAMES = ["p", "br", "li", "LI", "ul", "div", "td", "tr", "b", "span", "h2", "pre", "x:y", "l\u0131", "\u017fpan"]
_INSIDE = ["", "", "", "/", " /", " class='x'", ' a="b: c"', " hidden", "\n\tid=1", "\x1ca=1", " ou", " x="]
_CLOSE = [">", ">", ">", ""]
_TAGS = st.builds("<{}{}{}".format, *map(st.sampled_from, ([*_NAMES, "/p", "/li", "/td"], _INSIDE, _CLOSE)))
_HIDDEN = [
    *("<!--a-->", "<style>p{}</style>", "<head>", "</head>"),
    *("<img src='a'>", "<svg>", "<!doctype>", "<\u017ftyle>"),
]
_ENTITIES = [
    *("&nbsp;", "&amp;", "&amp;lt;", "&eacute;", "&shy;", "&copy", "&LT;", "&x;"),
    *("&#39;", "&#0;", "&#xE9;", "&#28;", "&#10;"),
]


def texts_of(*pieces: st.SearchStrategy[str] | list[str]) -> st.SearchStrategy[list[str]]:
    """Cells put together from the pieces, spaces and words."""
    of_each = [st.sampled_from(kind) if isinstance(kind, list) else kind for kind in (*pieces, SPACES, WORDS)]
    return st.lists(st.lists(st.one_of(of_each), max_size=12).map("".join), min_size=1, max_size=20)


def at_once(change: Callable[[pl.Expr], pl.Expr], texts: list[str]) -> list[str]:
    return pl.DataFrame({"x": texts}).select(change(pl.col("x"))).to_series().to_list()


@given(texts_of(_TAGS, _TAGS, _HIDDEN, _ENTITIES))
def test_html_becomes_text(texts) -> None:
    assert at_once(markup.as_text, texts) == [markup.to_text(text) for text in texts]


@given(texts_of(_ENTITIES, _TAGS))
def test_entities_become_characters(texts) -> None:
    assert at_once(markup.entities_as_text, texts) == [markup.decoded(text) for text in texts]


def test_polars_and_python_tell_spaces_alike_but_for_the_characters_named() -> None:
    every = pl.Series([chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000])
    others = every.filter(~every.str.contains(dialects.SPACE_OR_CASE))
    assert others.str.contains(r"^\s$").to_list() == [char.isspace() for char in others]
    assert (others.str.strip_chars() == "").to_list() == [char.isspace() for char in others]
