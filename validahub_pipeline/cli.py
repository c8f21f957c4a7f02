"""The command line: arguments in, exit codes and words out. What is done is done by the library.

Imports are made inside the commands, since Dagster alone costs a second and `--help` should not.
"""

from __future__ import annotations

import getpass
import itertools
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from validahub_pipeline.errors import InputError, ValidaHubError
from validahub_pipeline.messages import LANGUAGES, Language
from validahub_pipeline.settings import Settings

app = typer.Typer(
    help="Validates and corrects product catalogues for marketplaces, and proves everything it did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LangOption = Annotated[str | None, typer.Option("--lang", help="Language of messages: pt-BR, en or es.")]
JsonOption = Annotated[bool, typer.Option("--json", help="End with one JSON object on stdout.")]


@app.command()
def run(
    file: Annotated[Path, typer.Argument(readable=False, help="The catalogue, a CSV in whatever state.")],
    marketplace: Annotated[str, typer.Option(help="Whose rules apply, e.g. mercado_livre.")],
    category: Annotated[str | None, typer.Option(help="Category of the marketplace; default: all.")] = None,
    user: Annotated[str | None, typer.Option(help="Whose upload it is; default: you.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take one file through the pipeline: 0 published, 3 refused by the gate, 2 not processable, 1 our fault."""
    from validahub_pipeline import commands  # noqa: PLC0415

    settings = _settings(lang)
    raise typer.Exit(
        commands.run(
            settings, file, marketplace=marketplace, category=category, user=user or getpass.getuser(), as_json=as_json
        )
    )


@app.command()
def demo(
    rows: Annotated[int, typer.Option(min=1, help="Rows of the sample catalogue.")] = 60_000,
    seed: Annotated[int, typer.Option(help="Seed of the sample catalogue.")] = 20261101,
    lang: LangOption = None,
) -> None:
    """Generate a messy sample catalogue and take it through the pipeline."""
    from validahub_pipeline import commands  # noqa: PLC0415

    raise typer.Exit(commands.demo(_settings(lang), rows=rows, seed=seed))


@app.command()
def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = 3000,
) -> None:
    """Open Dagster, webserver and daemon, on the embedded services; Ctrl-C ends it."""
    from validahub_pipeline import server  # noqa: PLC0415

    raise typer.Exit(server.up(_settings(None), host=host, port=port))


@app.command()
def rebuild(
    other_ledger: Annotated[
        bool, typer.Option("--other-ledger", help="The ledger was exchanged on purpose: forget what was read before.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop the read models and build them anew from the ledger."""
    from validahub_pipeline import commands  # noqa: PLC0415

    raise typer.Exit(commands.rebuild(_settings(lang), other_ledger=other_ledger, as_json=as_json))


@app.command()
def normalise(
    file: Annotated[Path, typer.Argument(readable=False, help="The CSV to read, in whatever state.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Canonical CSV: UTF-8, comma, RFC 4180, LF.")],
    quarantine: Annotated[Path | None, typer.Option(help="Where records go that are no rows.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read any CSV and write it in canonical form; needs no server and leaves no trace in a ledger."""
    from validahub_pipeline import commands  # noqa: PLC0415

    raise typer.Exit(commands.normalise(_settings(lang), file, output, quarantine, as_json=as_json))


def _settings(lang: str | None) -> Settings:
    if lang is not None and lang not in LANGUAGES:
        raise InputError("unknown_language", lang=lang, known=", ".join(LANGUAGES))
    try:
        settings = Settings()
        return settings if lang is None else settings.model_copy(update={"lang": lang})
    except ValidationError as error:
        first = error.errors()[0]
        name = "VALIDAHUB_" + "_".join(str(part).upper() for part in first["loc"])
        raise InputError("setting_invalid", setting=name, cause=first["msg"]) from error


def main() -> None:
    """Entry point. A failure we can explain is explained on stderr, in the language asked for."""
    try:
        app()
    except ValidaHubError as error:
        print(error.render(_language_asked_for()), file=sys.stderr)
        sys.exit(error.exit_code)


def _language_asked_for() -> Language:
    # The failure may be in the settings themselves, so the arguments are looked at as they stand.
    arguments = sys.argv[1:]
    asked = [value for option, value in itertools.pairwise(arguments) if option == "--lang"]
    asked += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    try:
        return next((known for known in LANGUAGES if known in asked), None) or Settings().lang
    except ValidationError:
        return "pt-BR"
