"""One record that is not proven: read it if there is no doubt how, else say what is wrong with it and where it ends.

Works on bytes and looks at one record at a time; everything that is in order never comes here (`structure`).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from validahub_pipeline.ingest.shape import is_typed
from validahub_pipeline.ingest.structure import CR, LF, Framing, Structure

# A quoted field may be as long as this before its quote counts as one that nobody closed.
MAX_RECORD: Final = 8 << 20
# A line longer than this is cut up: memory has to end somewhere, and no catalogue has such a record.
_MAX_LINE: Final = 64 << 20
_DELIMITERS: Final = b";,\t|"
# Quotes inside one quoted field that neither close it nor are doubled, before it counts as not quoted at all.
_MAX_STRAYS: Final = 16
_INNER_LINES: Final = 200

STRAY_QUOTE: Final = "stray_quote"
OTHER_DELIMITER: Final = "other_delimiter"
EXTRA_EMPTY_FIELDS: Final = "extra_empty_fields"
NUL_REMOVED: Final = "nul_removed"
TOO_FEW_FIELDS: Final = "too_few_fields"
TOO_MANY_FIELDS: Final = "too_many_fields"
UNTERMINATED_QUOTE: Final = "unterminated_quote"


@dataclass(frozen=True)
class Field:
    """One field: its bytes in the file, its value, and the number of quotes in it that are not where they belong."""

    raw: bytes
    value: bytes
    strays: int
    quoted: bool


@dataclass(frozen=True)
class Resolution:
    """What became of a record that ends before offset `end`.

    `fields` is None where the record goes to quarantine for `reason`, with the `proposal` a person may accept.
    """

    end: int
    fields: list[Field] | None = None
    kinds: tuple[str, ...] = ()
    reason: str = ""
    proposal: list[bytes] | None = None


def resolve(structure: Structure, start: int, *, complete: bool) -> Resolution | None:
    """Read the record at `start`.

    Args:
        complete: the window reaches to the end of the file.

    Returns:
        None where the window has to reach further for a decision.
    """
    window, framing = structure.window, structure.framing
    line_end = structure.line_end(start)
    if not complete and line_end == len(window) and line_end - start < _MAX_LINE:
        return None
    if window.count(framing.delimiter, start, line_end) > _most_fields(framing):
        return Resolution(line_end, reason=TOO_MANY_FIELDS)
    line = tokenise(window, start, line_end, framing)
    if line is None or len(line) != framing.width:
        other = _in_another_dialect(window, start, line_end, framing)
        if other is not None:
            return _accepted(line_end, other, [OTHER_DELIMITER])
    return (
        _judge(structure, start, line, line_end)
        if line is not None
        else _over_lines(structure, start, complete=complete)
    )


def _in_another_dialect(window: bytes, start: int, line_end: int, framing: Framing) -> list[Field] | None:
    """The fields of a line that has another delimiter than the file, as where two exports were put together: as many
    as there should be, with numbers and dates where they belong. None where that is not beyond doubt."""
    if framing.width < 3 or not framing.typed:
        return None
    for delimiter in _DELIMITERS:
        if delimiter == framing.delimiter or window.count(delimiter, start, line_end) < framing.width - 1:
            continue
        fields = tokenise(window, start, line_end, replace(framing, delimiter=delimiter))
        if fields is None or len(fields) != framing.width or any(field.strays for field in fields):
            continue
        typed = [fields[column].value for column in framing.typed if fields[column].value.strip()]
        if typed and all(is_typed(value.decode("latin-1")) for value in typed):
            return fields
    return None


def _over_lines(structure: Structure, start: int, *, complete: bool) -> Resolution | None:
    """The same for a record with a quoted field that isn't closed on its first line."""
    window, framing = structure.window, structure.framing
    line_end = structure.line_end(start)
    stop = min(start + MAX_RECORD, len(window))
    record = tokenise(window, start, stop, framing)
    if record is None:
        if not complete and stop == len(window) and not _hides_records(structure, line_end, stop):
            return None
    else:
        end = start + sum(len(field.raw) + 1 for field in record)
        if not complete and end >= len(window):
            return None
        spanning_strays = any(field.strays and b"\n" in field.raw for field in record)
        suspicious = spanning_strays or len(record) != framing.width
        if not (suspicious and _hides_records(structure, line_end, end)):
            if window[end - 1 : end + 1] == b"\r\n":
                end += 1
            return _judge(structure, start, record, end)
    return _unterminated(structure, start, line_end)


