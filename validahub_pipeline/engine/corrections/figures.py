"""Corrections of figures and of yes and no: what a cell says is proven by the cell, or by how its column is written."""

from __future__ import annotations

import polars as pl

from validahub_pipeline.domain import booleans, notation, units
from validahub_pipeline.engine.corrections.registry import Fix, correction
from validahub_pipeline.rulepacks.model import Confidence
from validahub_pipeline.text.narrowing import NOWHERE


@correction("decimal_comma", Confidence.CONFIDENT)
def decimal_comma(*, comma_decimals: bool) -> Fix:
    """`1.234,56`, `R$ 1.234,56` and `12,5` as `1234.56` and `12.5`; `1.234` and `1,234` only where the column's other
    cells plainly write decimal commas."""

    def canonical(text: pl.Expr) -> pl.Expr:
        return text.map_batches(
            lambda cells: notation.rewritten(cells, comma_decimals=comma_decimals),
            return_dtype=pl.String,
            is_elementwise=True,
        )

    return Fix(notation.NOT_CANONICAL, canonical)


@correction("currency_text", Confidence.CONFIDENT)
def currency_text() -> Fix:
    """A figure without the `R$`, `BRL` or `reais` around it. Other currencies are information and stay, as does the
    `R$` of `R$ 1.299`, which without it would read as one and a bit."""
    return Fix(notation.CURRENCY, notation.without_currency)


@correction("percent_text", Confidence.CONFIDENT)
def percent_text() -> Fix:
    """`12,5 %` as `12,5`, for a target that wants the figure alone."""
    return Fix(notation.PERCENT, notation.without_percent)


@correction("bare_measure", Confidence.CONFIDENT)
def bare_measure(unit: str, keep_same_unit: str = "no", *, comma_decimals: bool, header: str) -> Fix:
    """`500 g` as `0.5` where kilograms are asked for. A unit in the column's header (`Peso (g)`) is the one that is
    asked for; a header in inches or pounds leaves the column alone. `keep_same_unit` leaves `500 g` among grams."""
    if unit not in units.UNITS:
        raise ValueError(f"unit={unit!r}: {', '.join(units.UNITS)}")
    target = units.unit_of_column(header, unit)
    if target is None:
        return Fix(NOWHERE, lambda text: text)
    keep = keep_same_unit == "yes"
    return Fix(units.WITH_UNIT, lambda text: units.bare_figure(text, target, comma_decimals, keep_same=keep))


@correction("yes_or_no", Confidence.CONFIDENT)
def yes_or_no(when_true: str, when_false: str, *, yes_no: bool) -> Fix:
    """`sim`, `verdadeiro`, `x` or `1` in the target's spelling, in a column that says nothing but yes and no."""
    if not yes_no:
        return Fix(NOWHERE, lambda text: text)
    return Fix(booleans.WORD, lambda text: booleans.spelt(text, when_true, when_false))
