"""Commands that take a file: through the pipeline, or just to canonical form."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (run, demo, normalise):
        app.command()(command)


def run(
    file: Annotated[Path, typer.Argument(readable=False, help="The catalogue, a CSV in whatever state.")],
    marketplace: Annotated[str, typer.Option(help="Whose rules apply, e.g. mercado_livre.")],
    category: Annotated[str | None, typer.Option(help="Category of the marketplace; default: all.")] = None,
    user: Annotated[str | None, typer.Option(help="Whose upload it is; default: you.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; publish nothing, record nothing.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take one file through the pipeline: 0 published, 3 refused by the gate, 2 not processable, 1 our fault."""
    from validahub_pipeline.commands import uploads  # noqa: PLC0415

    settings = open_settings(lang)
    raise typer.Exit(
        uploads.run(
            settings,
            file,
            marketplace=marketplace,
            category=category,
            user=user or getpass.getuser(),
            dry_run=dry_run,
            as_json=as_json,
        )
    )


def demo(
    rows: Annotated[int, typer.Option(min=1, help="Rows of the sample catalogue.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Seed of the sample catalogue.")] = 20261101,
    lang: LangOption = None,
) -> None:
    """Generate a messy sample catalogue and take it through the pipeline."""
    from validahub_pipeline.commands import uploads  # noqa: PLC0415

    raise typer.Exit(uploads.demo(open_settings(lang), rows=rows, seed=seed))


def normalise(
    file: Annotated[Path, typer.Argument(readable=False, help="The CSV to read, in whatever state.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Canonical CSV: UTF-8, comma, RFC 4180, LF.")],
    quarantine: Annotated[Path | None, typer.Option(help="Where records go that are no rows.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Which sheet of a workbook; default: the first.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read any CSV, packed or in a workbook, and write it in canonical form; needs no server and no ledger."""
    from validahub_pipeline.commands import normalising  # noqa: PLC0415

    raise typer.Exit(normalising.normalise(open_settings(lang), file, output, quarantine, sheet=sheet, as_json=as_json))
