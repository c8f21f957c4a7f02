"""Law 4, tried: mixed operations by a process that is killed again and again, and in the end the state rebuilt from the
ledger is the live state.

    python -m tests.faults.histories [--operations 1000] [--seed 1]

What the operations are follows from the seed alone, so that a worker started anew goes on where its predecessor was
killed, and does the interrupted operation again.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, cast

import psycopg2

from tests.faults.findings import events as stored_events
from tests.faults.findings import unfounded
from validahub_pipeline.embedded.postgres import embedded_postgres
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.maintenance import Caretaker
from validahub_pipeline.read_models import ReadModels
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.subjects.erasing import erase

DOWNLOADED: Final = cast("Action", "file_downloaded")
STAGES: Final = ("ingest", "validate", "correct", "publish")
_ROWS: Final = 12
_AT_ONCE: Final = 5
_LONGEST: Final = 0.5
"""Seconds within which a worker is killed after the last operation it was granted: about what one takes."""


@dataclass(frozen=True)
class Operation:
    """One thing done: a stage of an upload, or something of another kind."""

    kind: str
    subject: int = 0


@dataclass(frozen=True)
class Plan:
    """Where it happens, and which operations: all that a worker has to know."""

    home: str
    url: str
    files: str
    seed: int
    count: int

    def operations(self) -> Iterator[Operation]:
        """Uploads in all stages side by side, and between them whatever else there is."""
        dice, at_stage, begun = random.Random(self.seed), {}, 0
        for _ in range(self.count):
            drawn = dice.random()
            if drawn < 0.72:
                if len(at_stage) < _AT_ONCE:
                    at_stage[begun] = 0
                    begun += 1
                upload = dice.choice(sorted(at_stage))
                yield Operation(STAGES[at_stage[upload]], upload)
                at_stage[upload] += 1
                if at_stage[upload] == len(STAGES):
                    del at_stage[upload]
            elif drawn < 0.85:
                yield Operation("download", dice.randrange(max(1, begun)))
            elif drawn < 0.93:
                yield Operation("catch_up")
            elif drawn < 0.96:
                yield Operation("rebuild")
            elif drawn < 0.98:
                yield Operation("heartbeat")
            elif drawn < 0.99:
                yield Operation("compact")
            else:
                yield Operation("erase", dice.randrange(max(1, begun)))


class Worker:
    """Does operations of a plan from one of them on; each can be killed and done again."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._services = open_services(Settings(home=Path(plan.home)), read_models_url=plan.url)

    def work(self, start: int) -> None:
        """From operation number `start`; says each that was done."""
        for number, operation in enumerate(self._plan.operations()):
            if number >= start:
                self._do(number, operation)
                print(number, flush=True)

    def _do(self, number: int, operation: Operation) -> None:
        services = self._services
        others: dict[str, Callable[[], object]] = {
            "catch_up": services.catch_up,
            "rebuild": lambda: _models(services).rebuild(services.ledger),
            "heartbeat": services.heartbeat,
            "compact": lambda: Caretaker(services.lake, enough=8).maintain(),
            "download": lambda: self._download(number, operation.subject),
            "erase": lambda: self._erase(operation.subject),
        }
        if operation.kind in others:
            others[operation.kind]()
        else:
            self._stage(operation)

    def _stage(self, operation: Operation) -> None:
        # A third of the uploads are refused by the gate: they have no price.
        file = Path(self._plan.files) / f"{operation.subject}.csv"
        drop = deposit(self._services, file, user=_user(operation.subject), marketplace="mercado_livre", category="all")
        if operation.kind == "ingest":
            ingest(self._services, drop, lang="en")
        else:
            stage = {"validate": validate, "correct": correct, "publish": publish}[operation.kind]
            stage(self._services, drop.validation_id)

    def _erase(self, subject: int) -> None:
        """The seller of an upload, who may be in the middle of others and come back afterwards."""
        assert self._services.subjects is not None
        try:
            erase(self._services.ledger, self._services.subjects, _user(subject), user="dpo", reason="they asked")
        except InputError as nobody:
            if nobody.code != "subject_unknown":
                raise

    def _download(self, number: int, subject: int) -> None:
        name = f"{subject}.csv"
        taken = NewEvent(DOWNLOADED, f"download-{subject}", _user(number), Resource("upload", name, name), {})
        self._services.ledger.append([taken], idempotency=f"download/{number}")


def _models(services: Services) -> ReadModels:
    assert services.read_models is not None
    return services.read_models


def _user(number: int) -> str:
    return f"user-{number % 7}"


