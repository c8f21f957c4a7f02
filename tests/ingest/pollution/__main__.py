"""`python -m tests.ingest.pollution [--table NAME] [--step N] [--worst N]`: the score, per table and per defect."""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.ingest.pollution.pollutions import Variant, variants
from tests.ingest.pollution.scoring import Loaded, score
from tests.ingest.pollution.tables import tables
from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import normalise


def load(content: bytes, folder: Path) -> Loaded:
    """What `normalise` makes of a file. One without any content is refused, which is the right answer to it."""
    source, target = folder / "polluted.csv", folder / "normal.csv"
    source.write_bytes(content)
    try:
        report = normalise(source, target)
    except InputError:
        return Loaded((), (), failed=bool(content))
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return Loaded(rows[0] if report.has_header else (), rows[1:])


def scores(of: list[Variant]) -> list[tuple[float, Variant]]:
    """Each variant with its score."""
    with tempfile.TemporaryDirectory() as folder:
        return [(score(variant.expected, load(variant.content, Path(folder))), variant) for variant in of]


def plain(scored: list[tuple[float, Variant]]) -> float:
    """The mean over files."""
    return sum(points for points, _ in scored) / len(scored)


def weighted(scored: list[tuple[float, Variant]]) -> float:
    """The mean over files, each as often as its defect occurs in the wild."""
    return sum(points * variant.weight for points, variant in scored) / sum(variant.weight for _, variant in scored)


def main() -> None:
    """Print the scores of all tables, kinds and of the worst files."""
    parser = argparse.ArgumentParser(prog="python -m tests.ingest.pollution", description=__doc__)
    parser.add_argument("--table", help="only this one")
    parser.add_argument("--step", type=int, default=1, help="of the defects of single rows try every N-th")
    parser.add_argument("--worst", type=int, default=15, help="how many of the worst files to name")
    asked = parser.parse_args()
    everything: list[tuple[float, Variant]] = []
    for table in tables():
        if asked.table in {None, table.name}:
            scored = scores(list(variants(table, step=asked.step)))
            print(
                f"{table.name:12} {len(scored):6} files   plain {plain(scored):.3f}   weighted {weighted(scored):.3f}"
            )
            everything += scored
    print(
        f"{'all':12} {len(everything):6} files   plain {plain(everything):.3f}   weighted {weighted(everything):.3f}\n"
    )
    kinds: dict[str, list[float]] = defaultdict(list)
    for points, variant in everything:
        kinds[variant.kind].append(points)
    for kind, points in sorted(kinds.items(), key=lambda one: sum(one[1]) / len(one[1])):
        print(f"{sum(points) / len(points):7.3f} {min(points):7.3f} {len(points):6}  {kind}")
    print()
    for points, variant in sorted(everything, key=lambda one: one[0])[: asked.worst]:
        print(f"{points:7.3f}  {variant.name}")


if __name__ == "__main__":
    main()
