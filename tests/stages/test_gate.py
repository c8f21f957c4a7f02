"""The publication gate decides by the pack's limit, to the row."""

from __future__ import annotations

import pytest

from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks.model import Gate
from validahub_pipeline.stages.gate import judge

KEEP = Gate(max_critical_rows_bp=2_000, partial="keep")


@pytest.mark.parametrize(("critical", "refused"), [(0, False), (20, False), (21, True), (100, True)])
def test_exactly_the_tolerated_share_passes_and_one_row_more_is_refused(critical, refused):
    assert judge(KEEP, records=100, critical_rows=critical, missing=()).refused is refused


def test_a_file_without_a_required_column_is_refused_and_the_reason_names_the_column():
    verdict = judge(KEEP, records=100, critical_rows=0, missing=("price", "title"))

    assert verdict.refused
    for lang in LANGUAGES:
        assert "price, title" in (verdict.reason(lang) or "")


def test_a_file_whose_records_are_all_quarantined_is_refused():
    assert judge(KEEP, records=0, critical_rows=0, missing=()).refused


def test_a_pack_that_tolerates_no_critical_row_refuses_for_a_single_one():
    strict = Gate(max_critical_rows_bp=10_000, partial="refuse")

    assert judge(strict, records=1_000, critical_rows=1, missing=()).refused
    assert not judge(strict, records=1_000, critical_rows=0, missing=()).refused


def test_the_reason_gives_the_figures_it_was_decided_by():
    reason = judge(KEEP, records=1_000, critical_rows=345, missing=()).reason("en")

    assert reason is not None
    assert "345 of 1000" in reason
    assert "20 %" in reason


def test_a_pack_that_drops_rows_refuses_what_would_be_an_empty_file():
    dropping = Gate(max_critical_rows_bp=10_000, partial="drop")

    assert judge(dropping, records=6, critical_rows=6, missing=()).refused
    assert judge(dropping, records=6, critical_rows=2, missing=(), left_out=6).refused
    assert not judge(dropping, records=6, critical_rows=2, missing=(), left_out=5).refused
    assert not judge(KEEP, records=6, critical_rows=1, missing=(), left_out=6).refused
    for lang in LANGUAGES:
        reason = judge(dropping, records=6, critical_rows=2, missing=(), left_out=6).reason(lang) or ""
        assert ("6" in reason, "2" in reason, "%" in reason) == (True, True, False)
