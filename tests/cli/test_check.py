"""`validahub check`: exit codes, what it says, and that nothing is left behind."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tests import commands

CLEAN = "SKU,Nome,Preço\nA1,Cadeira giratória de escritório,199.90\nA2,Mesa de jantar de madeira,899.00\n"
LONG = "Cadeira giratória de escritório com apoio de braços e encosto reclinável"
BROKEN = CLEAN + f"A3,{LONG},99.90\nA4,,12.00\n"
SUITE = {"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "Nome"}}]}


@pytest.fixture
def check(tmp_path):
    """`check(*arguments)` in a working folder, home and temporary folder of its own, all empty but for the inputs."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "work").mkdir()

    def _check(*arguments: str | Path, process: bool = False) -> subprocess.CompletedProcess[str]:
        run = commands.started if process else commands.validahub
        return run("check", *arguments, folder=tmp_path / "work", TMPDIR=tmp_path / "tmp", VALIDAHUB_LANG="en")

    return _check


@pytest.fixture
def write(tmp_path):
    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


def test_critical_violations_end_with_3_and_say_what_where_and_how_to_mend_it(check, write, tmp_path):
    outcome = check(write("a.csv", BROKEN), "--pack", "mercado_livre", process=True)

    assert outcome.returncode == 3, outcome.stderr
    shown = outcome.stdout
    assert "✘ a.csv: not ready for Mercado Livre (Brasil)" in shown
    assert "4 rows: 2 with critical violations" in shown
    assert "title ← Nome" in shown
    assert "title_too_long" in shown
    assert "line 4, Nome: “Cadeira giratória de escritório" in shown
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "work").iterdir()) == []


def test_a_file_without_critical_violations_ends_with_0(check, write):
    outcome = check(write("a.csv", CLEAN), "--pack", "shopee", "--lang", "pt-BR")

    assert outcome.returncode == 0, outcome.stdout
    assert outcome.stdout.lstrip().startswith("✔ a.csv:")


def test_containers_and_workbooks_are_read_as_the_csv_in_them(check, write, tmp_path):
    told = []
    pl.read_csv(BROKEN.encode(), infer_schema=False).write_excel(tmp_path / "a.xlsx", worksheet="Produtos")
    for arguments in (
        [write("a.csv", BROKEN)],
        [write("a.csv.gz", gzip.compress(BROKEN.encode()))],
        [tmp_path / "a.xlsx", "--sheet", "Produtos"],
    ):
        outcome = check(*arguments, "--pack", "mercado_livre", "--json")
        assert outcome.returncode == 3, outcome.stderr
        told.append({one["code"]: one["count"] for one in json.loads(outcome.stdout)["packs"][0]["codes"]})

    assert told[0] == told[1] == told[2]


def test_several_packs_make_a_matrix_of_codes_and_marketplaces(check, write, tmp_path):
    names = ("mercado_livre", "shopee", "magalu", "shopify_csv")
    out = tmp_path / "violations.csv"
    packs = [argument for name in names for argument in ("--pack", name)]

    outcome = check(write("a.csv", BROKEN), *packs, "--violations", out)
    told = json.loads(check(tmp_path / "a.csv", *packs, "--json").stdout)

    assert outcome.returncode == 3
    shown, named = outcome.stdout.split("All violations: ")
    assert "a.csv: ready for" in shown
    assert all(len(line) <= 100 for line in shown.splitlines())
    assert named.strip() == str(out)
    assert out.read_bytes().startswith(b"pack,row,line,column,code,severity,value\r\n")
    assert [pack["pack"] for pack in told["packs"]] == list(names)
    assert told["matrix"]["title_too_long"]["mercado_livre"] == 1
    row = next(line for line in outcome.stdout.splitlines() if line.lstrip().startswith("title_too_long"))
    assert row.split()[1:3] == ["1", "✘"]


def test_another_days_rules_are_compared_with_todays(check, write):
    outcome = check(write("a.csv", CLEAN), "--pack", "shopee", "--on", "2026-08-01")

    assert outcome.returncode in {0, 3}
    assert "rules of 2026-08-01" in outcome.stdout
    assert "Violations today → on 2026-08-01" in outcome.stdout


def test_several_packs_are_each_compared_with_their_rules_of_today(check, write):
    arguments = (write("a.csv", CLEAN), "--pack", "shopee", "--pack", "magalu", "--on", "2026-08-01")

    outcome = check(*arguments)
    shopee, magalu = json.loads(check(*arguments, "--json").stdout)["packs"]

    changes = outcome.stdout.split("Violations today → on 2026-08-01")[1]
    assert "-missing_condition" in changes.split("magalu")[0]
    assert "The rules of 2026-08-01 are those of today." in changes.split("magalu")[1]
    assert shopee["rules_changed"] == [{"change": "-", "code": "missing_condition"}]
    assert magalu["rules_changed"] == []


