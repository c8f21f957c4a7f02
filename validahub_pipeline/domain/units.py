"""Weights and lengths with their unit written behind them, and the unit that a header asks for.

Only units that are a power of ten apart: `500 g` is `0.5` kilograms exactly, and what a pound is in kilograms is not
a seller's to round.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import polars as pl

from validahub_pipeline.domain import notation
from validahub_pipeline.text.distinct import each_distinct

_SPELLINGS: Final = {
    "kg": ("kg", "kgs", "quilo", "quilos", "kilo", "kilos", "quilograma", "quilogramas", "kilogramo", "kilogramos"),
    "g": ("g", "gr", "grs", "grama", "gramas", "gramo", "gramos", "gram", "grams"),
    "m": ("m", "mt", "mts", "metro", "metros"),
    "cm": ("cm", "cms", "centimetro", "centimetros", "centímetro", "centímetros"),
    "mm": ("mm", "milimetro", "milimetros", "milímetro", "milímetros"),
}
_UNIT_OF: Final = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
# How often the first of a kind's units, as a power of ten.
_POWER: Final = {"kg": ("weight", 3), "g": ("weight", 0), "m": ("length", 3), "cm": ("length", 1), "mm": ("length", 0)}
UNITS: Final = tuple(_POWER)

_ANY: Final = "|".join(sorted(_UNIT_OF, key=lambda spelling: (-len(spelling), spelling)))
WITH_UNIT: Final = rf"^\s*-?[0-9][0-9.,]*\s*(?i:{_ANY})\.?\s*$"
_PARTS: Final = re.compile(rf"\s*(-?[0-9][0-9.,]*)\s*({_ANY})\.?\s*", re.IGNORECASE)
# Units of other kinds of people, or things: a column of those is nobody's to convert.
_FOREIGN: Final = "in|inch|inches|pol|polegadas?|pulgadas?|ft|lbs?|oz|ml|l"
_IN_HEADER: Final = re.compile(rf"(?:\(|\[|\bem\s|\ben\s|\bin\s|[\s_])({_ANY}|{_FOREIGN})[)\]]?\s*$", re.IGNORECASE)


def unit_of_column(header: str, wanted: str) -> str | None:
    """The unit a column is in: what its header names (`Peso (kg)`, `Altura em cm`, `weight_g`), else the wanted one;
    None where the header names one that cannot be converted."""
    named = _IN_HEADER.search(header.strip())
    unit = _UNIT_OF.get(named.group(1).lower()) if named else wanted
    return unit if unit and _POWER[unit][0] == _POWER[wanted][0] else None


def without_unit(cells: pl.Series) -> pl.Series:
    """Cells without the unit behind the figure, for the vote on how a column writes its figures."""
    return cells.str.replace(rf"\s*(?i:{_ANY})\.?\s*$", "")


def bare_figure(text: pl.Expr, unit: str, comma_decimals: bool, *, keep_same: bool = False) -> pl.Expr:
    """The figure in `unit` of a cell that names its unit; cells of another kind, or whose figure could be two, stay,
    and with `keep_same` those that are in that unit."""

    def converted(cell: str) -> str:
        parts = _PARTS.fullmatch(cell)
        if not parts:
            return cell
        named = _UNIT_OF[parts.group(2).lower()]
        (kind, power), (wanted, target) = _POWER[named], _POWER[unit]
        if keep_same and named == unit:
            return cell
        figure = notation.canonical_text(parts.group(1), comma_decimals=comma_decimals)
        return cell if kind != wanted or figure is None else _shifted(figure, power - target)

    return each_distinct(text, converted)


def _shifted(figure: str, places: int) -> str:
    """A decimal times a power of ten; digits stay as they are where that is one."""
    if not places:
        return figure
    moved = f"{Decimal(figure).scaleb(places):f}"
    return moved.rstrip("0").rstrip(".") if "." in moved else moved
