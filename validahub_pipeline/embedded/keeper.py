"""The small detached process that owns one embedded server: starts it, restarts it, and ends it after its last user.

Run as `python -m validahub_pipeline.embedded.keeper FOLDER PROGRAMS`; reports one line of JSON on stdout and closes it.
Users hold the shared lock `users.lock`. Standard library only: whoever waits for the server waits for these imports.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

from validahub_pipeline.embedded import locks
from validahub_pipeline.embedded.cluster import Cluster, ClusterError

_POLL: Final = 0.25
_LINGER: Final = 0.5
_PATIENCE: Final = 120.0
_CRASHES: Final = 5
_CRASH_WINDOW: Final = 60.0


class _Ended(BaseException):
    """Asked to end by a signal."""


def main(folder: Path, programs: Path) -> None:
    """Leave the caller behind, start the server, report, and keep it while it is used."""
    if os.fork():
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if _keeper_lock(folder) is None:
        # Whoever asked finds the other one when it looks again.
        _report()
        return
    try:
        cluster = Cluster(folder, programs)
    except PermissionError as error:
        _report(error=str(error))
        return
    try:
        _publish(folder, *cluster.start(_PATIENCE))
        _report()
        _keep(folder, cluster)
    except (ClusterError, OSError) as error:
        _report(error=str(error))
    except _Ended:
        pass
    finally:
        (folder / "status").unlink(missing_ok=True)
        cluster.stop()


def _keep(folder: Path, cluster: Cluster) -> None:
    """Return when nobody has used the server for a moment, holding the users' lock, so that none comes meanwhile.

    A crashed server is started again, unless it crashes again and again.
    """
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    idle_since: float | None = None
    crashes: list[float] = []
    while True:
        time.sleep(_POLL)
        if cluster.crashed():
            (folder / "status").unlink(missing_ok=True)
            now = time.monotonic()
            crashes = [moment for moment in crashes if now - moment < _CRASH_WINDOW] + [now]
            if len(crashes) > _CRASHES or not cluster.data.exists():
                raise ClusterError("the server crashes again and again")
            _publish(folder, *cluster.start(_PATIENCE))
        if not locks.try_upgrade(users):
            idle_since = None
        elif idle_since is None:
            idle_since = time.monotonic()
            locks.release(users)
        elif time.monotonic() - idle_since >= _LINGER:
            return
        else:
            locks.release(users)


def _keeper_lock(folder: Path) -> int | None:
    """The lock that says a keeper lives, held until this process ends. Those who only ask hold it for an instant."""
    for _ in range(100):
        descriptor = locks.try_exclusive(folder / "keeper.lock")
        if descriptor is not None:
            return descriptor
        time.sleep(0.01)
    return None


def _publish(folder: Path, port: int, server: int) -> None:
    """Say where the server is, in one step."""
    temporary = folder / "status.new"
    temporary.write_text(json.dumps({"port": port, "server": server, "keeper": os.getpid()}), encoding="ascii")
    temporary.replace(folder / "status")


def _report(error: str | None = None) -> None:
    """Answer whoever started this process, once; it may be gone already."""
    if sys.stdout.closed:
        return
    try:
        with sys.stdout as answer:
            answer.write(json.dumps({"error": error}))
    except BrokenPipeError:
        pass
    # The number must not be given to another file, where a stray print would land.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _end(_number: int, _frame: object) -> None:
    raise _Ended


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
