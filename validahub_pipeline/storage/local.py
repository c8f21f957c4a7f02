"""The lake in a local folder: keys are relative paths, objects are files that appear complete or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from validahub_pipeline.errors import StorageError
from validahub_pipeline.storage.lake import ObjectInfo, StoredObject
from validahub_pipeline.storage.layout import key_parts
from validahub_pipeline.storage.partial import is_partial, partial_file
from validahub_pipeline.storage.refusals import no_space_left, require_bytes

_BLOCK: Final = 1 << 20
_NO_HARD_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


class LocalLake:
    """See `Lake`. What is stored is on disk, not merely handed to the operating system, when a put returns."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._folder = root

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `Lake.list`. Raises StorageError (`lake_unreachable`), also where the lake's own folder is gone."""
        with self._explained(prefix):
            yield from self._walk(self._folder, "", prefix, ())

    def version(self, info: ObjectInfo) -> str:
        """The sha256 of the content. Raises StorageError (`object_changed`) if it is no longer what was listed."""
        with self._explained(info.key), self._open(info.key) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if self._info(info.key, os.fstat(file.fileno())) != info:
                raise StorageError("object_changed", retryable=True, object=info.key)
        return digest

    def stat(self, key: str) -> ObjectInfo:
        """See `Lake.stat`."""
        with self._explained(key):
            try:
                status = self._path(key).stat()
            except (FileNotFoundError, NotADirectoryError) as error:
                raise self._missing(key) from error
            if not stat.S_ISREG(status.st_mode):
                raise self._missing(key)
            return self._info(key, status)

    def exists(self, key: str) -> bool:
        """See `Lake.exists`."""
        with self._explained(key):
            return self._path(key).is_file()

    def put_file(
        self, local: Path, key: str, *, move: bool = False, replace: bool = False, expect: str | None = None
    ) -> StoredObject:
        """See `Lake.put_file`. Moving within a file system costs no copy."""
        target = self._path(key)
        with self._explained(key):
            self._make_folder(target.parent)
            if not replace and target.is_file():
                stored = self._accept_same(key, *_digest_of(local), expect)
            elif move and _can_move(local, target.parent):
                stored = self._move(local, key, replace=replace, expect=expect)
            else:
                with local.open("rb") as source:
                    stored = self._copy(source, key, replace=replace, expect=expect)
            if move:
                local.unlink(missing_ok=True)
        return stored

    def put_bytes(self, data: bytes, key: str, *, replace: bool = False) -> StoredObject:
        """See `Lake.put_bytes`."""
        target = self._path(key)
        stored = StoredObject(key, len(data), hashlib.sha256(data).hexdigest())
        with self._explained(key):
            self._make_folder(target.parent)
            with partial_file(target.parent) as (path, file):
                file.write(data)
                self._publish(path, file, stored, replace=replace)
        return stored

    def read_bytes(self, key: str) -> bytes:
        """See `Lake.read_bytes`."""
        with self._explained(key), self._open(key) as file:
            return file.read()

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """See `Lake.read_tagged`. The tag is the sha256 of the content."""
        try:
            data = self.read_bytes(key)
        except StorageError as error:
            if error.code == "object_missing":
                return None
            raise
        return data, hashlib.sha256(data).hexdigest()

    def swap_bytes(self, data: bytes, key: str, *, tag: str | None) -> bool:
        """See `Lake.swap_bytes`. Those who swap in one folder wait for each other; a killed one's lock goes with it."""
        folder = self._path(key).parent
        with self._explained(key):
            self._make_folder(folder)
            with _locked(folder):
                found = self.read_tagged(key)
                if (found[1] if found else None) != tag:
                    return False
                self.put_bytes(data, key, replace=True)
        return True

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """The file itself, not a copy. Raises StorageError (`object_missing`)."""
        self.stat(key)
        yield self._path(key)

    def sha256(self, key: str) -> str:
        """See `Lake.sha256`."""
        with self._explained(key), self._open(key) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def uri(self, key: str) -> str:
        """An absolute path."""
        return str(self._path(key))

    def storage_options(self) -> None:
        """None: a path needs no options."""

    def _path(self, key: str) -> Path:
        return self._folder.joinpath(*key_parts(key))

    @contextmanager
    def _open(self, key: str) -> Iterator[io.BufferedReader]:
        try:
            file = self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise self._missing(key) from error
        with file:
            yield file

    def _missing(self, key: str) -> StorageError:
        return StorageError("object_missing", object=key, root=self.root)

    def _info(self, key: str, status: os.stat_result) -> ObjectInfo:
        return ObjectInfo(key, status.st_size, f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}")

    def _walk(self, folder: Path, at: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[ObjectInfo]:
        """Files below `folder`, whose keys start with `at`, folder by folder in the order of names.

        Links are followed, since an inbox may lie elsewhere; one that leads back up ends the descent.
        """
        status = folder.stat()
        here = (status.st_dev, status.st_ino)
        if here in above:
            return
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            key = at + entry.name
            try:
                if entry.is_dir():
                    below = f"{key}/"
                    if below.startswith(prefix) or prefix.startswith(below):
                        yield from self._walk(Path(entry.path), below, prefix, (*above, here))
                elif key.startswith(prefix) and not is_partial(entry.name) and entry.is_file():
                    yield self._info(key, entry.stat())
            except FileNotFoundError:
                # Gone since the folder was read: as if it had gone a moment earlier.
                continue

    def _copy(self, source: BinaryIO, key: str, *, replace: bool, expect: str | None) -> StoredObject:
        digest, size = hashlib.sha256(), 0
        with partial_file(self._path(key).parent) as (path, file):
            while block := source.read(_BLOCK):
                digest.update(block)
                size += len(block)
                file.write(block)
            stored = StoredObject(key, size, digest.hexdigest())
            require_bytes(stored, expect)
            self._publish(path, file, stored, replace=replace)
        return stored

    def _move(self, local: Path, key: str, *, replace: bool, expect: str | None) -> StoredObject:
        with local.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            stored = StoredObject(key, os.fstat(file.fileno()).st_size, digest)
            require_bytes(stored, expect)
            self._publish(local, file, stored, replace=replace)
        return stored

    def _publish(self, path: Path, file: BinaryIO, stored: StoredObject, *, replace: bool) -> None:
        """Give a complete file its final name; never over another object, unless `replace`."""
        target = self._path(stored.key)
        file.flush()
        os.fsync(file.fileno())
        if replace:
            path.replace(target)
        else:
            try:
                _link(path, target)
            except FileExistsError:
                self._accept_same(stored.key, stored.size, stored.sha256, None)
        _sync_folder(target.parent)

    def _accept_same(self, key: str, size: int, digest: str, expect: str | None) -> StoredObject:
        offered = StoredObject(key, size, digest)
        require_bytes(offered, expect)
        if self.stat(key).size != size or self.sha256(key) != digest:
            raise StorageError("object_exists", object=key)
        return offered

    def _make_folder(self, folder: Path) -> None:
        """Make a folder inside the lake, durably. The lake's own folder must exist: it may be an unmounted disk."""
        missing = []
        while not folder.is_dir():
            if folder == self._folder:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
            missing.append(folder)
            folder = folder.parent
        for child in reversed(missing):
            child.mkdir(exist_ok=True)
            _sync_folder(child.parent)

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        """Turn what the operating system refuses into an error that names the remedy."""
        try:
            yield
        except OSError as error:
            if (full := no_space_left(error, key)) is not None:
                raise full from error
            cause = os.strerror(error.errno) if error.errno else str(error)
            where = f"{error.filename}: {cause}" if error.filename else cause
            raise StorageError("lake_unreachable", retryable=True, root=self.root, cause=where) from error


def _digest_of(local: Path) -> tuple[int, str]:
    with local.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return os.fstat(file.fileno()).st_size, digest


def _can_move(local: Path, folder: Path) -> bool:
    """Whether a rename will do. A file with another name or behind a link could still be changed under the lake."""
    status = local.lstat()
    return not local.is_symlink() and status.st_nlink == 1 and status.st_dev == folder.stat().st_dev


def _link(path: Path, target: Path) -> None:
    """Name a file `target` unless that name is taken.

    Without hard links (exFAT, some network shares) a look and a rename must do, between which another writer may slip.
    """
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        path.rename(target)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
