"""Commands that run or renew the services behind the pipeline."""

from __future__ import annotations

from typing import Annotated

import typer

from validahub_pipeline.cli.options import JsonOption, LangOption, open_settings


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (up, rebuild):
        app.command()(command)


def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = 3000,
) -> None:
    """Open Dagster, webserver and daemon, on the embedded services; Ctrl-C ends it."""
    from validahub_pipeline import server  # noqa: PLC0415

    raise typer.Exit(server.up(open_settings(None), host=host, port=port))


def rebuild(
    other_ledger: Annotated[
        bool, typer.Option("--other-ledger", help="The ledger was exchanged on purpose: forget what was read before.")
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop the read models and build them anew from the ledger."""
    from validahub_pipeline.commands import rebuilding  # noqa: PLC0415

    raise typer.Exit(rebuilding.rebuild(open_settings(lang), other_ledger=other_ledger, as_json=as_json))
