"""`make bench-engine`: the engine against its bars, beside other tools with the same rules, checked by plain Python.

`python -m bench.engine [--rows N] [--peer-rows N] [--folder F]`. Every run has a process of its own; those that are
compared take turns. 2,400,000 rows make about 1 GB of CSV. Ends with 1 where a bar is missed or results differ.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from validahub_pipeline.loading import loaded_for_good

# As the command does.
with loaded_for_good():
    from bench.engine import across, independent, own, peers
    from bench.engine.catalogue import ROWS, write_catalogue
    from bench.engine.measuring import Measured, measured, surroundings
    from bench.engine.rules import RULES

_BARS: Final = {".parquet": 600_000, ".csv": 350_000}
"""Rows per second on two cores with nothing else to do."""
_MEMORY: Final = 1000
"""Megabytes."""
_COMMAND: Final = Path(sys.executable).with_name("validahub")
# A process that is told by its exit code that the catalogue has critical violations has worked.
_REFUSED: Final = 3
# The slowest reads a file row by row in Python.
_SLOW: Final = {"frictionless": 10}


def main() -> None:
    """Measure, print Markdown, and compare."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peer-rows", type=int, help="rows that the other tools are given; default: all")
    parser.add_argument("--across", type=int, default=across.ROWS, help="rows of the trial of rules across rows")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the one with the least wall time counts")
    parser.add_argument("--folder", type=Path, help="where the data lie, or are to lie; default: gone afterwards")
    parser.add_argument("--only", nargs=2, metavar=("TOOL", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        tool, source = arguments.only
        sys.stdout.write(json.dumps(_run(tool, Path(source))))
        return
    with TemporaryDirectory(prefix="validahub-bench-") as scratch:
        folder = arguments.folder or Path(scratch)
        print(f"{surroundings()}\n")
        met = _bars(folder, arguments.rows, arguments.repeat)
        same = _peers(folder, arguments.peer_rows or arguments.rows, arguments.repeat)
        same &= _across(folder, arguments.across)
    sys.exit(0 if met and same else 1)


def _run(tool: str, source: Path) -> dict[str, int]:
    if tool == "validahub":
        return own.check(source, _violations(source))
    if tool == "across":
        return across.check(source, _violations(source))
    return peers.PEERS[tool](source)


def _bars(folder: Path, rows: int, repeat: int) -> bool:
    """Whether the engine is as fast as it is to be, by the pack or by the rules of the same kinds."""
    csv, parquet = write_catalogue(folder, rows)
    print(f"`validahub check FILE --pack mercado_livre --violations OUT.parquet`, {csv.stat().st_size / 1e6:,.0f} MB;")
    print(f"and with the {len(RULES)} rules\n")
    print("| file | rules | wall s | rows/s | bar | CPU s | peak anonymous MB | violations |\n|---|---|" + "---:|" * 6)
    met = True
    for source in (parquet, csv):
        out = str(_violations(source))
        commands = {
            "`mercado_livre`": [str(_COMMAND), "check", str(source), "--pack", "mercado_livre", "--violations", out],
            f"the {len(RULES)}": [sys.executable, "-m", "bench.engine", "--only", "validahub", str(source)],
        }
        rates = []
        for rules, command in commands.items():
            best = min((measured(command, accepted=(0, _REFUSED)) for _ in range(repeat)), key=lambda one: one.wall)
            rates.append(rows / best.wall)
            met &= best.memory < _MEMORY
            print(
                f"| {source.suffix[1:]} | {rules} | {best.wall:.1f} | {rates[-1]:,.0f} | {_BARS[source.suffix]:,} |"
                f" {best.cpu:.1f} | {best.memory:.0f} | {independent.rows_of(Path(out)):,} |",
                flush=True,
            )
        met &= max(rates) >= _BARS[source.suffix]
    return met


def _peers(folder: Path, rows: int, repeat: int) -> bool:
    runs: dict[tuple[str, str], list[Measured]] = {}
    sources = {source.suffix: source for source in write_catalogue(folder, rows)}
    small = {source.suffix: source for source in write_catalogue(folder, rows // _SLOW["frictionless"])}
    contests = list(_contests())
    # In turn rather than one after the other, so that a busy moment of the machine falls on all of them.
    for _ in range(repeat):
        for tool, kind in contests:
            source = (small if tool in _SLOW else sources)[kind]
            command = [sys.executable, "-m", "bench.engine", "--only", tool, str(source)]
            runs.setdefault((tool, kind), []).append(measured(command))
    best = {contest: min(results, key=lambda one: one.wall) for contest, results in runs.items()}
    print(f"\nThe same {len(RULES)} rules, {rows:,} rows ({', '.join(f'{t}: 1/{n}' for t, n in _SLOW.items())})\n")
    print("| tool | file | wall s | CPU s | peak anonymous MB | wall | CPU | memory |\n|---|---|" + "---:|" * 6)
    for (tool, kind), one in best.items():
        ours, times = best["validahub", kind], _SLOW.get(tool, 1)
        ratios = (one.wall * times / ours.wall, one.cpu * times / ours.cpu, one.memory / ours.memory)
        told = " | ".join(f"{ratio:.1f} x" for ratio in ratios)
        print(f"| {tool} | {kind[1:]} | {one.wall:.1f} | {one.cpu:.1f} | {one.memory:.0f} | {told} |")
    return _agree(
        sources[".parquet"], {tool: json.loads(one.output) for (tool, kind), one in best.items() if kind == ".parquet"}
    )


def _contests() -> Iterator[tuple[str, str]]:
    for kind in _BARS:
        for tool in ("validahub", *peers.PEERS):
            if kind == ".csv" or tool not in _SLOW:
                yield tool, kind


def _agree(source: Path, results: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether plain Python finds the very violations that were written, and every tool as many of each kind."""
    checked = dict(independent.compare(source, _violations(source)))
    print(f"\n{sum(checked.values()):,} violations written, each found by plain Python in the same place and order.")
    return _told({tool: {code: n for code, n in counts.items() if n} for tool, counts in results.items()}, checked)


def _across(folder: Path, rows: int) -> bool:
    source = folder / f"across-{rows}.parquet"
    across.write_rows(source, rows)
    one = measured([sys.executable, "-m", "bench.engine", "--only", "across", str(source)])
    found: dict[str, int] = json.loads(one.output)
    print(f"\nRules across {rows:,} rows: {one.wall:.1f} s wall, {one.cpu:.1f} CPU-s, {one.memory:.0f} MB anonymous")
    print(f"  {', '.join(f'{code} {count:,}' for code, count in sorted(found.items()))}")
    expected = across.counted(source)
    same = _told({"validahub": {code: found.get(code, 0) for code in expected}}, expected)
    return same and one.memory < _MEMORY


def _told(results: Mapping[str, Mapping[str, int]], expected: Mapping[str, int]) -> bool:
    different = [tool for tool, counts in results.items() if dict(counts) != dict(expected)]
    for tool in different:
        codes: Sequence[str] = sorted({*expected, *results[tool]})
        wrong = [
            f"{code} {results[tool].get(code, 0)}, not {expected.get(code, 0)}"
            for code in codes
            if results[tool].get(code, 0) != expected.get(code, 0)
        ]
        print(f"DIFFERENT: {tool}: {'; '.join(wrong)}")
    if not different:
        print(f"Counts of {', '.join(results)} agree.")
    return not different


def _violations(source: Path) -> Path:
    return source.with_name(f"violations-of-{source.stem}-{source.suffix[1:]}.parquet")


if __name__ == "__main__":
    main()
