"""Bytes on their way to and from a bucket: whole or in parts, and on from where a connection broke."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, Final

import aiohttp
from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

from validahub_pipeline.storage.lake import StoredObject
from validahub_pipeline.storage.refusals import require_bytes
from validahub_pipeline.storage.s3_answers import BROKEN

Request = Callable[..., Awaitable[Any]]
"""Called as `request(method, Key=..., ...)`: one call to the server about the bucket."""

ATTEMPTS: Final = 5

_Parts = list[dict[str, Any]]

_BLOCK: Final = 1 << 20
_PART: Final = 8 << 20
_PARTS_AT_ONCE: Final = 4


class Transfer:
    """Uploads and downloads of one bucket, on the event loop of whoever made it."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def upload(
        self,
        file: BinaryIO,
        key: str,
        name: str,
        *,
        condition: Mapping[str, str],
        retention: Mapping[str, Any],
        expect: str | None,
    ) -> StoredObject:
        """The rest of a file, as the object of a name in the bucket; from 8 MiB on in parts. `retention` is for small
        ones only. What arrives is what was read, which must have the sha256 `expect`."""
        digest = hashlib.sha256()
        first = file.read(_PART)
        digest.update(first)
        if len(first) < _PART:
            stored = StoredObject(key, len(first), digest.hexdigest())
            require_bytes(stored, expect)
            await self._request("put_object", Key=name, Body=first, **condition, **retention)
            return stored
        upload = await self._request("create_multipart_upload", Key=name)
        where = {"Key": name, "UploadId": upload["UploadId"]}
        try:
            size, parts = await self._upload_parts(file, first, digest, where)
            stored = StoredObject(key, size, digest.hexdigest())
            require_bytes(stored, expect)
            await self._request("complete_multipart_upload", MultipartUpload={"Parts": parts}, **where, **condition)
        except BaseException:
            with suppress(*BROKEN):
                await self._request("abort_multipart_upload", **where)
            raise
        return stored

    async def _upload_parts(
        self, file: BinaryIO, first: bytes, digest: hashlib._Hash, where: Mapping[str, str]
    ) -> tuple[int, _Parts]:
        """Upload the rest of a file in parts, a few at once; its size and the parts as S3 wants them named."""
        size, number, block = 0, 0, first
        free = asyncio.Semaphore(_PARTS_AT_ONCE)

        async def upload(number: int, block: bytes) -> dict[str, Any]:
            try:
                done = await self._request("upload_part", PartNumber=number, Body=block, **where)
            finally:
                free.release()
            return {"PartNumber": number, "ETag": done["ETag"]}

        tasks = []
        try:
            async with asyncio.TaskGroup() as group:
                while block:
                    number, size = number + 1, size + len(block)
                    await free.acquire()
                    tasks.append(group.create_task(upload(number, block)))
                    block = file.read(_PART)
                    digest.update(block)
        except BaseExceptionGroup as failed:
            # One cause is enough to explain, and whoever explains knows single errors.
            raise failed.exceptions[0] from None
        return size, [task.result() for task in tasks]

    async def download(self, name: str, write: Callable[[bytes], object]) -> str:
        """Hand every byte of one version of an object to `write`; its ETag. Goes on where a broken connection
        stopped."""
        position, size, failures = 0, None, 0
        same: dict[str, str] = {}
        while size is None or position < size:
            response = await self._request("get_object", Key=name, **same)
            size = position + response["ContentLength"]
            try:
                async with response["Body"] as body:
                    while block := await body.read(_BLOCK):
                        write(block)
                        position += len(block)
            except (BotoCoreError, aiohttp.ClientError, TimeoutError):
                failures += 1
                if failures == ATTEMPTS:
                    raise
            same = {"Range": f"bytes={position}-", "IfMatch": response["ETag"]}
        return same["IfMatch"]
