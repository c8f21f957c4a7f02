"""What the work of each stage was, as lineage tells it: which objects and tables it read and wrote, and what became of
which column. Descriptions only; `tracing` records them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from validahub_pipeline.engine import CorrectionResult, ValidationResult
from validahub_pipeline.engine.validation import ERRORS, STATUS
from validahub_pipeline.ingest import IngestReport
from validahub_pipeline.ledger import Detail, DetailDigest
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.tables import DETAILS
from validahub_pipeline.lineage import Assertion, Dataset, How, Metrics, Origin, State, Work
from validahub_pipeline.rulepacks import ResolvedPack, Rule, match_columns, personal_columns
from validahub_pipeline.rulepacks.vocabulary import ANY_FIELD
from validahub_pipeline.stages.upload import Upload
from validahub_pipeline.storage.layout import INBOX, REPORT, of_revision, table_key

Objects = Mapping[str, Mapping[str, Any]]
Changed = Sequence[tuple[str, str, int]]
"""Column, code and number of cells of corrections."""

FIRST: Final = "ingest"
"""The stage an upload begins with."""

_NUMBERS: Final = {"__row": "int64", "__line": "int64"}


def ingested(upload: Upload, report: IngestReport, objects: Objects, repaired: Changed) -> Work:
    """The file dropped became the original, rows, quarantine and repairs."""
    columns = report.columns
    file = dropped(upload, columns)
    return Work(
        FIRST,
        State.COMPLETE,
        (file,),
        (
            _dataset(objects["original"], columns=columns, origins=_from_same(file, columns)),
            _rows(objects, columns, report.records, _from_same(file, columns, repaired)),
            _dataset(objects["quarantine"], rows=report.quarantined),
            _dataset(objects["repairs"], rows=sum(cells for _, _, cells in repaired)),
        ),
    )


def validated(
    upload: Upload, pack: ResolvedPack, objects: Objects, result: ValidationResult, detail: DetailDigest
) -> Work:
    """The rows, held against every rule of the pack, became the rows with a verdict each, and violations."""
    columns: list[str] = upload.changes(Action.FILE_INGESTED)["columns"]
    personal = personal_columns(pack, columns)
    metrics = {
        found.column: Metrics(
            found.missing,
            result.records - found.missing,
            None if found.column in personal else found.minimum,
            None if found.column in personal else found.maximum,
        )
        for found in result.fields
    }
    rows = replace(_rows(objects, columns, result.records), metrics=metrics)
    told = _dataset(
        objects["validated"],
        columns=(*columns, STATUS, ERRORS),
        rows=result.records,
        origins=_from_same(rows, columns) | _from_all(rows, columns, STATUS, ERRORS, how=How.JUDGED),
    )
    return Work(
        "validate",
        State.COMPLETE,
        (rows,),
        (told, _detail(Detail.VIOLATIONS, [detail], _from_all(rows, columns, "value"))),
        _assertions(
            pack, columns, [(count.code, count.column, str(count.severity), count.count) for count in result.counts]
        ),
    )


def corrected(
    upload: Upload,
    manifest: Mapping[str, Any],
    result: CorrectionResult,
    written: Objects,
    details: Iterable[DetailDigest],
) -> Work:
    """The rows, their repairs and what people decided became the corrected file, suggestions and lists of what is left
    (`written`), and corrections, which have a digest for each mode."""
    decided = upload.changes(Action.REVISION_STARTED).get("objects", {})
    recorded = list(details)
    columns, records = manifest["ingest"]["columns"], manifest["ingest"]["records"]
    rows = _rows(manifest["objects"], columns, records)
    changed = [(count.column, count.code, count.count) for count in (*result.counts, *result.manual)]
    touched = list(dict.fromkeys(column for column, _, _ in changed))
    texts = _from_all(rows, touched, "before") | _from_all(rows, touched, "after", how=How.CORRECTED)
    return Work(
        "correct",
        State.COMPLETE,
        (rows, _dataset(manifest["objects"]["repairs"]), *(_dataset(one) for one in decided.values())),
        (
            _corrected(upload, written["corrected"], columns, records, _from_same(rows, columns, changed)),
            _dataset(written["suggestions"], rows=sum(count.count for count in result.suggested)),
            _dataset(written["errors"], rows=sum(count.count for count in result.remaining.counts)),
            _dataset(written["errors_workbook"]),
            _detail(Detail.CORRECTIONS, recorded, texts),
        ),
    )


def published(
    upload: Upload,
    pack: ResolvedPack,
    manifest: Mapping[str, Any],
    stored: Mapping[str, Any],
    *,
    records: int,
    headers: Mapping[str, str],
) -> Work:
    """The corrected file, held against every rule once more, was put into the lake as `stored`, with its report;
    `headers` are those it was delivered with another name for."""
    columns = manifest["ingest"]["columns"]
    source = _corrected(upload, upload.revised_changes(Action.CORRECTIONS_APPLIED)["corrected"], columns, records)
    remaining = [
        (count["code"], count["column"], count["severity"], count["count"])
        for count in manifest["corrections"]["remaining_by_column"]
    ]
    origins = {headers.get(name, name): origin for name, origin in _from_same(source, columns).items()}
    return Work(
        "publish",
        State.COMPLETE,
        (source,),
        (_dataset(stored, columns=list(origins), rows=records, origins=origins), _report(upload)),
        _assertions(pack, columns, remaining),
    )


def failed(upload: Upload, stage: str, why: str) -> Work:
    """A stage that could not go on."""
    return Work(stage, State.FAIL, (dropped(upload),), message=why)


def ended(upload: Upload, job: str, state: State, changes: Mapping[str, Any], why: str | None) -> Work:
    """The whole upload, from the file dropped to what its last event names."""
    stored = changes.get("objects", {})
    outputs = [_dataset(stored["corrected"], rows=changes["records"])] if "corrected" in stored else []
    if state != State.FAIL:
        outputs.append(_report(upload))
    return Work(job, state, (dropped(upload),), tuple(outputs), message=why)


def dropped(upload: Upload, columns: Iterable[str] = ()) -> Dataset:
    """The file in the inbox, as the seller dropped it. Lineage is kept for ever and sent on to others, so the file is
    named by its validation: the key in the inbox is the name of a person and of that person's file."""
    changes = upload.uploaded.changes
    return Dataset(
        f"{INBOX}/{upload.validation_id}",
        dict.fromkeys(columns, "string"),
        size=changes["size"],
        sha256=changes["sha256"],
    )