def test_what_starts_on_a_day_is_told_as_what_breaks_on_it(check, write):
    """From the other side: by the rules before it, the file has fewer violations than today."""
    file = write("a.csv", "Nome do produto,Preço,Condição\nCadeira,10.00,\nMesa,20.00,NEW\n")

    told = json.loads(check(file, "--pack", "shopee", "--on", "2026-08-31", "--json").stdout)["packs"][0]

    assert {"code": "missing_condition", "severity": "critical", "today": 1, "then": 0} in told["changes"]
    assert "missing_condition" not in [code["code"] for code in told["codes"]]


def test_without_another_day_nothing_is_compared(check, write):
    assert "today" not in check(write("a.csv", CLEAN), "--pack", "shopee").stdout


def test_a_matrix_names_the_columns_that_are_missing_and_where_to_read_on(check, write):
    shown = check(
        write("a.csv", "Nome,Preco de venda x\nCadeira,1\n"), "--pack", "mercado_livre", "--pack", "shopee"
    ).stdout

    assert "Columns that are missing or unclear" in shown
    assert "mercado_livre: price (nearest: Preco de venda x)" in shown
    assert "With one --pack alone" in shown


def test_a_category_the_pack_says_nothing_of_is_pointed_out(check, write):
    file = write("a.csv", CLEAN)

    assert "the category celularesx, so" in check(file, "--pack", "mercado_livre", "--category", "celularesx").stdout
    assert "own for the category" not in check(file, "--pack", "mercado_livre", "--category", "autopecas").stdout


def test_a_suite_ends_with_3_where_a_critical_expectation_fails(check, write):
    file, suite = write("a.csv", BROKEN), write("suite.json", json.dumps(SUITE))

    outcome = check(file, "--suite", suite)
    told = json.loads(check(file, "--suite", suite, "--json").stdout)

    assert outcome.returncode == 3
    assert "0 of 1 expectations hold" in outcome.stdout
    assert told["result"]["results"][0]["result"]["unexpected_count"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv", "--pack", "shopee"], "no such file"),
        (["{file}", "--pack", "shopie"], "Did you mean shopee?"),
        (["{file}"], "--pack"),
        (["{file}", "--pack", "shopee", "--suite", "{suite}"], "not both"),
        (["{file}", "--pack", "shopee", "--on", "2026-13-01"], "2026-13-01"),
        (["{file}", "--pack", "shopee", "--violations", "v.xls"], ".parquet or .csv"),
        (["{file}", "--pack", "shopee", "--violations", "nowhere/v.csv"], "nowhere"),
        (["{file}", "--pack", "shopee", "--violations", "{file}"], "overwritten"),
        (["{file}", "--suite", "{file}"], "line 1"),
        (["{file}", "--suite", "{suite}"], "expect_nonsense"),
        (["{empty}", "--pack", "shopee"], "empty"),
        (["{parquet}", "--pack", "shopee"], "Parquet"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(check, write, tmp_path, arguments, said):
    names = {
        "file": write("a.csv", CLEAN),
        "suite": write("s.json", json.dumps({"expectations": [{"type": "expect_nonsense", "kwargs": {}}]})),
        "empty": write("empty.csv", ""),
        "parquet": write("a.parquet", b"PAR1 and nothing of the kind PAR1"),
    }

    outcome = check(*(argument.format(**names) for argument in arguments), process=said == "Parquet")

    assert outcome.returncode == 2, outcome.stderr
    assert said.lower() in outcome.stderr.splitlines()[-1].lower()
    assert "Traceback" not in outcome.stderr
    assert outcome.stdout == ""
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_check_told_to_end_leaves_nothing_behind(write, tmp_path):
    (tmp_path / "tmp").mkdir()
    file = write("a.csv", "SKU,Nome\n" + f"1,{LONG}\n" * 1_000_000)
    process = subprocess.Popen(
        [commands.PROGRAM, "check", file, "--pack", "mercado_livre", "--violations", tmp_path / "v.csv"],
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list((tmp_path / "tmp").iterdir()):
        time.sleep(0.01)
        assert process.poll() is None

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 128 + signal.SIGTERM
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "v.csv").exists()


def test_neither_dagster_nor_great_expectations_is_imported(write):
    script = (
        "import sys; from validahub_pipeline.cli import main; sys.argv[1:] = sys.argv[2:]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('dagster', 'great_expectations', 'deltalake', 'psycopg2') if name in sys.modules])"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script, "validahub", "check", write("a.csv", CLEAN), "--pack", "shopee"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.stdout.splitlines()[-1] == "[]", outcome.stderr
