"""What every lake promises, whatever it is made of."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import deltalake
import polars as pl
import pytest

from validahub_pipeline.errors import StorageError
from validahub_pipeline.storage import Lake

# Above one part of a multipart upload, and no multiple of it.
_LARGE = (20 << 20) + 12_345


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "source.csv"
    path.write_bytes(data)
    return path


def _bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("size", [0, 1, 8 << 20, _LARGE])
def test_a_file_comes_back_byte_for_byte_with_its_size_and_digest(lake: Lake, tmp_path: Path, size: int) -> None:
    data = _bytes(size)
    stored = lake.put_file(_file(tmp_path, data), "validations/a/original.csv")
    assert (stored.key, stored.size) == ("validations/a/original.csv", size)
    assert stored.sha256 == hashlib.sha256(data).hexdigest() == lake.sha256(stored.key)
    assert lake.read_bytes(stored.key) == data
    with lake.local(stored.key) as path:
        assert path.read_bytes() == data


@pytest.mark.parametrize("size", [5, _LARGE])
def test_a_retry_with_the_same_bytes_is_accepted_and_other_bytes_are_refused(
    lake: Lake, tmp_path: Path, size: int
) -> None:
    data = _bytes(size)
    first = lake.put_file(_file(tmp_path, data), "validations/a/rows.parquet")
    assert lake.put_file(_file(tmp_path, data), "validations/a/rows.parquet") == first
    for other in (data[:-1] + bytes([data[-1] ^ 1]), b""):
        with pytest.raises(StorageError) as refused:
            lake.put_file(_file(tmp_path, other), "validations/a/rows.parquet")
        assert refused.value.code == "object_exists"
    assert lake.sha256("validations/a/rows.parquet") == first.sha256


def test_moving_consumes_the_local_file_even_when_the_object_was_there_already(lake: Lake, tmp_path: Path) -> None:
    for _ in range(2):
        source = _file(tmp_path, b"a;b\n")
        lake.put_file(source, "validations/a/validated.csv", move=True)
        assert not source.exists()
    assert lake.read_bytes("validations/a/validated.csv") == b"a;b\n"


def test_a_file_handed_over_without_move_stays_where_it_is(lake: Lake, tmp_path: Path) -> None:
    source = _file(tmp_path, b"a;b\n")
    lake.put_file(source, "inbox/u/m/c/a.csv")
    assert source.read_bytes() == b"a;b\n"


@pytest.mark.parametrize("size", [5, _LARGE])
@pytest.mark.parametrize("move", [False, True])
def test_bytes_that_are_not_the_expected_ones_are_not_stored(lake: Lake, tmp_path: Path, size: int, move: bool) -> None:
    source = _file(tmp_path, _bytes(size))
    with pytest.raises(StorageError) as refused:
        lake.put_file(source, "validations/a/original.csv", move=move, expect=hashlib.sha256(b"other").hexdigest())
    assert refused.value.code == "object_changed"
    assert not lake.exists("validations/a/original.csv")
    assert source.exists()


def test_only_a_replacing_put_replaces(lake: Lake, tmp_path: Path) -> None:
    lake.put_bytes(b"one", "validations/a/metadata.json")
    with pytest.raises(StorageError):
        lake.put_bytes(b"two", "validations/a/metadata.json")
    lake.put_bytes(b"two", "validations/a/metadata.json", replace=True)
    assert lake.read_bytes("validations/a/metadata.json") == b"two"
    lake.put_file(_file(tmp_path, b"three"), "validations/a/metadata.json", replace=True)
    assert lake.read_bytes("validations/a/metadata.json") == b"three"


def test_a_listing_shows_every_object_under_a_prefix_once(lake: Lake) -> None:
    keys = [
        "inbox/u/m/c/a-b.csv",
        "inbox/u/m/c/a.csv",
        "inbox/u/m/c/a/x.csv",
        "inbox/u/m/c/á.csv",
        "inbox/u2/m/c/a.csv",
    ]
    for number, key in enumerate([*keys, "validations/x"]):
        lake.put_bytes(b"x" * number, key)
    listed = list(lake.list("inbox/"))
    assert sorted(info.key for info in listed) == sorted(keys)
    assert {info.key: info.size for info in listed} == {key: number for number, key in enumerate(keys)}
    assert [info.key for info in lake.list("inbox/u2")] == ["inbox/u2/m/c/a.csv"]
    assert [info.key for info in lake.list("inbox/u/m/c/a.")] == ["inbox/u/m/c/a.csv"]
    assert list(lake.list("nothing/")) == []


def test_a_listing_shows_the_same_as_a_look_at_one_object(lake: Lake) -> None:
    lake.put_bytes(b"abc", "inbox/u/m/c/a.csv")
    assert list(lake.list("inbox/")) == [lake.stat("inbox/u/m/c/a.csv")]


def test_token_and_version_change_with_the_content_and_stay_without_a_change(lake: Lake) -> None:
    lake.put_bytes(b"one", "inbox/u/m/c/a.csv")
    before = lake.stat("inbox/u/m/c/a.csv")
    assert lake.stat("inbox/u/m/c/a.csv") == before
    version = lake.version(before)
    lake.put_bytes(b"two", "inbox/u/m/c/a.csv", replace=True)
    after = lake.stat("inbox/u/m/c/a.csv")
    assert after.token != before.token
    assert lake.version(after) != version


@pytest.mark.parametrize("key", ["validations/b.csv", "validations/a", "validations/a/x.csv/y"])
def test_a_missing_object_is_named(lake: Lake, key: str) -> None:
    lake.put_bytes(b"x", "validations/a/x.csv")
    for act in (lake.stat, lake.read_bytes, lake.sha256, lambda key: lake.local(key).__enter__()):
        with pytest.raises(StorageError, match=key) as missing:
            act(key)
        assert missing.value.code == "object_missing"
    assert not lake.exists(key)


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "inbox/../../x", "inbox//x", "inbox/./x", "x\0y"])
def test_no_key_leads_out_of_the_lake(lake: Lake, key: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        lake.put_bytes(b"x", key)


def test_polars_and_delta_reach_the_lake_by_its_uri_and_options(lake: Lake) -> None:
    table = lake.uri("tables/audit_events")
    options = lake.storage_options()
    for number in range(3):
        frame = pl.DataFrame({"seq": [number]})
        deltalake.write_deltalake(table, frame, mode="append", storage_options=options)
    assert deltalake.DeltaTable(table, storage_options=options).version() == 2
    uri = deltalake.DeltaTable(table, storage_options=options).file_uris()[0]
    assert pl.scan_parquet(uri, storage_options=options).collect().height == 1
    assert len(list(lake.list("tables/audit_events/_delta_log/"))) == 3


def test_of_many_writers_of_one_key_exactly_one_wins(lake: Lake, tmp_path: Path) -> None:
    def put(number: int) -> str:
        path = tmp_path / f"{number}"
        path.write_bytes(bytes([number]) * 1000)
        try:
            lake.put_file(path, "validations/a/corrected.csv")
        except StorageError as error:
            return error.code
        return "stored"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(put, range(16)))
    assert sorted(outcomes) == ["object_exists"] * 15 + ["stored"]
    assert lake.read_bytes("validations/a/corrected.csv") == bytes([outcomes.index("stored")]) * 1000


def test_a_copy_taken_from_the_lake_is_gone_afterwards_and_the_object_is_not(lake: Lake) -> None:
    lake.put_bytes(b"abc", "validations/a/rows.parquet")
    with lake.local("validations/a/rows.parquet") as path:
        assert path.name.endswith("rows.parquet")
        assert os.access(path, os.R_OK)
    assert lake.read_bytes("validations/a/rows.parquet") == b"abc"


_HANDLE_LARGE_FILE = """
import json, resource, sys
from pathlib import Path
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake

