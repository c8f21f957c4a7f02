"""An upload that could not be processed ends with a report that says why, which its event vouches for."""

from __future__ import annotations

import hashlib

import pytest

from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import deposit, ingest, open_services
from validahub_pipeline.stages import manifest as manifests
from validahub_pipeline.stages.upload import Upload


def failed(tmp_path, marketplace):
    file = tmp_path / "vazio.csv"
    file.write_bytes(bytes(range(8)) * 500)
    services = open_services(Settings(home=tmp_path / "home"))
    drop = deposit(services, file, user="maria", marketplace=marketplace, category="all")
    with pytest.raises(InputError) as error:
        ingest(services, drop, lang="es")
    upload = Upload.load(services, drop.validation_id)
    assert upload is not None
    return services, upload, error.value


def test_a_failed_upload_has_a_report_that_says_why(tmp_path):
    services, upload, error = failed(tmp_path, "mercado_livre")

    described = upload.changes(Action.VALIDATION_FAILED)["objects"]["report"]
    page = services.lake.read_bytes(described["key"])
    assert hashlib.sha256(page).hexdigest() == described["sha256"]
    assert "No se pudo procesar el archivo" in page.decode("utf-8")
    assert error.render("es")[:20] in page.decode("utf-8")
    manifest = manifests.read(services, upload)
    assert manifest["failure"]["error"]["message"] == error.render("es")
    assert manifest["objects"]["original"]["sha256"] == upload.uploaded.changes["sha256"]


def test_where_no_rules_are_known_the_event_alone_says_why(tmp_path):
    _, upload, _ = failed(tmp_path, "feira_da_esquina")

    assert "objects" not in upload.changes(Action.VALIDATION_FAILED)
