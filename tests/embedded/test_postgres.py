"""The embedded PostgreSQL: there for whoever uses it, gone afterwards, and back after whatever was killed."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from validahub_pipeline.embedded import locks
from validahub_pipeline.embedded.postgres import PostgresServer, ServiceError, embedded_postgres
from validahub_pipeline.errors import InputError

Home = Any
WaitUntil = Callable[..., None]


def _ask(url: str, query: str) -> Any:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else None


def _answers(url: str) -> bool:
    try:
        return bool(_ask(url, "SELECT 1") == [(1,)])
    except psycopg2.OperationalError:
        return False


def test_both_databases_are_there_in_unicode_and_utc(home: Home) -> None:
    with embedded_postgres(home.path) as server:
        for database in ("validahub", "dagster"):
            assert _ask(server.url(database), "SELECT current_database(), current_setting('timezone')") == [
                (database, "UTC")
            ]
            assert _ask(server.url(database), "SELECT upper('ação'), 'z' < 'á'") == [("AÇÃO", True)]


def test_only_the_password_opens_it_and_only_its_owner_can_read_that(home: Home) -> None:
    with embedded_postgres(home.path) as server:
        assert stat.S_IMODE((home.folder / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((home.folder / "data").stat().st_mode) == 0o700
        assert server.password not in repr(server)
        stranger = PostgresServer(server.host, server.port, server.user, "guess")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(stranger.url("validahub"))
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(server.url("validahub").replace(f":{server.password}@", "@"))
        assert server.password not in (home.folder / "server.log").read_text(encoding="utf-8")


def test_it_listens_on_this_machine_alone(home: Home) -> None:
    with embedded_postgres(home.path) as server:
        assert _ask(
            server.url("validahub"),
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')",
        ) == [("127.0.0.1", "")]


def test_a_second_process_attaches_to_the_running_server(home: Home) -> None:
    with embedded_postgres(home.path) as server:
        before = home.status()
        user = home.use()
        assert user.url() == server.url("validahub")
        user.leave()
        assert home.status() == before
        assert _answers(server.url("validahub"))


def test_two_homes_have_nothing_in_common(new_home: Callable[[str], Home]) -> None:
    one, two = new_home("one"), new_home("two")
    with embedded_postgres(one.path) as first, embedded_postgres(two.path) as second:
        _ask(first.url("validahub"), "CREATE TABLE mine (x int)")
        assert first.port != second.port
        assert first.password != second.password
        assert _ask(second.url("validahub"), "SELECT to_regclass('mine')") == [(None,)]
    os.kill(one.status()["server"], signal.SIGKILL)
    with embedded_postgres(two.path) as second:
        assert _answers(second.url("validahub"))


def test_data_password_and_port_outlive_the_server(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path) as first:
        _ask(first.url("validahub"), "CREATE TABLE kept AS SELECT 42 AS x")
    wait_until(lambda: not home.processes())
    with embedded_postgres(home.path) as second:
        assert second == first
        assert _ask(second.url("validahub"), "SELECT x FROM kept") == [(42,)]


def test_a_start_with_existing_data_takes_less_than_a_second(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path):
        pass
    wait_until(lambda: not home.processes())
    durations = []
    for _ in range(3):
        started = time.monotonic()
        with embedded_postgres(home.path) as server:
            durations.append(time.monotonic() - started)
            assert _answers(server.url("validahub"))
        wait_until(lambda: not home.processes())
    assert min(durations) < 1


def test_it_ends_cleanly_once_its_last_user_has_left(home: Home, wait_until: WaitUntil) -> None:
    first, second = home.use(), home.use()
    url = first.url()
    assert second.url() == url
    first.leave()
    time.sleep(1.5)
    assert _answers(url)
    second.leave()
    wait_until(lambda: not home.processes())
    assert "database system is shut down" in (home.folder / "server.log").read_text(encoding="utf-8")
    assert not (home.folder / "data" / "postmaster.pid").exists()


def test_killed_users_leave_no_server_behind(home: Home, wait_until: WaitUntil) -> None:
    users = [home.use() for _ in range(3)]
    assert len({user.url() for user in users}) == 1
    for user in users:
        user.kill()
    wait_until(lambda: not home.processes())


def test_first_starts_at_the_same_moment_make_one_cluster(home: Home) -> None:
    users = [home.use() for _ in range(4)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    assert (home.folder / "server.log").read_text(encoding="utf-8").count("The files belonging to this") == 1
    assert _answers(urls.pop())
    for user in users:
        user.leave()


def test_threads_of_one_process_share_it(home: Home) -> None:
    ports = []

    def use() -> None:
        with embedded_postgres(home.path) as server:
            ports.append(server.port)
            assert _answers(server.url("dagster"))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ports) == 4
    assert len(set(ports)) == 1


@pytest.mark.parametrize("victims", [("server",), ("keeper",), ("keeper", "server")])
def test_whatever_is_killed_in_use_comes_back_on_the_same_port_with_all_that_was_committed(
    home: Home, wait_until: WaitUntil, victims: tuple[str, ...]
) -> None:
    with embedded_postgres(home.path) as server:
        url = server.url("validahub")
        _ask(url, "CREATE TABLE kept (x int)")
        for number in range(2):
            _ask(url, f"INSERT INTO kept VALUES ({number})")
            before = home.status()
            for victim in victims:
                os.kill(before[victim], signal.SIGKILL)
            wait_until(lambda gone=before["server"]: not _runs(gone))
            wait_until(lambda: _answers(url))
            assert _ask(url, "SELECT count(*) FROM kept") == [(number + 1,)]


def test_a_server_that_was_killed_with_all_its_users_starts_again(home: Home, wait_until: WaitUntil) -> None:
    for number in range(2):
        user = home.use()
        url = user.url()
        _ask(url, "CREATE TABLE IF NOT EXISTS kept (x int)")
        _ask(url, "INSERT INTO kept VALUES (1)")
        home.kill_everything()
        user.kill()
        wait_until(lambda: not home.processes())
        assert (home.folder / "data" / "postmaster.pid").exists()
        with embedded_postgres(home.path) as server:
            assert _ask(server.url("validahub"), "SELECT count(*) FROM kept") == [(number + 1,)]
        wait_until(lambda: not home.processes())


def test_a_stale_process_id_that_now_belongs_to_somebody_else_stops_nobody(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path):
        lines = (home.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        status = (home.folder / "status").read_text(encoding="ascii")
    # A process on its way out has no command line any more, but may still hold the lock by which a keeper is known.
    wait_until(lambda: not home.processes() and not locks.is_held(home.folder / "keeper.lock"))
    bystander = os.getpid()
    stale = home.folder / "data" / "postmaster.pid"
    stale.write_text("\n".join([str(bystander), *lines[1:]]) + "\n", encoding="utf-8")
    shutil.copystat(home.folder / "data" / "PG_VERSION", stale)
    os.chown(stale, *_owner(home.folder / "data"))
    (home.folder / "status").write_text(status, encoding="ascii")
    with embedded_postgres(home.path) as server:
        assert _answers(server.url("validahub"))
        assert home.status()["server"] != bystander


def test_first_starts_killed_at_any_moment_leave_nothing_that_stops_the_next(
    new_home: Callable[[str], Home], wait_until: WaitUntil
) -> None:
    moments = random.Random(7)
    for trial in range(4):
        home = new_home(f"home-{trial}")
        user = home.use()
        time.sleep(moments.uniform(0.1, 1.3))
        home.kill_everything()
        user.kill()
        with embedded_postgres(home.path) as server:
            assert _answers(server.url("dagster"))
        wait_until(lambda home=home: not home.processes())
        assert not (home.folder / "data.new").exists()
        assert not (home.folder / "password.init").exists()


def test_a_port_that_somebody_else_took_meanwhile_is_exchanged(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path) as first:
        pass
    wait_until(lambda: not home.processes())
    with socket.socket() as squatter:
        squatter.bind((first.host, first.port))
        squatter.listen()
        with embedded_postgres(home.path) as second:
            assert second.port != first.port
            assert _answers(second.url("validahub"))


def test_a_home_that_is_deleted_while_in_use_leaves_no_process_behind(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path):
        # A server that is being deleted goes on writing for a moment.
        while home.path.exists():
            shutil.rmtree(home.path, ignore_errors=True)
    wait_until(lambda: not home.processes(), 40)


def test_a_long_path_does_not_matter(new_home: Callable[[str], Home]) -> None:
    with embedded_postgres(new_home("/".join(["a" * 60] * 4)).path) as server:
        assert _answers(server.url("validahub"))


def test_a_server_that_cannot_start_says_why_and_what_to_do(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path):
        pass
    wait_until(lambda: not home.processes())
    (home.folder / "data" / "PG_VERSION").write_text("9.6\n", encoding="ascii")
    with pytest.raises(ServiceError) as failed, embedded_postgres(home.path):
        pass
    assert failed.value.code == "postgres_start_failed"
    assert "incompatible with server" in str(failed.value)
    assert "VALIDAHUB_POSTGRES_URL" in str(failed.value)
    wait_until(lambda: not home.processes())


def test_a_lost_password_is_named_as_such(home: Home, wait_until: WaitUntil) -> None:
    with embedded_postgres(home.path):
        pass
    wait_until(lambda: not home.processes())
    (home.folder / "password").unlink()
    with pytest.raises(ServiceError) as failed, embedded_postgres(home.path):
        pass
    assert failed.value.code == "postgres_password_missing"


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_is_named_as_such_and_room_is_all_it_takes(new_home: Callable[[str], Home]) -> None:
    home = new_home("home")
    home.path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "small", home.path], check=True)
    try:
        with pytest.raises(InputError) as failed, embedded_postgres(home.path):
            pass
        assert (failed.value.code, failed.value.retryable) == ("no_space_left", True)
        subprocess.run(["mount", "-o", "remount,size=200m", home.path], check=True)
        with embedded_postgres(home.path) as server:
            assert _answers(server.url("validahub"))
        home.kill_everything()
    finally:
        subprocess.run(["umount", "--lazy", home.path], check=True)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ServiceError, match="Not a directory"), embedded_postgres(tmp_path / "file"):
        pass


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _owner(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid
