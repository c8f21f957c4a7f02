"""The catalogue of rules as pages: complete, self-contained, and what is checked in is what the packs say."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import commands
from validahub_pipeline.commands.documenting import stale_pages
from validahub_pipeline.expectations import known_expectations
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulebook.catalogue import gathered
from validahub_pipeline.rulebook.pages import rendered

CHECKED_IN = Path(__file__).parents[2] / "docs" / "rules"


@pytest.fixture(scope="module")
def pages():
    return rendered()


@pytest.fixture(scope="module")
def catalogue():
    return gathered()


def test_the_checked_in_pages_are_what_the_packs_say(pages):
    stale = stale_pages(CHECKED_IN, pages)

    assert stale == [], "run `make rules-docs` and commit docs/rules"


def test_every_rule_has_its_place_with_texts_examples_and_sources(pages, catalogue):
    for entry in catalogue.packs:
        page = pages[f"{entry.pack.name}.md"]
        for code, dated in entry.rules.items():
            rule = dated[-1].rule
            part = page.split(f"### {code}\n")[1].split("\n### ")[0]
            assert rule.type in part
            assert "- passes: " in part
            assert "- fails: " in part
            assert part.count("- source: ") == sum(len(one.rule.source) for one in dated)
            assert all(f"- {lang}: " in part for lang in LANGUAGES)


def test_a_rule_that_starts_on_a_day_is_told_with_it(pages):
    part = pages["shopee.md"].split("### missing_condition\n")[1].split("\n### ")[0]

    assert "Holds from 2026-09-01:" in part


def test_every_expectation_is_explained(pages):
    for name, known in known_expectations().items():
        assert f"## {name}\n" in pages["expectations.md"]
        assert f'id="{name}"' in pages["expectations.html"]
        assert known.meaning


class _Page(HTMLParser):
    """Its links, the places they may lead to, and tags left open."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.links += [values["href"]] if tag == "a" and values.get("href") else []
        self.places += [values["id"]] if values.get("id") else []
        self.loads += [tag] if tag in {"script", "link", "img", "iframe"} or "src" in values else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_needs_nothing_beside_it_and_every_link_leads_somewhere(pages):
    parsed = {name: _Page(text) for name, text in pages.items() if name.endswith(".html")}
    for name, page in parsed.items():
        assert (page.open, page.loads) == ([], []), name
        assert "url(" not in pages[name]
        assert "@import" not in pages[name]
        assert len(set(page.places)) == len(page.places), name
        for link in page.links:
            if not link.startswith("http"):
                file, _, place = link.partition("#")
                assert not place or place in parsed[file or name].places, (name, link)


def test_links_of_markdown_lead_somewhere(pages):
    for name, text in pages.items():
        if name.endswith(".md"):
            for file, place in re.findall(r"\]\(([a-z_0-9]+\.md)#?([a-z_0-9]*)\)", text):
                assert file in pages
                assert not place or f"## {place}\n" in pages[file]


def test_stale_pages_are_named_with_how_to_write_them_anew_and_strangers_are_left_alone(tmp_path, pages):
    def docs(*more: str) -> subprocess.CompletedProcess[str]:
        run = commands.validahub if more else commands.started
        return run("rules", "docs", "-o", tmp_path / "rules", *more, VALIDAHUB_LANG="en")

    assert docs("--check").returncode == 3
    assert not (tmp_path / "rules").exists()
    assert docs().returncode == 0
    (tmp_path / "rules" / "notes.md").write_text("mine", encoding="utf-8")
    assert docs("--check").returncode == 0

    (tmp_path / "rules" / "shopee.md").write_text("old", encoding="utf-8")
    (tmp_path / "rules" / "gone.html").write_text("by `validahub rules docs`", encoding="utf-8")
    stale = docs("--check")
    assert stale.returncode == 3
    assert "gone.html, shopee.md" in stale.stdout
    assert "make rules-docs" in stale.stdout

    assert docs().returncode == 0
    assert sorted(path.name for path in (tmp_path / "rules").iterdir()) == sorted([*pages, "notes.md"])