def tokenise(window: bytes, start: int, stop: int, framing: Framing) -> list[Field] | None:
    """The fields of the record at `start`. A quote inside a field is content; a quote that opens a field is closed by
    one before a separator.

    Returns:
        None where a quoted field isn't closed before `stop`, or there are far too many fields.
    """
    plain = _plain_field(framing.delimiter)
    quote = b"" if framing.quote is None else bytes([framing.quote])
    most = _most_fields(framing)
    fields = []
    at = start
    while True:
        if quote and window[at : at + 1] == quote and at < stop:
            field = _quoted(window, at, stop, framing, quote)
            if field is None:
                return None
        else:
            match = plain.match(window, at, stop)
            assert match is not None
            raw = match.group()
            field = Field(raw, raw, raw.count(quote) if quote else 0, quoted=False)
        fields.append(field)
        if len(fields) > most:
            return None
        at += len(field.raw)
        if at >= stop or window[at] != framing.delimiter:
            return fields
        at += 1


def serialise(values: list[bytes], framing: Framing) -> bytes:
    """The record as RFC 4180 in the file's own delimiter and quote, with LF."""
    quote = b'"' if framing.quote is None else bytes([framing.quote])
    special = _special(framing.delimiter, quote)
    cells = [quote + v.replace(quote, quote * 2) + quote if special.search(v) else v for v in values]
    return (bytes([framing.delimiter]).join(cells) or quote * 2) + b"\n"


def _quoted(window: bytes, at: int, stop: int, framing: Framing, quote: bytes) -> Field | None:
    strays = 0
    seek = at + 1
    while True:
        found = window.find(quote, seek, stop)
        if found < 0:
            return None
        after = window[found + 1] if found + 1 < stop else LF
        if after == quote[0]:
            seek = found + 2
        elif after in (framing.delimiter, LF, CR):
            raw = window[at : found + 1]
            return Field(raw, raw[1:-1].replace(quote * 2, quote), strays, quoted=True)
        else:
            strays += 1
            if strays > _MAX_STRAYS:
                return None
            seek = found + 1


def _judge(structure: Structure, start: int, fields: list[Field], end: int) -> Resolution:
    framing = structure.framing
    kinds = []
    if len(fields) != framing.width and any(field.quoted and field.strays for field in fields):
        # A quote that opens a field without being meant to has joined it with its neighbours.
        return _unterminated(structure, start, structure.line_end(start))
    values = [field.value for field in fields]
    if len(fields) > framing.width and not any(values[framing.width :]):
        if not _in_place(values, framing):
            return Resolution(end, reason=TOO_MANY_FIELDS, proposal=values[: framing.width])
        fields = fields[: framing.width]
        kinds.append(EXTRA_EMPTY_FIELDS)
    if len(fields) < framing.width:
        missing = [b""] * (framing.width - len(fields))
        return Resolution(end, reason=TOO_FEW_FIELDS, proposal=values + missing)
    if len(fields) > framing.width:
        return Resolution(end, reason=TOO_MANY_FIELDS)
    if any(field.strays for field in fields):
        kinds.append(STRAY_QUOTE)
    return _accepted(end, fields, kinds)


def _accepted(end: int, fields: list[Field], kinds: list[str]) -> Resolution:
    if any(b"\0" in field.value for field in fields):
        kinds.append(NUL_REMOVED)
        fields = [Field(f.raw, f.value.replace(b"\0", b""), f.strays, f.quoted) for f in fields]
    return Resolution(end, fields, tuple(kinds))


