from __future__ import annotations

import threading

import pytest


def acknowledged(*processes):
    """What each process says was acknowledged: {key: seq}; every process has to end well."""
    said = []
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert output.startswith("ready\n")
        said.append({name: int(seq) for name, seq in (line.split() for line in output.splitlines()[1:])})
    return said


def test_two_processes_share_the_numbers_without_a_gap(local):
    one, other = acknowledged(local.writer("events", "one", 100), local.writer("events", "other", 100))
    assert len(one) == len(other) == 100
    events = list(local.ledger().read())
    assert [event.seq for event in events] == list(range(1, 201))
    assert {event.aggregate_id: event.seq for event in events} == one | other


def test_two_processes_share_the_numbers_on_s3(s3):
    one, other = acknowledged(s3.writer("events", "one", 20), s3.writer("events", "other", 20))
    events = list(s3.ledger().read())
    assert [event.seq for event in events] == list(range(1, 41))
    assert {event.aggregate_id: event.seq for event in events} == one | other


def test_four_processes_with_one_key_record_one_event(place):
    said = acknowledged(*(place.writer("same", "the-key", 3) for _ in range(4)))
    assert said == [{"the-key": 1}] * 4
    assert place.ledger().last_seq() == 1


def test_the_threads_of_a_process_may_share_one_ledger(local, act):
    ledger = local.ledger()
    taken: list[int] = []

    def append(thread: int) -> None:
        for number in range(10):
            taken.extend(event.seq for event in ledger.append([act()], idempotency=f"{thread}-{number}"))
            ledger.history("upload-1")

    threads = [threading.Thread(target=append, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 41))


@pytest.mark.parametrize("same", [True, False], ids=["the same validation", "validations of their own"])
def test_processes_that_write_detail_at_once_write_each_validation_once(local, violations, same):
    parquet = violations(rows=500)
    prefixes = ["v", "v", "v"] if same else ["u", "v", "w"]
    acknowledged(*(local.writer("detail", parquet, prefix, 5) for prefix in prefixes))
    stored = local.table("violations").to_pyarrow_table(columns=["validation_id"])
    assert stored.num_rows == 500 * 5 * len(set(prefixes))
