"""What lint finds, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from validahub_pipeline.errors import PackError
from validahub_pipeline.messages import Language, message


class Level(StrEnum):
    """`error`: the pack cannot be used, or does not do what it says. `warning`: something in it has no effect or is
    twice there. `note`: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing found in a pack.

    Attributes:
        code: a key of `rules/messages/lint.yaml`, or the code of a `PackError`.
        pack: the pack whose file it is, which may be one that the pack looked at extends.
        where: the place in the file, such as `rules/title_too_long`.
    """

    level: Level
    code: str
    pack: str
    file: str
    line: int
    where: str
    values: Mapping[str, Any]

    def told(self, lang: Language) -> str:
        """What it is, and what to do about it."""
        if self.code.startswith("pack_"):
            return PackError(self.code, **self.values).render(lang)
        return message("lint", self.code, lang, **self.values)


@dataclass(frozen=True)
class Remark:
    """A finding that has no file and line yet. `document` is the pack whose text it is about; None where it is a rule
    of the resolved pack, which may stand in any of those it extends."""

    level: Level
    code: str
    where: str
    key: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    document: str | None = None
