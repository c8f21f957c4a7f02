"""HTML in cells that should hold plain text: what counts as markup, and the text a browser would show for it."""

from __future__ import annotations

import html
import re
from typing import Final

import polars as pl

from validahub_pipeline.text.distinct import each_distinct

_ENTITY: Final = (
    r"&(?:nbsp|amp|lt|gt|quot|apos|[aeiouyAEIOUY](?:acute|grave|circ|uml|tilde|ring)|[nN]tilde|[cC]cedil|ord[fm]|deg"
    r"|reg|copy|trade|[nm]dash|bull|hellip|[lr]squo|[lr]dquo|[lr]aquo|sbquo|bdquo|middot|euro|pound|cent|sect|para"
    r"|frac(?:12|14|34)|times|divide|plusmn|sup[123]|micro|iexcl|iquest|szlig|zwnj|shy|ensp|emsp|thinsp"
    r"|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
)
_TAG: Final = r"</?[a-zA-Z][^<>]*>|<!--"
MARKUP: Final = rf"{_TAG}|{_ENTITY}"

_HIDDEN: Final = re.compile(r"<!--.*?-->|<(script|style|head|title)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ITEM: Final = re.compile(r"\s*<li\b[^<>]*>\s*", re.IGNORECASE)
_BREAK: Final = re.compile(
    r"[ \t]*(?:<br\s*/?>|</?(?:p|div|ul|ol|h[1-6]|tr|table|section|article|blockquote|pre|hr|dl|dt|dd)\b[^<>]*>)[ \t]*",
    re.IGNORECASE,
)
_CELL: Final = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITIES: Final = re.compile(_ENTITY)
# An item whose text is a paragraph of its own.
_LONE_DASH: Final = re.compile(r"(^|\n)-[ \t]*\n\s*")
_MEDIA: Final = re.compile(r"<(?:img|iframe|video|audio|object|embed|svg)\b", re.IGNORECASE)
_EMPTY_LINES: Final = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")


def as_text(text: pl.Expr) -> pl.Expr:
    """Cells with markup as plain text; cells without unchanged."""
    return each_distinct(text, to_text)


def to_text(markup: str) -> str:
    """Plain text of one piece of HTML: paragraphs and breaks become line breaks, list items lines with a dash, cells
    are parted by a space, scripts and styles go, entities become their characters. A text without markup, or with
    nothing but pictures, is returned as it is."""
    text = _HIDDEN.sub("", markup)
    if _ANY_TAG.search(text):
        text = _ITEM.sub("\n- ", text)
        text = _BREAK.sub("\n", text)
        text = _CELL.sub(" ", text)
        text = _ANY_TAG.sub("", text)
        text = _LONE_DASH.sub(r"\1- ", text)
        text = _EMPTY_LINES.sub("\n\n", text).strip()
        if not text and _MEDIA.search(markup):
            return markup
    return _ENTITIES.sub(lambda entity: html.unescape(entity.group()), text)
