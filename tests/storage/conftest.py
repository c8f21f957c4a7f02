"""Both kinds of lake, so that one test holds for either."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import Lake, open_lake


@pytest.fixture
def local_lake(tmp_path: Path) -> Lake:
    """An empty lake in a folder."""
    return open_lake(Settings(home=tmp_path / "home"))


@pytest.fixture
def s3_lake(s3_settings: dict[str, Any]) -> Lake:
    """An empty lake in a bucket of a real server."""
    return open_lake(Settings(**s3_settings))


@pytest.fixture(params=["local_lake", "s3_lake"])
def lake(request: pytest.FixtureRequest) -> Lake:
    """Each kind in turn."""
    kind: Lake = request.getfixturevalue(request.param)
    return kind


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 4 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "small", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)
