"""What only a lake in a folder can meet: kills in mid-copy, full and foreign disks, files that change, odd folders."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from validahub_pipeline.errors import InputError, StorageError
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake, open_lake
from validahub_pipeline.storage.lake import ObjectInfo
from validahub_pipeline.storage.partial import is_partial

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")


def _files(lake: Lake) -> list[str]:
    root = Path(lake.root)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _source(tmp_path: Path, size: int) -> Path:
    path = tmp_path / "source.csv"
    path.write_bytes(os.urandom(size))
    return path


def test_moving_within_a_disk_moves_the_very_file(local_lake: Lake, tmp_path: Path) -> None:
    source = _source(tmp_path, 10)
    inode = source.stat().st_ino
    local_lake.put_file(source, "validations/a/rows.parquet", move=True)
    with local_lake.local("validations/a/rows.parquet") as path:
        assert path.stat().st_ino == inode


@pytest.mark.parametrize("tie", ["hard link", "symbolic link"])
def test_a_file_that_could_still_be_changed_under_another_name_is_copied(
    local_lake: Lake, tmp_path: Path, tie: str
) -> None:
    source, name = _source(tmp_path, 10), tmp_path / "other name"
    if tie == "hard link":
        name.hardlink_to(source)
    else:
        name.symlink_to(source)
    stored = local_lake.put_file(name, "validations/a/rows.parquet", move=True)
    source.write_bytes(b"changed")
    assert local_lake.sha256("validations/a/rows.parquet") == stored.sha256
    assert not name.exists()


@as_root
def test_moving_between_disks_copies(local_lake: Lake, small_disk: Path) -> None:
    source = _source(small_disk, 1000)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    assert local_lake.put_file(source, "validations/a/rows.parquet", move=True).sha256 == digest
    assert not source.exists()
    assert local_lake.sha256("validations/a/rows.parquet") == digest


@as_root
@pytest.mark.parametrize("replace", [False, True])
def test_a_full_disk_is_said_to_be_full_and_nothing_half_written_stays(
    small_disk: Path, tmp_path: Path, replace: bool
) -> None:
    lake = open_lake(Settings(home=tmp_path, lake=str(small_disk)))
    with pytest.raises(InputError) as failed:
        lake.put_file(_source(tmp_path, 5 << 20), "validations/a/original.csv", replace=replace)
    assert (failed.value.code, failed.value.retryable) == ("no_space_left", True)
    with pytest.raises(InputError):
        lake.put_bytes(bytes(5 << 20), "validations/a/metadata.json", replace=replace)
    assert _files(lake) == []
    lake.put_bytes(b"there is room for this", "validations/a/metadata.json")


def test_a_failed_copy_leaves_nothing_behind(local_lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no-such-file"):
        local_lake.put_file(tmp_path / "no-such-file", "validations/a/original.csv")
    assert _files(local_lake) == []


def test_what_a_killed_writer_left_is_never_listed_and_is_swept_by_the_next_one(
    local_lake: Lake, tmp_path: Path
) -> None:
    source = tmp_path / "endless"
    os.mkfifo(source)
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from validahub_pipeline.storage.local import LocalLake;"
            "LocalLake(Path(sys.argv[1])).put_file(Path(sys.argv[2]), 'validations/a/original.csv')",
            local_lake.root,
            source,
        ]
    )
    with source.open("wb") as feed:
        feed.write(bytes(3 << 20))
        feed.flush()
        folder = Path(local_lake.root) / "validations/a"
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size for path in folder.glob(".*.part")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        local_lake.put_bytes(b"a neighbour", "validations/a/rows.parquet")
        assert any(is_partial(path.name) for path in folder.iterdir()), "a living writer's file must stay"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert [info.key for info in local_lake.list("")] == ["validations/a/rows.parquet"]
    assert not local_lake.exists("validations/a/original.csv")
    local_lake.put_bytes(b"x", "validations/a/metadata.json")
    assert _files(local_lake) == ["validations/a/metadata.json", "validations/a/rows.parquet"]


def test_a_retry_after_a_kill_between_naming_and_removing_consumes_the_file(local_lake: Lake, tmp_path: Path) -> None:
    source = _source(tmp_path, 10)
    target = Path(local_lake.root) / "validations" / "rows.parquet"
    target.parent.mkdir()
    target.hardlink_to(source)
    local_lake.put_file(source, "validations/rows.parquet", move=True)
    assert not source.exists()
    assert target.exists()


def test_on_a_disk_without_hard_links_objects_are_as_immutable(
    local_lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(source), None, str(target))

    monkeypatch.setattr(os, "link", refuse)
    first = local_lake.put_file(_source(tmp_path, 10), "validations/a/original.csv", move=True)
    with pytest.raises(StorageError, match="never change"):
        local_lake.put_file(_source(tmp_path, 10), "validations/a/original.csv", move=True)
    assert local_lake.sha256("validations/a/original.csv") == first.sha256


def test_a_file_that_changes_while_it_is_being_looked_at_has_no_version(local_lake: Lake) -> None:
    local_lake.put_bytes(b"one", "inbox/a/b/c/d.csv")
    listed = local_lake.stat("inbox/a/b/c/d.csv")
    with (Path(local_lake.root) / "inbox/a/b/c/d.csv").open("ab") as upload:
        upload.write(b" and more")
    with pytest.raises(StorageError) as failed:
        local_lake.version(listed)
    assert (failed.value.code, failed.value.retryable) == ("object_changed", True)


def test_the_version_is_the_content_s_sha256_whatever_the_file_s_dates_say(local_lake: Lake) -> None:
    local_lake.put_bytes(b"one", "inbox/a/b/c/d.csv")
    path = Path(local_lake.root) / "inbox/a/b/c/d.csv"
    before = local_lake.stat("inbox/a/b/c/d.csv")
    os.utime(path, (1, 1))
    after = local_lake.stat("inbox/a/b/c/d.csv")
    assert after.token != before.token
    assert local_lake.version(after) == hashlib.sha256(b"one").hexdigest()


def test_a_lake_that_is_gone_is_an_error_and_no_empty_listing(local_lake: Lake) -> None:
    Path(local_lake.root).rmdir()
    with pytest.raises(StorageError) as failed:
        list(local_lake.list("inbox/"))
    assert failed.value.code == "lake_unreachable"
    with pytest.raises(StorageError):
        local_lake.put_bytes(b"x", "inbox/a/b/c/d.csv")
    assert not Path(local_lake.root).exists()


def test_an_inbox_may_lie_behind_a_link_and_links_in_a_circle_end(local_lake: Lake, tmp_path: Path) -> None:
    root, elsewhere = Path(local_lake.root), tmp_path / "ftp"
    (elsewhere / "b" / "c").mkdir(parents=True)
    (elsewhere / "b" / "c" / "d.csv").write_bytes(b"x")
    (elsewhere / "b" / "back").symlink_to(elsewhere)
    (elsewhere / "b" / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(elsewhere / "b" / "c" / "pipe")
    (root / "inbox").mkdir()
    (root / "inbox" / "a").symlink_to(elsewhere)
    assert [info.key for info in local_lake.list("inbox/")] == ["inbox/a/b/c/d.csv"]


def test_a_lake_where_a_file_lies_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "lake").write_bytes(b"")
    with pytest.raises(StorageError, match="lake"):
        open_lake(Settings(home=tmp_path))


def test_objects_are_found_by_their_absolute_path(local_lake: Lake) -> None:
    local_lake.put_bytes(b"x", "validations/a/report.html")
    assert Path(local_lake.uri("validations/a/report.html")).read_bytes() == b"x"
    assert local_lake.storage_options() is None


def test_a_listed_object_is_described_by_its_file(local_lake: Lake) -> None:
    local_lake.put_bytes(b"abc", "inbox/a/b/c/d.csv")
    (info,) = local_lake.list("inbox/")
    assert isinstance(info, ObjectInfo)
    assert info.size == 3


def test_a_lake_whose_folder_cannot_be_made_may_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError) as failed:
        open_lake(Settings(lake=str(tmp_path / "file" / "lake")))
    assert (failed.value.code, failed.value.retryable) == ("lake_unreachable", True)
