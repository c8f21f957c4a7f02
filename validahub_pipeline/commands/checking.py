"""`validahub check`: one file against rule packs or a suite; no server, no ledger, nothing left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from validahub_pipeline.checking import PacksChecked, Source, Verdict, check_packs, check_suite, read_source
from validahub_pipeline.checking.matrix import print_matrix
from validahub_pipeline.checking.paper import WIDTH
from validahub_pipeline.checking.suite_summary import print_suite
from validahub_pipeline.checking.suites import read_suite_file
from validahub_pipeline.checking.summary import print_pack
from validahub_pipeline.checking.told import told_packs, told_suite
from validahub_pipeline.checking.violations_file import check_ending
from validahub_pipeline.commands.leaving_nothing import working_folder
from validahub_pipeline.commands.outcome import DONE, REFUSED, print_json
from validahub_pipeline.errors import InputError
from validahub_pipeline.local_files import check_readable, check_writable
from validahub_pipeline.messages import message
from validahub_pipeline.report import StageProgress
from validahub_pipeline.rulepacks import ResolvedPack, available, resolve
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage.layout import ANY_CATEGORY


def check(
    settings: Settings,
    file: Path,
    *,
    packs: Sequence[str],
    category: str | None,
    on: str | None,
    suite: Path | None,
    text: bool,
    sheet: str | None,
    violations: Path | None,
    as_json: bool,
) -> int:
    """`validahub check`.

    Raises:
        InputError: the file, the pack, the suite, the day or the output cannot be used.
    """
    if bool(packs) == (suite is not None) or (suite and (category or on)) or (text and not suite):
        raise InputError("rules_needed", known=", ".join(available()))
    check_readable(file)
    if violations is not None:
        check_ending(violations)
        check_writable(violations, source=file)
    if suite is not None:
        verdict = _against_suite(settings, file, suite, text=text, sheet=sheet, violations=violations, as_json=as_json)
    else:
        today = datetime.now(UTC).date()
        day = _day(on) if on else today
        names, wanted = dict.fromkeys(packs), category or ANY_CATEGORY
        chosen = [resolve(name, category=wanted, on=day) for name in names]
        compared = [resolve(name, category=wanted, on=today) for name in names] if on else []
        verdict = _against_packs(
            settings, file, chosen, compared, category=wanted, sheet=sheet, violations=violations, as_json=as_json
        )
    if violations is not None and not as_json:
        print(f"  {message('check', 'written', settings.lang, file=violations)}\n")
    return REFUSED if verdict is Verdict.CRITICAL else DONE


def _against_packs(
    settings: Settings,
    file: Path,
    packs: Sequence[ResolvedPack],
    today: Sequence[ResolvedPack],
    *,
    category: str,
    sheet: str | None,
    violations: Path | None,
    as_json: bool,
) -> Verdict:
    with _source(settings, file, sheet) as (source, progress):
        checked = check_packs(
            source,
            packs,
            today=today,
            category=category,
            violations=violations,
            progress=lambda done: progress("validate", done, source.records),
        )
    if as_json:
        print_json(told_packs(checked, on=packs[0].on, lang=settings.lang))
    else:
        _print_packs(settings, checked, packs[0].on)
    return checked.verdict


def _print_packs(settings: Settings, checked: PacksChecked, on: date) -> None:
    show = print_pack if len(checked.packs) == 1 else print_matrix
    show(checked, settings.lang, _console(), on=on)


def _against_suite(
    settings: Settings,
    file: Path,
    suite: Path,
    *,
    text: bool,
    sheet: str | None,
    violations: Path | None,
    as_json: bool,
) -> Verdict:
    check_readable(suite)
    expectations = read_suite_file(suite)
    with _source(settings, file, sheet) as (source, progress):
        progress("validate", 0, None)
        checked = check_suite(source, expectations, suite, text=text, violations=violations)
    if as_json:
        print_json(told_suite(checked))
    else:
        print_suite(checked, settings.lang, _console())
    return checked.verdict


@contextmanager
def _source(
    settings: Settings, file: Path, sheet: str | None
) -> Iterator[tuple[Source, Callable[[str, int, int | None], None]]]:
    """The file as rows, in a temporary folder that is gone afterwards."""
    size = file.stat().st_size
    progress = StageProgress(Console(stderr=True), settings.lang, stages=("ingest", "validate"))
    with working_folder(file) as folder, progress:
        # Of a container more is read than the file has.
        source = read_source(file, folder, sheet=sheet, progress=lambda done: progress("ingest", min(done, size), size))
        yield source, progress


def _console() -> Console:
    console = Console()
    # What is not looked at on a terminal is read in a file or a log, where eighty columns are few.
    return console if console.is_terminal else Console(width=WIDTH)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise InputError("date_invalid", given=given) from error
