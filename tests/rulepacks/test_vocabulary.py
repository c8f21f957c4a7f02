"""The vocabulary is Great Expectations' where it says so, is documented, and is what the engine implements."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from validahub_pipeline.engine.corrections import known_corrections
from validahub_pipeline.expectations import known_expectations
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

DOCUMENT = Path(__file__).parents[2] / "docs" / "rule-packs.md"

# In a process of its own: importing GX takes seconds and leaves warnings, hooks and a telemetry client behind.
ASK_GX = """
import json, sys, warnings
warnings.simplefilter("ignore")
from great_expectations.expectations.registry import get_expectation_impl
import great_expectations.expectations.core
fields = {}
for name in json.loads(sys.argv[1]):
    known = get_expectation_impl(name).__fields__
    fields[name] = {key: field.required for key, field in known.items()}
print(json.dumps(fields))
"""


def test_names_and_kwargs_are_those_of_great_expectations() -> None:
    """Pinned because a pack promises that whoever knows GX can read it, and that it can be exported to GX."""
    named = {name: known for name, known in known_expectations().items() if not known.ours}
    answer = subprocess.run(
        [sys.executable, "-c", ASK_GX, json.dumps(list(named))],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env=os.environ | {"GX_ANALYTICS_ENABLED": "false"},
    )
    gx = json.loads(answer.stdout.splitlines()[-1])
    for name, known in named.items():
        assert {*known.domain, *known.kwargs} <= gx[name].keys(), name
        assert {key for key, needed in gx[name].items() if needed} <= set(known.required), name


def test_every_word_is_documented() -> None:
    words = set(re.findall(r"`(\w+)`", DOCUMENT.read_text(encoding="utf-8")))
    ours = {name for name, known in known_expectations().items() if known.ours}
    assert ours | CORRECTIONS.keys() <= words


def test_every_correction_is_one_the_engine_knows() -> None:
    assert {name: known.confidence for name, known in CORRECTIONS.items()} == {
        name: known.confidence for name, known in known_corrections().items()
    }
