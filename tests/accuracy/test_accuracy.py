"""A smaller `make accuracy` in every run, and a look at the figures of the large one as they are written down."""

from __future__ import annotations

import re

import pytest

from tests.accuracy.damages import CASES
from tests.accuracy.trials import BEGIN, DOCUMENT, END, outcome
from validahub_pipeline.rulepacks.model import Confidence
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

COUNT = 800


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_applied_spoils_nothing_and_restores_nearly_all(case) -> None:
    found = outcome(case, COUNT, seed=7)

    assert case.suggested or not found.wrong
    assert found.restored >= 0.99 * found.damaged


def test_every_correction_that_is_applied_is_measured() -> None:
    applied = {name for name, known in CORRECTIONS.items() if known.confidence is not Confidence.SUGGEST}

    assert applied == {case.correction for case in CASES if case.correction and not case.suggested}


def test_the_figures_on_paper_are_of_these_cases_and_reach_the_bar() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (\S+) \| ([\d,]+) \| ([\d,]+) \| (\S*) \| ([\d,]+) \| ([\d,]+) \|$", text, re.M)

    assert text.index(BEGIN) < text.index(END)
    assert [row[0] for row in rows] == [case.name for case in CASES]
    for case, (_, _, drawn, damaged, restored, _, spoilt) in zip(CASES, rows, strict=True):
        assert drawn == "100,000"
        assert case.suggested or spoilt == "0"
        assert damaged == "0" or float(restored.rstrip("%")) >= 99


def test_every_correction_stands_in_the_catalogue() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert CORRECTIONS.keys() <= set(re.findall(r"`(\w+)`", text))
