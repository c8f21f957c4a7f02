"""A file against packs: every violation, counted and written; several packs at once; another day's rules."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import date

import polars as pl
import pytest

from tests.checking.conftest import counts, pack, violations
from validahub_pipeline.checking import Verdict, check_packs, check_suite
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger import Detail
from validahub_pipeline.rulepacks import resolve
from validahub_pipeline.sample import generate
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import deposit, ingest, open_services, validate

LONG = "Cadeira giratória de escritório com apoio"


def gtin_holds(text: str) -> bool:
    if not text.isdecimal() or len(text) not in {8, 12, 13, 14}:
        return False
    weighted = [int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text))]
    return sum(weighted) % 10 == 0


def test_an_independent_count_finds_the_same_violations(tmp_path, read):
    path = tmp_path / "catalogue.csv"
    draw = random.Random(5)
    rows = [
        {
            "SKU": f"S{draw.randrange(3_000)}",
            "Título": draw.choice(["", " ", "Cadeira", "x" * 60, "ç" * 61, 'Mesa 32"', "a\nb"]),
            "Preço": "10,00",
            "EAN": draw.choice(["7891000100103", "7891000100104", "96385074", "123", "", "7,8983E+12"]),
        }
        for _ in range(2_000)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    out = tmp_path / "violations.csv"

    checked = check_packs(read(path), [pack()], violations=out)

    times = Counter(row["SKU"] for row in rows)
    expected = sorted(
        (number, code)
        for number, row in enumerate(rows, 1)
        for code, broken in {
            "missing_title": not row["Título"].strip(),
            "title_too_long": len(row["Título"]) > 60,
            "duplicate_sku": times[row["SKU"]] > 1,
            "gtin_wrong": row["EAN"] != "" and not gtin_holds(row["EAN"]),
        }.items()
        if broken
    )
    assert [(int(found["row"]), found["code"]) for found in violations(out)] == expected
    assert counts(checked) == Counter(code for _, code in expected)


def test_several_packs_in_one_file_find_what_each_finds_alone(tmp_path, write, read):
    source = read(write("a.csv", f"SKU,Título\n1,{LONG * 2}\n1,\n2,Mesa\n"))

    together = check_packs(source, [pack(), pack("strict")], violations=tmp_path / "together.parquet")

    found = violations(tmp_path / "together.parquet")
    assert [(one["row"], one["code"]) for one in found] == sorted((one["row"], one["code"]) for one in found)
    for place, name in enumerate(("shop", "strict")):
        alone = check_packs(source, [pack(name)], violations=tmp_path / "alone.parquet")
        assert alone.packs[0].result == together.packs[place].result
        named = [{key: value for key, value in one.items() if key != "pack"} for one in found if one["pack"] == name]
        assert named == violations(tmp_path / "alone.parquet")


def test_a_check_finds_what_an_upload_of_the_same_file_finds(tmp_path, read):
    path = tmp_path / "catalogue.csv"
    generate(path, rows=3_000, seed=7)
    services = open_services(Settings(home=tmp_path / "home"))
    drop = deposit(services, path, user="maria", marketplace="mercado_livre", category="all")
    ingest(services, drop, lang="en")
    validate(services, drop.validation_id)
    of_upload = services.ledger.detail(Detail.VIOLATIONS, drop.validation_id).collect()

    check_packs(
        read(path),
        [resolve("mercado_livre", category="all", on=date.today())],  # noqa: DTZ011
        violations=tmp_path / "violations.parquet",
    )

    of_check = pl.read_parquet(tmp_path / "violations.parquet")
    assert of_check.height > 500
    assert Counter(of_check.iter_rows()) == Counter(of_upload.select(of_check.columns).iter_rows())


def test_the_rules_of_another_day_are_compared_with_todays(write, read):
    source = read(write("a.csv", f"SKU,Título\n1,{LONG}\n2,{'x' * 61}\n3,\n"))

    checked = check_packs(source, [pack(on=date(2026, 12, 1))], today=[pack()])

    assert counts(checked) == {"title_too_long": 2, "missing_title": 1}
    assert [(one.code, one.today, one.then) for one in checked.packs[0].changes] == [("title_too_long", 1, 2)]


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ("SKU,Título\n1,Mesa\n2,Cadeira\n", Verdict.CLEAN),
        ("SKU,Título\n1,Mesa\n1,Cadeira\n", Verdict.TOLERABLE),
        ("SKU,Título\n1,Mesa\n2,\n", Verdict.CRITICAL),
        ("SKU,Nome estranho\n1,Mesa\n", Verdict.CRITICAL),
        ("SKU,Título\n1,Mesa\n2,Cadeira,azul,grande\n3,Banco\n", Verdict.CRITICAL),
    ],
    ids=["clean", "warnings", "critical row", "required column missing", "record in quarantine"],
)
def test_the_verdict_is_the_gravest_thing_found(write, read, content, verdict):
    assert check_packs(read(write("a.csv", content)), [pack()]).verdict is verdict


def test_a_record_that_is_no_product_is_told_but_costs_nothing(write, read):
    rows = "".join(f"{number},Mesa {number}\n" for number in range(1, 40))
    source = read(write("a.csv", f"SKU,Título\n{rows}SKU,Título\n40,Banco\n"))

    assert source.report is not None
    assert source.report.reasons == {"repeated_header": 1}
    assert [one.reason for one in source.quarantined] == ["repeated_header"]
    assert check_packs(source, [pack()]).verdict is Verdict.CLEAN


def test_no_cell_of_a_csv_is_a_formula_and_parquet_has_every_cell_as_it_is(tmp_path, write, read):
    cells = ["=1+1", "+55 11", "-5,00", "@x", "-", "7"]
    source = read(write("a.csv", "SKU,Título,EAN\n" + "".join(f'{n},M,"{cell}"\n' for n, cell in enumerate(cells))))

    check_packs(source, [pack()], violations=tmp_path / "v.csv")
    check_packs(source, [pack()], violations=tmp_path / "v.parquet")

    assert [one["value"] for one in violations(tmp_path / "v.csv")] == ["'=1+1", "'+55 11", "-5,00", "'@x", "'-", "7"]
    assert [one["value"] for one in violations(tmp_path / "v.parquet")] == cells


def test_a_violations_file_is_whole_or_as_it_was(tmp_path, read):
    file = tmp_path / "a.parquet"
    pl.DataFrame({"SKU": ["1"], "Título": [None]}, schema_overrides={"Título": pl.String}).write_parquet(file)
    source = read(file)
    out = tmp_path / "violations.csv"
    out.write_text("what stood here before")
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(InputError, match="parquet"):
        check_packs(source, [pack()], violations=out)

    assert out.read_text() == "what stood here before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "violations.csv"]


def test_a_parquet_that_is_damaged_somewhere_inside_is_refused(tmp_path, read):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"SKU": [f"{n:06}" for n in range(5000)], "Título": ["Mesa"] * 5000}).write_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(400) + whole[404:])

    with pytest.raises(InputError, match=r"a\.parquet: the Parquet file cannot be read"):
        check_packs(read(path), [pack()])
    suite = {"name": "s", "expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "SKU"}}]}
    with pytest.raises(InputError, match=r"a\.parquet: the Parquet file cannot be read"):
        check_suite(read(path), suite, tmp_path / "suite.json", text=False)


def test_parquet_is_judged_as_the_csv_of_the_same_values(tmp_path, write, read):
    table = {"SKU": [1, 2, 2], "Título": ["Mesa", None, "x" * 61], "EAN": [7891000100103.0, 7891000100104.0, None]}
    pl.DataFrame(table).write_parquet(tmp_path / "a.parquet")
    as_csv = write("a.csv", f"SKU,Título,EAN\n1,Mesa,7891000100103\n2,,7891000100104\n2,{'x' * 61},\n")

    of_parquet = check_packs(read(tmp_path / "a.parquet"), [pack()])
    of_csv = check_packs(read(as_csv), [pack()])

    assert counts(of_parquet) == counts(of_csv) == {
        "missing_title": 1, "title_too_long": 1, "duplicate_sku": 2, "gtin_wrong": 1,
    }  # fmt: skip
