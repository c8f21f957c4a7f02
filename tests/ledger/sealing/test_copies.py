from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import botocore.exceptions
import pytest

from validahub_pipeline.errors import InputError, LedgerError
from validahub_pipeline.ledger.sealing.copies import open_copies
from validahub_pipeline.stages import open_services


@pytest.fixture
def services(local_log):
    """Services of the log's home with the given copies."""
    return lambda copies: open_services(local_log.settings.model_copy(update={"checkpoint_copies": copies}))


def test_every_checkpoint_reaches_a_folder_and_stays_there(local_log, services, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    sealed = []
    for number in range(3):
        local_log.append(f"key {number}", 2)
        sealed.append(services(str(folder)).seal())
    [copy] = open_copies(services(str(folder)).settings)
    assert copy.kept(sealed[0].origin) == sealed[::-1]
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 3


def test_a_copy_that_fails_is_told_recorded_and_made_up_for(local_log, services, tmp_path, caplog):
    folder = tmp_path / "not mounted"
    local_log.append("one", 2)
    assert services(str(folder)).seal().size == 2
    assert str(folder) in caplog.text
    with pytest.raises(LedgerError) as told:
        services(str(folder)).heartbeat()
    assert (told.value.code, local_log.verify().checkpoint.size) == ("checkpoint_copy_failed", 3)
    [beat] = local_log.ledger().read(after=2)
    [recorded] = beat.changes["copies"]
    assert (recorded["where"], recorded["size"]) == (str(folder), 0)
    assert recorded["failed"]
    folder.mkdir()
    # A run does not wait for what failed before; the heartbeat does.
    local_log.append("two", 2)
    services(str(folder)).seal()
    assert list(folder.iterdir()) == []
    assert services(str(folder)).heartbeat().size == 5
    [copy] = open_copies(services(str(folder)).settings)
    assert copy.kept(beat.resource.id)[0].size == 5


def test_a_bucket_keeps_what_it_was_given_against_everybody(local_log, s3_server, s3_settings):
    client = s3_server.client()
    client.create_bucket(Bucket="copies-locked", ObjectLockEnabledForBucket=True)
    given = {name: s3_settings[name] for name in s3_settings if name.startswith("s3_")}
    settings = local_log.settings.model_copy(
        update={**given, "checkpoint_copies": "s3://copies-locked/pins?retain_days=2"}
        | {"s3_secret_access_key": open_services(type(local_log.settings)(**s3_settings)).settings.s3_secret_access_key}
    )
    local_log.append("one", 2)
    sealed = open_services(settings).seal()
    [copy] = open_copies(settings)
    assert (copy.where, copy.kept(sealed.origin)) == ("s3://copies-locked/pins", [sealed])
    [version] = client.list_object_versions(Bucket="copies-locked")["Versions"]
    retention = client.get_object_retention(Bucket="copies-locked", Key=version["Key"], VersionId=version["VersionId"])
    assert retention["Retention"]["Mode"] == "COMPLIANCE"
    assert retention["Retention"]["RetainUntilDate"] > datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(botocore.exceptions.ClientError):
        client.delete_object(Bucket="copies-locked", Key=version["Key"], VersionId=version["VersionId"])


def test_a_webhook_gets_the_note_and_its_address_is_told_to_nobody(local_log, services, caplog):
    received = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204 if len(received) > 1 else 500)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/secret"
        local_log.append("one", 2)
        first = services(url).seal()
        last = services(url).heartbeat()
        server.shutdown()
    assert received == [first.note, first.note, last.note]
    assert "500" in caplog.text
    [beat] = local_log.ledger().read(after=2)
    assert "secret" not in caplog.text + str(beat.changes)


@pytest.mark.parametrize("place", ["relative/folder", "ftp://somewhere", "s3://bucket?retain_days=long"])
def test_a_place_that_is_none_is_refused(services, place):
    with pytest.raises(InputError) as refused:
        services(place)
    assert refused.value.code == "setting_invalid"
