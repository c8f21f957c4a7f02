"""What the tests of the Dagster wiring share: services on a fresh home, a code location over them, small catalogues."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import pytest

from validahub_pipeline.build import build_defs
from validahub_pipeline.embedded.services import ServiceUrls
from validahub_pipeline.embedded.services import services as running_services
from validahub_pipeline.resources import Pipeline
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import Services, deposit, open_services
from validahub_pipeline.storage.layout import Drop

HERE = Path(__file__).parent
HEADER = "SKU;Título;Preço;Estoque;GTIN/EAN;Condição\n"
GOOD = "".join(f"A-{n};Furadeira de impacto {n};1.299,9{n % 10};5;;novo\n" for n in range(39))
# What may be suggested for it, a person decides about.
GOOD += "A-39;FURADEIRA DE IMPACTO PROFISSIONAL;10,00;5;;novo\n"
# A title is required, and most rows have none.
HOPELESS = "".join(f"A-{n};;10,00;5;;novo\n" for n in range(40))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            # Dagster asks pydantic for a name that pydantic has deprecated; theirs to mend.
            item.add_marker(pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"))


@pytest.fixture
def urls(settings: Settings) -> Iterator[ServiceUrls]:
    with running_services(settings) as urls:
        yield urls


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """Services on a fresh home with a local lake; nobody asks for read models here."""
    return open_services(Settings(home=tmp_path / "home"))


@pytest.fixture
def pipeline(services: Services) -> Pipeline:
    return Pipeline(lambda: services, lambda _: nullcontext())


@pytest.fixture
def defs(pipeline: Pipeline) -> dg.Definitions:
    """The code location over the test's services."""
    return build_defs(resource_overrides={"pipeline": pipeline})


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[..., Path]:
    """Makes small CSV files: `catalogue("good")`, `catalogue("hopeless")` (the gate refuses it), `catalogue("empty")`;
    under a name of one's own with `name=`."""
    contents = {"good": HEADER + GOOD, "hopeless": HEADER + HOPELESS, "empty": ""}

    def make(kind: str, *, name: str | None = None) -> Path:
        path = tmp_path / (name or f"{kind}.csv")
        path.write_text(contents[kind], encoding="utf-8")
        return path

    return make


@pytest.fixture
def drop(services: Services, catalogue: Callable[..., Path]) -> Callable[..., Drop]:
    """Drops a small catalogue into the inbox: `drop("good")`."""

    def make(kind: str, *, name: str | None = None) -> Drop:
        path = catalogue(kind, name=name)
        return deposit(services, path, user="maria", marketplace="mercado_livre", category="all")

    return make
