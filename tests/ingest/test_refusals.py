"""Only what is no table at all is refused, with a message that names file, place, cause and remedy."""

from __future__ import annotations

import pytest

from validahub_pipeline.errors import InputError
from validahub_pipeline.ingest import normalise
from validahub_pipeline.messages import LANGUAGES


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\r\n  \n\n", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"\n" * 200_000, "file_empty"),
        ("\n \n".encode("utf-16"), "file_empty"),
        (b"sku,title,price\n", "file_header_only"),
        (b"sku,title,price", "file_header_only"),
        (b"sku,title,price\n\n\n", "file_header_only"),
        (b"z" * 200_000, "file_header_only"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9, "file_binary"),
        (b"PK\x03\x04\x14\0\x06\0", "container_damaged"),
        (b"sku,title\n1," + b"\0\x01" * 400, "file_binary"),
    ],
)
def test_what_is_no_table_is_refused(read, content, code):
    with pytest.raises(InputError) as error:
        read(content)

    assert error.value.code == code
    for lang in LANGUAGES:
        assert "upload.csv" in error.value.render(lang)


def test_a_binary_file_is_told_where_the_first_byte_lies_that_is_no_text(read):
    with pytest.raises(InputError) as error:
        read(b"sku,title\n1," + b"\0\x01" * 400)

    assert error.value.values == {"file": "upload.csv", "line": 2, "offset": 12, "cause": "0x00"}


def test_nothing_half_written_is_left_behind(tmp_path):
    source = tmp_path / "a.csv"
    source.write_bytes(b"\n \n")
    with pytest.raises(InputError):
        normalise(source, tmp_path / "out.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
