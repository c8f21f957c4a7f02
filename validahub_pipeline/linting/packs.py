"""Packs looked over, one or many together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from validahub_pipeline.linting import idle
from validahub_pipeline.linting.examples import misjudged
from validahub_pipeline.linting.findings import Finding, Level, Remark
from validahub_pipeline.linting.reading import read_chain
from validahub_pipeline.linting.slow import slow
from validahub_pipeline.rulepacks import lines
from validahub_pipeline.rulepacks.document import PackDocument
from validahub_pipeline.rulepacks.layering import Chain, code_of
from validahub_pipeline.rulepacks.named import NamedPack
from validahub_pipeline.rulepacks.resolving import resolved


@dataclass(frozen=True)
class Linted:
    """What was looked at and found: the packs, how many rules they have today, and the findings by file and line."""

    packs: tuple[NamedPack, ...]
    rules: int
    findings: tuple[Finding, ...]

    def count(self, level: Level) -> int:
        """How many findings there are of a level."""
        return sum(found.level is level for found in self.findings)


@dataclass
class _Looked:
    """One pack that can be resolved, or not, and what was found in it and in those it extends."""

    chain: Chain | None
    findings: list[Finding] = field(default_factory=list)


def lint(packs: Sequence[NamedPack], *, today: date, progress: Callable[[str], None] | None = None) -> Linted:
    """Look over some packs. What others only build on is looked at in all that do.

    Of packs that are not named themselves, only errors are told: they keep the named one from working.

    Args:
        progress: told the name of each pack that is about to be looked at.
    """
    looked: dict[tuple[str, str], _Looked] = {}
    found: list[Finding] = []
    rules = 0
    for pack in packs:
        family = [_looked(one, today, looked, progress) for one in _family(pack)]
        own = [one for looked_at in family for one in looked_at.findings]
        # While entries are left out because they are wrong, nobody can say what is superfluous.
        if not any(one.level is Level.ERROR for one in own):
            own += _of_document(pack, [one.chain for one in family if one.chain], today)
        found += [one for one in own if one.level is Level.ERROR or one.pack == pack.name]
        document = pack.document
        if document and not document.abstract and family[0].chain:
            rules += len(resolved(family[0].chain, "all", today).rules)
    return Linted(tuple(packs), rules, tuple(_ordered(found)))


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """By file and line; what was found by way of several packs, once."""
    order = list(Level)
    alike = {(one.file, one.line, one.code, one.where, repr(_own(one))): one for one in findings}
    return sorted(alike.values(), key=lambda one: (one.file, one.line, order.index(one.level), one.where, one.code))


def _own(found: Finding) -> dict[str, object]:
    return {name: value for name, value in found.values.items() if name not in {"pack", "category"}}


def _family(pack: NamedPack) -> list[NamedPack]:
    """The pack itself; of one that others build on, those others too, without which it means little."""
    document = pack.document
    if document is None or not document.abstract:
        return [pack]
    others = [NamedPack(name, pack.packs, pack.files) for name in pack.packs]
    heirs = [one for one in others if (read := one.document) and not read.abstract and _builds_on(one, pack.name)]
    return heirs or [pack]


def _builds_on(pack: NamedPack, base: str, seen: frozenset[str] = frozenset()) -> bool:
    document = pack.document
    above = [name for name in document.extends if name in pack.packs and name not in seen] if document else []
    return base in above or any(
        _builds_on(NamedPack(name, pack.packs, pack.files), base, seen | {pack.name}) for name in above
    )


def _looked(
    pack: NamedPack,
    today: date,
    before: dict[tuple[str, str], _Looked],
    progress: Callable[[str], None] | None,
) -> _Looked:
    key = (pack.name, str(pack.file))
    if key not in before:
        if progress:
            progress(pack.name)
        before[key] = _look(pack, today)
    return before[key]


def _look(pack: NamedPack, today: date) -> _Looked:
    chain, errors = read_chain(pack.name, pack.packs)
    texts = [(document.pack, pack.packs[document.pack]) for document in reversed(chain or ())]
    looked = _Looked(chain)
    for error in errors:
        named = str(error.values["pack"])
        remark = Remark(Level.ERROR, error.code, str(error.values.get("where", "pack")), None, error.values)
        place = lines.locate(error, texts or [(named, pack.packs.get(named, ""))])
        looked.findings.append(_finding(pack, remark, place))
    if chain is not None and chain[-1].abstract:
        looked.findings.append(_finding(pack, Remark(Level.NOTE, "unchecked", "pack"), (pack.name, 1)))
    elif chain is not None:
        for remark in _remarks(chain, today):
            looked.findings.append(_finding(pack, remark, _latest(remark, texts)))
    return looked


def _latest(remark: Remark, texts: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """Where a rule was last changed, which is where to mend it: there the key it is about, if it is there at all."""
    for name, text in texts:
        if lines.line_of(text, remark.where) is not None:
            return lines.place(remark.where, remark.key, [(name, text)])
    return texts[0][0], 1


def _remarks(chain: Chain, today: date) -> Iterator[Remark]:
    yield from misjudged(chain)
    now = resolved(chain, "all", today)
    yield from idle.corrected_elsewhere(now)
    yield from idle.asked_twice(now)
    yield from idle.alike(now)
    yield from idle.marked_nowhere(now)
    yield from slow(now)


def _of_document(pack: NamedPack, family: Sequence[Chain], today: date) -> Iterator[Finding]:
    """What is told of the text of a pack, looking at all who build on it."""
    document = next((one for chain in family for one in chain if one.pack == pack.name), None)
    if document is None:
        return
    text = pack.packs[pack.name]
    remarks = [*idle.ended(document, today), *idle.uncited(document, family), *_without_effect(document, family)]
    for remark in remarks:
        line = lines.line_of(text, remark.where, remark.key) or lines.line_of(text, remark.where) or 1
        yield _finding(pack, remark, (pack.name, line))


def _without_effect(document: PackDocument, family: Sequence[Chain]) -> Iterator[Remark]:
    chains = [chain for chain in family if document in chain]
    if document.abstract and all(chain[-1] == document for chain in chains):
        return  # Nobody builds on it, so nothing in it has an effect yet.
    numbers = set.intersection(*(idle.without_effect(chain, document) for chain in chains))
    for number, (section, names, entry) in enumerate(idle.entries(document)):
        if number in numbers:
            values = {"code": code_of(entry), "category": names or "all"}
            yield Remark(Level.WARNING, "without_effect", f"{section}/{code_of(entry)}", None, values, document.pack)


def _finding(pack: NamedPack, remark: Remark, place: tuple[str, int]) -> Finding:
    document, line = place
    file = pack.files.get(document, pack.file)
    return Finding(remark.level, remark.code, document, str(file), line, remark.where, remark.values)
