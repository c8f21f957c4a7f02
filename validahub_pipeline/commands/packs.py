"""`validahub rules lint`, `diff` and `publish`: packs looked over, compared, and made known."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from validahub_pipeline.checking.paper import WIDTH, Paper
from validahub_pipeline.commands.outcome import DONE, REFUSED, print_json
from validahub_pipeline.linting import Finding, Level, Linted, lint
from validahub_pipeline.messages import message
from validahub_pipeline.rulebook.compared import find_compared
from validahub_pipeline.rulebook.difference_table import print_difference
from validahub_pipeline.rulebook.told import told_difference, told_linted
from validahub_pipeline.rulepacks.differences import difference
from validahub_pipeline.rulepacks.named import find_pack, shipped_packs
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake

_LEVELS = {Level.ERROR: ("✘", "bold red"), Level.WARNING: ("!", "bold yellow"), Level.NOTE: ("i", "bold blue")}


def lint_packs(settings: Settings, packs: Sequence[str], *, as_json: bool) -> int:
    """`validahub rules lint`: 3 where a pack has an error.

    Raises:
        InputError, PackError: what was named is no pack and no file that holds one.
    """
    chosen = [find_pack(name) for name in dict.fromkeys(packs)] or shipped_packs()
    console = Console(stderr=True)
    with console.status("") as status:
        linted = lint(
            chosen,
            today=_today(),
            progress=lambda name: status.update(message("packs", "lint_looking", settings.lang, pack=name)),
        )
    if as_json:
        print_json(told_linted(linted, settings.lang))
    else:
        _print_linted(linted, Paper(printed_on(), settings.lang))
    return REFUSED if linted.count(Level.ERROR) else DONE


def diff_packs(settings: Settings, before: str, after: str, *, category: str | None, whole: bool, as_json: bool) -> int:
    """`validahub rules diff`.

    Raises:
        InputError, PackError: one of the two cannot be found or is not well formed.
    """
    lake = open_lake(settings)
    one, other = (
        find_compared(reference, category=category or "all", today=_today(), lake=lake) for reference in (before, after)
    )
    found = difference(one.document, other.document)
    if as_json:
        print_json(told_difference(one, other, found))
    else:
        print_difference(one, other, found, settings.lang, printed_on(), whole=whole)
    return DONE


def publish_packs(settings: Settings, names: Sequence[str], *, user: str, as_json: bool) -> int:
    """`validahub rules publish`: today's state of packs, for every category they speak of, into the lake and ledger.

    Raises:
        InputError, PackError: there is no such pack.
        LedgerError: it cannot be recorded.
    """
    # Delta takes a second to import, which lint and diff do without.
    from validahub_pipeline.embedded.services import services as running_services  # noqa: PLC0415
    from validahub_pipeline.rulepacks import available, resolve  # noqa: PLC0415
    from validahub_pipeline.rulepacks.resolving import categories_of  # noqa: PLC0415
    from validahub_pipeline.stages import open_services  # noqa: PLC0415
    from validahub_pipeline.stages.pinning import make_known  # noqa: PLC0415

    today = _today()
    packs = [
        resolve(name, category=category, on=today)
        for name in dict.fromkeys(names or available())
        for category in categories_of(name)
    ]
    told = []
    # Who publishes is a person, whose key lies in the database.
    with running_services(settings) as urls:
        services = open_services(settings, read_models_url=urls.validahub_url)
        for pack in packs:
            event = make_known(services, pack, user_id=user)
            told.append(
                {
                    "pack": pack.name,
                    "category": pack.category,
                    "version": pack.version,
                    "hash": pack.hash,
                    "published": event is not None,
                    "previous": event.changes["previous"] if event else None,
                }
            )
    new = sum(bool(one["published"]) for one in told)
    if as_json:
        print_json({"published": new, "packs": told})
        return DONE
    for one in told:
        key = "publish_new" if one["published"] else "publish_known"
        print("  " + message("packs", key, settings.lang, **{**one, "hash": str(one["hash"])[:12]}))
    print(message("packs", "published", settings.lang, new=new, states=len(told)))
    return DONE


def printed_on() -> Console:
    """A console; what is not looked at on a terminal is read in a file or a log, where eighty columns are few."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _print_linted(linted: Linted, paper: Paper) -> None:
    for found in linted.findings:
        _print_finding(found, paper)
    worst = next((level for level in Level if linted.count(level)), None)
    sign, style = _LEVELS[Level.ERROR] if worst is Level.ERROR else ("✔", "bold green")
    number = paper.words.number
    counts = {f"{level.value}s": number(linted.count(level)) for level in Level}
    told = message("packs", "linted", paper.lang, packs=number(len(linted.packs)), rules=number(linted.rules), **counts)
    paper.line()
    paper.line(Text(f"{sign} {told}", style=style))


def _print_finding(found: Finding, paper: Paper) -> None:
    sign, style = _LEVELS[found.level]
    paper.line()
    paper.line(Text.assemble((f"{sign} ", style), (f"{_near(found.file)}:{found.line}", "bold"), f"  {found.where}"))
    paper.wrapped(found.told(paper.lang), "    ")


def _near(file: str) -> str:
    """A path as it is shortest from here, so that an editor opens it."""
    near = os.path.relpath(file)
    return file if near.startswith("..") else str(Path(near))


def _today() -> date:
    return datetime.now(UTC).date()
