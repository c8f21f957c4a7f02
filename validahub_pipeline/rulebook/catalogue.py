"""What the catalogue of rules says, gathered from packs, messages and expectations; how it looks is `pages`' business.

Nothing here depends on the day it is done: rules are told with the days between which they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from validahub_pipeline.expectations import Expectation, known_expectations
from validahub_pipeline.rulepacks import Correction, ResolvedPack, Rule, available, to_json
from validahub_pipeline.rulepacks.differences import Difference, difference
from validahub_pipeline.rulepacks.document import Examples
from validahub_pipeline.rulepacks.layering import Chain, documents, turning_points
from validahub_pipeline.rulepacks.resolving import ALL_CATEGORIES, built_in, examples_of, resolved


@dataclass(frozen=True)
class Period:
    """Days from the first to the last, both among them; None where there is no end."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class DatedRule:
    """A rule as it holds for some time."""

    rule: Rule
    examples: Examples
    period: Period


@dataclass(frozen=True)
class CategoryDifference:
    """Categories with rules of their own, and how they differ from what holds for all."""

    names: tuple[str, ...]
    difference: Difference


@dataclass(frozen=True)
class PackEntry:
    """A marketplace's pack: as it holds after the last change that is known, and its rules for all time."""

    pack: ResolvedPack
    builds_on: tuple[str, ...]
    sources: Mapping[str, str]
    rules: Mapping[str, Sequence[DatedRule]]
    categories: tuple[CategoryDifference, ...]

    def correction(self, code: str) -> Correction:
        """The correction of that code."""
        return next(one for one in self.pack.corrections if one.code == code)


@dataclass(frozen=True)
class ExpectationEntry:
    """An expectation, and the rules that ask it, by pack."""

    expectation: Expectation
    asked_by: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Catalogue:
    """Everything there is."""

    packs: tuple[PackEntry, ...]
    expectations: tuple[ExpectationEntry, ...]


def gathered() -> Catalogue:
    """The catalogue of all packs that are shipped."""
    packs = tuple(_pack(name) for name in available())
    return Catalogue(packs, tuple(_expectations(packs)))


def _pack(name: str) -> PackEntry:
    chain = documents(name, built_in())
    latest = max(turning_points(chain))
    pack = resolved(chain, ALL_CATEGORIES, latest)
    cited = {source.split(": ", 1)[0] for rule in pack.rules for source in rule.source}
    listed = {key: text for document in chain for key, text in document.sources.items()}
    return PackEntry(
        pack=pack,
        builds_on=tuple(document.pack for document in chain[:-1]),
        sources={key: text for key, text in listed.items() if key in cited},
        rules=_rules(chain),
        categories=tuple(_categories(chain, pack, latest)),
    )


def _rules(chain: Chain) -> dict[str, list[DatedRule]]:
    found: dict[str, list[DatedRule]] = {}
    days = sorted(turning_points(chain))
    for number, day in enumerate(days):
        last = days[number + 1] - timedelta(days=1) if number + 1 < len(days) else None
        examples = examples_of(chain, ALL_CATEGORIES, day)
        for rule in resolved(chain, ALL_CATEGORIES, day).rules:
            first = None if day == date.min else day
            before = found.setdefault(rule.code, [])
            unbroken = before and before[-1].period.last == day - timedelta(days=1) if first else False
            if unbroken and (before[-1].rule, before[-1].examples) == (rule, examples[rule.code]):
                first = before.pop().period.first
            before.append(DatedRule(rule, examples[rule.code], Period(first, last)))
    return found


def _categories(chain: Chain, pack: ResolvedPack, day: date) -> Iterator[CategoryDifference]:
    for names in dict.fromkeys(tuple(entry.names) for document in chain for entry in document.categories):
        own = resolved(chain, names[0], day)
        yield CategoryDifference(names, difference(to_json(pack), to_json(own)))


def _expectations(packs: Sequence[PackEntry]) -> Iterator[ExpectationEntry]:
    for name, known in sorted(known_expectations().items()):
        asked: dict[str, list[str]] = {}
        for entry in packs:
            codes = [code for code, dated in entry.rules.items() if any(one.rule.type == name for one in dated)]
            if codes:
                asked[entry.pack.name] = codes
        yield ExpectationEntry(known, asked)
