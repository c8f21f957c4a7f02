"""Writes the sample catalogue to a file, block by block, and tells what was put into it.

Memory does not grow with the number of rows. What a defect is, `defects` knows; here are those of whole records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from validahub_pipeline.sample import catalogue
from validahub_pipeline.sample.catalogue import COLUMNS, clean_products, words
from validahub_pipeline.sample.defects import BY_COLUMN, RATE_BASE, spoil
from validahub_pipeline.sample.draws import Draws

MARKETPLACE: Final = "mercado_livre"

_BLOCK: Final = 20_000
_DELIMITER: Final = ";"
_DUPLICATE_RATE: Final = 400
_BROKEN: Final = ("too_few_fields", "too_many_fields", "unterminated_quote")
# Broken records come this many records apart, and at least once in any file long enough to hide them.
_BROKEN_EVERY: Final = 7_000


@dataclass(frozen=True)
class SampleTruth:
    """What was written. `defects` maps a defect to the record numbers (from 1, in file order) that carry it;
    `too_few_fields`, `too_many_fields` and `unterminated_quote` are the records no reader can place in the columns.

    `records` counts all of them; `header_line` is the physical line (from 1) of the true header, below a preamble.
    """

    path: Path
    records: int
    header_line: int
    columns: tuple[str, ...]
    defects: Mapping[str, tuple[int, ...]]
    size: int
    sha256: str

    @property
    def counts(self) -> dict[str, int]:
        """How many records carry each defect."""
        return {name: len(records) for name, records in self.defects.items()}

    @property
    def quarantined(self) -> int:
        """How many records cannot be read as rows."""
        return sum(len(self.defects.get(name, ())) for name in _BROKEN)


def generate(path: Path, *, rows: int = 60_000, seed: int = 20261101) -> SampleTruth:
    """Write `rows` data records to `path` (replacing it): the same bytes for the same rows and seed, everywhere.

    UTF-8 with a byte order mark and cp1252 fields in it, `;` between fields, CRLF after records, a preamble of three
    lines above the header.
    """
    draws = Draws(seed)
    defects: dict[str, list[int]] = {}
    digest = hashlib.sha256()
    size = 0
    preamble = _preamble(rows)
    broken = _broken_records(rows)
    with path.open("wb") as file:
        for lines in chain([preamble], _blocks(draws, rows, broken, defects)):
            block = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
            digest.update(block)
            size += file.write(block)
    return SampleTruth(
        path=path,
        records=rows,
        header_line=len(preamble),
        columns=COLUMNS,
        defects={name: tuple(records) for name, records in sorted(defects.items())},
        size=size,
        sha256=digest.hexdigest(),
    )


def _preamble(rows: int) -> list[str]:
    """What an ERP prints above its table, padded to the table's width as spreadsheets do; the header comes last."""
    above = (
        ("\ufeffRelatório de produtos para marketplace",),
        ("Empresa", "Emissão", "Usuário", "Registros"),
        (words()["shop"], "01/11/2026 08:00", "expedição", str(rows)),
    )
    return [_DELIMITER.join((*line, *[""] * (len(COLUMNS) - len(line)))) for line in (*above, COLUMNS)]


def _blocks(draws: Draws, rows: int, broken: Mapping[int, str], defects: dict[str, list[int]]) -> Iterator[list[str]]:
    """Lines of the records, a block at a time; notes in `defects` what went into them."""
    for first in range(1, rows + 1, _BLOCK):
        count = min(_BLOCK, rows - first + 1)
        columns = clean_products(draws, first, count)
        hits: dict[str, list[int]] = {}
        for column, kinds in BY_COLUMN.items():
            hits |= spoil(draws, columns[column], kinds)
        readable = [first + position not in broken for position in range(count)]
        hits["sku_duplicate"] = _repeat_skus(draws, columns[catalogue.SKU], readable)
        stray = set(hits.get("title_stray_quote", ()))
        lines = []
        for position, cells in enumerate(zip(*columns, strict=True)):
            flaw = broken.get(first + position)
            if flaw:
                lines.append(_broken_line(flaw, cells))
                hits.setdefault(flaw, []).append(position)
            else:
                lines.append(_line(cells, bare=catalogue.TITLE if position in stray else None))
        for name, positions in hits.items():
            # A broken record's cells never reach a column, whatever they carry.
            numbers = (first + position for position in positions)
            found = [number for number in numbers if number not in broken or broken[number] == name]
            defects.setdefault(name, []).extend(found)
        yield lines


def _repeat_skus(draws: Draws, skus: list[str], readable: Sequence[bool]) -> list[int]:
    """Give some records the SKU of the record before them; the positions of the repeats."""
    repeats = []
    for position, drawn in enumerate(draws.below(RATE_BASE, len(skus))):
        if drawn >= _DUPLICATE_RATE or not position:
            continue
        if skus[position] and skus[position - 1] and readable[position] and readable[position - 1]:
            skus[position] = skus[position - 1]
            repeats.append(position)
    return repeats


def _broken_records(rows: int) -> dict[int, str]:
    """Which records are broken and how: record number -> kind."""
    return (
        dict.fromkeys(range(rows // 4, rows + 1, _BROKEN_EVERY), "too_few_fields")
        | dict.fromkeys(range(rows // 3, rows + 1, _BROKEN_EVERY), "too_many_fields")
        | {rows * 3 // 5: "unterminated_quote"}
    )


def _broken_line(flaw: str, cells: tuple[str, ...]) -> str:
    if flaw == "too_few_fields":
        return _line(cells[:5])
    if flaw == "too_many_fields":
        # The ERP forgot to quote a description with a semicolon in it.
        return _line((*cells[:3], " conteúdo 1 peça", *cells[3:]))
    return _DELIMITER.join((cells[0], f'"{cells[1]}', *(_quoted(cell) for cell in cells[2:])))


def _line(cells: tuple[str, ...], *, bare: int | None = None) -> str:
    """One record; the cell at `bare` keeps its quotation marks as they are."""
    return _DELIMITER.join(cell if index == bare else _quoted(cell) for index, cell in enumerate(cells))


def _quoted(cell: str) -> str:
    if ";" in cell or '"' in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
