"""An installation with a history: published, refused, failed and unfinished uploads of several users."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from typer.testing import CliRunner

from tests.persons import plain
from validahub_pipeline.cli.main import app
from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.ledger import NewEvent, Resource
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, correct, deposit, ingest, open_services, publish, validate

MARKUP = "<script>alert(1)</script>&.csv"


@dataclass(frozen=True)
class Installation:
    """A home and what was done in it."""

    home: Path
    published: str
    refused: str
    failed: str
    unfinished: str

    def stored(self) -> list[dict[str, Any]]:
        """The rows of the ledger, read without the product."""
        table = DeltaTable(str(self.home / "lake" / "tables" / "audit_events")).to_pyarrow_table()
        return sorted(table.to_pylist(), key=lambda row: row["seq"])

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(row["event"]) for row in self.stored()]

    def opened(self) -> list[dict[str, Any]]:
        """The events with persons named and texts opened, by other means than the product's."""
        told: list[dict[str, Any]] = plain(self.events())
        return told

    def run(self, *arguments: object) -> Done:
        """The command in this process: what is tried here is what it says, not how it starts."""
        result = CliRunner().invoke(app, list(map(str, arguments)), env={"VALIDAHUB_HOME": str(self.home)})
        error = result.exception
        if isinstance(error, ValidaHubError):
            return Done(error.exit_code, result.stdout_bytes, error.render("en").encode("utf-8"))
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return Done(result.exit_code, result.stdout_bytes, result.stderr_bytes or b"")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


def process(services: Services, file: Path, user: str, *, stages: int = 4) -> str:
    drop = deposit(services, file, user=user, marketplace="mercado_livre", category="all")
    try:
        ingest(services, drop, lang="en")
        if stages > 1:
            validate(services, drop.validation_id)
            if correct(services, drop.validation_id).refused_because is None:
                publish(services, drop.validation_id)
    except InputError:
        pass
    return drop.validation_id


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("trail")
    services = open_services(Settings(home=folder / "home"))
    catalogue, empty, refused = folder / "catalogue.csv", folder / "empty.csv", folder / "-refused.csv"
    generate(catalogue, rows=200, seed=3)
    empty.write_bytes(b"")
    refused.write_text("SKU;Título;Preço;Estoque;Cor\nA1;;;1;azul\n", encoding="utf-8")
    marked = folder / MARKUP.replace("/", "")
    marked.write_bytes(catalogue.read_bytes())
    found = Installation(
        folder / "home",
        published=process(services, catalogue, "maria"),
        refused=process(services, refused, "joão"),
        failed=process(services, empty, "joão"),
        unfinished=process(services, marked, "<b>eve", stages=1),
    )
    # What the API will record: told and counted like any other act.
    taken = NewEvent("file_downloaded", found.published, "auditor", Resource("upload", found.published, "x"), {})  # type: ignore[arg-type]
    services.ledger.append([taken], idempotency="taken")
    services.seal()
    return found
