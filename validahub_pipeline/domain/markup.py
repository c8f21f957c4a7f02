"""HTML in cells that should hold plain text: what counts as markup, and the text a browser would show for it."""

from __future__ import annotations

import html
import re
from functools import cache
from html.entities import html5
from typing import Final

import polars as pl

from validahub_pipeline.text.dialects import SPACE_OR_CASE
from validahub_pipeline.text.narrowing import at_once_but_where, changed_where

ENTITY: Final = (
    r"&(?:nbsp|amp|lt|gt|quot|apos|[aeiouyAEIOUY](?:acute|grave|circ|uml|tilde|ring)|[nN]tilde|[cC]cedil|ord[fm]|deg"
    r"|reg|copy|trade|[nm]dash|bull|hellip|[lr]squo|[lr]dquo|[lr]aquo|sbquo|bdquo|middot|euro|pound|cent|sect|para"
    r"|frac(?:12|14|34)|times|divide|plusmn|sup[123]|micro|iexcl|iquest|szlig|zwnj|shy|ensp|emsp|thinsp"
    r"|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
)
# The elements of HTML, the old ones too, and those of Office; not `data`, `time` and the like, which are words of other
# languages before they are elements.
_ELEMENTS: Final = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|basefont|bdi|bdo|big|blink|blockquote|body|br|button"
    "|canvas|caption|center|cite|code|col|colgroup|dd|del|details|dfn|dialog|div|dl|dt|em|embed|fieldset|figcaption"
    "|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hgroup|hr|html|i|iframe|img|input|ins|kbd|label|legend"
    "|li|link|main|mark|marquee|meta|nav|nobr|noframes|noscript|object|ol|optgroup|option|p|param|picture|pre|progress"
    "|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody"
    "|td|template|textarea|tfoot|th|thead|title|tr|track|tt|u|ul|video|wbr|[ovwmx]:[a-z]+"
)
_WITH_VALUE: Final = r"\s[^<>=]*[-a-z0-9:_]\s*=\s*[^\s<>=][^<>]*"
_FLAGS: Final = (
    r"(?:\s+(?:checked|disabled|hidden|controls|autoplay|loop|muted|allowfullscreen|nowrap|noshade|reversed|async|defer"
    r"|selected|multiple|readonly|required|open|playsinline|data-[-a-z0-9]+))*\s*/?"
)


def _tag(elements: str, opening: str = "/?") -> str:
    """A pattern for tags of these elements. `<M ou >`, `<altura>` and `a <b and c> d` are text: a tag is a known name
    with nothing behind it, or with something that is given a value."""
    return rf"<(?i:{opening}(?:{elements})(?:{_WITH_VALUE}|{_FLAGS}))>"


_TAGS: Final = (_tag(_ELEMENTS), r"<(?i:!doctype|!\[|\?xml)[^<>]*>")
_TAG: Final = "|".join(_TAGS)
MARKUP: Final = rf"{_TAG}|<!--|{ENTITY}"

