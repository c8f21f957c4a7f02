"""The trial on which fast CSV readers lose rows in silence: a few stray quotes among many fields over several lines."""

from __future__ import annotations

import random

import pytest

ROWS = 6_000
FIELDS = 8


def written(seed: int, strays: int, line_end: str) -> tuple[str, list[tuple[str, ...]]]:
    random_ = random.Random(seed)
    damaged = set(random_.sample(range(ROWS), strays))
    lines, expected = ["sku,title,brand,colour,size,stock,price,notes"], []
    for n in range(ROWS):
        row = [f"{n}", f"produto {n}", "marca", "azul", "M", f"{n % 50}", f"{n}.90", "nota"]
        raw = row.copy()
        if n in damaged:
            at = random_.randrange(1, FIELDS)
            place = random_.randrange(1, len(row[at]) + 1) if row[at] else 0
            row[at] = raw[at] = f'{row[at][:place]}"{row[at][place:]}'
        if random_.random() < 0.01:
            at = random_.randrange(1, FIELDS)
            row[at] = f'primeira, linha{line_end}segunda "linha"{line_end}'
            raw[at] = '"' + row[at].replace('"', '""') + '"'
        lines.append(",".join(raw))
        expected.append(tuple(row))
    return line_end.join(lines) + line_end, expected


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("strays", [1, 2, 5])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_every_record_is_right(read, seed, strays, line_end):
    content, expected = written(seed, strays, line_end)

    result = read(content)

    assert result.report.quarantined == 0
    assert result.rows == expected
