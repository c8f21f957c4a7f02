"""Who the server runs as: never root, whoever starts it and wherever its home lies."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from validahub_pipeline.embedded import identity
from validahub_pipeline.embedded.postgres import embedded_postgres

Home = Any
WaitUntil = Callable[..., None]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be anybody")
needs_setpriv = pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv comes with util-linux")


def _rows(url: str, query: str) -> list[Any]:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def _status(pid: int, field: str) -> list[str]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(line for line in lines if line.startswith(f"{field}:")).split()[1:]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _become(uid: int) -> tuple[str, ...]:
    capability = "+dac_override"
    return (
        "setpriv",
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        f"--inh-caps={capability}",
        f"--ambient-caps={capability}",
    )


@as_root
def test_root_has_the_server_run_without_any_capability_on_files_of_its_own(home: Home) -> None:
    with embedded_postgres(home.path):
        server = home.status()["server"]
        assert set(_status(server, "CapEff")) == {"0" * 16}
        assert (home.folder / "data").stat().st_uid == 0
        assert Path(f"/proc/{server}/ns/user").readlink() != Path("/proc/self/ns/user").readlink()


@as_root
def test_a_home_in_a_folder_closed_to_all_but_its_owner_works_too_and_can_be_opened_later(
    home: Home, wait_until: WaitUntil
) -> None:
    parent = home.path.parent
    owner = parent.stat()
    parent.chmod(0o700)
    os.chown(parent, 4711, 4711)
    try:
        with embedded_postgres(home.path) as server:
            pid = home.status()["server"]
            assert _status(pid, "Uid")[0] != "0"
            assert set(_status(pid, "CapEff")) == {f"{1 << 1:016x}"}
            assert (home.folder / "data").stat().st_uid == int(_status(pid, "Uid")[0])
            _rows(server.url("validahub"), "CREATE TABLE kept AS SELECT 1 AS x")
        wait_until(lambda: not home.processes())
    finally:
        os.chown(parent, owner.st_uid, owner.st_gid)
    for _ in range(2):
        with embedded_postgres(home.path) as server:
            assert _rows(server.url("validahub"), "SELECT x FROM kept") == [(1,)]
            assert (home.folder / "data" / "base").stat().st_uid == 0
        wait_until(lambda: not home.processes())


@as_root
def test_under_the_fallback_identity_the_server_ends_with_its_keeper_too(home: Home, wait_until: WaitUntil) -> None:
    parent = home.path.parent
    owner = parent.stat()
    parent.chmod(0o700)
    os.chown(parent, 4711, 4711)
    try:
        user = home.use()
        assert user.url()
        keeper = home.status()["keeper"]
        user.kill()
        os.kill(keeper, 9)
        wait_until(lambda: not home.processes())
    finally:
        os.chown(parent, owner.st_uid, owner.st_gid)


@as_root
@needs_setpriv
@pytest.mark.parametrize("uid", [65534, 54321], ids=["a user", "a uid without an account"])
def test_whoever_is_not_root_runs_it_as_himself(open_folder: Path, new_home: Callable[[Path], Home], uid: int) -> None:
    home = new_home(open_folder)
    os.chown(home.path, uid, uid)
    user = home.use(through=_become(uid))
    assert _rows(user.url(), "SELECT 1") == [(1,)]
    assert _status(home.status()["server"], "Uid")[0] == str(uid)
    assert (home.folder / "data").stat().st_uid == uid
    user.leave()


def test_a_program_that_nobody_can_reach_is_explained_for_each_way_tried(tmp_path: Path) -> None:
    with pytest.raises(PermissionError) as failed:
        identity.choose_identity(tmp_path / "postgres", tmp_path)
    for way in identity.identities():
        assert f"{way.name}: " in str(failed.value)