_HIDDEN: Final = re.compile(r"<!--.*?-->|<(script|style|head|title)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ITEM: Final = re.compile(rf"{_tag('li', opening='')}\s*")
_BREAK: Final = re.compile(
    rf"{_tag('br|p|div|ul|ol|h[1-6]|tr|table|section|article|blockquote|pre|hr|dl|dt|dd')}[ \t]*"
)
_CELL: Final = re.compile(_tag("t[dh]", opening="/"))
# Their first character once for all: with it alone Python looks for where one might begin.
_ANY_TAG: Final = re.compile(f"<(?:{'|'.join(tag[1:] for tag in (*_TAGS, '<!--'))})")
_ENTITIES: Final = re.compile(ENTITY)
# An item whose text is a paragraph of its own.
_LONE_DASH: Final = re.compile(r"(^|\n)-[ \t]*\n\s*")
_MEDIA: Final = re.compile(r"<(?:img|iframe|video|audio|object|embed|svg)\b", re.IGNORECASE)
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d")
# The spaces before are tried once where a run of them begins; tried at each of them, a long run would take for ever.
_EMPTY_LINES: Final = re.compile(r"(?:(?<![ \t])[ \t]+)?\n(?:[ \t]*\n){2,}")
# What begins with a certain character is soon found not to be there; what does not is tried at every place.
_IS_DASH: Final = re.compile(r"\n-[ \t]*\n")
_IS_EMPTY: Final = re.compile(r"\n[ \t]*\n[ \t]*\n")

# What `to_text` takes out before all else, or where the patterns above may mean something else to polars.
_MORE_THAN_PLAIN: Final = rf"{SPACE_OR_CASE}|<!--|<(?i:script|style|head|title)"


def as_text(text: pl.Expr) -> pl.Expr:
    """What `to_text` makes of each cell."""
    return at_once_but_where(
        text, lambda cells, after: cells.str.contains(_MORE_THAN_PLAIN) | (after == ""), _plainly_as_text, to_text
    )


def _plainly_as_text(markup: pl.Expr) -> pl.Expr:
    """The steps of `to_text`, for markup that hides nothing and leaves some text."""
    untagged = (
        markup.str.replace_all(rf"\s*{_ITEM.pattern}", "\n- ")
        .str.replace_all(rf"[ \t]*{_BREAK.pattern}", "\n")
        .str.replace_all(_CELL.pattern, " ")
        .str.replace_all(_TAG, "")
    )
    laid_out = (
        untagged.str.replace_all(_LONE_DASH.pattern, "${1}- ")
        .str.replace_all(r"[ \t]*\n(?:[ \t]*\n){2,}", "\n\n")
        .str.strip_chars()
    )
    return entities_as_text(pl.when(untagged == markup).then(markup).otherwise(laid_out))


def to_text(markup: str) -> str:
    """Plain text of one piece of HTML: paragraphs and breaks become line breaks, list items lines with a dash, cells
    are parted by a space, scripts and styles go, entities become their characters. A text without markup, or with
    nothing but pictures, is returned as it is."""
    text = _HIDDEN.sub("", markup)
    if _ANY_TAG.search(text):
        text = _put(text, _ITEM, "\n- ", spaces=None)
        text = _put(text, _BREAK, "\n", spaces=" \t")
        text = _CELL.sub(" ", text)
        text = _ANY_TAG.sub("", text)
        if text.startswith("-") or _IS_DASH.search(text):
            text = _LONE_DASH.sub(r"\1- ", text)
        if _IS_EMPTY.search(text):
            text = _EMPTY_LINES.sub("\n\n", text)
        text = text.strip()
        if not text and _MEDIA.search(markup):
            return markup
    return decoded(text)


def _put(text: str, tag: re.Pattern[str], instead: str, *, spaces: str | None) -> str:
    """Put something in place of each tag and the spaces before it (None: of any kind)."""
    parts = []
    end = 0
    for found in tag.finditer(text):
        parts += [text[end : found.start()].rstrip(spaces), instead]
        end = found.end()
    return "".join([*parts, text[end:]]) if parts else text


def decoded(text: str) -> str:
    """Character references (`&eacute;`, `&#233;`) as the characters they stand for; a number that stands for none
    stays."""
    return _ENTITIES.sub(_character, text)


def entities_as_text(text: pl.Expr) -> pl.Expr:
    """`decoded` of each cell."""
    return changed_where(text, "&", _plainly_decoded)


def _plainly_decoded(text: pl.Expr) -> pl.Expr:
    """Names are looked up all at once; numbers are read one by one."""
    return at_once_but_where(
        text, lambda cells, _: cells.str.contains("&#"), lambda cells: cells.str.replace_many(_named()), decoded
    )


@cache
def _named() -> dict[str, str]:
    """Every `&name;` that counts, and its character."""
    entities = (f"&{name}" for name in html5)
    return {entity: decoded(entity) for entity in entities if _ENTITIES.fullmatch(entity)}


def _character(entity: re.Match[str]) -> str:
    found = html.unescape(entity.group())
    stands_for_none = found in {"", "\ufffd"} or not (found.isprintable() or found.isspace() or found in _INVISIBLE)
    return entity.group() if stands_for_none else found
