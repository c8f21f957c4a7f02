"""The one sentence everybody reads first: published or not, how many rows are ready, and why not the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from validahub_pipeline.report.view import rows_of, sentence
from validahub_pipeline.report.wording import Wording


@dataclass(frozen=True)
class Verdict:
    """`tone` is for colour and sign: good (nothing left), partial (published with rows to fix), bad (not published),
    open (not finished)."""

    tone: Literal["good", "partial", "bad", "open"]
    headline: str
    detail: str


def verdict_of(manifest: Mapping[str, Any], wording: Wording) -> Verdict:
    """What a manifest amounts to. A failed upload's manifest may hold `failure: {stage, error: {code, message}}`."""
    failure = manifest.get("failure")
    if failure:
        reason = sentence(failure["error"]["message"])
        return Verdict("bad", wording.text("verdict_failed"), wording.text("detail_failed", reason=reason))
    publication = manifest.get("publication", {})
    if manifest.get("dry_run"):
        return _rehearsed(manifest, wording)
    if publication.get("published"):
        return _published(manifest, wording)
    reason = publication.get("refused_because")
    if reason:
        detail = wording.text("detail_refused", reason=sentence(reason))
        return Verdict("bad", wording.text("verdict_refused"), detail)
    return Verdict("open", wording.text("verdict_pending"), wording.text("detail_pending"))


def _rehearsed(manifest: Mapping[str, Any], wording: Wording) -> Verdict:
    """Of a dry run, whose manifest says `dry_run`."""
    reason = manifest["publication"]["refused_because"]
    if reason:
        return Verdict("bad", wording.text("verdict_dry_refused"), sentence(reason))
    rows = rows_of(manifest)
    assert rows is not None, "only a file that has been read is corrected"
    ready, total = wording.number(rows.ready), wording.number(rows.total)
    return Verdict("open", wording.text("verdict_dry", ready=ready, total=total), wording.text("detail_dry"))


def _published(manifest: Mapping[str, Any], wording: Wording) -> Verdict:
    rows = rows_of(manifest)
    assert rows is not None, "only a file that has been read is published"
    total, ready = wording.number(rows.total), wording.number(rows.ready)
    if rows.critical:
        key = "detail_drop" if wording.pack.gate.partial == "drop" else "detail_keep"
        left_out = wording.number(rows.critical + rows.with_product)
        key = "detail_drop_products" if rows.with_product else key
        detail = wording.text(key, critical=wording.number(rows.critical), left_out=left_out)
    else:
        found = manifest.get("validation", {}).get("violations")
        detail = wording.text("detail_all_corrected" if found else "detail_spotless")
    if rows.ready == rows.total:
        return Verdict("good", wording.text("verdict_published_all", total=total), detail)
    return Verdict("partial", wording.text("verdict_published", ready=ready, total=total), detail)
