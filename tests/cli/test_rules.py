"""`validahub rules ...`: exit codes, what it says, and that nothing is left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import commands
from tests.linting.conftest import rule, shop


@pytest.fixture
def rules(tmp_path):
    """`rules(*arguments)` in a working folder of its own, which is empty but for the inputs."""

    def _rules(*arguments: str | Path, process: bool = False) -> subprocess.CompletedProcess[str]:
        run = commands.started if process else commands.validahub
        return run("rules", *arguments, folder=tmp_path, VALIDAHUB_LANG="en", VALIDAHUB_HOME=tmp_path / "home")

    return _rules


@pytest.fixture
def write(tmp_path):
    def _write(name: str, *rules_: dict, **keys) -> Path:
        path = tmp_path / name
        path.write_text(yaml.safe_dump(shop(*rules_, **keys), allow_unicode=True, sort_keys=False), encoding="utf-8")
        return path

    return _write


def told(outcome):
    return json.loads(outcome.stdout.splitlines()[-1])


def test_a_pack_with_errors_ends_with_3_and_names_file_line_and_remedy(rules, write):
    lines = write("own.yaml", rule("title_too_long", corrected_by=["trim"])).read_text(encoding="utf-8").splitlines()

    outcome = rules("lint", "own.yaml")

    assert outcome.returncode == 3, outcome.stderr
    assert f"✘ own.yaml:{lines.index('  corrected_by:') + 1}  rules/title_too_long" in outcome.stdout
    assert "or use: trim_whitespace" in " ".join(outcome.stdout.split())
    assert outcome.stdout.rstrip().endswith("Packs: 1, rules: 0. Errors: 1, warnings: 0, notes: 0.")
    assert all(len(line) <= 100 for line in outcome.stdout.splitlines())


def test_a_sound_pack_ends_with_0_and_json_tells_what_was_looked_at(rules, write, tmp_path):
    outcome = rules("lint", write("own.yaml", rule("title_too_long")), "gs1", "--json")

    assert outcome.returncode == 0
    values = told(outcome)
    assert [pack["pack"] for pack in values["packs"]] == ["shop", "gs1"]
    assert values["packs"][0]["file"] == str(tmp_path / "own.yaml")
    assert (values["errors"], values["findings"]) == (0, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.yaml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lint", "shopie"], "no rule pack of that name"),
        (["lint", "nowhere.yaml"], "no such file"),
        (["lint", "broken.yaml"], "not the YAML of a pack"),
        (["lint", "latin.yaml"], "utf-8"),
        (["diff", "shopee", "shopie"], "no rule pack of that name"),
        (["diff", "shopee", "shopee@2026-13-01"], "2026-13-01 is no date"),
        (["diff", "shopee", "shopee@1.0"], "no state of shopee with version or hash 1.0"),
        (["diff", "shopee", "nowhere.json"], "no such file"),
        (["diff", "shopee", "empty.json"], "no pinned rule pack"),
        (["diff", "shopee", "wrong.yaml"], "wrong.yaml:12:"),
        (["publish", "shopie"], "shopie"),
        (["export", "shopie", "--gx"], "no rule pack of that name"),
        (["export", "shopee", "--gx", "--on", "today"], "--on today"),
        (["export", "shopee", "--gx", "-o", "nowhere/suite.json"], "nowhere does not exist"),
        (["import", "nowhere.json"], "no such file"),
        (["import", "broken.yaml"], "line 1"),
        (["import", "empty.json"], '"expectations" is missing'),
        (["import", "empty.json", "-o", "empty.json"], "overwritten"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(rules, write, tmp_path, arguments, said):
    (tmp_path / "broken.yaml").write_text("pack: [", encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes("pack: preço".encode("cp1252"))
    (tmp_path / "empty.json").write_text("{}", encoding="utf-8")
    write("wrong.yaml", rule("title_too_long", type="expect_nonsense"))

    # Each command of the family once as a process.
    outcome = rules(*arguments, process={"shopie", "nowhere.json"}.intersection(arguments) and len(arguments) < 4)

    assert outcome.returncode == 2, outcome.stdout
    assert said.lower() in outcome.stderr.lower()
    assert "Traceback" not in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_two_days_of_a_pack_differ_in_the_rules_that_start_between_them(rules):
    outcome = rules("diff", "shopee@2026-08-01", "shopee@2026-12-01")
    values = told(rules("diff", "shopee@2026-08-01", "shopee@2026-12-01", "--json"))

    assert outcome.returncode == 0
    assert "+ missing_condition  critical" in outcome.stdout
    assert [entry["code"] for entry in values["rules"]["added"]] == ["missing_condition"]
    assert (values["rules"]["removed"], values["rules"]["changed"]) == ([], {})
    assert (values["before"]["on"], values["after"]["on"]) == ("2026-08-01", "2026-12-01")
    assert values["before"]["hash"] != values["after"]["hash"]


def test_a_change_is_shown_with_both_values_and_what_no_verdict_depends_on_only_when_asked(rules, write):
    write("before.yaml", rule("title_too_long"), rule("gone"))
    changed = rule("title_too_long", kwargs={"column": "title", "max_value": 7}, severity="warning", trust="B")
    write("after.yaml", changed | {"examples": {"pass": "short", "fail": "far too long"}}, version="2")

    outcome = rules("diff", "before.yaml", "after.yaml")
    everything = rules("diff", "before.yaml", "after.yaml", "--all")
    values = told(rules("diff", "before.yaml", "after.yaml", "--json"))

    assert "Rules: 1 removed, 0 added, 1 changed" in outcome.stdout
    assert "kwargs.max_value: 5 → 7" in outcome.stdout
    assert "severity: critical → warning" in outcome.stdout
    assert "trust: A → B" not in outcome.stdout
    assert "Not shown: 1 differences" in outcome.stdout
    assert "trust: A → B" in everything.stdout
    assert values["rules"]["changed"]["title_too_long"] == {
        "kwargs.max_value": {"before": 5, "after": 7},
        "severity": {"before": "critical", "after": "warning"},
        "trust": {"before": "A", "after": "B"},
    }
    assert values["pack"] == {"version": {"before": "1", "after": "2"}}
    assert values["same"] is False


def test_a_category_is_compared_by_its_own_rules(rules):
    values = told(
        rules("diff", "mercado_livre", "mercado_livre@2026-11-26", "--category", "limpeza_automotiva", "--json")
    )

    assert values["same"] is True
    assert values["before"]["category"] == "limpeza_automotiva"


def test_two_quite_different_packs_fit_on_the_screen(rules):
    outcome = rules("diff", "mercado_livre", "shopee")

    assert outcome.returncode == 0
    assert all(len(line) <= 100 for line in outcome.stdout.splitlines())


def test_what_was_published_is_in_the_ledger_once_and_can_be_compared_with_later(rules, tmp_path):
    first = told(rules("publish", "mercado_livre", "--user", "ana", "--json"))
    again = rules("publish", "mercado_livre")

    hashes = {one["category"]: one["hash"] for one in first["packs"]}
    assert first["published"] == len(hashes) > 1
    assert "known already" in again.stdout
    assert f"0 of {len(hashes)} states" in again.stdout

    pinned = tmp_path / "home" / "lake" / "rulepacks" / "mercado_livre" / f"{hashes['all']}.json"
    for reference in (
        str(pinned),
        f"rulepacks/mercado_livre/{hashes['all']}.json",
        f"mercado_livre@{hashes['all'][:8]}",
    ):
        values = told(rules("diff", reference, "mercado_livre", "--json"))
        assert (values["same"], values["before"]["hash"]) == (True, hashes["all"])


def test_a_pack_goes_to_a_suite_and_back_and_differs_in_nothing(rules, tmp_path):
    out = rules("export", "magalu", "--gx", "-o", "magalu.json")
    told_in = told(rules("import", "magalu.json", "-o", "magalu.yaml", "--json"))

    assert out.returncode == 0, out.stderr
    assert "under meta" in out.stdout
    assert (told_in["pack"], told_in["left_out"]) == ("magalu", [])
    assert told(rules("diff", "magalu", "magalu.yaml", "--json"))["same"] is True
    assert rules("lint", "magalu.yaml").returncode == 0
    assert json.loads(rules("export", "magalu", "--gx").stdout) == json.loads((tmp_path / "magalu.json").read_text())


def test_a_suite_that_cannot_be_carried_over_whole_says_so(rules, tmp_path):
    expectations = [
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "Nome"}},
        {"type": "expect_column_stdev_to_be_strange", "kwargs": {"column": "Nome"}},
    ]
    (tmp_path / "s.json").write_text(json.dumps({"name": "s", "expectations": expectations}), encoding="utf-8")

    outcome = rules("import", "s.json", "-o", "loja.yaml")

    assert outcome.returncode == 0, outcome.stderr
    assert "1 rules in loja.yaml" in outcome.stdout
    assert "expectations[1] could not be carried over" in outcome.stdout
    assert rules("lint", "loja.yaml").returncode == 0
    assert rules("import", "s.json").stdout.startswith("pack: s\n")


def test_neither_dagster_nor_the_ledger_is_imported_to_look_packs_over(tmp_path):
    script = (
        "import sys; from validahub_pipeline.cli import main; sys.argv[1:] = sys.argv[2:]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('dagster', 'great_expectations', 'deltalake', 'psycopg2') if name in sys.modules])"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script, "validahub", "rules", "diff", "gs1", "gs1@2026-01-01"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert outcome.stdout.splitlines()[-1] == "[]", outcome.stderr
