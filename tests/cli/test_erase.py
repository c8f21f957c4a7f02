"""`validahub audit erase`, and what is told of an erased person afterwards, in each language."""

from __future__ import annotations

import json

import pytest

from tests import commands


@pytest.fixture
def validahub(tmp_path, postgres_url):
    """The command on an installation where Zuleica has published a rule pack."""

    def run(*arguments, lang="en", process=False):
        environment = {
            "VALIDAHUB_HOME": str(tmp_path / "home"),
            "VALIDAHUB_LANG": lang,
            "VALIDAHUB_POSTGRES_URL": postgres_url,
            "VALIDAHUB_SUBJECTS_URL": postgres_url,
        }
        return (commands.started if process else commands.validahub)(*arguments, **environment)

    assert run("rules", "publish", "gs1", "--user", "Zuleica Q.").returncode == 0
    return run


ERASE = ("audit", "erase", "--user", "dpo", "--reason", "request 2026/17")


def test_a_person_is_erased_once_and_for_good(validahub):
    done = validahub(*ERASE, "--subject", "Zuleica Q.", process=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Its key and name are destroyed" in done.stdout
    assert "Zuleica" not in done.stdout
    erased = [json.loads(line) for line in validahub("audit", "export").stdout.splitlines()][-1]
    assert erased["action"] == "subject_erased"
    subject = erased["aggregate_id"]

    again = validahub(*ERASE, "--subject", subject, "--json")
    told = json.loads(again.stdout)
    assert (again.returncode, told["before"], told["seq"]) == (0, True, erased["seq"])
    by_name = validahub(*ERASE, "--subject", "Zuleica Q.")
    assert (by_name.returncode, by_name.stdout) == (2, "")
    assert "nothing was done" in by_name.stderr
    assert validahub("audit", "verify", "--deep").returncode == 0


@pytest.mark.parametrize(("lang", "tombstone"), [("en", "[erased]"), ("pt-BR", "[apagado]"), ("es", "[borrado]")])
def test_a_tombstone_is_in_the_readers_language(validahub, lang, tombstone):
    assert "Zuleica Q." in validahub("audit", "export", "--format", "csv").stdout
    assert validahub(*ERASE, "--subject", "Zuleica Q.").returncode == 0
    shown = validahub("audit", "export", "--format", "csv", lang=lang).stdout
    assert tombstone in shown
    assert "Zuleica" not in shown


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--subject", "Zuleica Q.", "--user", "dpo"), 3, "--reason"),
        (("--subject", "Zuleica Q.", "--reason", "17"), 3, "--user"),
        (("--subject", "Zuleica Q.", "--user", "dpo", "--reason", " "), 2, "reason"),
        (("--subject", "Zuleica Q.", "--user", "dpo", "--reason", "asked by zuleica q."), 2, "name"),
        (("--subject", "nobody", "--user", "dpo", "--reason", "17"), 2, "nobody"),
    ],
)
def test_what_cannot_be_erased_is_explained_and_nothing_is(validahub, arguments, code, word):
    done = validahub("audit", "erase", *arguments, process=code == 3)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert word in done.stderr
    assert "Zuleica Q." in validahub("audit", "export", "--format", "csv").stdout
