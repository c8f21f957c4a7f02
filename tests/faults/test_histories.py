"""A short history of mixed operations under kills; `make faults` lives through a long one."""

from __future__ import annotations

from collections import Counter

from tests.faults.histories import Plan, differences, live_through, prepare


def test_the_state_rebuilt_equals_the_live_one_after_mixed_operations_and_kills(
    tmp_path, postgres_url, another_postgres_url, monkeypatch
):
    # Of persons, too: an erasure that is left undone is for this installation to finish.
    monkeypatch.setenv("VALIDAHUB_SUBJECTS_URL", postgres_url)
    plan = Plan(str(tmp_path / "home"), postgres_url, str(tmp_path / "files"), seed=119, count=28)
    kinds = Counter(operation.kind for operation in plan.operations())
    assert len(kinds) == 10
    prepare(plan)
    kills = live_through(plan, every=4)
    assert kills >= 3
    assert differences(plan, another_postgres_url) == []
