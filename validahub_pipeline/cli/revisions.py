"""Commands about what was made of an upload: suggestions, decisions, revisions."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings

ValidationArgument = Annotated[str, typer.Argument(help="The validation, as `validahub run --json` names it.")]
UserOption = Annotated[str | None, typer.Option(help="Who decides this; default: you.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (suggestions, correct, undo, diff, download):
        app.command()(command)


def suggestions(validation_id: ValidationArgument, lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Show what could be improved but is yours to decide, by pattern, with examples."""
    from validahub_pipeline.commands import suggestions as command  # noqa: PLC0415

    raise typer.Exit(command.suggestions(open_settings(lang), validation_id, as_json=as_json))


def correct(
    validation_id: ValidationArgument,
    accept: Annotated[list[str] | None, typer.Option(help="Accept suggestions of this code; again for more.")] = None,
    reject: Annotated[list[str] | None, typer.Option(help="Reject suggestions of this code; again for more.")] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(readable=False, help="A CSV of values to write: row, column, after and, if you like, reason."),
    ] = None,
    column: Annotated[str | None, typer.Option(help="Accept or reject in this column only.")] = None,
    rows: Annotated[
        Path | None, typer.Option(readable=False, help="Accept in the rows this file lists only, one number a line.")
    ] = None,
    user: UserOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a new revision of what you accept, reject or write: 0 published, 3 refused, 2 not usable, 1 our fault."""
    from validahub_pipeline.commands import revising  # noqa: PLC0415

    settings = open_settings(lang)
    decision = revising.decision(
        accept=accept or (), reject=reject or (), corrections=corrections, column=column, rows=rows
    )
    raise typer.Exit(
        revising.revise(settings, validation_id, decision, user=user or getpass.getuser(), as_json=as_json)
    )


def undo(
    validation_id: ValidationArgument,
    to_revision: Annotated[int, typer.Option(help="The revision whose state is to be published again.")],
    user: UserOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the state of an earlier revision as a new one: 0 published, 3 refused, 2 not usable, 1 our fault."""
    from validahub_pipeline.commands import revising  # noqa: PLC0415

    settings = open_settings(lang)
    decision = revising.undoing(to_revision)
    raise typer.Exit(
        revising.revise(settings, validation_id, decision, user=user or getpass.getuser(), as_json=as_json)
    )


def diff(
    validation_id: ValidationArgument,
    revision: Annotated[
        list[int] | None,
        typer.Option(
            help="Compare this one with the file handed in (0); twice: two with each other. Default: the last."
        ),
    ] = None,
    fix_only: Annotated[
        bool, typer.Option("--fix-only", help="Write only what changed: rows, and of them the key and changed columns.")
    ] = False,
    key: Annotated[str | None, typer.Option(help="With --fix-only: the key column; default: the SKU.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A CSV of all that differs.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two revisions, cell by cell; or write the fixes for a marketplace's partial update."""
    from validahub_pipeline.commands import diffing  # noqa: PLC0415

    raise typer.Exit(
        diffing.diff(
            open_settings(lang),
            validation_id,
            revisions=revision or (),
            fix_only=fix_only,
            key=key,
            output=output,
            as_json=as_json,
        )
    )


def download(
    validation_id: ValidationArgument,
    version: Annotated[str, typer.Option(help="original, validated, corrected or quarantine.")],
    output: Annotated[str, typer.Option("-o", "--output", help="Where it goes; - is stdout.")],
    revision: Annotated[
        int | None, typer.Option(help="Which revision of the corrected file; default: the last.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Who takes it; default: you.")] = None,
    lang: LangOption = None,
) -> None:
    """Hand out one version of a file, byte for byte as recorded; that you took it is on record first."""
    from validahub_pipeline.commands import downloading  # noqa: PLC0415

    raise typer.Exit(
        downloading.download(
            open_settings(lang),
            validation_id,
            version=version,
            revision=revision,
            user=user or getpass.getuser(),
            output=output,
        )
    )
