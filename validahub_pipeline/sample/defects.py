"""What goes wrong in one cell: each defect with its rate and the change it makes. Where they land is drawn here too.

A cell carries at most one defect, so that counts can be compared with what is found; a record may carry several.
Rates follow what was seen in sellers' files, thinned where a defect cannot be corrected, so that the catalogue as a
whole remains publishable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from validahub_pipeline.sample import catalogue
from validahub_pipeline.sample.catalogue import check_digit, words
from validahub_pipeline.sample.draws import Draws

RATE_BASE: Final = 100_000


@dataclass(frozen=True)
class Defect:
    """One kind of defect. `rate` is out of 100,000 cells; `change` takes the flawless cell and a drawn number and
    gives the defective one, or None where this cell cannot carry the defect."""

    name: str
    rate: int
    change: Callable[[str, int], str | None]


def spoil(draws: Draws, column: list[str], defects: Sequence[Defect]) -> dict[str, list[int]]:
    """Change cells of the column in place; positions (from 0) per defect."""
    drawn = np.array(draws.below(RATE_BASE, len(column)))
    picks = draws.below(2**31, len(column))
    bounds = np.cumsum([defect.rate for defect in defects])
    hit: dict[str, list[int]] = {}
    for position in np.flatnonzero(drawn < bounds[-1]).tolist():
        defect = defects[int(np.searchsorted(bounds, drawn[position], side="right"))]
        changed = defect.change(column[position], picks[position])
        if changed is not None:
            column[position] = changed
            hit.setdefault(defect.name, []).append(position)
    return hit


def mojibake(cell: str, _pick: int = 0) -> str | None:
    """UTF-8 read as cp1252 and saved again: `Câmera` -> `CÃ¢mera`."""
    if cell.isascii():
        return None
    try:
        return cell.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return None


def cp1252_bytes(cell: str, _pick: int = 0) -> str | None:
    """The cell's cp1252 bytes, smuggled through text as surrogates until the file is written."""
    if cell.isascii():
        return None
    return cell.encode("cp1252").decode("utf-8", "surrogateescape")


def _set(*values: str) -> Callable[[str, int], str | None]:
    return lambda _cell, pick: values[pick % len(values)]


def _word(listing: str, pick: int) -> str:
    choices: list[str] = words()[listing]
    return choices[pick % len(choices)]


def _double_space(cell: str, _pick: int) -> str | None:
    return cell.replace(" ", "  ", 1) if " " in cell else None


def _no_break_space(cell: str, _pick: int) -> str | None:
    return cell.replace(" ", "\u00a0", 1) if " " in cell else None


def _too_long(cell: str, pick: int) -> str:
    while len(cell) <= catalogue.TITLE_LIMIT:
        cell = f"{cell} {_word('padding', pick)}"
        pick += 1
    return cell


def _stray_quote(cell: str, _pick: int) -> str | None:
    """Inches as a typed quotation mark, in a field that is not quoted: `TV LED 32" ...`."""
    return cell.replace(" polegadas", '"', 1) if " polegadas" in cell else None


def _html(cell: str, pick: int) -> str:
    first, *rest = cell.split(". ")
    items = "".join(f"<li>{sentence.rstrip('.')}.</li>" for sentence in rest)
    if pick % 2:
        return f"<p><strong>{first}.</strong></p><ul>{items}</ul>"
    return f'<div style="color:#333">{first}.<br><br>{"<br>".join(rest)}&nbsp;</div>'


def _currency(cell: str, pick: int) -> str:
    """`R$ 1.299,90`, with a plain space or the no-break space that locale-aware software prints."""
    whole, cents = cell.split(",")
    space = "\u00a0" if pick % 2 else " "
    return f"R${space}{int(whole):,}".replace(",", ".") + f",{cents}"


def _dashed(cell: str, pick: int) -> str:
    return f"{cell[:3]}-{cell[3:8]}-{cell[8:12]}-{cell[12]}" if pick % 2 else f"{cell[:1]}-{cell[1:7]}-{cell[7:]}"


def _wrong_check_digit(cell: str, pick: int) -> str:
    return cell[:-1] + str((int(cell[-1]) + 1 + pick % 9) % 10)


def _eleven_digits(cell: str, _pick: int) -> str:
    """A UPC that lost its leading zero to a spreadsheet."""
    body = f"0{cell[2:12]}" if cell[2] != "0" else f"07{cell[3:12]}"
    return f"{body}{check_digit(body)}"[1:]


