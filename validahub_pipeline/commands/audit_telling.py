"""How the verdict of a verification is told: to people in their language, and as one JSON object."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from validahub_pipeline.auditing.deep import DeepReport
from validahub_pipeline.ledger.verification import Finding, LogReport, Severity
from validahub_pipeline.messages import Language, message

_VERDICTS: Final = {Severity.TAMPERED: "tampered", Severity.INCOMPLETE: "incomplete", Severity.NOTE: "intact"}
_WIDTH: Final = 110


@dataclass(frozen=True)
class Told:
    """What is to be told: of the log, and of what lies beyond it where that was looked at."""

    log: LogReport
    deep: DeepReport | None
    others: tuple[Finding, ...] = ()

    def findings(self) -> list[Finding]:
        """All findings, the worst first."""
        found = [*self.log.findings, *self.others, *(self.deep.findings if self.deep else ())]
        return sorted(found, key=lambda finding: list(_VERDICTS).index(finding.severity))

    def worst(self) -> Severity:
        """The worst severity; NOTE where nothing is wrong."""
        return next((finding.severity for finding in self.findings()), Severity.NOTE)

    def verdict(self) -> str:
        """tampered, incomplete or intact."""
        return _VERDICTS[self.worst()]


def as_object(told: Told, lang: Language) -> dict[str, Any]:
    """What `--json` ends with."""
    report, checkpoint = told.log, told.log.checkpoint
    return {
        "verdict": told.verdict(),
        "events": report.events,
        "origin": checkpoint.origin if checkpoint else None,
        "sealed": checkpoint.size if checkpoint else None,
        "root": base64.b64encode(checkpoint.root).decode() if checkpoint else None,
        "sealed_at": report.sealed_at.isoformat() if report.sealed_at else None,
        "key": report.key.text if report.key else None,
        "pins": [{"where": pin.where, "size": pin.checkpoint.size} for pin in report.pins],
        "deep": {
            "objects": told.deep.objects,
            "details": told.deep.details,
            "files": told.deep.files,
            "read_models": told.deep.read_models,
        }
        if told.deep
        else None,
        "findings": [
            {
                "severity": str(finding.severity),
                "code": finding.code,
                "seqs": list(finding.seqs),
                "values": {
                    name: value if isinstance(value, int) else str(value) for name, value in finding.values.items()
                },
                "message": finding.render(lang),
            }
            for finding in told.findings()
        ],
    }


def lines(told: Told, lang: Language) -> Iterator[str]:
    """The verdict first, then what it is about, then each finding."""
    report, checkpoint = told.log, told.log.checkpoint
    at = f"{report.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if report.sealed_at else message("audit", "never", lang)
    sealed = checkpoint.size if checkpoint else 0
    yield message("audit", f"verdict_{told.verdict()}", lang, events=report.events, sealed=sealed, at=at)
    facts = {}
    if checkpoint is not None:
        facts["log"] = checkpoint.origin
        facts["size"] = f"{sealed} / {report.events}, {at}"
        facts["root"] = base64.b64encode(checkpoint.root).decode()
    if report.key is not None:
        facts["key"] = report.key.text
    if report.pins:
        largest: dict[str, int] = {}
        for pin in report.pins:
            largest[pin.where] = max(largest.get(pin.where, 0), pin.checkpoint.size)
        facts["pins"] = ", ".join(f"{where} ({size})" for where, size in largest.items())
    if told.deep is not None:
        counts = {"objects": told.deep.objects, "details": told.deep.details, "files": told.deep.files}
        facts["deep"] = message("audit", "looked_deep", lang, **counts)
        if told.deep.read_models:
            facts["deep"] += message("audit", "looked_at_read_models", lang)
    labels = {name: message("audit", f"label_{name}", lang) for name in facts}
    width = max(map(len, labels.values()), default=0)
    for name, value in facts.items():
        yield f"  {labels[name]:<{width}}  {value}"
    for finding in told.findings():
        text = f"{message('audit', f'label_{finding.severity}', lang)}: {finding.render(lang)}"
        yield textwrap.fill(text, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)
