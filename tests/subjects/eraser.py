"""A process that erases somebody and is killed on the way: python -m tests.subjects.eraser HOME SUBJECT STEP, where
STEP is `before` or `after` one of the steps, or `never`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from validahub_pipeline.ledger import Ledger
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services
from validahub_pipeline.subjects import SubjectKeeper, keeper
from validahub_pipeline.subjects.erasing import erase

STEPS = [
    (Ledger, "mentions"),
    (SubjectKeeper, "begin_erasing"),
    (Ledger, "append"),
    (SubjectKeeper, "destroy"),
    (keeper, "vacuum"),
]


def main(home: str, subject: str, when: str, step: str) -> None:
    for owner, name in STEPS:
        if name == step:
            setattr(owner, name, killed(getattr(owner, name), when))
    services = open_services(Settings(home=Path(home)))
    assert services.subjects is not None
    done = erase(services.ledger, services.subjects, subject, user="encarregada", reason="LGPD 2026/17")
    print(done.event.seq)


def killed(act: Callable[..., Any], when: str) -> Callable[..., Any]:
    def dies(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        act(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return dies


if __name__ == "__main__":
    main(*sys.argv[1:])