def _rows(
    objects: Objects, columns: Iterable[str], rows: int, origins: Mapping[str, tuple[Origin, ...]] | None = None
) -> Dataset:
    """rows.parquet, which carries record and line numbers besides the columns of the file."""
    told = _dataset(objects["rows"], columns=columns, rows=rows, origins=origins)
    return replace(told, columns=_NUMBERS | dict(told.columns))


def _dataset(
    described: Mapping[str, Any],
    *,
    columns: Iterable[str] = (),
    rows: int | None = None,
    origins: Mapping[str, tuple[Origin, ...]] | None = None,
) -> Dataset:
    """An object of the lake as lineage names it."""
    return Dataset(
        key=described["key"],
        columns=dict.fromkeys(columns, "string"),
        rows=rows,
        size=described["size"],
        sha256=described["sha256"],
        origins=origins or {},
    )


def _report(upload: Upload) -> Dataset:
    """The seller's report; without a digest, since around a crash it may be rendered twice."""
    return Dataset(upload.key(of_revision(REPORT, upload.revision)))


def _corrected(
    upload: Upload,
    described: Mapping[str, Any],
    columns: Sequence[str],
    rows: int,
    origins: Mapping[str, tuple[Origin, ...]] | None = None,
) -> Dataset:
    """The corrected file between the stage that works it out and the one that publishes it; a file that is refused
    never gets any further, so it is not named as if it lay in the lake."""
    key = f"{upload.validation_id}/{of_revision('corrected', upload.revision)}"
    return replace(_dataset({"key": key, **described}, columns=columns, rows=rows, origins=origins), kept=False)


def _detail(
    table: Detail, digests: Sequence[DetailDigest], origins: Mapping[str, tuple[Origin, ...]] | None = None
) -> Dataset:
    """The rows a stage added to a table of detail; rows with several digests have no version of their own."""
    columns = {name: str(kind).lower() for name, kind in DETAILS[table].columns.items()}
    rows = sum(digest.rows for digest in digests)
    sha256 = digests[0].sha256 if len(digests) == 1 else None
    return Dataset(table_key(table), columns, rows=rows, sha256=sha256, origins=origins or {})


def _from_same(
    source: Dataset, columns: Iterable[str], changed: Iterable[tuple[str, str, int]] = ()
) -> dict[str, tuple[Origin, ...]]:
    """Each column from the column of that name; `changed` are the column, code and number of cells of corrections."""
    codes: dict[str, dict[str, int]] = {}
    for column, code, cells in changed:
        codes.setdefault(column, {})[code] = cells
    return {
        name: (Origin(source.key, name, How.CORRECTED, codes[name]) if name in codes else Origin(source.key, name),)
        for name in columns
    }


def _from_all(
    source: Dataset, columns: Sequence[str], *names: str, how: How = How.IDENTITY
) -> dict[str, tuple[Origin, ...]]:
    """Each of `names` from all of the columns: a table of cells, or a verdict on rows."""
    origins = tuple(Origin(source.key, column, how) for column in columns)
    return dict.fromkeys(names, origins) if origins else {}


def _assertions(
    pack: ResolvedPack, columns: Sequence[str], counts: Iterable[tuple[str, str, str, int]]
) -> tuple[Assertion, ...]:
    """Every rule that was held against columns of the file, broken or not; `counts` are code, column, severity and
    number of what was broken."""
    broken = [Assertion(code, severity, column, count) for code, column, severity, count in counts if count]
    known = {assertion.code for assertion in broken}
    match = match_columns(pack, columns)
    kept = []
    for rule in pack.rules:
        fields = _fields(rule)
        if rule.code not in known and all(field in match.columns for field in fields):
            column = match.columns[fields[0]] if fields else ""
            kept.append(Assertion(rule.code, str(rule.severity), column, 0))
    return (*broken, *kept)


def _fields(rule: Rule) -> list[str]:
    named = [rule.kwargs[name] for name in ("column", "column_A", "column_B") if name in rule.kwargs]
    return [field for field in (*named, *rule.kwargs.get("column_list", ())) if field != ANY_FIELD]
