"""Turns at a table: nobody is passed over, the dead do not hold one, and nobody waits for ever."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from validahub_pipeline.ledger.turns import Turns

HOLD = """
import sys, time
from validahub_pipeline.ledger.turns import Turns
with Turns(sys.argv[1]).taken() as held:
    print(held, flush=True)
    time.sleep(60)
"""


def test_one_who_comes_again_at_once_lets_the_others_in(tmp_path):
    """Who has just had a turn is there first when the next begins; it was always the same one that won."""
    table, order, stop = str(tmp_path), [], threading.Event()

    def greedy():
        turns = Turns(table)
        while not stop.is_set():
            with turns.taken():
                order.append("greedy")
                time.sleep(0.005)

    def modest(name):
        turns = Turns(table)
        for _ in range(5):
            with turns.taken() as held:
                assert held
                order.append(name)

    first = threading.Thread(target=greedy)
    others = [threading.Thread(target=modest, args=(name,)) for name in ("a", "b", "c")]
    for thread in (first, *others):
        thread.start()
    for thread in others:
        thread.join(timeout=15)
    stop.set()
    first.join()
    assert sorted(name for name in order if name != "greedy") == sorted("aaaaabbbbbccccc")


def test_only_one_holds_a_turn_and_other_tables_do_not_mind(tmp_path):
    with Turns(str(tmp_path / "one")).taken() as held, Turns(str(tmp_path / "other")).taken() as other:
        assert (held, other) == (True, True)
        with Turns(str(tmp_path / "one"), patience=0.1).taken() as second:
            assert not second


def test_a_killed_process_gives_its_turn_back(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "True\n"
        with Turns(str(tmp_path), patience=0.1).taken() as held:
            assert not held
        process.kill()
    with Turns(str(tmp_path)).taken() as held:
        assert held


def test_where_nothing_can_be_locked_writers_go_on_without(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "nowhere"))
    with Turns("s3://bucket/table").taken() as held:
        assert not held
