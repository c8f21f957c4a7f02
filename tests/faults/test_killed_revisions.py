"""`validahub correct` killed at any moment and repeated, and several at once: each decision becomes one revision, no
number is lost or given twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests import commands

SCRIPT = Path(__file__).parents[1] / "conformance" / "check_published.py"
ROWS = 3_000
HEADER = "SKU;Título;Preço;Estoque;GTIN/EAN;Condição\n"

# Files of revision {n} that exist only from, or only at, the moment to strike.
MOMENTS = (
    "lake/validations/*/*/*/*/decisions-r{n}.parquet",
    "scratch/*/corrected-r{n}.csv",
    "lake/validations/*/*/*/*/report-r{n}.html",
)


class Installation:
    """One upload, published, on a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.file = folder / "catalogue.csv"
        lines = (f"A-{n}; Furadeira de impacto {n};1.299,9{n % 10};5;;Novo\n" for n in range(ROWS))
        self.file.write_text(HEADER + "".join(lines), encoding="utf-8")
        told = self.run("run", self.file, "--marketplace", "mercado_livre", "--user", "maria", "--json")
        self.validation_id = told["validation_id"]

    def command(self, *arguments: object) -> list[str]:
        return [str(commands.PROGRAM), *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        return os.environ | {"VALIDAHUB_HOME": str(self.home)}

    def run(self, *arguments: object) -> dict:
        done = commands.validahub(*arguments, VALIDAHUB_HOME=self.home)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def correct(self, row: int) -> list[object]:
        """The command that writes a title into a row of its own."""
        path = self.folder / f"row-{row}.csv"
        path.write_text(f"row,column,after,reason\n{row},Título,Broca de aço {row},typo\n", encoding="utf-8")
        return ["correct", self.validation_id, "--corrections", path, "--user", "joao", "--json"]

    def run_and_kill(self, arguments: list[object], moment: str) -> None:
        with subprocess.Popen(
            self.command(*arguments),
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                while process.poll() is None and not any(self.home.glob(moment)):
                    time.sleep(0.001)
                assert process.poll() is None, f"it ended before {moment} was seen"
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def events(self) -> list[dict]:
        table = DeltaTable(str(self.home / "lake" / "tables" / "audit_events")).to_pyarrow_table()
        rows = sorted(table.to_pylist(), key=lambda row: row["seq"])
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        return [json.loads(row["event"]) for row in rows]

    def expect_laws(self, revisions: int) -> None:
        """Every revision is there once, and holds up to the checks that share no code with it."""
        kinds = Counter(
            (event["changes"]["revision"], event["action"], event["changes"].get("mode"))
            for event in self.events()
            if "revision" in event["changes"]
        )
        assert set(kinds.values()) == {1}
        assert {number for number, _, _ in kinds} == set(range(1, revisions + 1))
        assert sum(action == "file_published" for _, action, _ in kinds) == revisions
        assert list((self.home / "scratch").glob("*")) == []
        done = subprocess.run(
            [sys.executable, SCRIPT, self.home, self.validation_id, self.file],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("", "")
        assert self.run("audit", "verify", "--deep", "--json")["verdict"] == "intact"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("revisions"))


def test_each_decision_becomes_one_revision_whatever_is_killed(installation: Installation) -> None:
    for number, moment in enumerate(MOMENTS, 2):
        installation.run_and_kill(installation.correct(number), moment.format(n=number))
        told = installation.run(*installation.correct(number))
        assert (told["revision"], told["published"], told["cells_by_people"]) == (number, True, number - 1)

    # What was killed is made before another decision becomes the next revision.
    last = len(MOMENTS) + 1
    installation.run_and_kill(installation.correct(21), f"scratch/*/corrected-r{last + 1}.csv")
    assert installation.run(*installation.correct(22))["revision"] == last + 2
    installation.expect_laws(last + 2)


def test_several_at_once_become_one_revision_per_decision(installation: Installation) -> None:
    before = installation.run("suggestions", installation.validation_id, "--json")["revision"]
    running = [
        subprocess.Popen(
            installation.command(*installation.correct(row)),
            env=installation.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for row in (31, 32, 32)
    ]
    told = [json.loads(process.communicate(timeout=180)[0].splitlines()[-1]) for process in running]

    # The two that are the same may have the other one between them, which makes them two decisions.
    made = {one["revision"] for one in told if not one["repeated"]}
    assert made == set(range(before + 1, before + 1 + len(made)))
    assert len(made) in {2, 3}
    installation.expect_laws(before + len(made))
