"""The most common corrections."""

from __future__ import annotations

from validahub_pipeline.analytics.patterns import correction_patterns
from validahub_pipeline.ledger import Action


def corrections(*found):
    return [
        {"code": code, "column": column, "confidence": confidence, "count": count}
        for code, column, confidence, count in found
    ]


def test_corrections_are_ranked_per_marketplace_with_their_columns(uploads):
    for name, trimmed in [("v1", 5), ("v2", 7)]:
        uploads.upload(name, "mercado_livre")
        found = corrections(("trim", "Título", "lossless", trimmed), ("trim", "Marca", "lossless", 1))
        uploads.append(name, Action.CORRECTIONS_APPLIED, {"mode": "auto", "by_column": found})
    found = corrections(("truncate_title", "Título", "suggest", 40))
    uploads.append("v1", Action.CORRECTIONS_SUGGESTED, {"by_column": found})
    uploads.upload("v3", "shopify_csv")
    found = corrections(("trim", "Title", "lossless", 2))
    uploads.append("v3", Action.CORRECTIONS_APPLIED, {"mode": "auto", "by_column": found})

    frame = correction_patterns(uploads.tables, None)

    title, brand = {"column": "Título", "cells": 12}, {"column": "Marca", "cells": 2}
    assert frame.rows() == [
        ("mercado_livre", "truncate_title", "suggest", "suggested", 40, 1, 0.5, [{"column": "Título", "cells": 40}]),
        ("mercado_livre", "trim", "lossless", "auto", 14, 2, 1.0, [title, brand]),
        ("shopify_csv", "trim", "lossless", "auto", 2, 1, 1.0, [{"column": "Title", "cells": 2}]),
    ]


def test_of_an_upload_that_was_revised_the_last_revision_counts(uploads):
    uploads.upload("v1", "mercado_livre")
    for revision, mode, found in [
        (1, "auto", corrections(("trim", "Título", "lossless", 5))),
        (2, "auto", corrections(("trim", "Título", "lossless", 4))),
        (2, "manual", corrections(("truncate_title", "Título", "suggest", 1))),
    ]:
        changes = {"revision": revision, "mode": mode, "by_column": found}
        uploads.append("v1", Action.CORRECTIONS_APPLIED, changes)

    frame = correction_patterns(uploads.tables, None)

    assert frame.select("code", "mode", "cells").rows() == [("trim", "auto", 4), ("truncate_title", "manual", 1)]


def test_a_lake_nobody_has_written_to_gives_an_empty_frame(tmp_path):
    assert correction_patterns(str(tmp_path), None).is_empty()
