"""The summary fits a terminal, tells a newcomer what happened, and passes nothing on to the terminal but text."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from validahub_pipeline.messages import LANGUAGES, Language
from validahub_pipeline.report import print_summary
from validahub_pipeline.rulepacks import ResolvedPack

Manifest = dict[str, Any]
MakeManifest = Callable[[str], Manifest]

LONG = "/" + "uma-pasta-bem-longa/" * 8
HOME = Path(f"{LONG}.validahub")
LOCATIONS = {
    "corrected": f"{LONG}corrected.csv",
    "report": f"file://{LONG}report.html",
    "history": f"{LONG}tables/audit_events",
}


def summary(manifest: Manifest, pack: ResolvedPack, lang: Language = "pt-BR", *, color: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=color, color_system="truecolor" if color else None)
    print_summary(manifest, pack, lang, console, home=HOME, locations=LOCATIONS)
    return out.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_ending_fits_eighty_columns_in_every_language(
    any_manifest: Manifest, pack: ResolvedPack, lang: Language
) -> None:
    lines = summary(any_manifest, pack, lang).splitlines()
    assert [line for line in lines if len(line) > 80 and LONG not in line] == []
    assert len(lines) < 60


def test_places_come_out_in_one_piece(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    told = summary(manifest_of("published"), pack)
    for place in (*LOCATIONS.values(), str(HOME)):
        assert place in told


def test_the_verdict_comes_first_and_the_way_to_the_interface_last(
    manifest_of: MakeManifest, pack: ResolvedPack
) -> None:
    lines = [line for line in summary(manifest_of("published"), pack).splitlines() if line.strip()]
    assert "Publicado: 59.190 de 60.000 linhas prontas" in lines[0]
    assert "make ui" in lines[-1]


def test_whoever_has_something_to_decide_is_told_how(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("published")
    command = f"validahub suggestions {manifest['validation_id']}\n"
    assert command in summary(manifest, pack)

    manifest["corrections"]["suggestions"] = {}
    assert command not in summary(manifest, pack)


def test_frequent_violations_are_told_with_their_meaning_and_one_example(
    manifest_of: MakeManifest, pack: ResolvedPack
) -> None:
    told = summary(manifest_of("published"), pack)
    assert told.index("59.000") < told.index("2.000")
    assert "restam 800" in told
    assert "todas corrigidas" in told
    assert "ex.: linha 1.055, GTIN/EAN: “7897227659036”" in told, "where some are left, one of those is shown"
    assert "ex.: linha 5, Preço: “181,90”" in told


def test_corrections_are_told_with_one_cell_before_and_after(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    assert "Preço: “181,90” → “181.90”" in summary(manifest_of("published"), pack)


def test_a_refusal_gives_its_reason_and_no_success(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("refused")
    told = summary(manifest, pack)
    assert "Não publicado" in told
    assert manifest["publication"]["refused_because"] in " ".join(told.split())
    assert "✔" not in told


def test_a_missing_column_is_told_by_name(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("column_missing")
    manifest["validation"]["violations"]["column_missing"] = 10**6
    assert "No column of the file holds Preço" in summary(manifest, pack, "en")


def test_only_the_five_most_frequent_violations_are_listed(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("published")
    manifest["validation"]["violations"] |= {f"own_code_{index}": 100 - index for index in range(9)}
    told = summary(manifest, pack)
    assert "Own code 2" in told
    assert "Own code 3" not in told


def test_colour_adds_nothing_but_colour(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("published")
    coloured = summary(manifest, pack, color=True)
    assert "\x1b[" in coloured
    assert Text.from_ansi(coloured).plain.split() == summary(manifest, pack).split()


@pytest.mark.parametrize("hostile", ["[bold red]x[/]", "\x1b[2J\x1b]0;title\x07", "a\nb\rc", "[/]", "\u202eexe"])
def test_a_cell_cannot_command_the_terminal(manifest_of: MakeManifest, pack: ResolvedPack, hostile: str) -> None:
    manifest = manifest_of("published")
    manifest["file_name"] = hostile
    manifest["corrections"]["remaining_examples"][0] |= {"column": hostile, "value": hostile}
    manifest["corrections"]["examples"][0] |= {"column": hostile, "before": hostile, "after": hostile + "."}
    told = summary(manifest, pack)
    assert not set(told) & {"\x1b", "\x07", "\r", "\u202e"}
    if hostile.isprintable():
        assert told.count(hostile) >= 4
