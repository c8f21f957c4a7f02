"""Packs as people name them: by the name of one that is shipped, or by the path of a file of their own.

A file may extend packs that lie beside it and packs that are shipped; beside it comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import rules as catalogue
from validahub_pipeline.errors import InputError, PackError
from validahub_pipeline.local_files import check_readable
from validahub_pipeline.messages import Language
from validahub_pipeline.rulepacks import layering, lines
from validahub_pipeline.rulepacks.document import PackDocument, loaded, read_all
from validahub_pipeline.rulepacks.model import ResolvedPack
from validahub_pipeline.rulepacks.resolving import built_in, resolve

_ENDINGS: Final = (".yaml", ".yml")


@dataclass(frozen=True)
class NamedPack:
    """A pack that was found: YAML texts by name, those it may extend among them, and the files they lie in."""

    name: str
    packs: Mapping[str, str]
    files: Mapping[str, Path]

    @property
    def file(self) -> Path:
        """Its own file."""
        return self.files[self.name]

    @property
    def document(self) -> PackDocument | None:
        """Its own document; None where the text is none."""
        return read_all(self.name, self.packs[self.name])[0]


def is_pack_file(reference: str) -> bool:
    """Whether a reference names a YAML file rather than a pack."""
    return reference.endswith(_ENDINGS)


def find_pack(reference: str) -> NamedPack:
    """The pack that is meant.

    Raises:
        InputError: there is no such file, or it cannot be read (`file_not_found`, `pack_not_text`...).
        PackError: `pack_unknown`: no pack of that name is shipped. `pack_yaml`: the file is no YAML.
    """
    if is_pack_file(reference):
        return _in_file(Path(reference))
    shipped = built_in()
    if reference not in shipped:
        raise PackError("pack_unknown", name=reference, known=", ".join(sorted(shipped)))
    return NamedPack(reference, shipped, _files())


class PackFileError(PackError):
    """What is wrong with a pack, with the file and the line."""

    def __init__(self, error: PackError, file: Path, line: int) -> None:
        super().__init__(error.code)
        self.values = error.values
        self._told = error
        self.file = file
        self.line = line

    def render(self, lang: Language) -> str:
        """The message, its place before it."""
        return f"{self.file}:{self.line}: {self._told.render(lang)}"


def resolve_named(pack: NamedPack, *, category: str, on: date) -> ResolvedPack:
    """A named pack as it holds for a category on a day.

    Raises:
        InputError: `unknown_marketplace`: others only build on it.
        PackFileError: the pack is not well formed.
    """
    try:
        return resolve(pack.name, category=category, on=on, packs=pack.packs)
    except PackError as error:
        raise located(error, pack) from error


def located(error: PackError, pack: NamedPack) -> PackFileError:
    """An error of a pack with the place in its file, or in that of a pack it extends."""
    texts = [(pack.name, pack.packs[pack.name])]
    try:
        texts = [(one.pack, pack.packs[one.pack]) for one in reversed(layering.documents(pack.name, pack.packs))]
    except PackError:
        named = str(error.values.get("pack", pack.name))
        texts = [(named, pack.packs.get(named, ""))]
    document, line = lines.locate(error, texts)
    return PackFileError(error, pack.files.get(document, pack.file), line)


def shipped_packs() -> list[NamedPack]:
    """Every pack that is shipped, those that others only build on included."""
    return [NamedPack(name, built_in(), _files()) for name in catalogue.pack_names()]


def _in_file(path: Path) -> NamedPack:
    texts: dict[str, str] = {}
    files: dict[str, Path] = {}
    name = _add(path, None, texts, files)
    waiting = [name]
    while waiting:
        document, _ = read_all(current := waiting.pop(), texts[current])
        for base in document.extends if document else ():
            beside = next(
                (path.with_name(base + end) for end in _ENDINGS if path.with_name(base + end).is_file()), None
            )
            if beside is not None and base not in texts:
                _add(beside, base, texts, files)
                waiting.append(base)
    return NamedPack(name, {**built_in(), **texts}, {**_files(), **files})


def _add(path: Path, name: str | None, texts: dict[str, str], files: dict[str, Path]) -> str:
    check_readable(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("pack_not_text", file=str(path), cause=str(error)) from error
    if name is None:
        # Outside the catalogue a file may be called as one likes.
        given = loaded(path.name, text).get("pack")
        name = given if isinstance(given, str) else path.stem
    texts[name], files[name] = text, path
    return name


def _files() -> dict[str, Path]:
    return {name: catalogue.pack_path(name) for name in catalogue.pack_names()}
