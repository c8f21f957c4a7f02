"""One projector of several, to be run as a process and killed: `python competitor.py URL EVENTS.pickle`.

It sees the ledger grow by a few events at a time, so that there are many transactions to be killed in.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

from validahub_pipeline.ledger.events import Event
from validahub_pipeline.read_models import ReadModels

STEP = 7


class Growing:
    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.length = 0

    def read(self, *, after: int) -> Iterator[Event]:
        self.length = min(len(self.events), max(self.length, after + 1) + STEP)
        return iter(self.events[after : self.length])


def main(url: str, path: str) -> None:
    events = Growing(pickle.loads(Path(path).read_bytes()))
    read_models = ReadModels(url)
    while events.length < len(events.events):
        applied = read_models.catch_up(events)
        sys.stdout.write(f"{applied}\n")
        sys.stdout.flush()


main(*sys.argv[1:])
