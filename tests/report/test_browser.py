"""The report in a real browser: nothing fails, nothing is fetched, nothing runs over the edge of a phone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.report import render
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, validate

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = (
    "<script>document.title='run'</script><img src=http://127.0.0.1:9/x onerror=\"document.title='run'\">" + "x" * 200
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def shown(browser: Any, html: str, folder: Path) -> Any:
    """The page, and what it asked for and complained of."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.asked, page.complaints = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda said: page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(file.as_uri(), wait_until="load")
    assert page.asked == [file.as_uri()]
    return page


def fits(page: Any) -> bool:
    """Whether nothing runs over the edge, on a desktop as on a phone."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            return False
    return True


def test_every_ending_fits_the_screen_and_fetches_nothing(any_manifest, pack, browser, tmp_path):
    page = shown(browser, render(any_manifest, pack, "pt-BR"), tmp_path)

    assert page.complaints == []
    assert fits(page)
    page.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_language_needs_more_room(manifest_of, pack, browser, tmp_path, lang):
    page = shown(browser, render(manifest_of("published"), pack, lang), tmp_path)

    assert fits(page)
    page.close()


def test_a_file_with_thousands_of_violations_has_a_small_page(browser, tmp_path):
    """A million take no more room: `make bench-report`."""
    file = tmp_path / "quebrado.csv"
    title = "PROMOÇÃO FRETE GRÁTIS " + "CAMISETA " * 8
    broken = "".join(f"SKU{n},{title} {n},-1,N/A,789{n:09d}0,12,foto.jpg\n" for n in range(1_000))
    file.write_text("SKU,Título,Preço,Marca,GTIN,NCM,Imagens\n" + broken, encoding="utf-8")
    services = open_services(Settings(home=tmp_path / "home"))
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="pt-BR")
    validate(services, drop.validation_id)
    manifest = correct(services, drop.validation_id).manifest
    assert sum(manifest["corrections"]["remaining"].values()) > 5_000
    stored = services.lake.read_bytes(manifest["objects"]["report"]["key"])
    assert len(stored) < 500_000

    page = shown(browser, stored.decode("utf-8"), tmp_path)

    assert page.complaints == []
    assert fits(page)
    assert page.evaluate("document.querySelectorAll('.fixes tbody tr').length") <= 250
    page.close()


def test_a_hostile_file_neither_runs_nor_breaks_the_page(manifest_of, pack, browser, tmp_path):
    manifest = manifest_of("published")
    manifest["file_name"] = HOSTILE
    manifest["ingest"]["columns"] = [HOSTILE] * 5
    manifest["ingest"]["quarantine_examples"][0]["raw"] = HOSTILE
    for found in manifest["corrections"]["remaining_rows"][0]["violations"]:
        found.update({"value": HOSTILE, "column": HOSTILE})

    page = shown(browser, render(manifest, pack, "en"), tmp_path)

    assert page.complaints == []
    assert page.title() != "run"
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    assert fits(page)
    page.close()
