"""How often a correction restores what was damaged, leaves it alone, or spoils it: `make accuracy`.

Each case of `damages.CASES` is drawn from a seed, goes through the engine as a column of its own, and is compared with
the clean cells it came from. The figures stand in docs/corrections.md, between two marks; `--write` puts them there.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.accuracy.damages import CASES, Case
from validahub_pipeline.engine import correct
from validahub_pipeline.rulepacks.model import ColumnMatch, Correction, Field, Gate, ResolvedPack

DOCUMENT = Path(__file__).parents[2] / "docs" / "corrections.md"
BEGIN, END = "<!-- figures: make accuracy -->", "<!-- end of figures -->"
SHOWN = 5


@dataclass(frozen=True)
class Outcome:
    """What became of the cells of one case. `wrong` holds damaged, corrected and clean cells that were spoilt."""

    case: Case
    cells: int
    damaged: int
    restored: int
    wrong: Sequence[tuple[str, str, str]]

    @property
    def left(self) -> int:
        """Damaged cells that stayed as they were."""
        return self.damaged - self.restored - len(self.wrong)


def outcome(case: Case, count: int, seed: int) -> Outcome:
    """Draw, damage, correct and compare the cells of a case."""
    rng = random.Random(f"{seed}/{case.name}")
    clean = [case.clean(rng) for _ in range(count)]
    between = [case.first(cell, rng) if case.first else cell for cell in clean]
    damaged = [case.damage(cell, rng) for cell in between]
    found = _corrected(case, damaged)
    wrong = [
        (was, became, should)
        for was, became, half, should in zip(damaged, found, between, clean, strict=True)
        if became not in {was, half, should}
    ]
    pairs = [(became, should) for was, became, should in zip(damaged, found, clean, strict=True) if was != should]
    restored = sum(became == should for became, should in pairs)
    return Outcome(case, count, len(pairs), restored, wrong)


def outcomes(count: int, seed: int) -> Iterator[Outcome]:
    """Every case, in its order."""
    for case in CASES:
        yield outcome(case, count, seed)


def _corrected(case: Case, cells: Sequence[str]) -> list[str]:
    """What the engine makes of a column: the corrected file's cells, or those that are proposed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = pa.array(range(1, len(cells) + 1), pa.int64())
        columns = {"__row": numbers, "__line": numbers, case.header: pa.array([cell or None for cell in cells])}
        pq.write_table(pa.table(columns), folder / "rows.parquet", row_group_size=65_536)
        correct(
            folder / "rows.parquet",
            _pack(case),
            ColumnMatch({"x": case.header}, ()),
            corrected=folder / "corrected.csv",
            corrections=folder / "corrections.parquet",
            suggestions=folder / "suggestions.parquet",
        )
        with (folder / "corrected.csv").open(encoding="utf-8", newline="") as file:
            found = [record[0] for record in csv.reader(file)][1:]
        if case.suggested:
            for idea in pq.read_table(folder / "suggestions.parquet", columns=["row", "after"]).to_pylist():
                found[idea["row"] - 1] = idea["after"]
    return found


def _pack(case: Case) -> ResolvedPack:
    return ResolvedPack(
        name="accuracy",
        version="1",
        title="Accuracy",
        category="all",
        on=date(2026, 11, 26),
        hash="",
        fields={"x": Field("x", (case.header,), required=False)},
        rules=(),
        corrections=tuple(Correction(name, name, ("x",), kwargs, None) for name, kwargs in case.asked),
        gate=Gate(2_000, "keep"),
    )


def table(found: Sequence[Outcome]) -> str:
    """The outcomes as a table in Markdown."""
    lines = [
        "| cells | correction | drawn | damaged | restored | left alone | spoilt |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for one in found:
        code = f"`{one.case.correction}`" if one.case.correction else "none"
        restored = f"{one.restored / one.damaged:.2%}" if one.damaged else ""
        left = f"{one.left:,}" if one.damaged else f"{one.cells - len(one.wrong):,}"
        lines.append(
            f"| {one.case.name} | {code} | {one.cells:,} | {one.damaged:,} | {restored} | {left} | {len(one.wrong):,} |"
        )
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the table into the document."""
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Command line; exit code 1 where a cell was spoilt, or too few were restored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/corrections.md")
    arguments = parser.parse_args()
    found = []
    for case in CASES:
        if arguments.only is None or arguments.only in case.name:
            found.append(one := outcome(case, arguments.count, arguments.seed))
            print(table([one]).splitlines()[-1], flush=True)
            for was, became, should in one.wrong[:SHOWN]:
                print(f"    {was!r} -> {became!r}, not {should!r}")
    if arguments.write:
        write(table(found))
    bad = [one for one in found if not one.case.suggested and (one.wrong or one.restored < 0.99 * one.damaged)]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
