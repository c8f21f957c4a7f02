"""`validahub audit`: hard exit codes, told in words and as JSON."""

from __future__ import annotations

import json

import pytest

from tests import commands
from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.ledger.verification.proofs import check
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a sealed log of five events."""
    folder = tmp_path_factory.mktemp("home")
    services = open_services(Settings(home=folder))
    acts = [NewEvent(Action.FILE_UPLOADED, "a", "loja", Resource("upload", "a", "x.csv"), {"n": n}) for n in range(5)]
    services.ledger.append(acts, idempotency="a")
    services.seal()
    return folder


def audit(*arguments, process=False, **environment):
    run = commands.started if process else commands.validahub
    return run("audit", *arguments, **{"VALIDAHUB_LANG": "en"} | environment)


def test_an_intact_log_ends_with_0_and_says_what_was_checked(home):
    done = audit("verify", "--json", "--deep", process=True, VALIDAHUB_HOME=home)
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"], told["sealed"]) == (0, "intact", 5)
    assert [finding["code"] for finding in told["findings"]] == ["read_models_absent"]


def test_an_auditor_needs_the_lake_and_the_key_alone(home, tmp_path):
    key = (home / "lake/ledger/key").read_text(encoding="utf-8").strip()
    pin = tmp_path / "pin"
    pin.write_bytes((home / "lake/ledger/checkpoint").read_bytes())
    done = audit(
        "verify", "--key", key, "--pin", pin, "--max-age", "1h", VALIDAHUB_HOME=tmp_path, VALIDAHUB_LAKE=home / "lake"
    )
    assert (done.returncode, done.stdout.splitlines()[0].split(":")[0]) == (0, "INTACT")
    without = audit("verify", VALIDAHUB_HOME=tmp_path, VALIDAHUB_LAKE=home / "lake")
    assert (without.returncode, "taken from the lake itself" in without.stdout) == (0, True)


def test_an_old_log_ends_with_2_and_a_strangers_key_with_1(home, tmp_path):
    assert audit("verify", "--max-age", "0s", VALIDAHUB_HOME=home).returncode == 2
    made = audit("keygen", "-o", tmp_path / "key", VALIDAHUB_HOME=tmp_path)
    done = audit("verify", "--key", made.stdout.strip(), VALIDAHUB_HOME=home)
    assert (done.returncode, "TAMPERED" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify", "--bogus"],
        ["verify", "--key", "no key"],
        ["verify", "--pin", "/no/such/pin"],
        ["verify", "--max-age", "soon"],
        ["verify", "--lang", "tlh"],
        ["check-proof"],
        ["check-proof", "/no/such/bundle"],
        ["prove", "no-such-event"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_run_ends_with_3(home, arguments):
    done = audit(*arguments, process="--bogus" in arguments, VALIDAHUB_HOME=home)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_a_lake_that_is_none_ends_with_3_and_is_not_made(tmp_path):
    done = audit("verify", VALIDAHUB_HOME=tmp_path / "nowhere")
    assert (done.returncode, (tmp_path / "nowhere").exists()) == (3, False)
    assert "there is no ledger here" in done.stderr


def test_one_event_is_proven_without_the_lake(home, tmp_path):
    event = open_services(Settings(home=home)).ledger.history("a")[3]
    bundle = tmp_path / "bundle.json"
    assert audit("prove", event.event_id, "-o", bundle, process=True, VALIDAHUB_HOME=home).returncode == 0
    key = (home / "lake/ledger/key").read_text(encoding="utf-8").strip()
    done = audit("check-proof", bundle, "--key", key, "--json", process=True, VALIDAHUB_HOME=tmp_path)
    told = json.loads(done.stdout)
    assert (done.returncode, told["proven"], told["seq"], told["event"]["changes"]) == (0, True, 4, {"n": 3})
    forged = tmp_path / "forged.json"
    forged.write_text(bundle.read_text(encoding="utf-8").replace(event.user_id, "u-" + "a" * 24), encoding="utf-8")
    done = audit("check-proof", forged, "--key", key, VALIDAHUB_HOME=tmp_path)
    assert (done.returncode, done.stdout, "NOT PROVEN" in done.stderr) == (1, "", True)
    made = audit("keygen", "-o", tmp_path / "key", VALIDAHUB_HOME=tmp_path)
    assert audit("check-proof", bundle, "--key", made.stdout.strip(), VALIDAHUB_HOME=tmp_path).returncode == 1
    assert check(bundle.read_text(encoding="utf-8"), None).given is False


def test_a_key_is_changed_and_auditors_can_follow(tmp_path):
    services = open_services(Settings(home=tmp_path))
    services.heartbeat()
    key = (tmp_path / "lake/ledger/key").read_text(encoding="utf-8").strip()
    done = audit("rotate", "--json", process=True, VALIDAHUB_HOME=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["old_key"]) == (0, key)
    assert audit("verify", "--key", key, VALIDAHUB_HOME=tmp_path).returncode == 0


def test_a_private_key_in_the_environment_signs_and_makes_no_other(tmp_path):
    order = ("keygen", "-o", tmp_path / "key", "--origin", "audit.example.com/log")
    made = audit(*order, process=True, VALIDAHUB_HOME=tmp_path)
    private = (tmp_path / "key").read_text(encoding="utf-8")
    home = tmp_path / "home"
    done = audit("seal", "--json", process=True, VALIDAHUB_HOME=home, VALIDAHUB_LEDGER_KEY=private)
    assert (done.returncode, json.loads(done.stdout)["origin"]) == (0, "audit.example.com/log")
    assert list((home / "ledger").glob("*.key")) == []
    key = (home / "lake/ledger/key").read_text(encoding="utf-8")
    assert key == made.stdout
    done = audit("seal", VALIDAHUB_HOME=home, VALIDAHUB_LEDGER_KEY="PRIVATE+KEY+broken")
    assert (done.returncode, "VALIDAHUB_LEDGER_KEY" in done.stderr, "broken" in done.stderr) == (1, True, False)
