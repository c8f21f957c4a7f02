"""A file is read in windows; where one ends must not show."""

from __future__ import annotations

import random

import pytest

from validahub_pipeline.ingest import batches, tolerant


def messy(seed: int) -> str:
    random_ = random.Random(seed)
    kinds = [
        lambda n: f"{n},produto {n},{n}.90\n",
        lambda n: f'{n},"linha 1\nlinha 2, ""x""\n",{n}.90\r\n',
        lambda n: f'{n},TV 32" LED,{n}.90\n',
        lambda n: f'{n},"TV 32" LED",{n}.90\n',
        lambda n: f"{n},curto\n",
        lambda n: f"{n},ação longa {'x' * 150},{n}.90\r\n",
        lambda n: f'{n},"nunca fechado,{n}.90\n',
        lambda n: f'{n},"",\n\n',
        lambda n: f"{n},so CR,{n}.90\r",
        lambda _: "sku,title,price\n",
    ]
    return "sku,title,price\n" + "".join(random_.choice(kinds)(n) for n in range(1, 400))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [70, 257, 4096])
def test_the_size_of_the_window_changes_nothing(read, monkeypatch, seed, size):
    text = messy(seed)
    whole = read(text)

    monkeypatch.setattr(batches, "WINDOW", size)
    pieces = read(text)

    assert pieces.frame.equals(whole.frame)
    assert pieces.quarantine == whole.quarantine
    assert pieces.report.repairs == whole.report.repairs


def test_a_field_longer_than_a_window_is_read_whole(read, monkeypatch):
    monkeypatch.setattr(batches, "WINDOW", 512)
    description = "\n".join(f"linha {n}" for n in range(900))
    result = read(f'sku,text,price\n1,"{description}",2.5\n' + "".join(f"{n},b,{n}.5\n" for n in range(2, 30)))

    assert result.report.records == 29
    assert result.rows[0] == ("1", description, "2.5")
    assert result.rows[-1] == ("29", "b", "29.5")


def test_a_line_longer_than_a_window_is_one_record(read, monkeypatch):
    monkeypatch.setattr(batches, "WINDOW", 512)
    monkeypatch.setattr(tolerant, "MAX_RECORD", 1024)
    body = "".join(f"{n},b,{n}.5\n" for n in range(1, 30))
    result = read(f"sku,text,price\n{body}{'x' * 9000}\n{body}")

    assert result.report.records == 58
    assert [len(record["raw"]) for record in result.quarantine] == [9000]


@pytest.mark.parametrize("pair", ["1,2,3,4\n5,6\n", "5,6\n1,2,3,4\n", '"1",2,3,"4"\n5,6\n'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_record_too_long_does_not_make_up_for_one_too_short(read, pair, end):
    sound = "".join(f"{n},x,{n}.90\n" for n in range(100))
    result = read(("a,b,c\n" + sound + pair + sound).replace("\n", end))

    assert result.report.records == 200
    assert sorted(result.reasons) == ["too_few_fields", "too_many_fields"]
    assert [record["record"] for record in result.quarantine] == ["101", "102"]
