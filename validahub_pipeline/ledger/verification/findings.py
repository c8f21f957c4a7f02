"""Findings: what was found wrong or worth saying, each with a code whose wording is in `rules/messages/audit.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from validahub_pipeline.messages import Language, message

_SPANS: Final = 8


class Severity(StrEnum):
    """How bad it is. TAMPERED: something contradicts what was signed, or is gone that was signed. INCOMPLETE: nothing
    does, but not all of it can be vouched for. NOTE: good to know."""

    TAMPERED = "tampered"
    INCOMPLETE = "incomplete"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One finding. `seqs` are the events it is about, where it is about events."""

    severity: Severity
    code: str
    values: dict[str, object] = field(default_factory=dict)
    seqs: tuple[int, ...] = ()

    def render(self, lang: Language) -> str:
        """What was found, what it means and what to do, in a language."""
        return message("audit", self.code, lang, seqs=spans(self.seqs), **self.values)


class Findings:
    """Findings as they come."""

    def __init__(self) -> None:
        self._found: list[Finding] = []

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found)

    def tampered(self, code: str, /, seqs: Iterable[int] = (), **values: object) -> None:
        """Add a contradiction."""
        self._found.append(Finding(Severity.TAMPERED, code, values, tuple(seqs)))

    def incomplete(self, code: str, /, seqs: Iterable[int] = (), **values: object) -> None:
        """Add something that cannot be vouched for."""
        self._found.append(Finding(Severity.INCOMPLETE, code, values, tuple(seqs)))

    def note(self, code: str, /, seqs: Iterable[int] = (), **values: object) -> None:
        """Add something good to know."""
        self._found.append(Finding(Severity.NOTE, code, values, tuple(seqs)))

    def any_tampered(self) -> bool:
        """Whether anything contradicts what was signed."""
        return any(finding.severity is Severity.TAMPERED for finding in self._found)


def spans(seqs: Iterable[int]) -> str:
    """Numbers in few words: `3, 7-9, 12`."""
    numbers = sorted(set(seqs))
    if not numbers:
        return ""
    breaks = [at + 1 for at, (left, right) in enumerate(pairwise(numbers)) if right != left + 1]
    runs = [numbers[start:end] for start, end in pairwise([0, *breaks, len(numbers)])]
    words = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:_SPANS]]
    return ", ".join(words) + (f", ... ({len(numbers)})" if len(runs) > _SPANS else "")
