"""Numbers as people and spreadsheets write them, and the vote that tells what a column's dots and commas mean.

Canonical is `-?digits[.digits]`. Two notations say nothing by themselves: `1.234` (a thousand, or one and a bit) and
`1,234`; only a column that plainly writes decimal commas decides them. Everything else reads the same everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

DECIMAL: Final = r"^\s*-?[0-9]+(?:\.[0-9]+)?\s*$"
WHOLE: Final = r"^\s*-?[0-9]+\s*$"
# A foreign currency is information; only the marketplace's own (real) may go.
CURRENCY: Final = r"(?i:R\$|BRL|reais)"
_MONEY: Final = r"^\s*(?:(?i:R\$|BRL)\s*)?-?[0-9][0-9.,]*(?:\s*(?i:R\$|BRL|reais))?\s*$"
_MONEY_MARKS: Final = "R$BLREAISrbleais \t\r\n\u00a0\u202f"
PERCENT: Final = r"^\s*-?[0-9][0-9.,]*\s*%\s*$"

_UNDECIDED_COMMA: Final = r"^-?[1-9][0-9]{0,2},[0-9]{3}$"
_UNDECIDED_DOT: Final = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
_PLAIN: Final = r"^-?[0-9]+(?:\.[0-9]+)?$"
_PLAIN_COMMA: Final = r"^\s*-?[0-9]+(?:,[0-9]+)?\s*$"
_COMMA_DECIMALS: Final = r"^-?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+),[0-9]+$"
_DOT_GROUPS: Final = r"^-?[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}$"
_DOT_DECIMALS: Final = r"^-?[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+$"
# A plain figure with a dot that is not undecided.
_DECIDED_DOT: Final = r"^-?(?:[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})|(?:0[0-9]*|[0-9]{4,})\.[0-9]{3})$"
_POINTED: Final = r"^-?[0-9]+\.[0-9]+$"
_COMMAED: Final = r"^-?[0-9]+,[0-9]+$"
_COMMA_GROUPS: Final = r"^-?[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}$"

# Thousands parted by spaces, which only a decimal mark behind them tells from two figures.
_SPACED: Final = r"^(\D*[1-9][0-9]{0,2}(?:[ \x{a0}\x{202f}][0-9]{3})+[.,][0-9]{1,2})(\D*)$"
_UNDECIDED: Final = rf"{_UNDECIDED_COMMA}|{_UNDECIDED_DOT}"

# Anything but a bare canonical number without currency; a cell that does not match is canonical already.
NOT_CANONICAL: Final = rf",|\.[0-9]{{3}}(?:\.|\D|$)|[0-9][ \x{{a0}}\x{{202f}}][0-9]|{CURRENCY}"

# Cells, of which more tell nothing new of what most of a column's are.
_LOOKED_AT: Final = 1_000


@dataclass(frozen=True)
class Vote:
    """Evidence of one column: cells that can only be decimal commas, only decimal dots, and `1.234`, which is both."""

    commas: int = 0
    dots: int = 0
    undecided_dots: int = 0

    def __add__(self, other: Vote) -> Vote:
        return Vote(self.commas + other.commas, self.dots + other.dots, self.undecided_dots + other.undecided_dots)

    @property
    def comma_decimals(self) -> bool:
        """Whether the column writes decimal commas: nine in ten of its telling cells do, and they are not
        outnumbered by cells that would change their value by a thousand."""
        return self.commas > 0 and self.commas >= 9 * self.dots and self.commas >= self.undecided_dots


def vote(cells: pl.Series) -> Vote:
    """The evidence in some cells of a column."""
    # A whole number says nothing, and of the rest most are a figure with a decided dot: the others are asked more.
    telling = _without_whole(cells) if _is_mostly_whole(cells) else cells
    decided = telling.str.contains(_DECIDED_DOT)
    told = Vote(dots=int(decided.sum()))
    core = _core(_without_whole(telling.filter(~decided)))
    if not len(core):
        return told
    commas = core.str.contains(_COMMA_DECIMALS) & ~core.str.contains(_UNDECIDED_COMMA)
    commas |= core.str.contains(_DOT_GROUPS)
    undecided = core.str.contains(_UNDECIDED_DOT)
    # Nothing else is plain: whole numbers are not, with currency around them or too many digits to be read as one.
    dots = core.str.contains(_DECIDED_DOT)
    dots |= core.str.contains(_DOT_DECIMALS) | core.str.contains(_COMMA_GROUPS)
    return told + Vote(int(commas.sum()), int(dots.sum()), int(undecided.sum()))


def _is_mostly_whole(cells: pl.Series) -> bool:
    first = cells.head(_LOOKED_AT)
    return len(_without_whole(first)) * 2 < len(first)


def _without_whole(cells: pl.Series) -> pl.Series:
    """Without the whole numbers, told by reading them, which takes a third of the time that a pattern takes."""
    return cells.filter(cells.is_not_null() & cells.cast(pl.Int64, strict=False).is_null())


def _core(cells: pl.Series) -> pl.Series:
    """The figure without currency and outer space; null where there is more in the cell than one figure."""
    frame = cells.to_frame("cell")
    return frame.select(_figure(pl.col("cell"))).to_series()


def _figure(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_MONEY)).then(text.str.strip_chars(_MONEY_MARKS))


def canonical(text: pl.Expr, *, comma_decimals: bool) -> pl.Expr:
    """The canonical decimal a cell stands for in a column that does or does not write decimal commas; null where it
    stands for none or its meaning is open. Digits are kept as they are: `12,50` is `12.50`."""
    figure = _figure(text)
    from_comma = figure.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    without_commas = figure.str.replace_all(",", "", literal=True)
    is_comma = figure.str.contains(_COMMA_DECIMALS) | figure.str.contains(_DOT_GROUPS)
    is_plain = figure.str.contains(_PLAIN)
    if comma_decimals:
        is_comma |= figure.str.contains(_UNDECIDED_DOT)
    else:
        is_comma &= figure.str.contains(_UNDECIDED_COMMA).not_()
        # Without its currency `R$ 1.299` would read as one and a bit, for good.
        open_money = (figure != text.str.strip_chars()) & figure.str.contains(_UNDECIDED_DOT)
        is_plain = is_plain & open_money.not_()
    return (
        pl.when(is_comma)
        .then(from_comma)
        .when(is_plain)
        .then(figure)
        .when(figure.str.contains(_DOT_DECIMALS) | figure.str.contains(_COMMA_GROUPS))
        .then(without_commas)
    )


def parse(cells: pl.Series, *, comma_decimals: bool) -> pl.Series:
    """Cells as Float64, leniently; null where a cell is no number or could be two."""
    if not _is_mostly_whole(cells):
        return _decimals(cells, comma_decimals=comma_decimals)
    whole = cells.cast(pl.Int64, strict=False)
    unread = (whole.is_null() & cells.is_not_null() | cells.str.starts_with("+")).arg_true()
    numbers = whole.cast(pl.Float64)
    if unread.len():
        return numbers.scatter(unread, _decimals(cells.gather(unread), comma_decimals=comma_decimals))
    return numbers


def _decimals(cells: pl.Series, *, comma_decimals: bool) -> pl.Series:
    plain = cells.str.contains(_PLAIN_COMMA if comma_decimals else DECIMAL)
    with_dots = cells.str.replace(",", ".", literal=True) if comma_decimals else cells
    numbers = with_dots.cast(pl.Float64, strict=False)
    # What has space around it among them.
    others = (~plain | (numbers.is_null() & cells.is_not_null())).arg_true()
    if not others.len():
        return numbers
    # Most cells are plain, and the rest costs several times as much.
    text = canonical(pl.col("cell"), comma_decimals=comma_decimals).cast(pl.Float64, strict=False)
    return numbers.scatter(others, cells.gather(others).to_frame("cell").select(text).to_series())


def rewritten(cells: pl.Series, *, comma_decimals: bool) -> pl.Series:
    """Cells as the canonical decimals they stand for; those that stand for none, or for two, unchanged."""
    spaced = cells.str.contains(_SPACED).fill_null(value=False).arg_true()
    figures = cells
    if spaced.len():
        figures = cells.clone().scatter(spaced, cells.gather(spaced).str.replace_all(r"([0-9])[ \x{a0}\x{202f}]", "$1"))
    frame = pl.DataFrame([figures.alias("figure"), cells.alias("cell")])
    return frame.select(pl.coalesce(canonical(pl.col("figure"), comma_decimals=comma_decimals), "cell")).to_series()


def canonical_text(figure: str, *, comma_decimals: bool) -> str | None:
    """The same of one figure without currency, in Python; `1.234` and `1,234` are open unless the column decides."""
    if re.search(_UNDECIDED, figure):
        return (figure.replace(".", "").replace(",", ".")) if comma_decimals else None
    if re.search(_COMMA_DECIMALS, figure) or re.search(_DOT_GROUPS, figure):
        return figure.replace(".", "").replace(",", ".")
    if re.search(_PLAIN, figure):
        return figure
    if re.search(_DOT_DECIMALS, figure) or re.search(_COMMA_GROUPS, figure):
        return figure.replace(",", "")
    return None


def with_decimal_comma(text: pl.Expr) -> pl.Expr:
    """Canonical decimals as those read them who write commas: `12.50` as `12,50`. Anything else, `12` as well as
    `1,234`, is unchanged."""
    return pl.when(text.str.contains(_POINTED)).then(text.str.replace(".", ",", literal=True)).otherwise(text)


def has_own_comma(text: pl.Expr) -> pl.Expr:
    """Whether a cell looks as if `with_decimal_comma` had written it: the ones that have to be remembered."""
    return text.str.contains(_COMMAED)


def without_currency(text: pl.Expr) -> pl.Expr:
    """A figure without the currency written around it, its notation untouched; anything else unchanged, and `R$ 1.299`
    as well, which without its currency would read as one and a bit."""
    figure = _figure(text)
    return pl.when(figure.str.contains(_UNDECIDED).not_()).then(figure).otherwise(text)


def without_percent(text: pl.Expr) -> pl.Expr:
    """A figure without the percent sign behind it, its notation untouched; anything else unchanged."""
    return pl.when(text.str.contains(PERCENT)).then(text.str.strip_chars("% \t\u00a0")).otherwise(text)
