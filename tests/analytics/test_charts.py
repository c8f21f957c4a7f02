"""Charts: for a first day as for three months, and small enough for a page of metadata."""

from __future__ import annotations

import random
import struct
import zlib
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import rules
from validahub_pipeline.analytics.charts import DAYS, error_trends_chart
from validahub_pipeline.analytics.png import indexed
from validahub_pipeline.analytics.trends import error_trends
from validahub_pipeline.messages import LANGUAGES

LIMIT = 100_000
CODES = [(f"some_rather_long_code_{number:02}", ("critical", "warning", "info")[number % 3]) for number in range(15)]

CODES_TYPE = pl.List(
    pl.Struct({"code": pl.String, "severity": pl.String, "violations": pl.Int64, "validations": pl.Int64})
)


def trends(days, marketplaces, codes=CODES):
    """A result of `error_trends` with noise in it."""
    chance = random.Random(days)
    rows = []
    for back in range(days):
        for marketplace in marketplaces:
            records = chance.randint(10_000, 90_000)
            found = [
                {"code": code, "severity": severity, "violations": chance.randint(1, records // 3), "validations": 2}
                for code, severity in codes
            ]
            dirty = chance.randint(0, records)
            rows.append(
                {
                    "day": date(2026, 11, 24) - timedelta(days=back),
                    "marketplace": marketplace,
                    "uploads": 3,
                    "validations": 3,
                    "records": records,
                    "rows_with_violations": dirty,
                    "share_with_violations": dirty / records,
                    "violations": sum(code["violations"] for code in found),
                    "codes": found,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"codes": CODES_TYPE})


def pixels(png):
    """An indexed, unfiltered PNG as an array (height, width, 3)."""
    chunks, position = {}, 8
    while position < len(png):
        length, name = struct.unpack_from(">I4s", png, position)
        content = png[position + 8 : position + 8 + length]
        assert zlib.crc32(name + content) == struct.unpack_from(">I", png, position + 8 + length)[0]
        chunks[name] = content
        position += length + 12
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, kind) == (8, 3)
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    return palette[lines[:, 1:]]


@pytest.mark.parametrize(
    ("days", "marketplaces", "codes"),
    [
        (1, ["mercado_livre"], CODES[:3]),
        (1, ["mercado_livre", "shopify_csv"], CODES),
        (1, ["mercado_livre"], []),
        (3, ["mercado_livre", "shopify_csv"], CODES),
        (90, ["mercado_livre"], CODES),
        (400, ["a", "b", "c", "d", "e", "f"], CODES),
    ],
)
def test_a_chart_is_a_small_picture_on_white(days, marketplaces, codes):
    png = error_trends_chart(trends(days, marketplaces, codes))

    picture = pixels(png)
    assert len(png) < LIMIT
    assert 600 < picture.shape[1] < 1400
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 5


def test_a_year_is_drawn_as_its_last_days():
    year = trends(400, ["mercado_livre"])
    recent = year.filter(pl.col("day") > date(2026, 11, 24) - timedelta(days=DAYS))

    assert error_trends_chart(year) == error_trends_chart(recent)


def test_every_language_has_its_own_chart():
    drawn = {error_trends_chart(trends(3, ["mercado_livre"]), lang) for lang in LANGUAGES}

    assert len(drawn) == len(LANGUAGES)
    assert {frozenset(texts) for texts in rules.messages("charts").values()} == {frozenset(LANGUAGES)}


def test_there_is_a_chart_before_the_first_upload_and_before_its_validation(uploads):
    nothing = error_trends_chart(error_trends(uploads.tables, None))
    uploads.upload("v1", "mercado_livre")
    unvalidated = error_trends_chart(error_trends(uploads.tables, None))
    uploads.validate("v1", [("missing_sku", "SKU", "critical", 3)])
    validated = error_trends_chart(error_trends(uploads.tables, None))

    assert nothing == unvalidated
    assert pixels(validated).shape != pixels(nothing).shape


def test_a_picture_of_few_colours_keeps_every_pixel():
    colours = np.random.default_rng(1).integers(0, 256, (200, 3), np.uint8)
    picture = colours[np.random.default_rng(2).integers(0, 200, (40, 30))]

    assert (pixels(indexed(rgba(picture))) == picture).all()


def test_a_picture_of_many_colours_comes_close():
    picture = np.random.default_rng(3).integers(0, 256, (40, 30, 3), np.uint8)

    # Six levels per channel would be 216 colours; two bits, four levels, are what fits.
    difference = pixels(indexed(rgba(picture))).astype(int) - picture

    assert np.abs(difference).max() <= 64


def test_a_picture_of_another_kind_is_left_alone():
    picture = np.zeros((4, 4, 3), np.uint8)
    paeth = rgba(picture, line_filter=4)

    assert indexed(paeth) == paeth


def rgba(picture, line_filter=0):
    """A PNG as the renderer writes it, its data in two chunks."""
    height, width, _ = picture.shape
    lines = np.full((height, 1 + 4 * width), line_filter, np.uint8)
    opaque = np.concatenate([picture, np.full((height, width, 1), 255, np.uint8)], axis=2)
    lines[:, 1:] = opaque.reshape(height, -1)
    data = zlib.compress(lines.tobytes())
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
        (b"IDAT", data[:50]),
        (b"IDAT", data[50:]),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
