"""Differences in columns that are of persons: told as any while the keys are there; afterwards, or without them, where
cells differ and why, and no text of them. What is not of persons is told before and after an erasure alike."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.revisions.conftest import LINES, handed_in
from validahub_pipeline.commands import diffing
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger import Ledger
from validahub_pipeline.revisions.differences import HANDED_IN, differences
from validahub_pipeline.rulepacks import resolve, to_json
from validahub_pipeline.stages import ingesting, referring
from validahub_pipeline.stages.revising import Decision, Kind
from validahub_pipeline.subjects.erasing import erase

PERSONAL = "Título"
BETWEEN = [(HANDED_IN, 1), (HANDED_IN, 3), (1, 2), (2, 3), (1, 3)]
WRITTEN = "Serra da Zuleica"


@pytest.fixture(params=["texts on record", "texts referred to"])
def shop(request, copy_of, monkeypatch):
    """An upload whose titles are of persons, with three revisions. All of them change what was handed in in the first
    title (a blank goes); the third one does so otherwise, and changes others and a price."""

    def marked(*given, **named):
        pack = resolve(*given, **named)
        pack = replace(pack, fields=pack.fields | {"title": replace(pack.fields["title"], pii=True)})
        return replace(pack, hash=hashlib.sha256(to_json(pack)).hexdigest())

    monkeypatch.setattr(ingesting, "resolve", marked)
    if request.param == "texts referred to":
        monkeypatch.setattr(referring, "FLOOR", 0)
        monkeypatch.setattr(referring, "SHARE_BP", 0)

    def make(services, folder):
        shop = handed_in(services, LINES, folder)
        shop.revise(Decision(Kind.ACCEPT, ("truncate_at_word",)))
        shop.revise(shop.written((1, PERSONAL, WRITTEN), (9, PERSONAL, "Broca"), (6, "Preço", "77.00")))
        return shop

    return copy_of(f"persons, {request.param}", make)


def places_and_texts(services, shop):
    found = {}
    for older, newer in BETWEEN:
        for row, _, column, code, before, after in differences(services, shop.upload, older, newer).iter_rows():
            found[older, newer, row, column] = (code, before, after)
    return found


def forget(shop) -> None:
    erase(shop.services.ledger, shop.services.subjects, shop.upload.uploaded.user_id, user="dpo", reason="17")
    shop.services.seal()


def diff(services, shop, *revisions, **options):
    values = {"fix_only": False, "key": None, "as_json": False, "output": None} | options
    diffing.diff(services.settings, shop.validation_id, revisions=revisions, **values)


def test_with_the_keys_they_are_told_as_any_other(shop) -> None:
    found = places_and_texts(shop.services, shop)

    assert found[1, 3, 1, PERSONAL] == ("manual", "Furadeira de impacto 0", WRITTEN)
    assert found[HANDED_IN, 1, 1, PERSONAL] == ("trim_whitespace", " Furadeira de impacto 0", "Furadeira de impacto 0")
    assert {row for older, newer, row, _ in found if (older, newer) == (1, 2)} == {5, 12}
    assert {row for older, newer, row, _ in found if (older, newer) == (2, 3)} == {1, 6, 9}


@pytest.mark.parametrize("because", ["erased", "sealed"])
def test_without_them_the_same_cells_differ_and_say_nothing(shop, because) -> None:
    before = places_and_texts(shop.services, shop)
    services = shop.services
    if because == "erased":
        forget(shop)
    else:
        lake = services.lake
        services = replace(services, subjects=None, ledger=Ledger(lake.uri("tables"), lake.storage_options()))
    after = places_and_texts(services, shop)

    assert after == {place: (told[0], None, None) if place[3] == PERSONAL else told for place, told in before.items()}


def test_a_newcomer_is_told_what_is_not_shown_and_why(shop, tmp_path, capsys) -> None:
    forget(shop)
    diff(shop.services, shop, 1, 3)
    shown = capsys.readouterr()
    assert WRITTEN not in shown.out + shown.err
    assert "Título: “[apagado]” → “[apagado]”" in shown.out
    assert "4 destas células aparecem sem o texto: Título" in shown.err

    diff(shop.services, shop, 1, 3, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["hidden"] == {"columns": [PERSONAL], "because": "erased", "cells": 4}
    assert {(one["before"], one["after"]) for one in told["changes"] if one["column"] == PERSONAL} == {(None, None)}
    assert [one["after"] for one in told["changes"] if one["column"] == "Preço"] == ["77.00"]

    diff(shop.services, shop, 1, 3, output=tmp_path / "diff.csv")
    assert "[apagado]" in (tmp_path / "diff.csv").read_text(encoding="utf-8")


def test_fixes_leave_out_what_is_not_shown_and_say_so(shop, tmp_path, capsys) -> None:
    forget(shop)
    diff(shop.services, shop, 1, 3, output=tmp_path / "fixes.csv", fix_only=True)

    with (tmp_path / "fixes.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["SKU", "Preço"], ["A-5", "77.00"]]
    assert "4 células alteradas não estão nele: Título" in capsys.readouterr().err
    with pytest.raises(InputError) as raised:
        diff(shop.services, shop, 1, 3, output=tmp_path / "more.csv", fix_only=True, key=PERSONAL)
    assert raised.value.code == "key_hidden"
    assert not (tmp_path / "more.csv").exists()


def test_when_the_catalogues_have_gone_too_that_is_what_is_told(shop, tmp_path) -> None:
    forget(shop)
    shutil.rmtree(next(Path(shop.services.settings.lake).glob(f"validations/*/*/*/{shop.validation_id}")))

    for options in ({}, {"output": tmp_path / "fixes.csv", "fix_only": True}):
        with pytest.raises(InputError) as raised:
            diff(shop.services, shop, 1, 3, **options)
        assert raised.value.code == "catalogue_erased"
    assert not (tmp_path / "fixes.csv").exists()


def test_without_columns_of_persons_an_erasure_changes_nothing(services, tmp_path) -> None:
    shop = handed_in(services, LINES, tmp_path)
    shop.revise(shop.written((1, PERSONAL, "Serra"), (6, "Preço", "77.00")))
    before = differences(services, shop.upload, HANDED_IN, 2)
    forget(shop)
    diff(services, shop, 1, 2, output=tmp_path / "fixes.csv", fix_only=True)

    assert differences(services, shop.upload, HANDED_IN, 2).equals(before)
    with (tmp_path / "fixes.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["SKU", "Título", "Preço"],
            ["A-0", "Serra", "1299.90"],
            ["A-5", "Furadeira de impacto 5", "77.00"],
        ]
