"""A writer is killed at random moments; whoever tries again finds each act recorded once, acknowledged or not."""

from __future__ import annotations

import random
import time

from validahub_pipeline.ledger import Detail

TRIALS = 8


def killed_after(process, seconds):
    """What a process said before it was killed, counted from its first sign of life."""
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.kill()
    output, _ = process.communicate(timeout=60)
    # The last line may be cut off: its act was not acknowledged.
    return [line.split()[0] for line in output.splitlines(keepends=True) if line.endswith("\n")]


def test_a_killed_writer_leaves_one_event_per_key_after_the_retry(local, act):
    dice = random.Random(6)
    kept = []
    for trial in range(TRIALS):
        said = killed_after(local.writer("events", f"trial-{trial}", 100_000), dice.uniform(0.05, 0.5))
        begun = [f"trial-{trial}-{number}" for number in range(len(said) + 1)]
        assert begun[: len(said)] == said
        ledger = local.ledger()
        found = {name: ledger.find(name) for name in begun}
        assert all(len(found[name]) == 1 for name in said)
        retried = {name: ledger.append([act(name)], idempotency=name) for name in begun}
        assert all(retried[name] == events for name, events in found.items() if events)
        kept += begun
    events = list(local.ledger().read())
    assert [event.seq for event in events] == list(range(1, len(kept) + 1))
    assert sorted(event.aggregate_id for event in events) == sorted(kept)


def test_a_killed_writer_leaves_each_detail_once_after_the_retry(local, violations):
    dice = random.Random(7)
    parquet = violations(rows=20_000)
    begun = []
    for trial in range(TRIALS // 2):
        said = killed_after(local.writer("detail", parquet, f"trial-{trial}", 1000), dice.uniform(0.05, 0.5))
        begun += [f"trial-{trial}-{number}" for number in range(len(said) + 1)]
    ledger = local.ledger()
    digests = {
        ledger.record_detail(
            Detail.VIOLATIONS,
            parquet,
            constants={"validation_id": name, "month": "2026-11"},
            idempotency=name,
        ).rows
        for name in begun
    }
    assert digests == {20_000}
    assert local.table("violations").to_pyarrow_table(columns=["row"]).num_rows == 20_000 * len(begun)
