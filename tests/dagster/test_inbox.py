"""What of the inbox is taken, and when: the decision over many ticks, and the drops it remembers."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from validahub_pipeline.inbox import Decision, Limits, Settled, Watched, decide, read_cursor, write_cursor
from validahub_pipeline.storage.lake import ObjectInfo
from validahub_pipeline.storage.layout import parse_inbox_key


def key(name: str) -> str:
    return f"inbox/maria/mercado_livre/all/{name}"


class Inbox:
    """An inbox, what has been run of it, and a sensor that is asked again and again."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.objects: dict[str, ObjectInfo] = {}
        self.runs: list[str] = []
        self.hashed: list[str] = []
        self.memory = Decision()
        self.limits = limits or Limits()

    def put(self, name: str, token: str, size: int = 10) -> None:
        self.objects[key(name)] = ObjectInfo(key(name), size, token)

    def version(self, info: ObjectInfo) -> str:
        self.hashed.append(info.key)
        return f"version of {info.token}"

    def decide(self) -> Decision:
        return decide(
            self.objects.values(),
            watched=read_cursor(write_cursor(self.memory.watched)),
            settled=self.memory.settled,
            version_of=self.version,
            has_run=self.runs.__contains__,
            limits=self.limits,
        )

    def tick(self) -> list[str]:
        """One tick that comes to its end: what it takes is run, what it remembers is kept."""
        self.memory = self.decide()
        self.runs += [drop.validation_id for drop in self.memory.take]
        return [drop.file_name for drop in self.memory.take]


def test_a_file_is_taken_when_it_has_looked_the_same_twice():
    inbox = Inbox()
    inbox.put("a.csv", "1")

    assert [inbox.tick() for _ in range(4)] == [[], ["a.csv"], [], []]


def test_a_file_that_is_still_being_copied_is_left_alone():
    inbox = Inbox()
    taken = []
    for token in "123":
        inbox.put("a.csv", token)
        taken.append(inbox.tick())

    assert taken == [[], [], []]
    assert inbox.hashed == []
    assert inbox.tick() == ["a.csv"]


def test_a_new_version_under_an_old_name_is_a_new_drop():
    inbox = Inbox()
    inbox.put("a.csv", "1")
    inbox.tick(), inbox.tick(), inbox.tick()
    inbox.put("a.csv", "2")

    assert [inbox.tick() for _ in range(3)] == [[], ["a.csv"], []]
    assert len(set(inbox.runs)) == 2


@pytest.mark.parametrize(
    "name", ["inbox/a.csv", key(".hidden.csv"), key("a.csv.part"), key("folder/a.csv"), "inbox/maria/ml/a.csv"]
)
def test_what_is_no_drop_is_never_taken(name):
    inbox = Inbox()
    inbox.objects[name] = ObjectInfo(name, 10, "1")

    assert [inbox.tick() for _ in range(3)] == [[], [], []]


def test_a_file_is_hashed_once_and_never_again():
    inbox = Inbox()
    inbox.put("a.csv", "1")
    for _ in range(6):
        inbox.tick()

    assert inbox.hashed == [key("a.csv")]


def test_a_tick_that_died_before_its_runs_were_made_is_made_up_for():
    inbox = Inbox()
    inbox.put("a.csv", "1")
    inbox.tick()
    inbox.decide()  # Its partition may exist by now; its run does not, and nothing was remembered.

    assert inbox.tick() == ["a.csv"]


def test_a_drop_somebody_else_has_run_is_not_run_again():
    inbox = Inbox()
    inbox.put("a.csv", "1")
    inbox.tick()
    inbox.runs = [drop.validation_id for drop in inbox.decide().take]

    assert [inbox.tick(), inbox.tick()] == [[], []]
    assert key("a.csv") in inbox.memory.settled


def test_a_lost_memory_costs_time_and_starts_nothing_twice():
    inbox = Inbox()
    inbox.put("a.csv", "1")
    inbox.tick(), inbox.tick(), inbox.tick()
    inbox.memory = Decision()

    assert [inbox.tick() for _ in range(3)] == [[], [], []]


def test_a_tick_takes_no_more_than_its_limit_and_the_rest_comes_later():
    inbox = Inbox(Limits(runs=2))
    for number in range(5):
        inbox.put(f"{number}.csv", "1")
    inbox.tick()

    assert [len(inbox.tick()) for _ in range(4)] == [2, 2, 1, 0]


def test_a_tick_reads_no_more_than_its_limit_but_always_one():
    inbox = Inbox(Limits(read_bytes=100))
    for number in range(3):
        inbox.put(f"{number}.csv", "1", size=150)
    inbox.tick()

    assert [len(inbox.tick()) for _ in range(4)] == [1, 1, 1, 0]


def test_the_cursor_stays_small_however_many_files_lie_there():
    inbox = Inbox(Limits(watched=3))
    for number in range(50):
        inbox.put(f"{number}.csv", "1")
    largest = 0
    while len(inbox.runs) < 50:
        inbox.tick()
        largest = max(largest, len(inbox.memory.watched))

    assert largest == 3


def test_what_has_left_the_inbox_is_forgotten():
    inbox = Inbox()
    inbox.put("a.csv", "1")
    inbox.tick(), inbox.tick(), inbox.tick()
    inbox.objects.clear()
    inbox.tick()

    assert not inbox.memory.settled
    assert not inbox.memory.watched


def test_settled_drops_survive_on_disk(tmp_path):
    settled = Settled(tmp_path / "scratch")
    assert settled.read() == {}

    settled.write({key("ação.csv"): "1"})

    assert Settled(tmp_path / "scratch").read() == {key("ação.csv"): "1"}


@given(st.dictionaries(st.text(), st.builds(Watched, st.text(), st.none() | st.text())))
def test_the_cursor_gives_back_what_it_was_given(watched):
    assert read_cursor(write_cursor(watched)) == watched


class Ticks(RuleBasedStateMachine):
    """Files come, change and go; ticks end, or die after their runs were made or before. No version that stays runs
    twice or never."""

    def __init__(self) -> None:
        super().__init__()
        self.inbox = Inbox(Limits(runs=2, looks=3, watched=4))

    @rule(name=st.sampled_from(["a.csv", "b.csv", "c.csv"]), token=st.sampled_from("123"))
    def put(self, name, token):
        self.inbox.put(name, token)

    @rule(name=st.sampled_from(["a.csv", "b.csv", "c.csv"]))
    def remove(self, name):
        self.inbox.objects.pop(key(name), None)

    @rule()
    def tick(self):
        self.inbox.tick()

    @rule(made=st.integers(0, 2))
    def die(self, made):
        self.inbox.runs += [drop.validation_id for drop in self.inbox.decide().take[:made]]

    @rule()
    def forget(self):
        self.inbox.memory = dataclasses.replace(self.inbox.memory, settled={})

    @invariant()
    def nothing_runs_twice(self):
        assert len(self.inbox.runs) == len(set(self.inbox.runs))

    def teardown(self):
        for _ in range(8):
            self.inbox.tick()
        for info in self.inbox.objects.values():
            drop = parse_inbox_key(info.key, version=f"version of {info.token}", size=info.size)
            assert drop is not None
            assert drop.validation_id in self.inbox.runs


TestTicks = Ticks.TestCase
