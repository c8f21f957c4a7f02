"""The report on a file with a million violations in a browser: its size, and how soon it is there.

`python -m bench.report_page [--rows N]` takes a small catalogue through the stages, each row of which breaks many
rules, and opens its report in headless Chromium, as wide as a desktop and as a phone. Ends with 1 where a bar is
missed: 3 MB, two seconds from asking for the page to its load event, nothing wider than the screen, nothing asked of
the network.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from bench.engine.measuring import surroundings
from bench.persons import persons
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate
from validahub_pipeline.storage.layout import REPORT

BYTES: Final = 3_000_000
SECONDS: Final = 2.0
CHROMIUM: Final = "/usr/bin/chromium"
WIDTHS: Final = (1280, 390)
_ROWS: Final = 150_000
_PATIENCE: Final = 30
_HEADERS: Final = ("SKU", "Título", "Descrição", "Preço", "Estoque", "Marca", "GTIN", "NCM", "Condição", "Imagens")
# What a page has to say of its own loading, in milliseconds.
_TIMES: Final = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return {load: page.loadEventEnd, paint: paint ? paint.startTime : null,
            width: document.documentElement.scrollWidth, elements: document.querySelectorAll("*").length};
}"""


def write_broken(path: Path, rows: int) -> None:
    """A catalogue whose every row has an unusable title, price, stock, brand, barcode, NCM and picture."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADERS)
        writer.writerows(_broken(rows))


def _broken(rows: int) -> Iterator[list[str]]:
    for n in range(rows):
        title = f"PROMOÇÃO IMPERDÍVEL FRETE GRÁTIS {n} " + "CAMISETA DE ALGODÃO PRETA " * 3
        yield [
            f"SKU-{n}",
            title,
            f"Ligue (11) 9{n:08d}",
            "-1",
            "2,5",
            "N/A",
            f"789{n:09d}0",
            "12",
            "quebrado",
            "foto.jpg",
        ]


def report_on(file: Path, home: Path) -> tuple[Path, int]:
    """Take a file through the stages; its report, and how many violations are left."""
    services = open_services(Settings(home=home))
    drop = deposit(services, file, user="bench", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="pt-BR")
    validate(services, drop.validation_id)
    done = correct(services, drop.validation_id)
    if done.refused_because is None:
        done = publish(services, drop.validation_id)
    left = sum(done.manifest["corrections"]["remaining"].values())
    return next((home / "lake").rglob(REPORT)), left


def opened(browser: Browser, page_file: Path, width: int) -> dict[str, Any]:
    """Open a page; milliseconds to first contentful paint and load event, its width and number of elements, wall
    seconds until it was there, and what it asked of the network."""
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.on("request", lambda request: asked.append(request.url))
    began = time.perf_counter()
    page.goto(page_file.as_uri(), wait_until="load")
    wall = time.perf_counter() - began
    told: dict[str, Any] = page.evaluate(_TIMES)
    # Painting may come after the load event.
    while told["paint"] is None and time.perf_counter() - began < _PATIENCE:
        page.wait_for_timeout(20)
        told = page.evaluate(_TIMES)
    page.close()
    return told | {"wall": wall, "asked": [url for url in asked if url != page_file.as_uri()]}


def main() -> None:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.report_page", description=__doc__)
    parser.add_argument("--rows", type=int, default=_ROWS)
    parser.add_argument("--repeat", type=int, default=5, help="times each page is opened; the slowest counts")
    arguments = parser.parse_args()
    print(f"{surroundings()}\n")
    with TemporaryDirectory(prefix="validahub-bench-") as folder, persons(Path(folder, "postgres")):
        file = Path(folder, "broken.csv")
        write_broken(file, arguments.rows)
        page_file, left = report_on(file, Path(folder, "home"))
        size = page_file.stat().st_size
        print(f"{left:,} violations left; report.html {size:,} bytes (bar {BYTES:,})\n")
        print("| width | first contentful paint ms | load event ms (bar 2,000) | elements |\n|---:|---:|---:|---:|")
        met = size < BYTES
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for width in WIDTHS:
                seen = [opened(browser, page_file, width) for _ in range(arguments.repeat)]
                slowest = max(seen, key=lambda one: one["load"])
                paint = max(one["paint"] for one in seen)
                print(f"| {width} | {paint:.0f} | {slowest['load']:.0f} | {slowest['elements']:,} |")
                met &= all(one["load"] < 1000 * SECONDS and one["width"] <= width and not one["asked"] for one in seen)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
