"""An upload that has been published, and revisions of it, by the stages alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.copies import Copies
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.stages.decision_files import read_cells, read_rows
from validahub_pipeline.stages.revising import Decision, Kind, require_ended, start
from validahub_pipeline.stages.upload import Upload

LONG = "Furadeira de impacto profissional com maleta e acessórios completos para casa"
HEADER = "SKU;Título;Preço;Estoque;GTIN/EAN;Condição\n"
LINES = [f"A-{n}; Furadeira de impacto {n};1.299,9{n % 10};5;;novo\n" for n in range(20)]
LINES[4] = f"A-4;{LONG};10,00;5;;novo\n"
LINES[7] = "A-7;FURADEIRA DE IMPACTO PROFISSIONAL;10,00;5;;novo\n"
LINES[11] = f"A-11;{LONG} e jardim;10,00;5;;novo\n"
# A record that is no row: its number is in quarantine.
LINES.insert(15, "A-x;too;few\n")


@dataclass(frozen=True)
class Revised:
    """One upload, and what can be done with it."""

    services: Services
    validation_id: str
    folder: Path

    @property
    def upload(self) -> Upload:
        return require_ended(self.services, self.validation_id)

    def revise(self, decision: Decision, *, user: str = "joao") -> int | None:
        """The number of the revision that came of it; None where there was nothing to do."""
        upload = start(self.services, self.upload, decision, user_id=user)
        if upload is None:
            return None
        if correct(self.services, self.validation_id).refused_because is None:
            publish(self.services, self.validation_id)
        return upload.revision

    def records(self, revision: int) -> list[dict[str, str]]:
        """A published file, as Python's csv module reads it."""
        key = self.upload.revised_changes(Action.FILE_PUBLISHED, revision)["objects"]["corrected"]["key"]
        text = self.services.lake.read_bytes(key).decode("utf-8-sig")
        return list(csv.DictReader(text.splitlines(keepends=True)))

    def cells(self, revision: int, column: str) -> list[str]:
        return [row[column] for row in self.records(revision)]

    def written(self, *cells: tuple[int, str, str]) -> Decision:
        path = self.folder / "cells.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("row", "column", "after"), *cells])
        return Decision(Kind.WRITE, file=read_cells(path))

    def listed(self, *rows: int) -> Decision:
        path = self.folder / "rows.txt"
        path.write_text("\n".join(map(str, rows)), encoding="utf-8")
        return Decision(Kind.ACCEPT, ("truncate_at_word",), file=read_rows(path))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return open_services(Settings(home=tmp_path / "home"))


@pytest.fixture
def hand_in(services: Services, tmp_path: Path) -> Callable[[list[str]], Revised]:
    """Hands in a catalogue of these lines, and takes it through all stages."""
    return lambda lines: handed_in(services, lines, tmp_path)


Make = Callable[[Services, Path], Revised]


@pytest.fixture
def copy_of(copies: Copies, tmp_path: Path) -> Iterator[Callable[[str, Make], Revised]]:
    """`copy_of(name, make)`: what `make` made of services and a folder when that name was asked for first, copied."""
    with ExitStack() as this_test:

        def copy(name: str, make: Make) -> Revised:
            def at(_url: str, folder: Path) -> str:
                made = make(open_services(Settings(home=folder / "home")), folder)
                assert made.services.subjects is not None
                made.services.subjects.close()
                return made.validation_id

            url, validation_id = this_test.enter_context(copies.copied(f"revisions, {name}", at, tmp_path))
            settings = Settings(home=tmp_path / "home", postgres_url=url)
            return Revised(open_services(settings), validation_id, tmp_path)

        yield copy


@pytest.fixture
def shop(copy_of: Callable[[str, Make], Revised]) -> Revised:
    """An upload with suggestions in rows 5, 8 and 12, and a record in quarantine, 16."""
    return copy_of("shop", lambda services, folder: handed_in(services, LINES, folder))


@pytest.fixture
def shop_in_a_bucket(s3_settings: dict[str, Any], tmp_path: Path) -> Revised:
    """The same on S3."""
    return handed_in(open_services(Settings(**s3_settings)), LINES, tmp_path)


def handed_in(services: Services, lines: list[str], folder: Path) -> Revised:
    file = folder / "loja.csv"
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    if correct(services, drop.validation_id).refused_because is None:
        publish(services, drop.validation_id)
    return Revised(services, drop.validation_id, folder)
