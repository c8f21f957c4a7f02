"""The intake against plain polars on the same file: CPU and wall seconds, and anonymous memory at its highest.

`python -m bench.ingest [--rows N]` generates a clean catalogue and a damaged one (0.1 % stray quotes, one field in a
thousand in cp1252), writes the clean one in cp1252 as well, and reads each in a process of its own. 2,400,000 rows make
about 1 GB.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from validahub_pipeline.ingest import to_rows

_WORDS = (
    *("camiseta", "algodão", "preta", "tamanho", "único", "promoção"),
    *("televisão", "cabo", "elétrico", "fone", "bluetooth", "cafeteira", "ação"),
)
_HEADER = "sku,título,descrição,preço,estoque,marca,gtin,ncm,peso,largura,altura,imagem,condição\n"
# Lines are drawn from so many different ones: generating each anew would take longer than measuring.
_POOL = 50_000


def catalogue(path: Path, rows: int, *, damaged: bool) -> None:
    """Write a catalogue of 13 columns; one record in a hundred has a field over several lines."""
    random_ = random.Random(7)
    pool = [_line(random_, n) for n in range(_POOL)]
    with path.open("wb") as file:
        file.write(_HEADER.encode("utf-8"))
        for n in range(rows):
            fields = pool[random_.randrange(_POOL)].copy()
            fields[0] = b"SKU-%08d" % n
            if damaged:
                if random_.random() < 0.001:
                    fields[1] = b'TV 32" ' + fields[1]
                if random_.random() < 0.013:
                    fields[random_.choice((1, 5))] = "promoção relâmpago".encode("cp1252")
            file.write(b",".join(fields) + b"\n")


def _line(random_: random.Random, n: int) -> list[bytes]:
    description = " ".join(random_.choices(_WORDS, k=34))
    if n % 100 == 0:
        description = f'"{description}\nsegunda, linha ""x"""'
    elif n % 10 == 0:
        description = f'"{description}, com vírgula"'
    title = " ".join(random_.choices(_WORDS, k=7))
    fields = ["", title, description, f"{random_.random() * 1000:.2f}", str(n % 500), random_.choice(_WORDS)]
    fields += [f"789{random_.randrange(10**10):010}", "8471.30.12", f"{random_.random() * 10:.3f}", str(n % 97)]
    fields += [str(n % 89), f"https://img.example.com/p/{n}.jpg", "novo" if n % 3 else ""]
    return [field.encode("utf-8") for field in fields]


def measured(work: Callable[[], object]) -> dict[str, float]:
    """CPU and wall seconds of a piece of work in this process, and the highest RssAnon in MB while it ran."""
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            status = Path("/proc/self/status").read_text(encoding="ascii")
            peak = max(peak, int(status.split("RssAnon:")[1].split()[0]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        work()
        figures = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    finally:
        done.set()
        watcher.join()
    return figures | {"anonymous_mb": peak / 1024}


def _work(reader: str, source: Path) -> Callable[[], object]:
    out = source.parent
    if reader == "polars":
        return lambda: pl.scan_csv(source, infer_schema=False).sink_parquet(
            out / "polars.parquet", compression="zstd", compression_level=1
        )
    return lambda: to_rows(
        source, out / "rows.parquet", quarantine=out / "quarantine.csv", repairs=out / "repairs.parquet"
    )


def main() -> None:
    """Print one line per file and reader."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("--rows", type=int, default=240_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the one with the least CPU counts")
    parser.add_argument("--only", nargs=2, metavar=("READER", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        sys.stdout.write(json.dumps(measured(_work(arguments.only[0], Path(arguments.only[1])))))
        return
    with tempfile.TemporaryDirectory() as folder:
        clean, damaged, latin = (Path(folder, f"{name}.csv") for name in ("clean", "damaged", "cp1252"))
        catalogue(clean, arguments.rows, damaged=False)
        catalogue(damaged, arguments.rows, damaged=True)
        _recode(clean, latin)
        runs = [("polars", clean), ("intake", clean), ("intake", damaged), ("intake", latin)]
        # In turn rather than one after the other, so that a busy moment of the machine falls on all of them.
        results = [[_in_own_process(*run) for run in runs] for _ in range(arguments.repeat)]
        best = [min(column, key=lambda figures: figures["cpu_s"]) for column in zip(*results, strict=True)]
        print(f"{clean.stat().st_size / 1e6:.0f} MB, {arguments.rows} rows")
        for (reader, source), figures in zip(runs, best, strict=True):
            ratio = figures["cpu_s"] / best[0]["cpu_s"]
            print(
                f"  {reader} {source.stem:<8} {figures['cpu_s']:6.2f} CPU-s ({ratio:.2f} x polars)"
                f" {figures['wall_s']:6.2f} s wall {figures['anonymous_mb']:6.0f} MB anonymous"
            )


def _recode(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file, target.open("w", encoding="cp1252", newline="") as out:
        while piece := file.read(1 << 24):
            out.write(piece)


def _in_own_process(reader: str, source: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.ingest", "--only", reader, str(source)]
    figures: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


if __name__ == "__main__":
    main()
