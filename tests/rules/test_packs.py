"""Every rule of every pack does what its examples say, and says where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.rules.flawless import FLAWLESS
from validahub_pipeline.messages import LANGUAGES
from validahub_pipeline.rulepacks import ResolvedPack, Severity, available, resolve

Named = Callable[..., ResolvedPack]


def test_what_should_pass_passes(case: Any, bench: Any) -> None:
    assert case.code not in bench.found(bench.validate(case.pack, case.passing))


def test_what_should_fail_fails(case: Any, bench: Any) -> None:
    assert bench.found(bench.validate(case.pack, case.failing)).get(case.code, 0) > 0


def test_a_rule_says_in_every_language_what_is_wrong_and_what_to_do(pack: ResolvedPack) -> None:
    for rule in pack.rules:
        texts = [rule.message(lang) for lang in LANGUAGES]
        assert len(set(texts)) == len(LANGUAGES), rule.code
        assert all(text.count(". ") >= 1 and text.endswith(".") for text in texts), rule.code


def test_what_can_refuse_a_file_has_a_source_that_can_be_looked_up(pack: ResolvedPack) -> None:
    for rule in pack.rules:
        if rule.severity is not Severity.INFO:
            assert rule.verified, rule.code
            assert all(len(source) > len("KEY: ") for source in rule.source), rule.code


def test_a_rule_names_every_correction_of_its_column_that_is_made_for_it(pack: ResolvedPack) -> None:
    """Whoever reads `corrected_by` may rely on it: a code named there has its column among its fields."""
    fields = {correction.code: correction.fields for correction in pack.corrections}
    for rule in pack.rules:
        for code in rule.corrected_by:
            looked_at = rule.kwargs.get("column_list", [rule.kwargs.get("column")])
            assert fields[code] == ("*",) or set(looked_at) & set(fields[code]), (rule.code, code)


def test_there_is_a_flawless_product_of_every_marketplace() -> None:
    assert sorted(FLAWLESS) == available()


def test_every_title_limit_that_is_sure_proposes_titles_of_that_length(pack: ResolvedPack) -> None:
    limits = [r.kwargs["max_value"] for r in pack.rules if r.code == "title_too_long" and r.verified]
    cuts = [c.kwargs["max_length"] for c in pack.corrections if c.type == "truncate_at_word" and "title" in c.fields]
    assert limits == cuts


@pytest.mark.parametrize("marketplace", FLAWLESS)
def test_a_flawless_product_raises_nothing_and_stays_as_it_is(named: Named, bench: Any, marketplace: str) -> None:
    pack = named(marketplace)
    assert bench.found(bench.validate(pack, FLAWLESS[marketplace]), file=True) == {}
    result = bench.correct(pack, FLAWLESS[marketplace])
    assert (result.cells, result.suggested) == (0, ())


def test_titles_of_books_are_what_they_are_on_amazon(named: Named, bench: Any) -> None:
    title = [{"item_sku": "1", "item_name": "Quem mexeu no meu queijo? " * 9}]
    assert {"title_too_long", "title_forbidden_characters", "title_repeated_words"} <= set(
        bench.found(bench.validate(named("amazon"), title))
    )
    assert bench.found(bench.validate(named("amazon", "Livros"), title)) == {}


def test_the_limit_amazon_is_said_to_have_announced_holds_from_its_day_on() -> None:
    before, after = (
        {rule.code for rule in resolve("amazon", category="all", on=date(2026, *day)).rules}
        for day in ((7, 31), (8, 1))
    )
    assert after - before == {"title_over_announced_limit"}


def test_a_title_of_car_care_may_be_longer(named: Named, bench: Any) -> None:
    title = [{"title": "Shampoo automotivo " * 8}]
    assert "title_too_long" in bench.found(bench.validate(named("mercado_livre"), title))
    car_care = named("mercado_livre", "Limpeza Automotiva")
    assert "title_too_long" not in bench.found(bench.validate(car_care, title))
