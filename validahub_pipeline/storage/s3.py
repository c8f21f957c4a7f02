"""The lake in an S3 bucket: objects are created by conditional writes, so that none is ever written over.

Calls go through s3fs's event loop and its retries, but not through its files and listings: those cache, and its
exclusive mode tells an existing object from other failures only sometimes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import s3fs  # type: ignore[import-untyped]
from fsspec.asyn import sync  # type: ignore[import-untyped]

from validahub_pipeline.errors import StorageError
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage.lake import ObjectInfo, StoredObject
from validahub_pipeline.storage.layout import key_parts
from validahub_pipeline.storage.partial import partial_file
from validahub_pipeline.storage.refusals import require_bytes
from validahub_pipeline.storage.s3_answers import (
    BROKEN,
    CONFLICT,
    NOT_FOUND,
    PRECONDITION_FAILED,
    etag,
    explain,
    status,
)
from validahub_pipeline.storage.s3_transfer import ATTEMPTS, Transfer

_BLOCK: Final = 1 << 20


class S3Lake:
    """See `Lake`. Files from 8 MiB go up in parts; what a killed upload leaves behind is invisible and is removed by
    the bucket's lifecycle rule for incomplete uploads."""

    def __init__(self, settings: Settings, *, retain_days: int | None = None) -> None:
        """`retain_days` locks each small object for so long against everybody (Object Lock, compliance mode)."""
        self._retain_days = retain_days
        bucket, _, prefix = settings.lake.removeprefix("s3://").strip("/").partition("/")
        self.root = f"s3://{bucket}/{prefix}".rstrip("/")
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._scratch = settings.scratch
        self._options = _storage_options(settings)
        secret = settings.s3_secret_access_key
        self._fs = s3fs.S3FileSystem(
            key=settings.s3_access_key_id,
            secret=secret.get_secret_value() if secret else None,
            endpoint_url=settings.s3_endpoint_url,
            client_kwargs={"region_name": settings.s3_region},
            config_kwargs={
                "connect_timeout": 5,
                "read_timeout": 60,
                "retries": {"mode": "standard", "max_attempts": 2},
            },
            skip_instance_cache=True,
        )
        self._transfer = Transfer(self._request)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `Lake.list`. The token is the ETag."""
        position: dict[str, str] = {}
        while True:
            with self._explained(prefix):
                page = self._call("list_objects_v2", Prefix=self._prefix + prefix, **position)
            for found in page.get("Contents", ()):
                if not found["Key"].endswith("/"):
                    key = found["Key"].removeprefix(self._prefix)
                    yield ObjectInfo(key, found["Size"], etag(found))
            if not page["IsTruncated"]:
                return
            position = {"ContinuationToken": page["NextContinuationToken"]}

    def version(self, info: ObjectInfo) -> str:
        """The ETag."""
        return info.token

    def stat(self, key: str) -> ObjectInfo:
        """See `Lake.stat`."""
        with self._explained(key):
            head = self._call("head_object", Key=self._name(key))
        return ObjectInfo(key, head["ContentLength"], etag(head))

    def exists(self, key: str) -> bool:
        """See `Lake.exists`."""
        try:
            self.stat(key)
        except StorageError as error:
            if error.code == "object_missing":
                return False
            raise
        return True

    def put_file(
        self, local: Path, key: str, *, move: bool = False, replace: bool = False, expect: str | None = None
    ) -> StoredObject:
        """See `Lake.put_file`."""
        with local.open("rb") as file:
            stored = self._put(file, key, replace=replace, expect=expect)
        if move:
            local.unlink()
        return stored

    def put_bytes(self, data: bytes, key: str, *, replace: bool = False) -> StoredObject:
        """See `Lake.put_bytes`."""
        return self._put(io.BytesIO(data), key, replace=replace, expect=None)

    def read_bytes(self, key: str) -> bytes:
        """See `Lake.read_bytes`."""
        content = io.BytesIO()
        self._read(key, content.write)
        return content.getvalue()

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """See `Lake.read_tagged`. The tag is the ETag."""
        content = io.BytesIO()
        try:
            tag = self._read(key, content.write)
        except StorageError as error:
            if error.code == "object_missing":
                return None
            raise
        return content.getvalue(), tag

    def swap_bytes(self, data: bytes, key: str, *, tag: str | None) -> bool:
        """See `Lake.swap_bytes`. A request whose answer was lost may be repeated by the client and then be refused, so
        whoever gets False has to read again before he believes that another was faster."""
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            self._call("put_object", Key=self._name(key), Body=data, **condition)
        except BROKEN as error:
            if status(error) in {CONFLICT, PRECONDITION_FAILED} or (tag and status(error) == NOT_FOUND):
                return False
            raise explain(error, key, self.root) from error
        return True

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """A copy in the scratch folder, named after the key's last part, removed at the end."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        with partial_file(self._scratch, suffix=f"-{key_parts(key)[-1]}") as (path, file):
            self._read(key, file.write)
            with self._explained(key):
                file.flush()
            yield path

    def sha256(self, key: str) -> str:
        """See `Lake.sha256`."""
        digest = hashlib.sha256()
        self._read(key, digest.update)
        return digest.hexdigest()

    def uri(self, key: str) -> str:
        """`s3://bucket/prefix/key`."""
        return f"s3://{self._bucket}/{self._name(key)}"

    def storage_options(self) -> dict[str, str]:
        """Options of object_store, which deltalake and polars are built on."""
        return dict(self._options)

    def _name(self, key: str) -> str:
        return self._prefix + "/".join(key_parts(key))

    def _put(self, file: BinaryIO, key: str, *, replace: bool, expect: str | None) -> StoredObject:
        """Upload all or nothing; where the key is taken, accept the same bytes."""
        condition = {} if replace else {"IfNoneMatch": "*"}
        for attempt in range(ATTEMPTS):
            file.seek(0)
            try:
                if not replace and self.exists(key):
                    return self._accept_same(file, key, expect)
                stored: StoredObject = sync(
                    self._fs.loop,
                    self._transfer.upload,
                    file,
                    key,
                    self._name(key),
                    condition=condition,
                    retention=self._retention(),
                    expect=expect,
                )
                return stored
            except BROKEN as error:
                answered = status(error)
                if answered == CONFLICT and attempt + 1 < ATTEMPTS:
                    # Another conditional write to the key was under way; the next look tells how it ended.
                    continue
                if answered == PRECONDITION_FAILED:
                    file.seek(0)
                    return self._accept_same(file, key, expect)
                raise explain(error, key, self.root) from error
        raise AssertionError("the last attempt returns or raises")

    def _accept_same(self, file: BinaryIO, key: str, expect: str | None) -> StoredObject:
        size, digest = 0, hashlib.sha256()
        while block := file.read(_BLOCK):
            size += len(block)
            digest.update(block)
        offered = StoredObject(key, size, digest.hexdigest())
        require_bytes(offered, expect)
        if self.stat(key).size != size or self.sha256(key) != offered.sha256:
            raise StorageError("object_exists", object=key)
        return offered

    def _retention(self) -> dict[str, Any]:
        if self._retain_days is None:
            return {}
        until = datetime.now(UTC) + timedelta(days=self._retain_days)
        return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}

    def _read(self, key: str, write: Callable[[bytes], object]) -> str:
        with self._explained(key):
            tag: str = sync(self._fs.loop, self._transfer.download, self._name(key), write)
        return tag

    async def _request(self, method: str, **arguments: Any) -> Any:
        return await self._fs._call_s3(method, Bucket=self._bucket, **arguments)

    def _call(self, method: str, **arguments: Any) -> Any:
        return self._fs.call_s3(method, Bucket=self._bucket, **arguments)

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        """Turn what the server or the network refuses into an error that names the remedy."""
        try:
            yield
        except BROKEN as error:
            raise explain(error, key, self.root) from error


def _storage_options(settings: Settings) -> dict[str, str]:
    options = {"aws_region": settings.s3_region}
    if settings.s3_endpoint_url:
        options["aws_endpoint_url"] = settings.s3_endpoint_url
        options["aws_virtual_hosted_style_request"] = "false"
        options["aws_allow_http"] = str(settings.s3_endpoint_url.startswith("http://")).lower()
    if settings.s3_access_key_id and settings.s3_secret_access_key:
        options["aws_access_key_id"] = settings.s3_access_key_id
        options["aws_secret_access_key"] = settings.s3_secret_access_key.get_secret_value()
    return options
