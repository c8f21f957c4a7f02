"""`validahub rules docs`: the catalogue of rules as pages in a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from validahub_pipeline.commands.outcome import DONE, REFUSED, print_json
from validahub_pipeline.errors import InputError
from validahub_pipeline.messages import message
from validahub_pipeline.rulebook.pages import rendered
from validahub_pipeline.settings import Settings

_MARK: Final = "validahub rules docs"
_ENDINGS: Final = (".md", ".html")


def document(settings: Settings, folder: Path, *, check: bool, as_json: bool) -> int:
    """`validahub rules docs`; with `check` nothing is written, and it ends with 3 where the pages are stale.

    Raises:
        InputError: `output_not_writable`.
    """
    with Console(stderr=True).status(message("packs", "docs_gathering", settings.lang)):
        pages = rendered()
    stale = stale_pages(folder, pages)
    if not check:
        _write(folder, pages)
    if as_json:
        print_json({"folder": str(folder), "pages": len(pages), "changed": stale, "written": not check})
    elif check and stale:
        print(message("packs", "docs_stale", settings.lang, folder=folder, pages=", ".join(stale)))
    else:
        key = "docs_current" if check else "docs_written"
        print(message("packs", key, settings.lang, folder=folder, pages=len(pages), changed=len(stale)))
    return REFUSED if check and stale else DONE


def stale_pages(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """The pages that are missing in a folder, say something else there, or are there and should not be."""
    different = [name for name, text in pages.items() if _read(folder / name) != text]
    return sorted([*different, *_superfluous(folder, pages)])


def _superfluous(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Pages of packs that are no more. What was not generated here is none of them."""
    found = [path for path in folder.glob("*") if path.suffix in _ENDINGS and path.name not in pages]
    return [path.name for path in found if _MARK in (_read(path) or "")]


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _write(folder: Path, pages: Mapping[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _superfluous(folder, pages):
            (folder / name).unlink()
        for name, text in pages.items():
            if _read(folder / name) != text:
                part = folder / f".{name}.part"
                part.write_text(text, encoding="utf-8", newline="\n")
                part.replace(folder / name)
    except OSError as error:
        raise InputError("output_not_writable", file=str(folder), cause=os.strerror(error.errno or 0)) from error