def _excel_rounded(cell: str, pick: int) -> str:
    """Digits lost to a spreadsheet's precision; for every other one the check digit passes by accident, as it does
    for two in five of the real ones."""
    prefix = cell[:8]
    if pick % 2:
        prefix = next(f"{cell[:7]}{digit}" for digit in range(10) if check_digit(f"{cell[:7]}{digit}0000") == 0)
    return f"{prefix}00000"


def _scientific(cell: str, pick: int) -> str:
    return f"{cell[0]},{cell[1:5]}E+12" if pick % 3 else f"{cell[0]}.{cell[1:6]}E+12"


def _dotted_ncm(cell: str, _pick: int) -> str:
    return f"{cell[:4]}.{cell[4:6]}.{cell[6:]}"


BY_COLUMN: Final[Mapping[int, Sequence[Defect]]] = {
    catalogue.SKU: (Defect("sku_missing", 250, _set("")),),
    catalogue.TITLE: (
        Defect("title_all_caps", 2500, lambda cell, _: cell.upper()),
        Defect("title_too_long", 1200, _too_long),
        Defect("title_promotional", 800, lambda cell, pick: f"{cell[:40].rstrip()} {_word('promotion', pick)}"),
        Defect("title_missing", 100, _set("")),
        Defect("title_too_short", 200, lambda _, pick: _word("short_titles", pick)),
        Defect("title_no_break_space", 600, _no_break_space),
        Defect("title_trailing_space", 900, lambda cell, pick: cell + " " * (1 + pick % 2)),
        Defect("title_double_space", 900, _double_space),
        Defect("title_mojibake", 900, mojibake),
        Defect("title_cp1252", 700, cp1252_bytes),
        Defect("title_stray_quote", 6000, _stray_quote),
    ),
    catalogue.DESCRIPTION: (
        Defect("description_html", 3000, _html),
        Defect("description_contact", 800, lambda cell, pick: f"{cell} {_word('contact', pick)}"),
        Defect("description_mojibake", 700, mojibake),
        Defect("description_cp1252", 600, cp1252_bytes),
        Defect("description_line_break", 15_000, lambda cell, _: cell.replace(". ", ".\n")),
    ),
    catalogue.PRICE: (
        Defect("price_missing", 700, _set("")),
        Defect("price_currency", 2500, _currency),
        Defect("price_decimal_point", 1500, lambda cell, _: cell.replace(",", ".")),
        Defect("price_zero", 100, _set("0,00")),
        Defect("price_text", 100, _set("sob consulta")),
    ),
    catalogue.STOCK: (
        Defect("stock_negative", 300, lambda cell, _: f"-{cell}"),
        Defect("stock_fractional", 200, lambda cell, _: f"{cell},5"),
        Defect("stock_missing", 150, _set("")),
    ),
    catalogue.GTIN: (
        Defect("gtin_check_digit", 1800, _wrong_check_digit),
        Defect("gtin_dashes", 800, _dashed),
        Defect("gtin_spaces", 500, lambda cell, _: f"{cell[:1]} {cell[1:7]} {cell[7:]}"),
        Defect("gtin_apostrophe", 1000, lambda cell, _: f"'{cell}"),
        Defect("gtin_underscore", 200, lambda cell, _: f"{cell}_"),
        Defect("gtin_eleven_digits", 1500, _eleven_digits),
        Defect("gtin_too_short", 300, lambda cell, pick: cell[3 + pick % 2 :]),
        Defect("gtin_excel_rounded", 150, _excel_rounded),
        Defect("gtin_scientific", 300, _scientific),
        Defect("gtin_none", 200, _set("SEM GTIN")),
        Defect("gtin_missing", 600, _set("")),
    ),
    catalogue.BRAND: (
        Defect("brand_not_available", 600, lambda _, pick: _word("missing_brand", pick)),
        Defect("brand_mojibake", 1500, mojibake),
        Defect("brand_trailing_space", 500, lambda cell, _: f"{cell} "),
    ),
    catalogue.CONDITION: (
        Defect("condition_lowercase", 15_000, _set("novo")),
        Defect("condition_trailing_space", 5000, _set("Novo ")),
        Defect("condition_used", 4000, _set("usado", "Usado")),
        Defect("condition_unknown", 150, _set("Recondicionado", "Vitrine")),
    ),
    catalogue.CATEGORY: (
        Defect("category_missing", 150, _set("")),
        Defect("category_malformed", 100, lambda cell, _: cell.removeprefix("MLB")),
    ),
    catalogue.NCM: (Defect("ncm_dotted", 35_000, _dotted_ncm),),
    catalogue.IMAGES: (Defect("images_missing", 400, _set("")),),
    # No defect, but what the columns without a name of their own hold.
    catalogue.NOTE: (Defect("note", 2000, lambda _, pick: _word("notes", pick)),),
}
