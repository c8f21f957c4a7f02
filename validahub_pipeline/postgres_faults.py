"""What PostgreSQL refuses, told to people: where it happened and what to do, without the password of the address."""

from __future__ import annotations

import psycopg2
from psycopg2.extensions import parse_dsn

from validahub_pipeline.errors import ValidaHubError


def unreachable(url: str, error: psycopg2.Error) -> ValidaHubError:
    """`postgres_unreachable`, retryable: the server does not answer, or lets nobody in."""
    return ValidaHubError("postgres_unreachable", retryable=True, where=_where(url), cause=str(error).strip())


def forbidden(url: str, error: psycopg2.errors.InsufficientPrivilege) -> ValidaHubError:
    """`postgres_forbidden`: the role of the address may not do what is needed."""
    role = parse_dsn(url).get("user", "")
    # The second line only repeats the statement.
    cause = str(error).strip().splitlines()[0]
    return ValidaHubError("postgres_forbidden", where=_where(url), role=role, cause=cause)


def _where(url: str) -> str:
    named = parse_dsn(url)
    return f"{named.get('host', 'localhost')}:{named.get('port', '5432')}"
