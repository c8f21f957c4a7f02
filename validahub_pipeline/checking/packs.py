"""A file against one or several packs, in one reading of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from validahub_pipeline.checking.outcome import Verdict, verdict_of
from validahub_pipeline.checking.reading import Source
from validahub_pipeline.checking.violations_file import merged, violations_file
from validahub_pipeline.engine import ValidationResult, validate_packs
from validahub_pipeline.rulepacks import ColumnMatch, Confidence, ResolvedPack, Severity, match_columns, to_json
from validahub_pipeline.rulepacks.differences import difference
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS


@dataclass(frozen=True)
class CodeFound:
    """One code of a pack that was violated, by column (the file's header; of the file itself: the pack's field)."""

    code: str
    severity: Severity
    count: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Change:
    """A code that is violated more or less often under the rules of the day asked for than under today's."""

    code: str
    severity: Severity
    today: int
    then: int


@dataclass(frozen=True)
class PackChecked:
    """What one pack found.

    Attributes:
        lost: records of the file that could not be read as rows.
        today: what the same pack finds by today's rules, where it was asked for another day and they differ.
        today_pack: the pack by today's rules, then.
    """

    pack: ResolvedPack
    match: ColumnMatch
    result: ValidationResult
    lost: int
    today: ValidationResult | None = None
    today_pack: ResolvedPack | None = None

    @cached_property
    def codes(self) -> tuple[CodeFound, ...]:
        """What was violated: the gravest first, then the most frequent."""
        order = list(Severity)
        found = _by_code(self.result).values()
        return tuple(sorted(found, key=lambda one: (order.index(one.severity), -one.count, one.code)))

    def is_mended(self, code: str) -> bool:
        """Whether an upload would have violations of the code corrected, where they can be without a guess."""
        types = {correction.code: CORRECTIONS[correction.type] for correction in self.pack.corrections}
        corrections = [types[one] for rule in self.pack.rules if rule.code == code for one in rule.corrected_by]
        return any(one.confidence is not Confidence.SUGGEST for one in corrections)

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        return verdict_of((found.severity for found in self.codes), lost=self.lost)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the day asked for changes against today, what gets worse first."""
        if self.today is None:
            return ()
        now, then = _by_code(self.today), _by_code(self.result)
        changed = [
            Change(
                code,
                (then.get(code) or now[code]).severity,
                now[code].count if code in now else 0,
                then[code].count if code in then else 0,
            )
            for code in {**now, **then}
        ]
        different = (one for one in changed if one.today != one.then)
        return tuple(sorted(different, key=lambda one: (one.today - one.then, one.code)))

    @property
    def rules_changed(self) -> tuple[tuple[str, str], ...]:
        """The rules in which the day asked for differs from today, whatever the file: `+` it has, `-` it has not, `~`
        asks or weighs otherwise; with their codes."""
        if self.today_pack is None:
            return ()
        found = difference(to_json(self.today_pack), to_json(self.pack)).sections["rules"]
        judged = (code for code, changes in found.changed.items() if any(change.judges for change in changes))
        return (
            *(("-", str(rule["code"])) for rule in found.removed),
            *(("+", str(rule["code"])) for rule in found.added),
            *(("~", code) for code in judged),
        )


@dataclass(frozen=True)
class PacksChecked:
    """What the packs found, in the order asked for.

    Attributes:
        compared: whether it was asked for another day, and so each pack was compared with today's.
        category: the category asked for, of which a pack may know nothing.
    """

    source: Source
    packs: tuple[PackChecked, ...]
    compared: bool = False
    category: str = "all"

    @property
    def verdict(self) -> Verdict:
        """The gravest of all."""
        order = list(Verdict)
        return max((one.verdict for one in self.packs), key=order.index)


def check_packs(
    source: Source,
    packs: Sequence[ResolvedPack],
    *,
    today: Sequence[ResolvedPack] = (),
    category: str = "all",
    violations: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> PacksChecked:
    """Hold a file against packs.

    Args:
        today: the same packs by today's rules, to compare with; looked at in the same reading where they differ.
        category: the category asked for.
        violations: where every violation goes (`violations_file`); None for nowhere.
        progress: told the number of rows done.

    Raises:
        PackError: a pack asks for what the engine does not know.
        OSError: the violations cannot be written.
    """
    judged = [(pack, match_columns(pack, source.columns)) for pack in packs]
    hashes = {pack.hash for pack in packs}
    changed = {pack.name: pack for pack in today if pack.hash not in hashes}
    compared = [(pack, match_columns(pack, source.columns)) for pack in changed.values()]
    with ExitStack() as files:
        take = None
        if violations is not None:
            names = [pack.name for pack in packs] if len(packs) > 1 else []
            out = files.enter_context(violations_file(violations, names))

            def take(tables: Sequence[pl.DataFrame]) -> None:
                out.write(merged(names, tables) if names else tables[0])

        results = validate_packs(source.rows, [*judged, *compared], take=take, progress=progress)
    by_today = dict(zip(changed, results[len(packs) :], strict=True))
    return PacksChecked(
        source,
        tuple(
            PackChecked(pack, match, result, source.lost, by_today.get(pack.name), changed.get(pack.name))
            for (pack, match), result in zip(judged, results[: len(packs)], strict=True)
        ),
        compared=bool(today),
        category=category,
    )


def _by_code(result: ValidationResult) -> dict[str, CodeFound]:
    found: dict[str, CodeFound] = {}
    for one in result.counts:
        before = found.get(one.code)
        columns = {**(before.columns if before else {})}
        columns[one.column] = columns.get(one.column, 0) + one.count
        found[one.code] = CodeFound(one.code, one.severity, sum(columns.values()), columns)
    return found
