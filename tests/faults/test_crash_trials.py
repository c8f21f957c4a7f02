"""A few of the crash trials that `make faults` makes by the hundred: see `trials.py`."""

from __future__ import annotations

import shutil

import pytest

from tests.faults.faulty_s3 import Harm
from tests.faults.trials import Trials

LOST = (Harm.KILLED_AFTER, Harm.DONE_BUT_ERROR, Harm.DONE_BUT_CUT)


@pytest.fixture(scope="module")
def trials(s3_server, tmp_path_factory):
    made = Trials(s3_server, tmp_path_factory.mktemp("trials"))
    yield made
    made.close()


def writes(calls):
    return [number for number, call in enumerate(calls, 1) if call.writes]


@pytest.mark.parametrize("harm", LOST)
def test_an_append_whose_commit_nobody_heard_of_is_recorded_once(trials, harm):
    assert trials.append(harm, writes(trials.append_calls)[-1], before=0) == []


def test_an_append_killed_before_its_commit_is_recorded_by_the_next_attempt(trials):
    assert trials.append(Harm.KILLED_AFTER, writes(trials.append_calls)[-2], before=0) == []


@pytest.mark.parametrize(("harm", "share"), [(Harm.KILLED_AFTER, 1), (Harm.DONE_BUT_CUT, 0.6)])
def test_a_validation_on_s3_struck_at_a_write_ends_as_if_nothing_had_happened(trials, harm, share):
    places = writes(trials.undisturbed[1])
    assert trials.validation(harm, places[int((len(places) - 1) * share)]) == []


@pytest.mark.skipif(not shutil.which("strace"), reason="strace, which strikes at a system call, is not installed")
@pytest.mark.parametrize(("at", "kill"), [(10, True), (6, False)])
def test_a_validation_in_a_folder_struck_at_a_system_call_ends_as_if_nothing_had_happened(trials, at, kill):
    before = trials.unstruck
    assert trials.local_validation(at, kill=kill) == []
    assert trials.unstruck == before
