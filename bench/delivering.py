"""Correcting, validating again and publishing, against plain polars that writes the same rows: CPU seconds, and
anonymous memory at its highest.

`python -m bench.delivering [--rows N] [--repeat N] [--folder F]` takes a catalogue in (`bench.engine.catalogue`), and
from that point runs the stages that come after, in a process of their own, in turn with `scan_parquet → sink_csv` of
the same rows. 2,400,000 rows make about 1 GB. A unit is what plain polars takes; the bar is three units, and one more
for each further file as large as the catalogue that is written. Ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl

from bench.engine.catalogue import ROWS, write_catalogue
from bench.ingest import measured
from bench.persons import persons
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate

_UNITS: Final = 3
_MEMORY: Final = 1200
"""Megabytes."""


def main() -> None:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.delivering", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median counts")
    parser.add_argument("--folder", type=Path, help="where the data lie, or are to lie; default: gone afterwards")
    parser.add_argument("--only", nargs=2, metavar=("WORK", "HOME"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        work, home = arguments.only
        sys.stdout.write(json.dumps(_WORK[work](Path(home))))
        return
    with TemporaryDirectory(prefix="validahub-bench-") as scratch, persons(Path(scratch, "postgres")):
        folder = arguments.folder or Path(scratch)
        file, _ = write_catalogue(folder, arguments.rows)
        met = _measure(file, Path(scratch), arguments.repeat)
    sys.exit(0 if met else 1)


def _measure(file: Path, scratch: Path, repeat: int) -> bool:
    taken_in, home = scratch / "taken-in", scratch / "home"
    inbox = taken_in / "sources" / file.name
    inbox.parent.mkdir(parents=True)
    inbox.symlink_to(file.resolve())
    _in_own_process("take-in", taken_in)
    runs: dict[str, list[dict[str, float]]] = {work: [] for work in ("polars", "deliver", "all")}
    # In turn rather than one after the other, so that a busy moment of the machine falls on all of them.
    for _ in range(repeat):
        for work, figures in runs.items():
            # Nothing is written twice to an object of the lake, so another home may share its bytes.
            shutil.copytree(taken_in, home, copy_function=os.link, symlinks=True)
            figures.append(_in_own_process(work, home))
            shutil.rmtree(home)
    cpu = {work: statistics.median(one["cpu_s"] for one in figures) for work, figures in runs.items()}
    print(f"{file.stat().st_size / 1e6:.0f} MB\n")
    print("| what | CPU s | units | bar | wall s | peak anonymous MB |\n|---|---:|---:|---:|---:|---:|")
    met = True
    for work, told in _TOLD.items():
        some = runs[work]
        units, memory = cpu[work] / cpu["polars"], max(one["anonymous_mb"] for one in some)
        bar = some[0].get("bar")
        wall = statistics.median(one["wall_s"] for one in some)
        print(f"| {told} | {cpu[work]:.1f} | {units:.1f} | {bar or ''} | {wall:.1f} | {memory:.0f} |")
        met &= bar is None or (units <= bar and memory <= _MEMORY)
    last = runs["deliver"][-1]
    print(
        f"\ncorrections: {last['cells']:,.0f} cells, {last['ledger_share']:.2%} of the catalogue's bytes in the ledger"
    )
    return met


def _take_in(home: Path) -> dict[str, float]:
    services = open_services(Settings(home=home))
    file = next((home / "sources").iterdir()).resolve()
    drop = deposit(services, file, user="bench", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="pt-BR")
    (home / "validation").write_text(drop.validation_id, encoding="ascii")
    return {}


def _polars(home: Path) -> dict[str, float]:
    rows = next((home / "lake").rglob("rows.parquet"))
    target = home / "plain.csv"
    return measured(lambda: pl.scan_parquet(rows).select(pl.all().exclude("__row", "__line")).sink_csv(target))


def _deliver(home: Path) -> dict[str, float]:
    """From the corrections on: what comes before is done, and not measured."""
    services = open_services(Settings(home=home))
    validation = (home / "validation").read_text(encoding="ascii")
    validate(services, validation)
    return _figures(home, lambda: (correct(services, validation), publish(services, validation)), 0)


def _all(home: Path) -> dict[str, float]:
    """From the rows on, the first validation with its validated.csv among it."""
    services = open_services(Settings(home=home))
    validation = (home / "validation").read_text(encoding="ascii")
    return _figures(
        home, lambda: (validate(services, validation), correct(services, validation), publish(services, validation)), 1
    )


def _figures(home: Path, work: Callable[[], object], further: int) -> dict[str, float]:
    figures = measured(work)
    manifest = json.loads(next((home / "lake").rglob("metadata.json")).read_text(encoding="utf-8"))
    size = manifest["objects"]["original"]["size"]
    ledger = sum(file.stat().st_size for file in (home / "lake" / "tables" / "corrections").rglob("*.parquet"))
    assert manifest["publication"]["published"], "a file that is refused is not published"
    return {
        **figures,
        "bar": _UNITS + further,
        "cells": manifest["corrections"]["cells"],
        "ledger_share": ledger / size,
    }


def _in_own_process(work: str, home: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.delivering", "--only", work, str(home)]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


_WORK: Final[Mapping[str, Callable[[Path], dict[str, float]]]] = {
    "take-in": _take_in,
    "polars": _polars,
    "deliver": _deliver,
    "all": _all,
}
_TOLD: Final = {
    "polars": "`scan_parquet → sink_csv`",
    "deliver": "correct + validate again + publish",
    "all": "validate (validated.csv) + correct + validate again + publish",
}


if __name__ == "__main__":
    main()
