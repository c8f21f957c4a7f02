"""What holds for a category on a day, and that it is one thing with one hash."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from validahub_pipeline.errors import InputError, PackError
from validahub_pipeline.rulepacks import (
    Confidence,
    ResolvedPack,
    available,
    from_json,
    match_columns,
    resolve,
    to_json,
)
from validahub_pipeline.rulepacks.vocabulary import CORRECTIONS

Pack = dict[str, Any]
Resolved = Callable[..., ResolvedPack]
TODAY = date(2026, 11, 24)


def _limit(pack: ResolvedPack) -> Any:
    return next(rule.kwargs["max_value"] for rule in pack.rules if rule.code == "title_too_long")


@pytest.fixture
def base(shop: Pack) -> Pack:
    """A pack to build on."""
    return shop | {"pack": "base", "abstract": True}


def test_a_pack_inherits_all_it_does_not_change(base: Pack, resolved: Resolved) -> None:
    child = {"pack": "child", "version": "7", "title": "Child", "extends": "base"}
    pack, parent = resolved(child, base), resolved(base | {"abstract": False})
    assert (pack.name, pack.version, pack.title) == ("child", "7", "Child")
    assert (pack.rules, pack.corrections, pack.fields, pack.gate) == (
        parent.rules,
        parent.corrections,
        parent.fields,
        parent.gate,
    )


def test_an_entry_changes_only_the_keys_and_kwargs_it_gives(base: Pack, resolved: Resolved) -> None:
    base["rules"][0]["kwargs"]["min_value"] = 3
    child = {
        "pack": "child",
        "version": "1",
        "title": "Child",
        "extends": "base",
        "fields": {"title": {"aliases": ["Name"]}},
        "rules": [{"code": "title_too_long", "kwargs": {"max_value": 75}, "severity": "warning"}],
        "gate": {"max_critical_rows_percent": 12.5},
    }
    pack = resolved(child, base)
    [rule] = pack.rules
    assert rule.kwargs == {"column": "title", "min_value": 3, "max_value": 75}
    assert (rule.severity, rule.source) == ("warning", ("MANUAL: https://shop.example/manual",))
    assert (pack.fields["title"].aliases, pack.fields["title"].required) == (("Name",), True)
    assert (pack.gate.max_critical_rows_bp, pack.gate.partial) == (1250, "keep")


def test_names_of_a_base_still_find_a_column_where_the_packs_own_do_not(base: Pack, resolved: Resolved) -> None:
    child = {
        "pack": "child",
        "version": "1",
        "title": "Child",
        "extends": "base",
        "fields": {"title": {"aliases": ["Produto", "Item"]}, "name": {"aliases": ["Nome"]}},
    }
    pack = resolved(child, base)
    assert match_columns(pack, ["Título", "Preço"]).columns == {"title": "Título", "price": "Preço"}
    assert match_columns(pack, ["Título", "Item"]).columns == {"title": "Item"}
    assert match_columns(pack, ["Nome"]).columns == {"name": "Nome"}


def _bare(name: str, **keys: Any) -> Pack:
    return {"pack": name, "version": "1", "title": name.title()} | keys


def test_a_pack_built_on_several_has_what_each_says_and_the_later_one_wins(base: Pack, resolved: Resolved) -> None:
    tax = _bare(
        "tax",
        abstract=True,
        extends="base",
        fields={"ncm": {"aliases": ["NCM"]}},
        rules=[{"code": "title_too_long", "kwargs": {"max_value": 75}, "severity": "warning"}],
    )
    texts = _bare(
        "texts",
        abstract=True,
        extends=["base"],
        fields={"text": {"aliases": ["Texto"]}},
        rules=[{"code": "title_too_long", "kwargs": {"max_value": 90}}],
    )
    pack = resolved(_bare("child", extends=["tax", "texts"]), tax, texts, base)
    assert list(pack.fields) == ["title", "price", "gtin", "ncm", "text"]
    assert (_limit(pack), pack.rules[0].severity) == (90, "warning")
    assert _limit(resolved(_bare("child", extends=["texts", "tax"]), tax, texts, base)) == 75


def test_a_base_that_two_bases_share_is_one_layer_below_both(base: Pack, resolved: Resolved) -> None:
    one = _bare("one", abstract=True, extends="base", rules=[{"code": "title_too_long", "drop": True}])
    other = _bare("other", abstract=True, extends="base")
    assert resolved(_bare("child", extends=["one", "other"]), one, other, base).rules == ()


def test_bases_that_extend_each_other_are_refused_with_the_way_round(base: Pack, resolved: Resolved) -> None:
    one = _bare("one", abstract=True, extends=["base", "other"])
    other = _bare("other", abstract=True, extends=["one"])
    with pytest.raises(PackError, match="child > one > other > one"):
        resolved(_bare("child", extends=["one"]), one, other, base)


def test_an_unknown_base_among_several_is_told_the_nearest(base: Pack, resolved: Resolved) -> None:
    with pytest.raises(PackError, match=r"no pack \"bsae\".*base"):
        resolved(_bare("child", extends=["base", "bsae"]), base)


def test_what_is_dropped_is_gone(base: Pack, resolved: Resolved) -> None:
    child = {
        "pack": "child",
        "version": "1",
        "title": "Child",
        "extends": "base",
        "fields": {"gtin": {"drop": True}},
        "rules": [{"code": "title_too_long", "drop": True}],
        "corrections": [{"type": "trim_whitespace", "drop": True}],
    }
    pack = resolved(child, base)
    assert (pack.rules, pack.corrections, list(pack.fields)) == ((), (), ["title", "price"])


def test_what_a_base_dropped_may_be_said_anew_in_full_but_not_changed(base: Pack, resolved: Resolved) -> None:
    without = _bare("without", abstract=True, extends="base", rules=[{"code": "title_too_long", "drop": True}])
    anew = base["rules"][0] | {"kwargs": {"column": "title", "max_value": 42}, "source": ["OWN"]}
    child = _bare("child", extends="without", sources={"OWN": "https://own.example"}, rules=[anew])
    changed = _bare("changed", extends="without", rules=[{"code": "title_too_long", "kwargs": {"max_value": 42}}])
    assert _limit(resolved(child, without, base)) == 42
    assert resolved(child, without, base).rules[0].source == ("OWN: https://own.example",)
    assert resolved(changed, without, base).rules == ()


def test_another_type_starts_from_no_kwargs(base: Pack, resolved: Resolved) -> None:
    child = {
        "pack": "child",
        "version": "1",
        "title": "Child",
        "extends": "base",
        "rules": [
            {
                "code": "title_too_long",
                "type": "expect_column_value_lengths_to_equal",
                "kwargs": {"column": "title", "value": 5},
                "messages": {"en": "a", "pt-BR": "b", "es": "c"},
            }
        ],
    }
    assert resolved(child, base).rules[0].kwargs == {"column": "title", "value": 5}


@pytest.mark.parametrize("category", ["Limpeza Automotiva", "limpeza-automotiva", "LIMPEZA AUTOMOTIVÁ"])
def test_a_category_is_known_by_its_name_however_it_is_written(shop: Pack, resolved: Resolved, category: str) -> None:
    shop["categories"] = [
        {"names": ["limpeza_automotiva"], "rules": [{"code": "title_too_long", "kwargs": {"max_value": 200}}]}
    ]
    assert _limit(resolved(shop, category=category)) == 200
    assert _limit(resolved(shop, category="limpeza")) == 60


def test_a_rule_holds_from_its_first_to_its_last_day(shop: Pack, resolved: Resolved) -> None:
    shop["rules"][0] |= {"effective_from": date(2026, 9, 1), "effective_to": date(2026, 9, 30)}
    held = [bool(resolved(shop, on=date(2026, 8, 31) + timedelta(days=day)).rules) for day in (0, 1, 30, 31)]
    assert held == [False, True, True, False]


def test_a_limit_can_change_on_a_day(shop: Pack, resolved: Resolved) -> None:
    later = shop["rules"][0] | {"kwargs": {"column": "title", "max_value": 75}, "effective_from": date(2027, 1, 1)}
    shop["rules"][0]["effective_to"] = date(2026, 12, 31)
    shop["rules"].append(later)
    assert [_limit(resolved(shop, on=day)) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [60, 75]


def test_a_change_to_a_rule_that_does_not_hold_yet_waits_for_it(shop: Pack, resolved: Resolved) -> None:
    shop["rules"][0]["effective_from"] = date(2027, 1, 1)
    shop["categories"] = [{"names": ["moda"], "rules": [{"code": "title_too_long", "kwargs": {"max_value": 75}}]}]
    assert resolved(shop, category="moda").rules == ()
    assert _limit(resolved(shop, category="moda", on=date(2027, 1, 1))) == 75


def test_corrections_come_in_the_order_the_engine_needs_whatever_the_pack_says(shop: Pack, resolved: Resolved) -> None:
    shop["corrections"] = [
        {"type": "truncate_at_word", "fields": ["title"], "kwargs": {"max_length": 60}},
        {"type": "trim_whitespace", "fields": ["*"]},
        {"type": "repair_mojibake", "fields": ["title"]},
    ]
    order = [correction.type for correction in resolved(shop).corrections]
    assert order == ["repair_mojibake", "trim_whitespace", "truncate_at_word"]


def test_whatever_is_only_proposed_comes_after_everything_that_is_applied() -> None:
    proposed = [known.confidence is Confidence.SUGGEST for known in CORRECTIONS.values()]
    assert proposed == sorted(proposed)


def test_the_bytes_of_a_pack_give_it_back_and_are_its_hash(shop: Pack, resolved: Resolved) -> None:
    shop["rules"][0]["kwargs"] |= {"max_value": 60.0, "mostly": 0.95}
    shop["fields"]["title"]["unless"] = ["gtin"]
    pack = resolved(shop)
    data = to_json(pack)
    assert from_json(data, on=pack.on) == pack
    assert to_json(from_json(data, on=pack.on)) == data
    assert sha256(data).hexdigest() == pack.hash
    assert (pack.rules[0].mostly, pack.rules[0].kwargs) == (0.95, {"column": "title", "max_value": 60})


def test_the_hash_changes_with_what_a_pack_judges_and_not_with_the_day(shop: Pack, resolved: Resolved) -> None:
    today, tomorrow = resolved(shop), resolved(shop, on=TODAY + timedelta(days=1))
    shop["rules"][0]["kwargs"]["max_value"] = 61
    assert today.hash == tomorrow.hash != resolved(shop).hash
    assert (today.on, tomorrow.on) == (TODAY, TODAY + timedelta(days=1))


def test_bytes_of_another_schema_are_refused(shop: Pack, resolved: Resolved) -> None:
    newer = json.loads(to_json(resolved(shop))) | {"schema": 2}
    with pytest.raises(PackError) as caught:
        from_json(json.dumps(newer).encode(), on=TODAY)
    assert caught.value.code == "pack_schema"


def test_a_message_is_filled_with_the_rules_own_numbers_and_lists(shop: Pack, resolved: Resolved) -> None:
    shop["rules"][0] |= {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "title", "value_set": ["new", "used"]},
        "messages": {"en": "Use {value_set}.", "pt-BR": "Use {value_set}.", "es": "Use {value_set}."},
    }
    assert resolved(shop).rules[0].message("en") == "Use new, used."


def test_packs_that_others_build_on_are_no_marketplaces() -> None:
    assert "base" not in available()
    with pytest.raises(InputError):
        resolve("base", category="all", on=TODAY)
    assert {"mercado_livre", "shopify_csv"} <= set(available())


def test_an_unknown_marketplace_is_told_the_nearest_known_one() -> None:
    with pytest.raises(InputError) as caught:
        resolve("MercadoLibre", category="all", on=TODAY)
    assert caught.value.code == "unknown_marketplace"
    assert caught.value.values["nearest"] == "mercado_livre"
    assert "shopify_csv" in caught.value.render("pt-BR")
