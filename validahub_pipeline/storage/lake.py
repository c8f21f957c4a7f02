"""The lake's interface: immutable objects by key, replaceable manifests, and the roots of the Delta tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class ObjectInfo:
    """One object of a listing. `token` changes whenever the object does and costs nothing to obtain (S3: ETag or
    version id; local folder: size, mtime and inode): it tells whether something must be looked at again."""

    key: str
    size: int
    token: str


@dataclass(frozen=True)
class StoredObject:
    """One object as it was stored: key in the lake, size in bytes, sha256 in hex."""

    key: str
    size: int
    sha256: str


class Lake(Protocol):
    """A local folder or an S3 bucket."""

    root: str

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Each object under a prefix once, in an order of the store's own (not every S3 server sorts by key).

        A failed listing raises; it is never an empty one.
        """
        ...

    def version(self, info: ObjectInfo) -> str:
        """The name of these bytes for `Drop.version` (S3: the token itself; local: a hash of the content)."""
        ...

    def stat(self, key: str) -> ObjectInfo:
        """One object as a listing would show it. Raises StorageError (`object_missing`)."""
        ...

    def exists(self, key: str) -> bool:
        """Whether an object lies under the key."""
        ...

    def put_file(
        self, local: Path, key: str, *, move: bool = False, replace: bool = False, expect: str | None = None
    ) -> StoredObject:
        """Store a local file under a new key, all or nothing. With `move` the local file is consumed; `replace` is for
        the inbox alone, where a seller may drop a new version under an old name. Where the bytes do not have the
        sha256 `expect`, nothing is stored: StorageError (`object_changed`).

        The same bytes again are accepted (a retry); other bytes under an existing key raise StorageError
        (`object_exists`): objects are immutable.
        """
        ...

    def put_bytes(self, data: bytes, key: str, *, replace: bool = False) -> StoredObject:
        """Store bytes, all or nothing; `replace` is for the manifest alone."""
        ...

    def read_bytes(self, key: str) -> bytes:
        """All bytes of an object. Raises StorageError (`object_missing`)."""
        ...

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """All bytes of an object, and the tag by which `swap_bytes` recognises them; None where there is no object."""
        ...

    def swap_bytes(self, data: bytes, key: str, *, tag: str | None) -> bool:
        """Replace the object that was read under a tag (None: where there was none), unless somebody else has done so
        since; whether it was replaced. For the ledger's checkpoint, which several processes may sign at once."""
        ...

    def local(self, key: str) -> AbstractContextManager[Path]:
        """The object as a readable local file: the file itself in a local folder, a scratch copy from S3."""
        ...

    def sha256(self, key: str) -> str:
        """Hex digest of an object's bytes, read again from storage."""
        ...

    def uri(self, key: str) -> str:
        """Where a person or a tool finds the object: an absolute path, or s3://..."""
        ...

    def storage_options(self) -> dict[str, str] | None:
        """What deltalake and polars need to reach `uri(...)`; None for a local folder."""
        ...
