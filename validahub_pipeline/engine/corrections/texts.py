"""Corrections of what a text is written in: its characters, spaces and markup."""

from __future__ import annotations

from validahub_pipeline.domain import characters, markup, spacing
from validahub_pipeline.engine.corrections.registry import Fix, correction
from validahub_pipeline.rulepacks.model import Confidence
from validahub_pipeline.text import mojibake


@correction("trim_whitespace", Confidence.LOSSLESS)
def trim_whitespace() -> Fix:
    """No white space at either end."""
    return Fix(spacing.OUTER_SPACE, spacing.trimmed, unusual=True)


@correction("collapse_spaces", Confidence.LOSSLESS)
def collapse_spaces() -> Fix:
    """One space where there are tabs, or several spaces follow each other; line breaks stay."""
    return Fix(spacing.REPEATED_SPACE, spacing.collapsed, unusual=True)


@correction("nbsp_to_space", Confidence.LOSSLESS)
def nbsp_to_space() -> Fix:
    """A plain space for no-break and other unusual ones; what takes no room goes, unless a script or an emoji is spelt
    with it."""
    return Fix(spacing.UNSEEN, spacing.plain_spaces, unusual=True)


@correction("remove_control_characters", Confidence.LOSSLESS)
def remove_control_characters() -> Fix:
    """No control characters; vertical tabs, form feeds and line separators are line breaks."""
    return Fix(characters.CONTROL, characters.without_controls, unusual=True)


@correction("compose_unicode", Confidence.LOSSLESS)
def compose_unicode() -> Fix:
    """A letter and its accent as one character (NFC), as every search and comparison expects."""
    return Fix(characters.DECOMPOSED, characters.composed, unusual=True)


@correction("repair_mojibake", Confidence.CONFIDENT)
def repair_mojibake() -> Fix:
    """`AÃ§aÃ­` is `Açaí` again. Put it before `nbsp_to_space` and `trim_whitespace`, which would take the second half
    of a damaged `à` for a space."""
    return Fix(mojibake.DAMAGED, mojibake.repaired, unusual=True)


@correction("straighten_quotes", Confidence.CONFIDENT)
def straighten_quotes() -> Fix:
    """`“32”` as `"32"`, for a target that takes ASCII only."""
    return Fix(characters.SMART_QUOTE, characters.straight_quotes, unusual=True)


@correction("html_to_text", Confidence.CONFIDENT)
def html_to_text() -> Fix:
    """The text a browser would show, paragraphs and list items as lines, entities as characters."""
    return Fix(markup.MARKUP, markup.as_text)


@correction("decode_entities", Confidence.CONFIDENT)
def decode_entities() -> Fix:
    """`Caf&eacute; &amp; Cia` as `Café & Cia`, where no markup is wanted and tags are left to a person."""
    return Fix(markup.ENTITY, markup.entities_as_text)
