"""One upload through `validahub run`, as a user would: stage times, peak memory, and a yardstick measured beside it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from validahub_pipeline.sample import generate


@dataclass(frozen=True)
class PipelineFigures:
    """Wall seconds per stage, wall seconds of the whole command, peak resident memory in MB of its largest process,
    and the wall seconds plain polars takes to turn a canonical CSV of the same rows into Parquet."""

    megabytes: float
    records: int
    stages: dict[str, float]
    command: float
    peak_mb: float
    yardstick: float

    def lines(self) -> list[str]:
        """A small table for people."""
        total = sum(self.stages.values())
        table = [f"{self.megabytes:.0f} MB, {self.records} records"]
        table += [f"  {stage:<10} {seconds:6.2f} s" for stage, seconds in self.stages.items()]
        table += [
            f"  {'stages':<10} {total:6.2f} s   ({total / self.yardstick:.1f} x plain polars CSV to Parquet)",
            f"  {'command':<10} {self.command:6.2f} s   with start-up, PostgreSQL and Dagster",
            f"  {'peak':<10} {self.peak_mb:6.0f} MB",
        ]
        return table


def measure(rows: int) -> PipelineFigures:
    """Generate a messy catalogue of `rows` rows and take it through the command line in a fresh home."""
    with tempfile.TemporaryDirectory(prefix="validahub-bench-") as folder:
        file = Path(folder) / "catalogue.csv"
        generate(file, rows=rows)
        environment = os.environ | {"VALIDAHUB_HOME": str(Path(folder) / "home")}
        command = [Path(sys.executable).with_name("validahub"), "run", file, "--marketplace", "mercado_livre", "--json"]
        started = time.perf_counter()
        finished = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
        seconds = time.perf_counter() - started
        if finished.returncode not in {0, 3}:
            sys.exit(f"validahub run ended with {finished.returncode}")
        peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        outcome = json.loads(finished.stdout.splitlines()[-1])
        return PipelineFigures(
            megabytes=file.stat().st_size / 1e6,
            records=outcome["records"],
            stages=outcome["seconds"],
            command=seconds,
            peak_mb=peak_kb / 1024,
            yardstick=_yardstick(Path(outcome["objects"]["validated"]), Path(folder) / "yardstick.parquet"),
        )


def _yardstick(csv: Path, parquet: Path) -> float:
    started = time.perf_counter()
    pl.scan_csv(csv, infer_schema=False).sink_parquet(parquet, compression="zstd", compression_level=1)
    return time.perf_counter() - started
