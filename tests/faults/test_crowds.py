"""A small crowd of writers at one ledger; `make crowds` lets a large one in."""

from __future__ import annotations

import pytest

from tests.faults.crowds import crowd
from validahub_pipeline.settings import Settings
from validahub_pipeline.storage import open_lake


@pytest.mark.parametrize("place", ["folder", "s3"])
def test_eight_writers_share_the_numbers_and_lose_nothing(place, tmp_path, request):
    settings = Settings(**request.getfixturevalue("s3_settings")) if place == "s3" else Settings(home=tmp_path)
    lake = open_lake(settings)
    assert crowd(lake.uri("tables"), lake.storage_options(), writers=8, appends=3) == []
