"""Whatever a correction would change is looked at: it lies in a cell that is unusual, or is not settled."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validahub_pipeline.engine.corrections import Column, correction_for, known_corrections
from validahub_pipeline.rulepacks import available, resolve
from validahub_pipeline.text.unusual import unusual

_SCREENED = {
    name: fix.guard
    for name, known in known_corrections().items()
    if not known.required
    for fix in [known.fix({}, Column())]
    if fix.unusual
}
# Of each kind that matters, and what stands beside them in UTF-8.
_CHARACTERS = "aZ  \t\n\r\v\x00\x1c\x1f\x7f\x85\xa0\xad\xbfÀÃÂâïðÿĀœ\u0301\u1100\u200b\u2028“”\u202f\u3099\ufeff😀"
_TEXTS = st.lists(st.none() | st.text(_CHARACTERS, max_size=12) | st.text(max_size=5), max_size=20)


def _is_unusual(text: str | None) -> bool:
    """The same of one text, by Python."""
    if not text:
        return False
    inside = re.search("[^ -~\n\rÀ-ÿ]|  ", text) is not None
    return inside or text[0] in " \n\r" or text[-1] in " \n\r"


def test_what_is_looked_for_so():
    assert _SCREENED.keys() == {
        *("trim_whitespace", "collapse_spaces", "nbsp_to_space", "remove_control_characters", "compose_unicode"),
        *("repair_mojibake", "straighten_quotes", "remove_emoji"),
    }


@given(texts=_TEXTS)
@example(texts=[None, "", "a", "", " ", "b "])
def test_the_unusual_cells(texts: list[str | None]):
    expected = [place for place, text in enumerate(texts) if _is_unusual(text)]
    assert unusual(pl.Series(texts, dtype=pl.String)).tolist() == expected


@pytest.mark.parametrize("name", _SCREENED)
@given(texts=_TEXTS)
def test_no_cell_that_a_correction_would_change_is_passed_over(name: str, texts: list[str | None]):
    cells = pl.Series(texts, dtype=pl.String)
    changed = cells.str.contains(_SCREENED[name]).fill_null(value=False).arg_true()
    assert set(changed) <= set(unusual(cells).tolist())


def test_a_long_column_and_a_part_of_it():
    """Longer than what is looked at in one piece, with two spaces across the end of it."""
    cells = pl.Series(["a" * ((1 << 17) - 1) + "  b", "é" * (1 << 17), None, "x\u00a0y", "z"])
    assert unusual(cells).tolist() == [0, 3]
    assert unusual(cells[2:]).tolist() == [1]
    assert unusual(pl.concat([cells[3:], cells[:2]], rechunk=False)).tolist() == [0, 2]


def test_what_is_settled_stays():
    packs = [resolve(name, category="all", on=date(2026, 11, 26)) for name in available()]
    asked = {str(one): one for pack in packs for one in pack.corrections}.values()
    fixes = [correction_for(one.type, one.kwargs).fix(one.kwargs, Column()) for one in asked]
    settled = [(sorted(fix.settled), fix) for fix in fixes if fix.settled]
    assert settled
    for words, fix in settled:
        assert pl.DataFrame({"cell": words}).select(fix.apply(pl.col("cell"))).to_series().to_list() == words


def test_a_target_that_is_a_word_for_another_is_not_settled():
    kwargs = {"mapping": {"usado": "used", "used": "second_hand", "novo": "new"}}
    assert correction_for("map_synonyms", kwargs).fix(kwargs, Column()).settled == frozenset()
