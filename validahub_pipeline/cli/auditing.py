"""The commands of `validahub audit`. Their exit codes are hard: 0 intact, 1 tampered, 2 incomplete or stale, 3 could
not run; a mistyped option is 3 as well, since 2 would be taken for a verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings
from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.settings import Settings

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
    for command in (verify, prove, check_proof, seal, keygen, rotate, show, export, report, erase):
        audit.command()(command)


def audit_settings(lang: str | None) -> Settings:
    """The settings; where they are unusable, the command ends here, with its own code for that."""
    try:
        return open_settings(lang)
    except ValidaHubError as error:
        print(error.render("en"), file=sys.stderr)
        raise typer.Exit(COULD_NOT_RUN) from error


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
            audit_settings(lang), key=key, pins=pin or (), max_age=max_age, deep=deep, as_json=as_json
        )
    )


def prove(
    event_id: Annotated[str, typer.Argument(help="The event's id, as `audit show` or an export names it.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the bundle goes; default: stdout.")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Write what proves to anybody, without the lake, that an event is in the log."""
    from validahub_pipeline.commands import audit_proofs  # noqa: PLC0415

    raise typer.Exit(audit_proofs.write_proof(audit_settings(lang), event_id, output))


def check_proof(
    bundle: Annotated[Path, typer.Argument(readable=False, help="What `audit prove` wrote.")],
    key: KeyOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check such a bundle; needs nothing else: 0 proven, 1 not proven, 3 could not be checked."""
    from validahub_pipeline.commands import audit_proofs  # noqa: PLC0415

    raise typer.Exit(audit_proofs.check_proof(audit_settings(lang), bundle, key=key, as_json=as_json))


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


def rotate(
    to: Annotated[
        Path | None,
        typer.Option(readable=False, help="File with the new private key; default: one is made in HOME/ledger."),
    ] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="The old key is lost: nobody who trusts it will trust the new one by it.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let another key sign from now on; the event says so under the old key's signature."""
    from validahub_pipeline.commands import audit_keys  # noqa: PLC0415

    raise typer.Exit(audit_keys.rotate(open_settings(lang), to=to, lost=lost, as_json=as_json))


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
    opening: Annotated[
        bool | None,
        typer.Option("--open/--sealed", help="Personal data in the open, or as recorded; default: ndjson as recorded."),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Write events for other systems. ndjson holds them byte for byte as they are hashed, unless they are opened."""
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
            opening=opening,
        )
    )


def erase(
    subject: Annotated[str, typer.Option(help="Whose personal data: the name, or the id (u-...) in the events.")],
    user: Annotated[str, typer.Option(help="Who asks for it; recorded.")],
    reason: Annotated[str, typer.Option(help="Why; recorded for ever, so without the person's name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask once more.")] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Destroy the key to a person's data, for good: 0 erased, now or before; 2 nobody goes by that name."""
    from validahub_pipeline.commands import erasing  # noqa: PLC0415

    raise typer.Exit(
        erasing.erase_subject(open_settings(lang), subject, user=user, reason=reason, sure=yes, as_json=as_json)
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
