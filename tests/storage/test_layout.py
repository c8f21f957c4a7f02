"""Names and keys: what an upload is called, and what is no upload."""

from __future__ import annotations

import pytest

from validahub_pipeline.storage.layout import Drop, inbox_key, key_parts, parse_inbox_key


def _drop(key: str) -> Drop | None:
    return parse_inbox_key(key, version="v1", size=1)


def test_an_inbox_key_says_who_dropped_what_for_which_marketplace() -> None:
    key = inbox_key("ana", "mercado_livre", "all", "catálogo 2026.csv")
    assert _drop(key) == Drop(key, "v1", 1, "ana", "mercado_livre", "all", "catálogo 2026.csv")


@pytest.mark.parametrize(
    "key",
    [
        "inbox/ana/mercado_livre/a.csv",
        "inbox/ana/mercado_livre/all/deeper/a.csv",
        "outbox/ana/mercado_livre/all/a.csv",
        "inbox/ana/mercado_livre/all/.a.csv",
        "inbox/ana/mercado_livre/all/a.csv.part",
        "inbox/ana/mercado_livre/all/cat\udce1logo.csv",
    ],
)
def test_what_lies_elsewhere_is_hidden_unfinished_or_unspeakable_is_no_upload(key: str) -> None:
    assert _drop(key) is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\nb", "a\0b"])
def test_no_name_can_lead_an_upload_out_of_its_place(name: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        inbox_key("ana", "mercado_livre", "all", name)


def test_the_same_drop_is_the_same_validation_and_a_new_version_is_a_new_one() -> None:
    first = parse_inbox_key("inbox/a/b/c/d.csv", version="1", size=1)
    again = parse_inbox_key("inbox/a/b/c/d.csv", version="1", size=1)
    other = parse_inbox_key("inbox/a/b/c/d.csv", version="2", size=1)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.validation_id == again.validation_id != other.validation_id
    # Given out for ever: every installation must derive the same.
    assert first.validation_id == "dd49593e-a232-56b9-93da-2d3139673e2c"


def test_a_key_consists_of_plain_names() -> None:
    assert key_parts("validations/2026/x.csv") == ("validations", "2026", "x.csv")
