"""Crash trials: harm at every storage call of one append and one whole validation, then the same work again. Whatever
happened, every law holds in the end.

    python -m tests.faults.trials [--trials 500] [--seed 1] [--jobs 1]

In the manner of Tessera's fault tests (https://github.com/transparency-dev/tessera): the place of the fault is chosen,
not waited for. On S3 every call of a process passes through `faulty_s3`; in a local folder strace strikes at a system
call. Workers are forked from a process that has imported everything and used nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from tests.conftest import S3Server, running_s3
from tests.faults.faulty_s3 import Call, FaultyS3, Harm
from tests.faults.findings import State, broken_laws, events, state, unfounded
from tests.faults.worker import DONE, Job, perform
from tests.persons import keeping
from validahub_pipeline.sample import generate

KILLED: Final = "killed"
ROWS: Final = 30

CHANGING: Final = "link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,fsync,fdatasync,write,pwrite64"
FAILING: Final = "link,linkat,rename,renameat,renameat2,fsync,fdatasync,mkdir"
"""System calls that change a file system; those of them that a trial lets fail. One that fails at writing is the matter
of test_full_disk.py."""


@dataclass(frozen=True)
class Ended:
    """How a worker ended: what it said, the calls it made, and which of them was struck."""

    said: str
    calls: tuple[Call, ...] = ()
    struck: Call | None = None

    @property
    def in_order(self) -> bool:
        """It did its work, or was killed, or said what went wrong and that trying again helps."""
        return self.said in {DONE, KILLED} or self.said.endswith("retryable=True")


class Trials:
    """Trials against one S3 server, in one folder."""

    def __init__(self, server: S3Server, folder: Path) -> None:
        self._server = server
        self._proxy = FaultyS3(server.endpoint_url)
        self._folder = folder
        self._forked = multiprocessing.get_context("forkserver")
        self._forked.set_forkserver_preload(["tests.faults.worker", "s3fs", "deltalake", "polars"])
        self.unstruck = 0
        self.file = folder / "catalogue.csv"
        generate(self.file, rows=ROWS, seed=5)

    def close(self) -> None:
        self._proxy.stop()

    @cached_property
    def undisturbed(self) -> tuple[State, tuple[Call, ...]]:
        """The state after a validation without harm on S3, and the calls it took."""
        job = self._on_s3()
        ended = self._run(job)
        assert ended.said == DONE, ended.said
        return state(self._fetched(job), self._validation(job)), ended.calls

    @cached_property
    def append_calls(self) -> tuple[Call, ...]:
        """The calls of one append to a ledger that nobody has written to."""
        ended = self._run(replace(self._on_s3(), keys=["one"]))
        assert ended.said == DONE, ended.said
        return ended.calls

    def append(self, harm: Harm, at: int, *, before: int) -> list[str]:
        """One append on S3, after so many others, harmed at its call number `at`. Returns what is wrong afterwards."""
        job = self._on_s3()
        earlier = [f"before-{number}" for number in range(before)]
        if earlier:
            assert self._run(replace(job, keys=earlier)).said == DONE
        harmed = self._run(replace(job, keys=["one"]), harm, at)
        problems = [] if harmed.in_order else [f"it ended with {harmed.said}"]
        recorded = _keys(events(self._fetched(job) / "lake"))
        if harmed.said == DONE and recorded["one"] != 2:
            problems.append(f"it was acknowledged, and {recorded['one']} of 2 events are there")
        if recorded["one"] not in {0, 2}:
            problems.append(f"{recorded['one']} of 2 events are there")
        again = self._run(replace(job, keys=["one"]))
        if again.said != DONE:
            problems.append(f"again: {again.said}")
        recorded = _keys(events(self._fetched(job) / "lake"))
        expected = Counter(dict.fromkeys(["one", *earlier], 2))
        if recorded != expected:
            problems.append(f"events {recorded}, expected {expected}")
        return [f"append after {before}, {harm} at call {at} ({harmed.struck}): {problem}" for problem in problems]

    def validation(self, harm: Harm, at: int) -> list[str]:
        """One validation on S3, harmed at its call number `at`, then run again."""
        expected, _ = self.undisturbed
        job = self._on_s3()
        harmed = self._run(job, harm, at)
        problems = [] if harmed.in_order else [f"it ended with {harmed.said}"]
        problems += unfounded(self._fetched(job) / "lake")
        again = self._run(job)
        if again.said != DONE:
            problems.append(f"again: {again.said}")
        else:
            problems += broken_laws(self._fetched(job), self._validation(job), self.file, expected)
        return [f"validation, {harm} at call {at} ({harmed.struck}): {problem}" for problem in problems]

    def local_validation(self, at: int, *, kill: bool) -> list[str]:
        """One validation in a local folder, in which the `at`-th system call of a thread that changes files (or is to
        fail) is struck, then run again. Returns what is wrong afterwards."""
        expected, _ = self.undisturbed
        home = self._folder / secrets.token_hex(6)
        job = Job({"home": str(home)}, file=str(self.file))
        calls, harm = (CHANGING, "signal=KILL") if kill else (FAILING, "error=EIO")
        strace = ["strace", "-f", "-qq", "-o", "/dev/null", f"--trace={calls}", f"--inject={calls}:{harm}:when={at}"]
        harmed = self._spawned([*strace, *job.command()])
        problems = [] if harmed.in_order else [f"it ended with {harmed.said}"]
        problems += unfounded(home / "lake")
        again = self._spawned(job.command())
        if again.said != DONE:
            problems.append(f"again: {again.said}")
        else:
            problems += broken_laws(home, self._validation(job), self.file, expected)
        shutil.rmtree(home)
        self.unstruck += harmed.said == DONE
        told = "killed" if kill else "EIO"
        return [f"local validation, {told} at {at}: {problem}" for problem in problems]

    def _run(self, job: Job, harm: Harm | None = None, at: int = 0) -> Ended:
        aim = self._proxy.arm(harm, at)
        reader, writer = self._forked.Pipe(duplex=False)
        process = self._forked.Process(target=perform, args=(job, writer))
        process.start()
        aim(process.pid or 0)
        writer.close()
        said = KILLED
        with contextlib.suppress(EOFError):
            said = reader.recv()
        process.join()
        return Ended(said, tuple(self._proxy.calls), self._proxy.struck)

    def _spawned(self, command: list[str]) -> Ended:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        return Ended(done.stdout.strip() or (KILLED if done.returncode < 0 else done.stderr[-2000:]))

    def _on_s3(self) -> Job:
        bucket = f"trial-{secrets.token_hex(6)}"
        self._server.client().create_bucket(Bucket=bucket)
        return Job(
            {
                "home": str(self._folder / bucket),
                "lake": f"s3://{bucket}/lake",
                "s3_endpoint_url": self._proxy.url,
                "s3_access_key_id": self._server.access_key_id,
                "s3_secret_access_key": self._server.secret_access_key,
            },
            file=str(self.file),
        )

    def _fetched(self, job: Job) -> Path:
        """The home with everything that lies in the bucket as a local lake, fetched past the proxy."""
        home, client = Path(job.settings["home"]), self._server.client()
        bucket = job.settings["lake"].removeprefix("s3://").split("/")[0]
        shutil.rmtree(home / "lake", ignore_errors=True)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for found in page.get("Contents", ()):
                target = home / found["Key"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(client.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
        return home

    def _validation(self, job: Job) -> str:
        (folder,) = Path(job.settings["home"]).glob("lake/validations/*/*/*/*")
        return folder.name


def _keys(found: list[dict[str, Any]]) -> Counter[str]:
    return Counter(event["aggregate_id"] for event in found)


@contextlib.contextmanager
def opened() -> Iterator[Trials]:
    """Trials on a server and in a folder that are gone afterwards."""
    with running_s3() as server, tempfile.TemporaryDirectory(prefix="trials-") as folder:
        trials = Trials(server, Path(folder))
        try:
            yield trials
        finally:
            trials.close()


def planned(trials: Trials, dice: random.Random, count: int) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """So many trials, each by its kind: half of them appends, of the others some in a local folder."""
    appends = list(itertools.product(Harm, range(1, len(trials.append_calls) + 1), (0, 2)))
    dice.shuffle(appends)
    half = appends[: count // 2]
    for harm, at, before in half:
        yield "append on S3", partial(trials.append, harm, at, before=before)
    calls = trials.undisturbed[1]
    places = [at for at, call in enumerate(calls, 1) if call.writes]
    chosen = [(harm, at) for harm in Harm for at in places]
    chosen += [(dice.choice(list(Harm)), dice.randint(1, len(calls))) for _ in range(len(places))]
    dice.shuffle(chosen)
    for number in range(len(half), count):
        # A thread of a worker makes some dozens of such calls at most: beyond, nothing is struck.
        at, kill = dice.randint(1, 40), dice.random() < 0.7
        if shutil.which("strace") and number % 3 == 0:
            yield "validation in a local folder", partial(trials.local_validation, at, kill=kill)
        else:
            yield "validation on S3", partial(trials.validation, *chosen[number % len(chosen)])


def main() -> int:
    """Command line. With several jobs each has a server of its own, and every so many-th of the trials."""
    # Told to end, the servers that were started end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.jobs > 1 and arguments.part is None:
        command = [sys.executable, "-m", "tests.faults.trials", *sys.argv[1:], "--part"]
        parts = [subprocess.Popen([*command, str(part)]) for part in range(arguments.jobs)]
        return max(part.wait() for part in parts)
    started, problems = time.monotonic(), 0
    count: Counter[str] = Counter()
    with keeping(), opened() as trials:
        plan = planned(trials, random.Random(arguments.seed), arguments.trials)
        for kind, trial in itertools.islice(plan, arguments.part or 0, None, arguments.jobs):
            found = trial()
            problems += len(found)
            count[kind] += 1
            for problem in found:
                print(problem, flush=True)
            if count.total() % 25 == 0:
                print(f"{count.total()} trials, {problems} problems, {time.monotonic() - started:.0f} s", flush=True)
    struck = f", {trials.unstruck} of those in a folder not struck" if trials.unstruck else ""
    print(f"{dict(count)}{struck}: {problems} problems, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