def prepare(plan: Plan) -> None:
    """The files that its uploads are of."""
    folder = Path(plan.files)
    folder.mkdir(parents=True, exist_ok=True)
    for subject in {operation.subject for operation in plan.operations() if operation.kind in STAGES}:
        file = folder / f"{subject}.csv"
        if subject % 3 == 2:
            file.write_text("SKU;Título;Preço;Estoque\n" + "A;Furadeira;;1\n" * 4, encoding="utf-8")
        else:
            generate(file, rows=_ROWS, seed=subject)


def live_through(plan: Plan, *, every: int) -> int:
    """Let workers do the operations, and kill each in the middle of one, on average after so many; the number of
    kills."""
    dice, done, kills = random.Random(plan.seed + 1), 0, 0
    while done < plan.count:
        command = [sys.executable, "-m", "tests.faults.histories", "--work", json.dumps(asdict(plan)), str(done)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            said = [line for line, _ in zip(worker.stdout, range(dice.randrange(2 * every)), strict=False)]
            time.sleep(dice.uniform(0, _LONGEST))
            if worker.poll() is None:
                worker.kill()
                kills += 1
            said += [line for line in worker.stdout if line.endswith("\n")]
        assert worker.returncode in {0, -9}, f"a worker failed at operation {done + len(said)}"
        done = max([done, *(int(line) + 1 for line in said)])
    return kills


def differences(plan: Plan, fresh_url: str) -> list[str]:
    """What is wrong in the end: the live state against the one rebuilt here, the one built in a database that knew
    nothing, and the events as they are stored."""
    services = open_services(Settings(home=Path(plan.home)), read_models_url=plan.url)
    services.catch_up()
    models = _models(services)
    live, fingerprint = models.dump(), models.fingerprint()
    problems = unfounded(Path(plan.home) / "lake")
    models.rebuild(services.ledger)
    anew = ReadModels(fresh_url)
    anew.catch_up(services.ledger)
    for what, other in (("rebuilt", models), ("built anew", anew)):
        state = other.dump()
        problems += [
            f"{table}: {len(set(rows) ^ set(state[table]))} rows differ {what}"
            for table, rows in live.items()
            if rows != state[table]
        ]
        if other.fingerprint() != fingerprint:
            problems.append(f"the fingerprint {what} is another one")
    stored = stored_events(Path(plan.home) / "lake")
    log = sorted((json.loads(row) for row in live["audit_log"]), key=lambda row: row["seq"])
    if [(row["seq"], row["action"], row["aggregate_id"], row["user_id"]) for row in log] != [
        (event["seq"], event["action"], event["aggregate_id"], event["user_id"]) for event in stored
    ]:
        problems.append("audit_log does not hold the events that are stored")
    recorded = Counter(event["action"] for event in stored)
    problems += [
        f"{action} was done {count} times and is recorded {recorded[action]} times"
        for action, count in _done(plan).items()
        if recorded[action] != count
    ]
    return problems


def _done(plan: Plan) -> Counter[str]:
    """How often each act was done, however often its worker was killed."""
    kinds = Counter(operation.kind for operation in plan.operations())
    return Counter(
        file_uploaded=kinds["ingest"],
        file_ingested=kinds["ingest"],
        validation_completed=kinds["validate"],
        corrections_applied=kinds["correct"],
        file_downloaded=kinds["download"],
    )


def main() -> int:
    """Command line."""
    if sys.argv[1:2] == ["--work"]:
        worker = Worker(Plan(**json.loads(sys.argv[2])))
        print("ready", flush=True)
        worker.work(int(sys.argv[3]))
        return 0
    # Told to end, the servers that were started end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="histories-") as folder, embedded_postgres(Path(folder) / "pg") as server:
        urls = []
        for _ in range(2):
            name = f"trial_{secrets.token_hex(4)}"
            connection = psycopg2.connect(server.url("postgres"))
            connection.autocommit = True
            connection.cursor().execute(f"CREATE DATABASE {name}")
            connection.close()
            urls.append(server.url(name))
        files = str(Path(folder) / "files")
        plan = Plan(str(Path(folder) / "home"), urls[0], files, arguments.seed, arguments.operations)
        prepare(plan)
        kills = live_through(plan, every=12)
        problems = differences(plan, urls[1])
    for problem in problems:
        print(problem)
    kinds = dict(Counter(operation.kind for operation in plan.operations()))
    print(
        f"{plan.count} operations {kinds}, {kills} kills: {len(problems)} problems, {time.monotonic() - started:.0f} s"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
