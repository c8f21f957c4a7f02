"""Where a byte stands is told, however often it does."""

from __future__ import annotations

import numpy as np
import pytest

from validahub_pipeline.ingest import scanning


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#",
        b"a#b##",
        b"a" * 9,
        b"ab#" * 9_999,
        b"#" * 30_001,
        b"a#b" * 900_000,
        b"a" * 63 + b"#",
        b"#" + b"a" * 64,
    ],
)
def test_the_places_of_a_byte_are_told(content: bytes) -> None:
    data = np.frombuffer(content, dtype=np.uint8)
    expected = np.flatnonzero(data == ord("#")).tolist()

    assert scanning.positions(data, ord("#")).tolist() == expected
    assert scanning.count(data, ord("#")) == len(expected)


def test_characters_that_do_not_begin_as_most_are_found() -> None:
    text = "Açaí Ã§ º — 😀 café" * 40_000
    content = text.encode()

    found = scanning.unusual_leads(np.frombuffer(content, dtype=np.uint8))

    leads = [at for at, byte in enumerate(content) if byte >= 0xC0 and byte != 0xC3]
    assert found.tolist() == leads
