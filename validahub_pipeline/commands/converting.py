"""`validahub rules export` and `import`: between rule packs and Great Expectations suites."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from validahub_pipeline.checking.suites import read_suite_file
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.errors import InputError
from validahub_pipeline.local_files import check_readable, check_writable
from validahub_pipeline.messages import message
from validahub_pipeline.rulebook.gx_export import CUSTOM, META, to_suite
from validahub_pipeline.rulebook.gx_import import to_pack
from validahub_pipeline.rulepacks.named import find_pack, resolve_named
from validahub_pipeline.rulepacks.resolving import examples
from validahub_pipeline.settings import Settings


def export_pack(
    settings: Settings, reference: str, *, category: str | None, on: str | None, output: Path | None, as_json: bool
) -> int:
    """`validahub rules export`: a pack as a suite, to a file or to stdout.

    Raises:
        InputError, PackError: there is no such pack, no such day, or the file cannot be written.
    """
    named = find_pack(reference)
    if output is not None:
        check_writable(output, source=named.file)
    day = _day(on)
    pack = resolve_named(named, category=category or "all", on=day)
    suite = to_suite(pack, examples(named.name, category=pack.category, on=day, packs=named.packs))
    text = json.dumps(suite, ensure_ascii=False, indent=2) + "\n"
    if output is None:
        sys.stdout.write(text)
        return DONE
    _write(output, text)
    told = {
        "file": str(output),
        "native": len(suite["expectations"]),
        "custom": len(suite["meta"][META][CUSTOM]),
    }
    if as_json:
        print_json(told | {"pack": pack.name, "version": pack.version, "hash": pack.hash})
    else:
        print(message("packs", "exported", settings.lang, **told))
    return DONE


def import_suite(settings: Settings, suite: Path, *, output: Path | None, as_json: bool) -> int:
    """`validahub rules import`: a suite as a pack, to a file or to stdout.

    Raises:
        InputError, SuiteError: the suite cannot be read, or the file cannot be written.
    """
    check_readable(suite)
    if output is not None:
        check_writable(output, source=suite)
    name = (output or suite).stem
    imported = to_pack(read_suite_file(suite), name)
    if output is None:
        sys.stdout.write(imported.text)
        return DONE
    _write(output, imported.text)
    rules = imported.document["rules"]
    told = {
        "file": str(output),
        "rules": len(rules),
        "unverified": sum(not rule.get("verified", True) for rule in rules),
        "left_out": len(imported.left_out),
    }
    if as_json:
        left_out = [{"place": one.place, "type": one.type, "reason": one.reason} for one in imported.left_out]
        print_json(told | {"pack": imported.document["pack"], "left_out": left_out})
        return DONE
    print(message("packs", "imported", settings.lang, **told))
    for one in imported.left_out:
        print("  " + message("packs", "import_left_out", settings.lang, place=one.place, reason=one.reason))
    return DONE


def _day(on: str | None) -> date:
    if on is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(on)
    except ValueError as error:
        raise InputError("date_invalid", given=on) from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("output_not_writable", file=str(path), cause=os.strerror(error.errno or 0)) from error
