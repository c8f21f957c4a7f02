"""Commands about the rules themselves: `validahub rules ...`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings

rules = typer.Typer(
    help="Look over, compare, read, convert and publish rule packs.", no_args_is_help=True, add_completion=False
)


def register(app: typer.Typer) -> None:
    """Add the family to the program."""
    app.add_typer(rules, name="rules")
    for command in (lint, diff, docs, publish):
        rules.command()(command)
    rules.command("export")(export_pack)
    rules.command("import")(import_suite)


def lint(
    packs: Annotated[
        list[str] | None,
        typer.Argument(help="Names of packs, or YAML files of your own; default: all that are shipped."),
    ] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look rule packs over: 0 nothing is wrong, 3 a pack has errors, 2 there is no such pack or file."""
    from validahub_pipeline.commands import packs as commands  # noqa: PLC0415

    raise typer.Exit(commands.lint_packs(open_settings(lang), packs or (), as_json=as_json))


def diff(
    before: Annotated[
        str,
        typer.Argument(
            help="A pack: shopee, shopee@2026-08-01 (by the rules of that day), shopee@2026.11.3 or shopee@HASH (as it "
            "was used), own.yaml, or the JSON of a pack that was pinned."
        ),
    ],
    after: Annotated[str, typer.Argument(help="The pack to compare it with, named alike.")],
    category: Annotated[str | None, typer.Option(help="Category of the marketplace; default: all.")] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="Also what no verdict depends on: texts, sources, header names.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two packs, versions or days."""
    from validahub_pipeline.commands import packs as commands  # noqa: PLC0415

    raise typer.Exit(
        commands.diff_packs(open_settings(lang), before, after, category=category, whole=whole, as_json=as_json)
    )


def docs(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the pages.")] = Path("docs/rules"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 3 where the pages are stale.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the catalogue of all rules, as Markdown and as HTML, from the packs that are installed."""
    from validahub_pipeline.commands import documenting  # noqa: PLC0415

    raise typer.Exit(documenting.document(open_settings(lang), output, check=check, as_json=as_json))


def export_pack(
    pack: Annotated[str, typer.Argument(help="Name of a pack, or a YAML file of your own.")],
    gx: Annotated[bool, typer.Option("--gx", help="As a Great Expectations suite, the one form there is.")] = True,
    category: Annotated[str | None, typer.Option(help="Category of the marketplace; default: all.")] = None,
    on: Annotated[str | None, typer.Option(help="By the rules of that day, e.g. 2026-08-01; default: today.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The suite's file; default: stdout.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a rule pack as a Great Expectations suite (JSON), with all that GX has no word for under meta."""
    from validahub_pipeline.commands import converting  # noqa: PLC0415

    del gx
    settings = open_settings(lang)
    raise typer.Exit(converting.export_pack(settings, pack, category=category, on=on, output=output, as_json=as_json))


def import_suite(
    suite: Annotated[Path, typer.Argument(readable=False, help="A Great Expectations suite (JSON), 1.x or 0.x.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The pack's file; default: stdout.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a Great Expectations suite as a rule pack (YAML)."""
    from validahub_pipeline.commands import converting  # noqa: PLC0415

    raise typer.Exit(converting.import_suite(open_settings(lang), suite, output=output, as_json=as_json))


def publish(
    packs: Annotated[list[str] | None, typer.Argument(help="Names of packs; default: all.")] = None,
    user: Annotated[str | None, typer.Option(help="Who publishes them; default: you.")] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record today's rules in the ledger before an upload does; what is known already is not recorded again."""
    from validahub_pipeline.commands import packs as commands  # noqa: PLC0415

    settings = open_settings(lang)
    raise typer.Exit(commands.publish_packs(settings, packs or (), user=user or getpass.getuser(), as_json=as_json))
