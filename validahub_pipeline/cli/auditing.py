"""The commands of `validahub audit`. Their exit codes are hard: 0 intact, 1 tampered, 2 incomplete or stale, 3 could
not run; a mistyped option is 3 as well, since 2 would be taken for a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings

COULD_NOT_RUN: Final = 3
# Typer carries its own Click and does not name this class.
_USAGE_ERROR: Final[Any] = typer.BadParameter.__base__

KeyOption = Annotated[
    str | None, typer.Option("--key", help="The public key you trust: name+id+key, or a file that holds it.")
]


class AuditGroup(TyperGroup):
    """A family of commands whose usage errors don't end with a code that means something else."""

    def invoke(self, ctx: Any) -> Any:
        """As usual, but for the exit code."""
        try:
            return super().invoke(ctx)
        except _USAGE_ERROR as error:
            error.exit_code = COULD_NOT_RUN
            raise


audit = typer.Typer(
    cls=AuditGroup, no_args_is_help=True, help="Prove to anybody what was recorded, and that nothing was changed."
)


def register(app: typer.Typer) -> None:
    """Add the family to the program."""
    app.add_typer(audit, name="audit")
    for command in (verify, seal, keygen, show, export, report):
        audit.command()(command)


def verify(
    key: KeyOption = None,
    pin: Annotated[
        list[Path] | None,
        typer.Option(readable=False, help="A checkpoint you kept, or a folder of such; again for more."),
    ] = None,
    max_age: Annotated[str | None, typer.Option(help="How old the last sealed event may be, e.g. 15m, 2h, 1d.")] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also objects, detail rows, cells, history, read models.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Derive everything again and compare: 0 intact, 1 tampered, 2 incomplete or stale, 3 could not run."""
    from validahub_pipeline.commands import audit_verification  # noqa: PLC0415

    raise typer.Exit(
        audit_verification.verify(
            lambda: open_settings(lang), key=key, pins=pin or (), max_age=max_age, deep=deep, as_json=as_json
        )
    )


def seal(lang: LangOption = None, as_json: JsonOption = False) -> None:
    """Sign a checkpoint over everything recorded so far."""
    from validahub_pipeline.commands import audit_keys  # noqa: PLC0415

    raise typer.Exit(audit_keys.seal(open_settings(lang), as_json=as_json))


def keygen(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the private key goes; default: HOME/ledger.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Name of the log, e.g. audit.example.com/validahub; default: one at random.")
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a signing key; prints the public one, for auditors."""
    from validahub_pipeline.commands import audit_keys  # noqa: PLC0415

    raise typer.Exit(audit_keys.keygen(open_settings(lang), output=output, origin=origin, as_json=as_json))


def show(
    validation_id: Annotated[str, typer.Argument(help="The validation, as `validahub run --json` names it.")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell one file's whole history: what was done, when, by whom, and what vouches for it."""
    from validahub_pipeline.commands import audit_trail  # noqa: PLC0415

    raise typer.Exit(audit_trail.show(open_settings(lang), validation_id, as_json=as_json))


def export(
    since: Annotated[
        str | None, typer.Option(help="From this day or moment on, e.g. 2026-11-01, 2026-11-01T14:00; UTC.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Up to the end of this day, or before this moment.")] = None,
    user: Annotated[str | None, typer.Option(help="What this user did.")] = None,
    validation: Annotated[str | None, typer.Option(help="What happened to one validation.")] = None,
    kind: Annotated[str, typer.Option("--format", help="ndjson, parquet, csv or cloudevents.")] = "ndjson",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where it goes; default: stdout.")] = None,
    lang: LangOption = None,
) -> None:
    """Write events for other systems. ndjson holds them byte for byte as they are hashed."""
    from validahub_pipeline.commands import audit_trail  # noqa: PLC0415

    raise typer.Exit(
        audit_trail.export(
            open_settings(lang),
            since=since,
            until=until,
            user=user,
            validation_id=validation,
            kind=kind,
            output=output,
        )
    )


def report(
    month: Annotated[str, typer.Option(help="Which month, e.g. 2026-11; UTC.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where it goes; default: validahub-audit-MONTH.html.")
    ] = None,
    key: KeyOption = None,
    pin: Annotated[
        list[Path] | None,
        typer.Option(readable=False, help="A checkpoint you kept, or a folder of such; again for more."),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Write the compliance report on a month: who did what, integrity, gaps, downloads, overhead; one HTML file."""
    from validahub_pipeline.commands import audit_trail  # noqa: PLC0415

    raise typer.Exit(audit_trail.report(open_settings(lang), of=month, output=output, key=key, pins=pin or ()))
