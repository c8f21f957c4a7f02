"""What only a lake in a bucket can meet: broken connections, absent buckets, wrong keys, lost answers, large files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake

_LARGE = (20 << 20) + 12_345


class Proxy:
    """A relay before a server that hangs up after so many bytes of answer, as often as told."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts: list[int] = []
        self.before_cut: Callable[[], object] = lambda: None
        self._connections: list[tuple[socket.socket, threading.Thread]] = []
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        for client, connection in self._connections:
            # Clients keep their connections open for the next request.
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            connection.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                connection = threading.Thread(target=self._serve, args=(client,))
                self._connections.append((client, connection))
                connection.start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            questions = threading.Thread(target=self._relay, args=(client, server, False))
            questions.start()
            self._relay(server, client, True)
            questions.join()

    def _relay(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while block := source.recv(1 << 16):
                passed += len(block)
                if answers and self.cuts and passed > self.cuts[0]:
                    self.cuts.pop(0)
                    self.before_cut()
                    break
                target.sendall(block)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(s3_settings: dict[str, Any]) -> Iterator[Proxy]:
    """Between the lake and its server."""
    address = urlsplit(s3_settings["s3_endpoint_url"])
    proxy = Proxy((str(address.hostname), int(address.port or 0)))
    yield proxy
    proxy.close()


def _file(tmp_path: Path, size: int) -> tuple[Path, str]:
    path = tmp_path / "source.csv"
    data = random.Random(size).randbytes(size)
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


def _bucket(settings: dict[str, Any]) -> str:
    return str(settings["lake"]).split("/")[2]


def test_a_download_goes_on_where_the_connection_broke(
    s3_settings: dict[str, Any], proxy: Proxy, tmp_path: Path
) -> None:
    lake = open_lake(Settings(**{**s3_settings, "s3_endpoint_url": proxy.address}))
    path, digest = _file(tmp_path, _LARGE)
    lake.put_file(path, "validations/a/original.csv")
    proxy.cuts = [5 << 20, 4 << 20]
    assert lake.sha256("validations/a/original.csv") == digest
    assert not proxy.cuts
    proxy.cuts = [5 << 20]
    with lake.local("validations/a/original.csv") as copy:
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == digest


def test_an_object_that_is_replaced_while_it_is_read_is_never_mixed(
    s3_settings: dict[str, Any], proxy: Proxy, tmp_path: Path
) -> None:
    direct = open_lake(Settings(**s3_settings))
    lake = open_lake(Settings(**{**s3_settings, "s3_endpoint_url": proxy.address}))
    direct.put_file(_file(tmp_path, _LARGE)[0], "inbox/a/b/c/d.csv")
    other, _ = _file(tmp_path, _LARGE + 1)
    proxy.before_cut = lambda: direct.put_file(other, "inbox/a/b/c/d.csv", replace=True)
    proxy.cuts = [9 << 20]
    with pytest.raises(StorageError) as failed:
        lake.sha256("inbox/a/b/c/d.csv")
    assert failed.value.code == "object_changed"


@pytest.mark.parametrize("size", [1000, _LARGE])
def test_a_put_whose_answer_was_lost_is_recognised_as_done(
    s3_settings: dict[str, Any], tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = open_lake(Settings(**s3_settings))
    path, digest = _file(tmp_path, size)
    lake.put_file(path, "validations/a/original.csv")
    # As if the first look had come before the first, unanswered, upload arrived.
    monkeypatch.setattr(type(lake), "exists", lambda *_: False)
    assert lake.put_file(path, "validations/a/original.csv").sha256 == digest
    with pytest.raises(StorageError) as failed:
        lake.put_file(_file(tmp_path, size + 1)[0], "validations/a/original.csv")
    assert failed.value.code == "object_exists"


def test_of_writers_through_clients_of_their_own_exactly_one_wins_each_key(s3_settings: dict[str, Any]) -> None:
    lakes = [open_lake(Settings(**s3_settings)) for _ in range(4)]

    def put(writer: int, key: int) -> bool:
        try:
            lakes[writer].put_bytes(b"writer %d" % writer, f"validations/{key}")
        except StorageError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        for key in range(5):
            won = list(pool.map(put, range(4), [key] * 4))
            assert sum(won) == 1
            assert lakes[0].read_bytes(f"validations/{key}") == b"writer %d" % won.index(True)


def test_an_interrupted_upload_is_neither_seen_nor_kept(
    s3_settings: dict[str, Any], s3_server: Any, tmp_path: Path
) -> None:
    lake = open_lake(Settings(**s3_settings))
    with pytest.raises(StorageError):
        lake.put_file(_file(tmp_path, _LARGE)[0], "validations/a/original.csv", expect="0" * 64)
    assert list(lake.list("")) == []
    assert not s3_server.client().list_multipart_uploads(Bucket=_bucket(s3_settings)).get("Uploads")


def test_listings_of_more_than_one_page_are_complete(s3_settings: dict[str, Any], s3_server: Any) -> None:
    lake, client = open_lake(Settings(**s3_settings)), s3_server.client()

    def put(number: int) -> None:
        client.put_object(Bucket=_bucket(s3_settings), Key=f"lake/inbox/a/b/c/{number:04}.csv", Body=b"x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(1100)))
    assert [info.key for info in lake.list("inbox/")] == [f"inbox/a/b/c/{number:04}.csv" for number in range(1100)]


def test_a_bucket_that_is_not_there_is_an_error_and_no_empty_listing(s3_settings: dict[str, Any]) -> None:
    lake = open_lake(Settings(**{**s3_settings, "lake": "s3://no-such-bucket"}))
    with pytest.raises(StorageError) as failed:
        list(lake.list("inbox/"))
    assert failed.value.code == "lake_unreachable"
    assert "no-such-bucket" in str(failed.value)


def test_a_server_that_is_not_there_is_named_soon(s3_settings: dict[str, Any]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        lake = open_lake(Settings(**{**s3_settings, "s3_endpoint_url": endpoint}))
        started = time.monotonic()
        for act in (lambda: list(lake.list("inbox/")), lambda: lake.exists("a"), lambda: lake.put_bytes(b"x", "a")):
            with pytest.raises(StorageError) as failed:
                act()
            assert (failed.value.code, failed.value.retryable) == ("lake_unreachable", True)
            assert endpoint in str(failed.value)
        assert time.monotonic() - started < 60


def test_wrong_keys_are_refused_and_not_worth_a_retry(s3_settings: dict[str, Any]) -> None:
    lake = open_lake(Settings(**{**s3_settings, "s3_secret_access_key": "wrong"}))
    with pytest.raises(StorageError) as failed:
        list(lake.list("inbox/"))
    assert (failed.value.code, failed.value.retryable) == ("lake_unreachable", False)


def test_two_lakes_in_one_bucket_are_apart(s3_settings: dict[str, Any]) -> None:
    bucket = _bucket(s3_settings)
    one, two, whole = (
        open_lake(Settings(**{**s3_settings, "lake": f"s3://{bucket}{prefix}"}))
        for prefix in ("/one", "/one-more/", "")
    )
    one.put_bytes(b"1", "inbox/a")
    two.put_bytes(b"2", "inbox/a")
    assert [info.key for info in one.list("")] == ["inbox/a"]
    assert two.read_bytes("inbox/a") == b"2"
    assert sorted(info.key for info in whole.list("")) == ["one-more/inbox/a", "one/inbox/a"]
    assert one.uri("inbox/a") == f"s3://{bucket}/one/inbox/a"


@pytest.mark.parametrize("root", ["s3://", "s3:///x", "s3://UPPER_case", "s3://b"])
def test_a_setting_that_names_no_bucket_is_refused(tmp_path: Path, root: str) -> None:
    with pytest.raises(InputError) as failed:
        open_lake(Settings(home=tmp_path, lake=root))
    assert failed.value.code == "lake_invalid"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_scratch_disk_is_said_to_be_full(s3_settings: dict[str, Any], small_disk: Path, tmp_path: Path) -> None:
    lake = open_lake(Settings(**s3_settings, scratch_folder=small_disk))
    lake.put_file(_file(tmp_path, _LARGE)[0], "validations/a/original.csv")
    with pytest.raises(InputError) as failed, lake.local("validations/a/original.csv"):
        pass
    assert (failed.value.code, failed.value.retryable) == ("no_space_left", True)
    assert list(small_disk.iterdir()) == []
