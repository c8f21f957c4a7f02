"""The report says what happened in the reader's language, shows no cell as anything but text, and stays small."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final

import pytest

from validahub_pipeline.messages import LANGUAGES, Language
from validahub_pipeline.report import render
from validahub_pipeline.rulepacks import ResolvedPack

Manifest = dict[str, Any]
MakeManifest = Callable[[str], Manifest]

VOID: Final = {"meta", "rect", "br"}
LIMIT: Final = 3_000_000


class Page(HTMLParser):
    """What a browser would see: elements, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.cells: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if "td" in self.open:
            self.cells[-1] += data


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_ending_renders_as_well_formed_html_in_every_language(
    any_manifest: Manifest, pack: ResolvedPack, lang: Language
) -> None:
    html = render(any_manifest, pack, lang)
    page = Page(html)
    assert page.open == []
    assert ("html", "lang", lang) in page.attributes
    assert html.startswith("<!doctype html>")
    assert any_manifest["file_name"] in page.text


def test_a_published_upload_says_how_many_rows_are_ready(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("published")
    assert "Publicado: 59.190 de 60.000 linhas prontas" in Page(render(manifest, pack, "pt-BR")).text
    assert "Published: 59,190 of 60,000 rows ready" in Page(render(manifest, pack, "en")).text
    assert "Publicado: 59.190 de 60.000 filas listas" in Page(render(manifest, pack, "es")).text


def test_a_spotless_upload_is_told_there_is_nothing_to_do(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    text = Page(render(manifest_of("spotless"), pack, "pt-BR")).text
    assert "Publicado: todas as 60.000 linhas prontas" in text
    assert "Nenhuma violação foi encontrada" in text


def test_a_refused_upload_is_told_why_first(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("refused")
    text = Page(render(manifest, pack, "pt-BR")).text
    assert "Não publicado" in text
    assert text.index(manifest["publication"]["refused_because"]) < text.index("O que você ainda precisa corrigir")
    assert "corrected.csv" not in text


def test_a_failed_upload_is_told_what_the_file_lacked(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    text = Page(render(manifest_of("failed"), pack, "pt-BR")).text
    assert "Não foi possível processar o arquivo" in text
    assert "catálogo.csv: não há tabela nele." in text


def test_a_violation_is_explained_with_an_example_in_the_sellers_own_file(
    manifest_of: MakeManifest, pack: ResolvedPack
) -> None:
    page = Page(render(manifest_of("published"), pack, "pt-BR"))
    rule = next(rule for rule in pack.rules if rule.code == "gtin_invalid")
    assert rule.message("pt-BR") in page.text
    assert "2.000 encontradas, 800 restantes" in page.text
    place = page.cells.index("1.055")
    assert page.cells[place - 1 : place + 3] == ["39", "1.055", "GTIN/EAN", "“7897227659036”"]


def test_what_is_left_comes_before_what_was_solved(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    text = Page(render(manifest_of("published"), pack, "en")).text
    left, solved = text.index("What is left for you to fix"), text.index("Found and corrected")
    assert left < text.index("gtin_invalid") < text.index("title_all_caps") < solved < text.index("price_not_a_number")


def test_a_missing_column_is_named_with_the_nearest_headers(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    text = Page(render(manifest_of("column_missing"), pack, "en")).text
    assert "No column of the file holds Preço" in text
    assert "Prezo, Valor total" in text
    assert text.index("No column of the file") < text.index("gtin_invalid"), "without it, nothing else matters"
    assert "59,190" not in text, "no row is ready"


def test_corrections_show_the_cell_before_and_after(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    html = render(manifest_of("published"), pack, "pt-BR")
    assert "181<del>,</del>90" in html
    assert "181<ins>.</ins>90" in html
    assert "<del>CADEIRA GIRATÓRIA</del>" not in html, "only what differs is marked"
    assert "C<del>ADEIRA GIRATÓRIA</del>" in html


def test_how_the_file_was_read_is_told(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    text = Page(render(manifest_of("published"), pack, "pt-BR")).text
    for told in ("UTF-8", "ponto e vírgula", "linha 4 do arquivo", "59.990 aceitos, 10 em quarentena", "cp850: 3"):
        assert told in text


def test_why_records_are_in_quarantine_is_told_where_it_is_known(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("published")
    manifest["ingest"]["reasons"] = {"too_few_fields": 8, "unterminated_quote": 2}
    text = Page(render(manifest, pack, "pt-BR")).text
    assert "menos campos que o cabeçalho: 8" in text
    assert "aspas que nunca se fecham: 2" in text


def test_the_first_rows_to_fix_are_listed_without_what_asks_for_nothing(
    manifest_of: MakeManifest, pack: ResolvedPack
) -> None:
    page = Page(render(manifest_of("published"), pack, "pt-BR"))
    place = len(page.cells) - page.cells[::-1].index("1.055") - 1
    assert page.cells[place : place + 4] == ["1.055", "GTIN/EAN", "“7897227659036”", "Código de barras inválido"]
    assert "“CADEIRA”" not in page.cells
    assert "errors.csv não deixa nada de fora e lista todas as 840 violações" in page.text


def test_records_in_quarantine_are_shown_as_they_stand(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    page = Page(render(manifest_of("published"), pack, "pt-BR"))
    place = page.cells.index("A77;só dois")
    assert page.cells[place - 2 : place] == ["83", "menos campos que o cabeçalho"]


def test_files_are_listed_with_size_and_digest(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    manifest = manifest_of("published")
    page = Page(render(manifest, pack, "pt-BR"))
    for stored in manifest["objects"].values():
        assert stored["key"].rsplit("/", 1)[-1] in page.text
    assert page.cells.count(manifest["objects"]["original"]["sha256"]) == len(manifest["objects"])
    assert "26,5 MB" in page.cells


HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></td></table><iframe src=//evil.example>",
    "{{ 7 * 7 }}{% include 'x' %}",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1+1",
    "\u202egnp.exe\u200b\x00\x1b[31m",
    "{field} {0} %s",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_anywhere_is_only_ever_text(manifest_of: MakeManifest, pack: ResolvedPack, text: str) -> None:
    manifest = _poisoned(manifest_of("column_missing"), text)
    rules = tuple(
        replace(rule, messages=dict.fromkeys(LANGUAGES, text.replace("{", "{{").replace("}", "}}")))
        for rule in pack.rules
    )
    page = Page(render(manifest, replace(pack, rules=rules, title=text), "pt-BR"))
    plain = Page(render(manifest_of("column_missing"), pack, "pt-BR"))
    assert page.tags <= plain.tags
    assert {(tag, name) for tag, name, _ in page.attributes} <= {(tag, name) for tag, name, _ in plain.attributes}
    assert not set(page.text) & {"\x00", "\x1b", "\u202e", "\u200b"}
    if text.isprintable():
        assert page.text.count(text) > 8


def test_a_formula_is_harmless_when_a_table_is_pasted_into_a_spreadsheet(
    manifest_of: MakeManifest, pack: ResolvedPack
) -> None:
    for text in HOSTILE:
        manifest = _poisoned(manifest_of("published"), text)
        manifest["ingest"]["columns"] = [text]
        cells = Page(render(manifest, pack, "pt-BR")).cells
        assert cells
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]


def test_nothing_is_loaded_from_anywhere(any_manifest: Manifest, pack: ResolvedPack) -> None:
    html = render(any_manifest, pack, "pt-BR")
    page = Page(html)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not [attribute for attribute in page.attributes if attribute[1] in {"src", "href", "srcset", "xlink:href"}]
    assert "url(" not in html
    assert "@import" not in html


def test_the_page_stays_small_whatever_was_uploaded(manifest_of: MakeManifest, pack: ResolvedPack) -> None:
    huge = "\u0000<&'\"" * 100_000
    cut = huge[1:]
    manifest = manifest_of("column_missing")
    codes = [f"{huge[:100]}{index}" for index in range(2_000)]
    counts = dict.fromkeys(codes, 10)
    cells = [
        {"code": code, "severity": "critical", "row": 1, "line": 1, "column": huge} for code in codes for _ in range(10)
    ]
    values = [cell | {"value": huge} for cell in cells]
    changes = [cell | {"before": huge, "after": cut, "confidence": "confident"} for cell in cells]
    by_column = [
        {"code": code, "column": f"{n}{huge[:500]}", "severity": "critical", "count": 1, "confidence": "lossless"}
        for code in codes
        for n in range(3)
    ]
    manifest["file_name"] = manifest["user_id"] = huge
    manifest["ingest"] |= {
        "columns": [huge] * 20_000,
        "repairs": counts,
        "reasons": counts,
        "encoding": huge,
        "delimiter": huge,
        "header_lines": list(range(10_000)),
        "quarantine_examples": [{"record": 1, "line": 1, "reason": huge, "raw": huge}] * 10_000,
    }
    manifest["validation"] |= {"violations": counts, "examples": values, "by_column": by_column}
    manifest["corrections"] |= {
        "counts": counts, "by_column": by_column, "examples": changes, "suggestions": counts,
        "suggestion_examples": changes, "remaining": dict(list(counts.items())[:1_000]),
        "remaining_by_column": by_column, "remaining_examples": values,
        "remaining_rows": [{"row": 1, "line": 1, "violations": values[:100]}] * 10_000,
    }  # fmt: skip
    manifest["publication"]["refused_because"] = huge
    started = time.perf_counter()
    html = render(manifest, replace(pack, title=huge), "pt-BR")
    assert len(html.encode("utf-8")) < LIMIT
    assert time.perf_counter() - started < 20
    assert "mais" in Page(html).text


def _poisoned(manifest: Manifest, text: str) -> Manifest:
    """The manifest with the text in place of everything a seller or a pack chooses."""
    manifest["file_name"] = manifest["user_id"] = text
    manifest["ingest"] |= {"columns": [text] * 3, "encoding": text, "delimiter": text}
    for record in manifest["ingest"]["quarantine_examples"]:
        record["raw"] = text
    for row in manifest["corrections"]["remaining_rows"]:
        for found in row["violations"]:
            found.update({"column": text, "value": text})
    for part, key in (
        ("validation", "examples"),
        ("corrections", "examples"),
        ("corrections", "suggestion_examples"),
        ("corrections", "remaining_examples"),
    ):
        for example in manifest[part][key]:
            example.update(dict.fromkeys({"value", "before", "after", "column"} & set(example), text))
            if "after" in example:
                example["after"] += " "
    for part, key in (
        ("validation", "by_column"),
        ("corrections", "by_column"),
        ("corrections", "remaining_by_column"),
    ):
        for entry in manifest[part][key]:
            entry["column"] = text
    if manifest["publication"]["refused_because"]:
        manifest["publication"]["refused_because"] = text
    return manifest
