"""A process that makes states of a small pack known, one after the other: `python announcer.py HOME LIMIT...`.

Each LIMIT is the greatest length of a title, and so a state of the pack.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from validahub_pipeline.rulepacks import ResolvedPack, resolve
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services
from validahub_pipeline.stages.pinning import make_known

SHOP = """
pack: shop
version: "{limit}"
title: A shop
sources: {{MANUAL: https://shop.example/manual}}
fields: {{title: {{required: true}}, price: {{}}}}
rules:
  - code: title_too_long
    type: expect_column_value_lengths_to_be_between
    kwargs: {{column: title, max_value: {limit}}}
    severity: critical
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    examples: {{pass: short, fail: long}}
  - code: price_out_of_range
    type: expect_column_values_to_be_between
    kwargs: {{column: price, min_value: 0.5, max_value: {limit}.5}}
    severity: critical
    source: [MANUAL]
    verified_on: 2026-10-01
    trust: A
    examples: {{pass: "1", fail: "0"}}
gate: {{max_critical_rows_percent: 20, partial: keep}}
categories:
  - names: [toys]
    rules: [{{code: title_too_long, kwargs: {{max_value: 200}}}}]
"""


def shop(limit: int, category: str = "all") -> ResolvedPack:
    """The pack in the state of that limit."""
    return resolve("shop", category=category, on=date(2026, 11, 24), packs={"shop": SHOP.format(limit=limit)})


if __name__ == "__main__":
    services = open_services(Settings(home=Path(sys.argv[1])))
    for limit in map(int, sys.argv[2:]):
        make_known(services, shop(limit))
