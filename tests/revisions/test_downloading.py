"""Files handed out: on record first, byte for byte as recorded, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from validahub_pipeline.commands import downloading
from validahub_pipeline.errors import InputError, LedgerError, StorageError
from validahub_pipeline.ledger import Ledger
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.stages.revising import Decision, Kind


def download(shop, version: str, target: Path | str, *, revision: int | None = None, user: str = "auditor") -> int:
    return downloading.download(
        shop.services.settings, shop.validation_id, version=version, revision=revision, user=user, output=str(target)
    )


def downloads(shop) -> list[dict]:
    return [event.changes for event in shop.upload.events if event.action == Action.FILE_DOWNLOADED]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stored(shop, changes) -> Path:
    return Path(shop.services.lake.uri(changes["key"]))


def damage(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("version", downloading.VERSIONS)
def test_every_version_comes_out_as_it_lies_in_the_lake_and_on_record(shop, tmp_path, version) -> None:
    assert download(shop, version, tmp_path / "out.csv") == 0

    changes = downloads(shop)[-1]
    assert (tmp_path / "out.csv").read_bytes() == stored(shop, changes).read_bytes()
    assert sha256(tmp_path / "out.csv") == changes["sha256"]
    assert (changes["version"], changes["revision"]) == (version, 1 if version == "corrected" else None)
    assert shop.upload.event(Action.FILE_DOWNLOADED).user_id == shop.services.subjects.find("auditor").id


def test_every_revision_stays_to_be_had(shop, tmp_path) -> None:
    shop.revise(Decision(Kind.ACCEPT, ("truncate_at_word",)))

    download(shop, "corrected", tmp_path / "last.csv")
    download(shop, "corrected", tmp_path / "first.csv", revision=1)

    assert [changes["revision"] for changes in downloads(shop)] == [2, 1]
    assert sha256(tmp_path / "last.csv") != sha256(tmp_path / "first.csv")


def test_each_download_is_an_act_of_its_own(shop, tmp_path) -> None:
    for _ in range(2):
        download(shop, "original", tmp_path / "out.csv")

    assert len(downloads(shop)) == 2


def test_no_byte_leaves_where_the_event_cannot_be_written(shop, tmp_path, monkeypatch, capfdbinary) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LedgerError("ledger_unavailable", cause="unplugged", tables="")

    monkeypatch.setattr(Ledger, "append", fail)

    for target in (tmp_path / "out.csv", "-"):
        with pytest.raises(LedgerError):
            download(shop, "corrected", target)
    assert list(tmp_path.glob("*out*")) == []
    assert capfdbinary.readouterr().out == b""


@pytest.mark.parametrize("to_stdout", [False, True])
def test_other_bytes_than_those_on_record_are_handed_out_to_nobody(shop, tmp_path, capfdbinary, to_stdout) -> None:
    download(shop, "corrected", tmp_path / "before.csv")
    damage(stored(shop, downloads(shop)[-1]))

    with pytest.raises(StorageError) as raised:
        download(shop, "corrected", "-" if to_stdout else tmp_path / "out.csv")

    assert raised.value.code == "object_altered"
    assert list(tmp_path.glob("*out*")) == []
    assert list(tmp_path.glob(".*.part")) == []
    assert capfdbinary.readouterr().out == b""


def test_what_is_gone_is_told_and_not_on_record(shop, tmp_path) -> None:
    download(shop, "quarantine", tmp_path / "before.csv")
    stored(shop, downloads(shop)[-1]).unlink()

    with pytest.raises(StorageError) as raised:
        download(shop, "quarantine", tmp_path / "out.csv")

    assert raised.value.code == "object_missing"
    assert len(downloads(shop)) == 1


def test_a_file_that_was_there_is_kept_until_the_new_one_is_whole(shop, tmp_path) -> None:
    (tmp_path / "out.csv").write_bytes(b"mine")
    download(shop, "corrected", tmp_path / "before.csv")
    damage(stored(shop, downloads(shop)[-1]))

    with pytest.raises(StorageError):
        download(shop, "corrected", tmp_path / "out.csv")

    assert (tmp_path / "out.csv").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("version", "revision", "code"),
    [
        ("corected", None, "version_unknown"),
        ("corrected", 7, "revision_unknown"),
        ("original", 1, "revision_of_no_version"),
    ],
)
def test_what_there_is_not_is_told_and_not_on_record(shop, tmp_path, version, revision, code) -> None:
    with pytest.raises(InputError) as raised:
        download(shop, version, tmp_path / "out.csv", revision=revision)

    assert raised.value.code == code
    assert downloads(shop) == []


def test_a_refused_upload_has_no_corrected_version(hand_in, tmp_path) -> None:
    refused = hand_in([f"A-{n};;10,00;5;;novo\n" for n in range(10)])

    with pytest.raises(InputError) as raised:
        download(refused, "corrected", tmp_path / "out.csv")

    assert raised.value.code == "version_not_there"
