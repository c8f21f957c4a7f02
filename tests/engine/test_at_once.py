"""Corrections that change all texts at once make of each what the function for a single text makes of it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validahub_pipeline.domain import markup, removal, titles
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

_SIGNS = ["", "", ".", ",", ":", "(", ")", "[", "]", "|", "/", "!", "!!", "_", "@", "=", "<", ">", "\u00b2", "\u200d"]
_CONTACT = [
    *("a@b.com", "x.y+z@loja.com.br", "@loja_x", "www.loja.com.br", "http://loja.com/x", "https://192.168.0.1"),
    *("wa.me/5", "minha-loja.net.br/x", 'href="http://a.b"', "href = tel:1", "<img src='//a.b'>"),
    *("(11) 98765-4321", "(11 98765-4321", "11 98765-4321", "+55 11 98765-4321", "zap 11987654321"),
    *("Fale no Whats", "contato", "wpp", "dúvidas no ZAP"),
]
_EMOJI = ["\U0001f44d\U0001f3fd", "\u2764\ufe0f", "\U0001f468\u200d\U0001f469", "1\ufe0f\u20e3", "\u2b50", "\u2122"]
_PRICES = [
    *("R$ 99,90", "por R$ 5", "R$ 5.", "r$1.299 à vista", "só de R$ 3 cada"),
    *("no pix", "R$", "A PARTIR DE R$ 9"),
]
_PROMOTION = ["oferta", "frete grátis", "grátis já", "50% off", "-10", "já!", "100%"]
_SPELT = [*_PROMOTION, "OFERTA", "FRETE GRATIS", "Frete  grÁtis", "ja"]

_TITLES = [
    *("CAMISETA", "algodão,", "D'ÁGUA", "D\u2019ÁGUA", "K-POP", "LED", "PÇ", "500L", "TB2", "iPhone", "iphone", "ß"),
    *("para", "PARA", "de", "E", "com,", "p", "d", "(preto)", "(preto", "[x", "x]", "R$", "$5", "\u2013", "fim/"),
    *("ª", "a\u017f"),
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


@pytest.mark.parametrize(
    ("unwanted", "pieces"),
    [
        (removal.contact_data(), _CONTACT),
        (removal.promotion(_PROMOTION), _SPELT),
        (removal.emoji(), _EMOJI),
        (removal.prices(), _PRICES),
    ],
    ids=["contact data", "promotion", "emoji", "prices"],
)
@given(data=st.data())
def test_what_is_unwanted_is_taken_out(unwanted, pieces, data) -> None:
    texts = data.draw(texts_of(pieces, pieces, _SIGNS))
    expected = [removal.taken_out(text, unwanted.alone) for text in texts]
    assert at_once(lambda text: removal.without(text, unwanted), texts) == expected


@example(["Camiseta tamanho p para festa"], 24)
@given(texts_of(_TITLES, _TITLES, _TITLES, [" "], [" "]), st.integers(1, 25))
def test_titles_are_cut(texts, max_length) -> None:
    expected = [titles.shortened(text, max_length) for text in texts]
    assert at_once(lambda text: titles.truncated(text, max_length), texts) == expected


@given(texts_of(_TITLES, _TITLES, _TITLES, _SIGNS, [" "]))
def test_titles_are_recased(texts) -> None:
    expected = [titles.title_case(text, {"iphone": "iPhone", "de": "DE"}) for text in texts]
    assert at_once(lambda text: titles.titled(text, ["iPhone", "DE"]), texts) == expected


def test_polars_and_python_tell_spaces_alike_but_for_the_characters_named() -> None:
    every = pl.Series([chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000])
    others = every.filter(~every.str.contains(dialects.SPACE_OR_CASE))
    assert others.str.contains(r"^\s$").to_list() == [char.isspace() for char in others]
    assert (others.str.strip_chars() == "").to_list() == [char.isspace() for char in others]


def test_polars_and_python_tell_letters_and_digits_alike_but_for_new_ones() -> None:
    every = pl.Series([chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000])
    others = every.filter(~every.str.contains(dialects.NEW_LETTER))
    assert others.str.contains(r"[\p{L}\p{N}]").to_list() == [char.isalnum() for char in others]
