"""`validahub audit report`: the figures are those of the ledger, read by other means, and the page is safe to open."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from html.parser import HTMLParser

import pytest
from deltalake import DeltaTable, write_deltalake

from tests.trail.conftest import Installation
from validahub_pipeline.messages import LANGUAGES


class Page(HTMLParser):
    """What a page holds: its text, its tags with attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)

    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def report(installation, tmp_path, *arguments, month=None, lang="en", code=0):
    month = month or installation.events()[0]["timestamp"][:7]
    target = tmp_path / "report.html"
    done = installation.run("audit", "report", "--month", month, "-o", target, "--lang", lang, *arguments)
    assert done.returncode == code, done.stderr.decode()
    return target.read_text(encoding="utf-8")


def test_counts_actions_and_actors_as_the_ledger_holds_them(installation, tmp_path):
    words = Page(report(installation, tmp_path)).words()
    events = installation.opened()
    uploads = Counter(event["action"] for event in events)
    assert f"{len(events)} events recorded" in words
    assert f"{sum(event['user_id'] != 'system' for event in events)} caused by people" in words
    for figure, action in (
        ("files handed in", "file_uploaded"),
        ("published", "file_published"),
        ("refused", "publication_refused"),
        ("not processable", "validation_failed"),
    ):
        assert f"{figure} {uploads[action]} " in words
    cells = sum(event["changes"]["cells"] for event in events if event["action"] == "corrections_applied")
    assert f"cells corrected {cells:,}" in words
    for user, count in Counter(event["user_id"] for event in events).items():
        assert re.search(rf"{re.escape(user)} {count} ", words)


def test_tells_whose_files_were_taken_by_whom_and_what_has_no_end(installation, tmp_path):
    words = Page(report(installation, tmp_path)).words()
    assert "maria auditor 1" in words
    assert installation.unfinished in words
    assert installation.published not in words


def test_the_verdict_is_that_of_the_verification(installation, tmp_path):
    assert "Everything recorded is as it was recorded" in report(installation, tmp_path)
    altered = tmp_path / "altered"
    shutil.copytree(installation.home, altered)
    table = DeltaTable(str(altered / "lake" / "tables" / "audit_events"))
    rows = table.to_pyarrow_table()
    table.alter.set_table_properties({"delta.appendOnly": "false"})
    one = next(event["user_id"] for event in installation.events() if event["action"] == "file_uploaded")
    texts = [text.as_py().replace(f'"user_id":"{one}"', '"user_id":"mario"') for text in rows["event"]]
    users = [user.as_py().replace(one, "mario") for user in rows["user_id"]]
    changed = rows.set_column(rows.schema.get_field_index("event"), "event", [texts])
    changed = changed.set_column(rows.schema.get_field_index("user_id"), "user_id", [users])
    table.delete()
    write_deltalake(table, changed, mode="append")
    spoilt = Installation(altered, "", "", "", "")
    html = report(spoilt, tmp_path, code=1)
    assert "What is stored is not what was signed" in html
    # The figures of a ledger that refuses to be read are left out, and that is said.
    assert "delta.appendOnly" in html
    assert "Nothing was recorded in this month." not in html


def test_an_unsealed_end_is_told_as_incomplete(installation, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(installation.home, bare)
    shutil.rmtree(bare / "lake" / "ledger")
    assert "Not everything can be vouched for" in report(Installation(bare, "", "", "", ""), tmp_path)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_is_one_page_that_loads_nothing_and_runs_nothing(installation, tmp_path, lang):
    html = report(installation, tmp_path, lang=lang)
    page = Page(html)
    assert page.tags["script"] == page.tags["link"] == page.tags["img"] == page.tags["iframe"] == 0
    assert not [value for name, value in page.attributes if name in {"src", "href", "action"} or name[:2] == "on"]
    assert "url(" not in html
    assert "<script>alert(1)" in page.words()
    assert "<b>eve" in page.words()
    assert f'<html lang="{lang}">' in html


def test_a_month_of_silence_is_a_report_as_well(installation, tmp_path):
    words = Page(report(installation, tmp_path, month="2020-02")).words()
    assert "Nothing was recorded in this month." in words
    assert "No download was recorded" in words


@pytest.mark.parametrize("month", ["november", "2026-13", "2026-11-01"])
def test_what_is_no_month_is_explained(installation, tmp_path, month):
    done = installation.run("audit", "report", "--month", month, "-o", tmp_path / "x.html", "--lang", "en")
    assert done.returncode == 2
    assert month.encode() in done.stderr
    assert not list(tmp_path.iterdir())
