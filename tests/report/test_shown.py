"""Cells as they are shown: nothing invisible, nothing endless, and the difference where it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.report.shown import VALUE_LIMIT, Piece, clipped, difference, on_a_line, visible


def test_what_cannot_be_seen_gets_a_picture() -> None:
    assert visible("a\u00a0b\tc\r\nd\x00") == "a⍽b⇥c␍↵d␀"


def test_what_reorders_or_hides_text_is_shown_as_its_number() -> None:
    assert visible("\u202eexe.gnp") == "[U+202E]exe.gnp"
    assert visible("a\u200bb") == "a[U+200B]b"
    assert visible("\udcc3") == "[U+DCC3]"


def test_a_family_of_emoji_stays_together() -> None:
    assert visible("👩\u200d👧") == "👩\u200d👧"


def test_long_text_keeps_both_ends() -> None:
    shown = clipped("início" + "x" * 1_000 + "fim")
    assert len(shown) == VALUE_LIMIT
    assert shown.startswith("início")
    assert shown.endswith("fim")
    assert "…" in shown


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("181,90", "181.90", (("181", ",", "90"), ("181", ".", "90"))),
        ("Novo ", "Novo", (("Novo", "·"), ("Novo", ""))),
        ("a\u00a0b", "a b", (("a", "⍽", "b"), ("a", "·", "b"))),
        ("aa", "aaa", (("aa", ""), ("aa", "a"))),
        ("", "x", ((), ("x",))),
    ],
)
def test_a_difference_marks_only_what_differs(
    before: str, after: str, expected: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    assert tuple(tuple(piece.text for piece in side) for side in difference(before, after)) == expected


def test_an_unchanged_beginning_is_cut_short() -> None:
    before, _ = difference("x" * 500 + "1", "x" * 500 + "2")
    assert before == (Piece("…" + "x" * 28), Piece("1", changed=True))


@given(st.text(max_size=20), st.text(max_size=20))
def test_short_cells_can_be_read_back_from_their_pieces(before: str, after: str) -> None:
    """Changed blanks aside, which are shown as dots."""
    for cell, pieces in zip((before, after), difference(before, after), strict=True):
        assert "".join(p.text for p in pieces).replace("·", " ") == visible(cell).replace("·", " ")


@given(st.text(max_size=400))
def test_nothing_shown_is_invisible(text: str) -> None:
    assert clipped(text).replace("\u200d", "").isprintable()


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Novo ", "Novo", ("Novo·", "Novo")),
        (
            "um robô  de limpeza  com garantia",
            "um robô de limpeza com garantia",
            ("…obô ·de limpe… com…", "…obô de limpeza com…"),
        ),
        ("um texto bem longo de início, x", "um texto bem longo de início, y", ("…io, x", "…io, y")),
        ("um texto bem longo de início.", "um texto bem longo de início", ("…ício.", "…ício")),
        (
            " um texto bem longo de início",
            "um texto bem longo de início",
            ("·um texto bem longo…", "um texto bem longo …"),
        ),
        (
            "um robô, de limpeza e garantia",
            "um robô de limpeza e garantia",
            ("…robô, de limpeza e…", "…robô de limpeza e …"),
        ),
    ],
)
def test_on_a_line_a_change_shows_where_it_begins(before: str, after: str, shown: tuple[str, str]) -> None:
    assert tuple(on_a_line(pieces, 20) for pieces in difference(before, after)) == shown


@given(st.text("a b", max_size=60), st.text("a b", max_size=60), st.integers(12, 40))
def test_a_line_is_as_long_as_it_may_be(before: str, after: str, limit: int) -> None:
    assert all(len(on_a_line(pieces, limit)) <= limit for pieces in difference(before, after))