lake = open_lake(Settings(**json.loads(sys.argv[1])))
source = Path(sys.argv[2])
lake.put_bytes(b"x", "small")
lake.read_bytes("small")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(2):
    lake.put_file(source, "large")
lake.sha256("large")
with lake.local("large"):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_memory_does_not_grow_with_the_file(kind: str, s3_settings: dict[str, Any], tmp_path: Path) -> None:
    source = tmp_path / "large.csv"
    with source.open("wb") as file:
        file.truncate(300 << 20)
    settings = {name: str(value) for name, value in s3_settings.items()} if kind == "s3" else {"home": str(tmp_path)}
    command = [sys.executable, "-c", _HANDLE_LARGE_FILE, json.dumps(settings), source]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < 150 << 10, f"{grown} KiB"


def test_of_those_who_exchange_what_they_read_only_one_succeeds(lake: Lake) -> None:
    assert lake.read_tagged("ledger/checkpoint") is None
    assert lake.swap_bytes(b"one", "ledger/checkpoint", tag=None)
    assert not lake.swap_bytes(b"other", "ledger/checkpoint", tag=None)
    found = lake.read_tagged("ledger/checkpoint")
    assert found is not None
    data, tag = found
    assert data == b"one"
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: lake.swap_bytes(f"two {n}".encode(), "ledger/checkpoint", tag=tag), range(8)))
    assert said.count(True) == 1
    assert lake.read_bytes("ledger/checkpoint") == f"two {said.index(True)}".encode()
    assert not lake.swap_bytes(b"nothing there", "ledger/another", tag=tag)
