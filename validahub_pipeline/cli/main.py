"""The program: its families of commands, and what becomes of a failure."""

from __future__ import annotations

import itertools
import sys

import typer
from pydantic import ValidationError

from validahub_pipeline.allocator import keep_memory_between_batches
from validahub_pipeline.cli import auditing, checking, lineage, reports, revisions, rules, services, uploads
from validahub_pipeline.errors import ValidaHubError
from validahub_pipeline.loading import start_no_idle_threads
from validahub_pipeline.messages import LANGUAGES, Language
from validahub_pipeline.settings import Settings

app = typer.Typer(
    help="Validates and corrects product catalogues for marketplaces, and proves everything it did.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for family in (uploads, revisions, reports, checking, rules, lineage, services, auditing):
    family.register(app)


def main() -> None:
    """Entry point. A failure we can explain is explained on stderr, in the language asked for."""
    keep_memory_between_batches()
    start_no_idle_threads()
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
