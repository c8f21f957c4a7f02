"""What the tests of the asset declarations share."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            # Dagster asks pydantic for a name that pydantic has deprecated; theirs to mend.
            item.add_marker(pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"))
