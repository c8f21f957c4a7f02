"""Installations that are made once and copied, with their database, for every test that changes one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# `database(copied)`: the URL of a fresh database while it is open; with all that is in another one, if it is named.
Database = Callable[..., AbstractContextManager[str]]


@dataclass(frozen=True)
class _Original:
    folder: Path
    url: str
    made: Any


class Copies:
    """What copies are made of lasts until it is closed."""

    def __init__(self, database: Database, new_folder: Callable[[], Path]) -> None:
        self._database, self._new_folder = database, new_folder
        self._known: dict[str, _Original] = {}
        self._lasting = ExitStack()

    def close(self) -> None:
        self._lasting.close()

    @contextmanager
    def copied(self, name: str, make: Callable[[str, Path], Any], folder: Path) -> Iterator[tuple[str, Any]]:
        """Copy into `folder` what `make` makes of a database's URL and a folder: it is made when that name is asked for
        first, and has to leave no connection open. While this is, persons are kept in the copy of the database. Yields
        its URL, and what `make` returned."""
        if name not in self._known:
            url, original = self._lasting.enter_context(self._database()), self._new_folder()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("VALIDAHUB_SUBJECTS_URL", url)
                self._known[name] = _Original(original, url, make(url, original))
        found = self._known[name]
        shutil.copytree(found.folder, folder, dirs_exist_ok=True)
        with self._database(found.url.rsplit("/", 1)[-1]) as url, pytest.MonkeyPatch.context() as patch:
            patch.setenv("VALIDAHUB_SUBJECTS_URL", url)
            yield url, found.made
