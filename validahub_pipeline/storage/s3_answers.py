"""What an S3 server's answers mean: which are failures of its own, what a status says, and how that is explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from validahub_pipeline.errors import StorageError, ValidaHubError
from validahub_pipeline.storage.refusals import no_space_left

FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
CONFLICT: Final = 409
PRECONDITION_FAILED: Final = 412
BROKEN: Final = (BotoCoreError, aiohttp.ClientError, OSError, TimeoutError)
"""What a call raises that the server or the network refuses."""


def explain(error: Exception, key: str, root: str) -> ValidaHubError:
    """Such an error as one that names the remedy; `root` is the lake."""
    if (full := no_space_left(error, key)) is not None:
        return full
    answered, code = status(error), _code(error)
    if answered == NOT_FOUND and code != "NoSuchBucket":
        return StorageError("object_missing", object=key, root=root)
    if answered == PRECONDITION_FAILED:
        return StorageError("object_changed", retryable=True, object=key)
    return StorageError("lake_unreachable", retryable=answered != FORBIDDEN, root=root, cause=str(error))


def status(error: BaseException) -> int | None:
    """The HTTP status the server answered with, or None where it did not answer."""
    answer = _client_error(error)
    return answer.response["ResponseMetadata"]["HTTPStatusCode"] if answer else None


def etag(found: Mapping[str, Any]) -> str:
    """The ETag without its quotes."""
    return str(found["ETag"]).strip('"')


def _client_error(error: BaseException) -> ClientError | None:
    """What the server answered: s3fs raises an OSError of its own choice, caused by it."""
    for candidate in (error, error.__cause__):
        if isinstance(candidate, ClientError):
            return candidate
    return None


def _code(error: BaseException) -> str | None:
    answer = _client_error(error)
    return answer.response["Error"].get("Code") if answer else None
