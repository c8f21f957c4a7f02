"""A working folder that cannot be made is told with its remedy, and the upload may be tried again."""

from __future__ import annotations

import pytest

from validahub_pipeline.errors import StorageError
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import deposit, ingest, open_services


def test_a_scratch_folder_that_cannot_be_made_is_explained_and_the_upload_goes_on_later(tmp_path):
    file, in_the_way = tmp_path / "c.csv", tmp_path / "scratch"
    file.write_text("SKU;Título;Preço\nA1;Caneca;9,90\n", encoding="utf-8")
    in_the_way.write_bytes(b"")
    services = open_services(Settings(home=tmp_path / "home", scratch_folder=in_the_way))
    drop = deposit(services, file, user="maria", marketplace="mercado_livre", category="all")

    with pytest.raises(StorageError) as refused:
        ingest(services, drop, lang="en")

    assert (refused.value.code, refused.value.retryable) == ("scratch_unusable", True)
    assert str(in_the_way) in refused.value.render("en")
    in_the_way.unlink()
    assert ingest(services, drop, lang="en").changes["records"] == 1
