"""One event in a sentence or two, in a person's language. The sentences are in `rules/messages/trail.yaml`.

An action this module knows nothing of is told by its name: a history leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from validahub_pipeline.ledger import Action, Event
from validahub_pipeline.messages import Language, message
from validahub_pipeline.report.revisions import decided
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.report.wording import Words

SYSTEM: Final = "system"
_DIGEST: Final = 12
_MOST: Final = 3
_NAME: Final = 60


class Teller:
    """Tells events in one language."""

    def __init__(self, lang: Language) -> None:
        self.words = Words(lang)

    def title(self, event: Event) -> str:
        """What was done, in a few words."""
        return self.action(event.action)

    def action(self, action: str) -> str:
        """The name of an action."""
        return self.words.catalogued("trail", f"action_{action}") or clipped(action.replace("_", " "), _NAME)

    def actor(self, user_id: str) -> str:
        """Who did it."""
        return self.say("system") if user_id == SYSTEM else clipped(user_id, _NAME)

    def details(self, event: Event) -> list[str]:
        """What there is to say beyond the title, a line each."""
        told = _TOLD.get(event.action)
        try:
            lines = told(self, event.changes) if told else self._known(event.changes)
        except (KeyError, TypeError, AttributeError):
            # Written by a version that told it otherwise: better its own words than none.
            lines = self._known(event.changes)
        return [line for line in lines if line]

    def say(self, key: str, **values: object) -> str:
        """A sentence of the trail."""
        return message("trail", key, self.words.lang, **values)

    def _known(self, changes: Mapping[str, Any]) -> list[str]:
        return [
            f"{name}: {clipped(str(value), _NAME)}"
            for name, value in changes.items()
            if isinstance(value, str | int) and value != ""
        ]

    def _uploaded(self, changes: Mapping[str, Any]) -> list[str]:
        return [
            f"{clipped(changes['file_name'], _NAME)}, {self.words.size(changes['size'])}, "
            f"{clipped(changes['marketplace'], _NAME)} / {clipped(changes['category'], _NAME)}",
            _sha256(changes),
        ]

    def _started(self, changes: Mapping[str, Any]) -> list[str]:
        pack = changes["pack"]
        return [
            self.say("rules", name=pack["name"], version=pack["version"], on=changes["on"], hash=_short(pack["hash"]))
        ]

    def _ingested(self, changes: Mapping[str, Any]) -> list[str]:
        number = self.words.number
        records, quarantined = number(changes["records"]), number(changes["quarantined"])
        lines = [self.say("read", records=records, quarantined=quarantined, columns=len(changes["columns"]))]
        reasons = sorted(changes["reasons"].items(), key=lambda item: -item[1])[:_MOST]
        lines += [f"{self.words.reason(reason)}: {number(count)}" for reason, count in reasons]
        return [*lines, self._repaired(changes["repairs"]), self._took(changes)]

    def _repaired(self, repairs: Mapping[str, int]) -> str:
        return self.say("repaired", cells=self.words.number(sum(repairs.values()))) if repairs else ""

    def _validated(self, changes: Mapping[str, Any]) -> list[str]:
        number = self.words.number
        found = sum(changes["violations"].values())
        critical = number(changes["critical_rows"])
        counts = {"found": number(found), "rows": number(changes["rows_with_violations"]), "critical": critical}
        codes = [f"{self.words.violation(code)} {number(count)}" for code, count in _first(changes["violations"])]
        return [self.say("found", **counts), ", ".join(codes), self._proof(changes), self._took(changes)]

    def _failed(self, changes: Mapping[str, Any]) -> list[str]:
        again = self.say("may_be_tried_again") if changes["retryable"] else ""
        return [clipped(changes["error"]["message"], 400), again]

    def _corrected(self, changes: Mapping[str, Any]) -> list[str]:
        number = self.words.number
        codes = [f"{code} {number(count)}" for code, count in _first(changes["corrections"])]
        left = number(sum(changes["remaining"].values()))
        referred = self.say("referred", columns=", ".join(changes["referred"])) if changes.get("referred") else ""
        return [
            self.say("by_people") if changes.get("mode") == "manual" else "",
            self.say("corrected", cells=number(changes["cells"]), left=left),
            ", ".join(codes),
            referred,
            self._proof(changes),
            self._took(changes),
        ]

    def _suggested(self, changes: Mapping[str, Any]) -> list[str]:
        return [self.say("suggested", cells=self.words.number(sum(changes["suggestions"].values())))]

    def _published(self, changes: Mapping[str, Any]) -> list[str]:
        number = self.words.number
        counts = {"records": number(changes["records"]), "critical": number(changes["gate"]["critical_rows"])}
        corrected = changes["objects"]["corrected"]
        return [
            self.say("published", revision=changes["revision"], **counts),
            f"{corrected['key']}, {self.words.size(corrected['size'])}",
            _sha256(corrected),
        ]

    def _revision(self, changes: Mapping[str, Any]) -> list[str]:
        file = changes["decision"]["file"]
        return [
            self.say("revision", revision=changes["revision"], base=changes["based_on"]),
            decided(changes["decision"], self.words.lang),
            _sha256(file) if file else "",
        ]

    def _downloaded(self, changes: Mapping[str, Any]) -> list[str]:
        return [
            self.say("downloaded_revision", version=changes["version"], revision=changes["revision"])
            if changes["revision"]
            else self.say("downloaded", version=changes["version"]),
            f"{changes['key']}, {self.words.size(changes['size'])}",
            _sha256(changes),
        ]

    def _refused(self, changes: Mapping[str, Any]) -> list[str]:
        return [clipped(changes["reason"], 400)]

    def _erased(self, changes: Mapping[str, Any]) -> list[str]:
        number = self.words.number
        counts = {name: number(changes[name]) for name in ("texts", "events", "uploads")}
        return [clipped(changes["reason"], 400), self.say("erasure_counts", **counts)]

    def _proof(self, changes: Mapping[str, Any]) -> str:
        detail = changes["detail"]
        return self.say("vouched", rows=self.words.number(detail["rows"]), sha256=_short(detail["sha256"]))

    def _took(self, changes: Mapping[str, Any]) -> str:
        return self.say("took", seconds=self.words.decimal(changes["milliseconds"] / 1000))


_TOLD: Final[Mapping[str, Callable[[Teller, Mapping[str, Any]], list[str]]]] = {
    Action.FILE_UPLOADED: Teller._uploaded,
    Action.VALIDATION_STARTED: Teller._started,
    Action.FILE_INGESTED: Teller._ingested,
    Action.VALIDATION_COMPLETED: Teller._validated,
    Action.VALIDATION_FAILED: Teller._failed,
    Action.CORRECTIONS_APPLIED: Teller._corrected,
    Action.CORRECTIONS_SUGGESTED: Teller._suggested,
    Action.FILE_PUBLISHED: Teller._published,
    Action.PUBLICATION_REFUSED: Teller._refused,
    Action.REVISION_STARTED: Teller._revision,
    Action.FILE_DOWNLOADED: Teller._downloaded,
    Action.SUBJECT_ERASED: Teller._erased,
}


def _first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST]


def _short(digest: str) -> str:
    return digest[:_DIGEST]


def _sha256(described: Mapping[str, Any]) -> str:
    return f"sha256 {described['sha256']}"
