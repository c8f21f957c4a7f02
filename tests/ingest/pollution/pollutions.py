"""Every variant of a table: its bytes, what a reader should make of it, and how often its defect occurs in the wild.

The defects and their weights are Pollock's (`pollock_weights.json`: occurrences in a survey of 3,712 open data files);
those of single rows share their kind's weight. Files are CRLF, comma and quotes unless that is what is polluted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.ingest.pollution.tables import Table

Row = tuple[str, ...]

# Occurrences of a kind, shared among its files.
_ROWS_OFF = 0.36775106082036774


@dataclass(frozen=True)
class Expected:
    """What should be read: no header where the file has none, then only records and cells count."""

    header: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Variant:
    """One polluted file. `kind` groups it with others of its defect."""

    name: str
    kind: str
    weight: float
    content: bytes
    expected: Expected


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    end: str = "\r\n"
    quoted_columns: frozenset[int] = field(default_factory=frozenset)

    def cell(self, text: str, column: int) -> str:
        """A cell as it stands in the file: quoted where it has to be, or its column always is."""
        special = any(mark in text for mark in (self.delimiter, self.quote, "\r", "\n"))
        if not special and column not in self.quoted_columns:
            return text
        return self.quote + text.replace(self.quote, self.escape + self.quote) + self.quote

    def line(self, row: Row) -> str:
        """A row with its end."""
        return self.delimiter.join(self.cell(text, column) for column, text in enumerate(row)) + self.end


def variants(table: Table, *, step: int = 1) -> Iterator[Variant]:
    """All variants of a table; of those of single rows and cells every `step`-th."""
    # Pollock's table has columns that are quoted throughout: those of long text.
    long = frozenset(c for c in range(len(table.header)) if any(len(row[c]) > 40 for row in table.rows))
    style = Style(quoted_columns=long)
    yield from _of_the_file(table, style)
    yield from _of_the_dialect(table, long)
    yield from _of_one_row(table, style, step)


def _of_the_file(table: Table, style: Style) -> Iterator[Variant]:
    header, rows = table.header, table.rows
    whole = Expected(header, rows)
    head, body = style.line(header), [style.line(row) for row in rows]
    text = head + "".join(body)
    width = len(header)

    def of(kind: str, weight: float, content: str, expected: Expected = whole) -> Variant:
        return Variant(f"{table.name}/{kind}", kind, weight, content.encode("utf-8"), expected)

    yield of("source", 1, text)
    yield of("no_payload", 15, "", Expected((), ()))
    yield of("no_trailing_newline", 184, text.removesuffix("\r\n"))
    yield of("double_trailing_newline", 5, text + "\r\n")
    yield of("no_header", 470, "".join(body), Expected((), rows))
    for times in (2, 3):
        multi = Expected(tuple(" ".join([name] * times) for name in header), rows)
        yield of(f"header_multirow_{times}", 47, head * times + "".join(body), multi)
    empty = "," * (width - 1) + "\r\n"
    yield of("preamble", 282, "PREAMBLE" + empty + empty + text)
    less = "".join(style.line(row[:-1]) for row in (header, *rows[:-1]))
    more = "".join(style.line((*row, row[-1])) for row in (header, *rows[:-1]))
    yield of("multitable_less", 188 / 3, text + less)
    yield of("multitable_more", 188 / 3, text + more)
    yield of("multitable_same", 188 / 3, text + head + "".join(body[:-1]))
    yield of("header_only", 3, head, Expected(header, ()))
    yield of("one_data_row", 4, head + body[0], Expected(header, rows[:1]))


def _of_the_dialect(table: Table, long: frozenset[int]) -> Iterator[Variant]:
    whole = Expected(table.header, table.rows)
    styles = {
        ("record_delimiter_lf", 1691.0): Style(end="\n", quoted_columns=long),
        ("record_delimiter_cr", 7.0): Style(end="\r", quoted_columns=long),
        ("field_delimiter_tab", 4.0): Style(delimiter="\t", quoted_columns=long),
        ("field_delimiter_semicolon", 834.0): Style(delimiter=";", quoted_columns=long),
        ("field_delimiter_space", 4.0): Style(delimiter=" ", quoted_columns=long),
        ("field_delimiter_comma_space", 101.0): Style(delimiter=", ", quoted_columns=long),
        ("quotation_char_single", 11.0): Style(quote="'", escape="'", quoted_columns=long),
        ("escape_char_backslash", 1.0): Style(escape="\\", quoted_columns=long),
        ("escape_char_none", 7.0): Style(escape="", quoted_columns=long),
    }
    for (kind, weight), style in styles.items():
        content = "".join(style.line(row) for row in (table.header, *table.rows))
        yield Variant(f"{table.name}/{kind}", kind, weight, content.encode("utf-8"), whole)


def _of_one_row(table: Table, style: Style, step: int) -> Iterator[Variant]:
    all_rows = (table.header, *table.rows)
    lines = [style.line(row) for row in all_rows]
    whole = Expected(table.header, table.rows)
    count = 0
    for number, row in enumerate(all_rows):
        cells = [style.cell(text, column) for column, text in enumerate(row)]
        polluted: list[tuple[str, str, Row, float]] = []
        polluted.append(("field_delimiter", " ".join(cells), row, _ROWS_OFF))
        for column in range(len(row)):
            more = [*cells[:column], "", *cells[column:]]
            polluted.append((f"more_sep_{column}", ",".join(more), row, _ROWS_OFF))
            if column:
                less = [*cells[: column - 1], cells[column - 1] + cells[column], *cells[column + 1 :]]
                polluted.append((f"less_sep_{column}", ",".join(less), row, _ROWS_OFF))
            text = cells[column]
            quoted = text.startswith('"')
            stray = '"' + '"' + text[1:] if quoted else '"' + text
            meant = (*row[:column], '"' + row[column], *row[column + 1 :])
            strays = [*cells[:column], stray, *cells[column + 1 :]]
            polluted.append((f"extra_quote_{column}", ",".join(strays), meant, _ROWS_OFF))
        for kind, line, meant, weight in polluted:
            count += 1
            if count % step:
                continue
            content = "".join([*lines[:number], line + style.end, *lines[number + 1 :]])
            expected = whole
            if meant != row:
                changed = [*all_rows[:number], meant, *all_rows[number + 1 :]]
                expected = Expected(changed[0], tuple(changed[1:]))
            family = kind.rstrip("0123456789").rstrip("_")
            yield Variant(
                f"{table.name}/row_{number}_{kind}", f"row_{family}", weight, content.encode("utf-8"), expected
            )
