"""Under which identity a server runs: PostgreSQL refuses root, so root steps down before starting it.

Only the standard library, since the keeper must start fast. Nothing here knows PostgreSQL.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_KEEPCAPS: Final = 8
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_OVERRIDE: Final = 1
_CAPABILITY_VERSION_3: Final = 0x20080522


@dataclass(frozen=True)
class Identity:
    """One way to run a program that refuses root.

    Attributes:
        name: `own`, `namespace` or `account`.
        owner: uid (and gid) that its data folder must belong to, as seen from outside.
        assume: called in the forked child, before exec; raises OSError where the system does not permit it.
    """

    name: str
    owner: tuple[int, int]
    assume: Callable[[], None]


def identities() -> list[Identity]:
    """The ways that may work for this process, the preferred one first.

    An ordinary user runs servers as itself; without an account of its own (a container started with any uid) it needs
    a namespace, since PostgreSQL looks up the name of its uid. Root takes a user namespace, in which root's files are
    still its own, or, where the container forbids namespaces, the account `nobody` with the one capability that lets
    it reach folders closed to others.
    """
    uid, gid = os.geteuid(), os.getegid()
    namespace = Identity("namespace", (uid, gid), lambda: _enter_namespace(uid, gid))
    if uid == 0:
        account = _unprivileged_account()
        owner = (account.pw_uid, account.pw_gid)
        return [namespace, Identity("account", owner, lambda: _become(*owner))]
    own = Identity("own", (uid, gid), lambda: None)
    return [own] if _has_account(uid) else [namespace, own]


def choose_identity(program: Path, folder: Path) -> Identity:
    """The first identity that can read `program` and pass through `folder`, tried in a child process.

    Raises:
        PermissionError: none can; the message says how each one failed.
    """
    failures = []
    for identity in identities():
        cause = _failure_of(identity, program, folder)
        if cause is None:
            return identity
        failures.append(f"{identity.name}: {cause}")
    raise PermissionError("; ".join(failures))


def die_with_parent(parent: int) -> None:
    """In a forked child: be interrupted when the parent process ends, however it ends (Linux only).

    To be called last, since a change of identity clears the request.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGINT)


def _failure_of(identity: Identity, program: Path, folder: Path) -> str | None:
    """Why an identity cannot run the program on the folder; None if it can.

    Really opens both: access(2) asks about the real uid and overlooks capabilities.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        cause = "failed without a reason"
        try:
            identity.assume()
            os.close(os.open(program, os.O_RDONLY))
            os.chdir(folder)
            cause = ""
        except OSError as error:
            cause = str(error)
        finally:
            os.write(writer, cause.encode(errors="replace")[:4000])
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        cause = answer.read().decode(errors="replace")
    os.waitpid(pid, 0)
    return cause or None


def _has_account(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return next(
            (account for account in pwd.getpwall() if account.pw_uid),
            pwd.struct_passwd(("nobody", "x", 65534, 65534, "", "/", "")),
        )


def _enter_namespace(uid: int, gid: int) -> None:
    """Become an unprivileged uid that is the present one as seen from outside, so the same files stay ours."""
    inside = _unprivileged_account()
    _check(_libc().unshare(_CLONE_NEWUSER), "unshare")
    _write("/proc/self/setgroups", b"deny")
    _write("/proc/self/uid_map", b"%d %d 1" % (inside.pw_uid, uid))
    _write("/proc/self/gid_map", b"%d %d 1" % (inside.pw_gid, gid))
    _set_capabilities(0)


def _become(uid: int, gid: int) -> None:
    """Become an account for good, keeping only the right to pass through folders that are closed to it.

    Without that right in the first place the step still succeeds: open folders need none.
    """
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    _prctl(_PR_SET_KEEPCAPS, 1)
    os.setresuid(uid, uid, uid)
    try:
        _set_capabilities(1 << _CAP_DAC_OVERRIDE)
        _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE)
    except PermissionError:
        _set_capabilities(0)


def _set_capabilities(mask: int) -> None:
    """Set effective, permitted and inheritable capabilities of this process to `mask` (the lower 32)."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", mask, mask, mask, 0, 0, 0)
    _check(_libc().capset(header, data), "capset")


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)][:4]
    _check(_libc().prctl(option, *padded), "prctl")


def _write(path: str, data: bytes) -> None:
    # Nothing may be imported here, not even a codec: the interpreter's own files may be out of reach by now.
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