def _in_place(values: list[bytes], framing: Framing) -> bool:
    """Whether no field has been shifted by a surplus delimiter further left.

    Such a delimiter leaves an empty field behind. So there is no doubt where no field is empty, where nothing comes
    after the empty one, or where a number or date after it stands in its own column and would not in the one before.
    A delimiter inside a text nobody quoted leaves none; then text stands where numbers or dates belong.
    """
    typed = (c for c in framing.typed if c < framing.width and c - 1 not in framing.typed and values[c])
    if not all(is_typed(values[c].decode("latin-1")) for c in typed):
        return False
    for i, value in enumerate(values[: framing.width]):
        after = range(i + 1, framing.width)
        if not value and any(values[c] for c in after):
            witnesses = (c for c in after if c in framing.typed and c - 1 not in framing.typed and values[c])
            if not any(is_typed(values[c].decode("latin-1")) for c in witnesses):
                return False
    return True


def _hides_records(structure: Structure, first: int, stop: int) -> bool:
    """Whether a line between two offsets is in itself a whole record: then the quote before it was never closed."""
    window, framing = structure.window, structure.framing
    at = first
    for _ in range(_INNER_LINES):
        if at >= stop:
            return False
        end = structure.line_end(at)
        fields = tokenise(window, at, end, framing)
        if fields is not None and len(fields) == framing.width and not any(field.strays for field in fields):
            return True
        at = end
    return False


def _unterminated(structure: Structure, start: int, line_end: int) -> Resolution:
    """A line with a quote that opens a field and doesn't close it. There is no doubt where it opens words in quotes
    that the field begins with: `"Casa & Cia" Ltda`."""
    framing = structure.framing
    line = structure.window[start:line_end].rstrip(b"\r\n")
    if framing.quote is not None:
        quote = bytes([framing.quote])
        parts = line.split(bytes([framing.delimiter]))
        words = _words_in_quotes(framing.quote)
        if len(parts) == framing.width and all(not p.startswith(quote) or words.fullmatch(p) for p in parts):
            fields = [Field(part, part, part.count(quote), quoted=False) for part in parts]
            return _accepted(line_end, fields, [STRAY_QUOTE])
    return Resolution(line_end, reason=UNTERMINATED_QUOTE, proposal=_unquoted(structure, start, line_end))


def _unquoted(structure: Structure, start: int, line_end: int) -> list[bytes] | None:
    """The line read with one of the quotes that open a field taken away, where that gives the right number of fields.
    The first that does is as good a guess as any: a person decides."""
    framing = structure.framing
    if framing.quote is None:
        return None
    line = structure.window[start:line_end].rstrip(b"\r\n")
    opening = re.compile(b"(?:^|" + re.escape(bytes([framing.delimiter])) + b")" + re.escape(bytes([framing.quote])))
    for match in itertools.islice(opening.finditer(line), _MAX_STRAYS):
        without = line[: match.end() - 1] + line[match.end() :]
        fields = tokenise(without, 0, len(without), framing)
        if fields is not None and len(fields) == framing.width:
            return [field.value for field in fields]
    return None


def _most_fields(framing: Framing) -> int:
    """A line with more fields than this is not worth taking apart."""
    return 4 * framing.width + 1_000


@cache
def _plain_field(delimiter: int) -> re.Pattern[bytes]:
    return re.compile(b"[^" + re.escape(bytes([delimiter])) + b"\r\n]*")


@cache
def _words_in_quotes(quote: int) -> re.Pattern[bytes]:
    """A text that begins with words in quotes and goes on behind them. A quote behind a digit may stand for inches, and
    then nobody knows what the first one is."""
    mark = re.escape(bytes([quote]))
    inside = b"[^" + mark + b"]"
    return re.compile(b"(?:" + mark + inside + b"*[^\\d" + mark + b"]" + mark + b"[\\s.,:)-]" + inside + b"*)+")


@cache
def _special(delimiter: int, quote: bytes) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(bytes([delimiter]) + quote) + b"\r\n]")
