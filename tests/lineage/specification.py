"""What OpenLineage asks of the events and facets that we write, told as one JSON schema in our own words.

After OpenLineage 2-0-2 and the facet versions named below (https://openlineage.io/spec/2-0-2/OpenLineage.json and
https://openlineage.io/spec/facets/...). Stricter than the specification in one point: what it does not know is refused,
since a misspelt field would pass there as somebody's extension.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

TEXT, WHOLE, NUMBER, TRUTH = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))
URI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:[^\s]+$"}
UUID = {"type": "string", "format": "uuid"}
TIME = {"type": "string", "format": "date-time"}


def obj(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def many(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def named(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": item}


def facet(version: str, name: str, required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    url = f"https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}"
    return obj({"_producer": URI, "_schemaURL": {"const": url}} | required, optional)


def facets(**known: dict[str, Any]) -> dict[str, Any]:
    return obj({}, known)


JOB = {"namespace": TEXT, "name": TEXT}
INPUT_FIELD = obj(
    {"namespace": TEXT, "name": TEXT, "field": TEXT},
    {
        "transformations": many(
            obj(
                {"type": {"enum": ["DIRECT", "INDIRECT"]}},
                {"subtype": TEXT, "description": TEXT, "masking": TRUTH},
            )
        )
    },
)
DATASET_FACETS = {
    "schema": facet(
        "1-2-0",
        "SchemaDatasetFacet",
        {},
        {"fields": many(obj({"name": TEXT}, {"type": TEXT, "description": TEXT, "ordinal_position": WHOLE}))},
    ),
    "version": facet("1-0-1", "DatasetVersionDatasetFacet", {"datasetVersion": TEXT}),
}
ASSERTION = obj(
    {"assertion": TEXT, "success": TRUTH},
    dict.fromkeys(("column", "severity", "name", "description", "expected", "actual"), TEXT),
)
INPUT = obj(
    {"namespace": TEXT, "name": TEXT},
    {
        "facets": facets(**DATASET_FACETS),
        "inputFacets": facets(
            dataQualityMetrics=facet(
                "1-0-3",
                "DataQualityMetricsInputDatasetFacet",
                {
                    "columnMetrics": named(
                        obj(
                            {},
                            {
                                "nullCount": WHOLE,
                                "distinctCount": WHOLE,
                                **dict.fromkeys(("sum", "count", "min", "max"), NUMBER),
                                "quantiles": named(NUMBER),
                            },
                        )
                    )
                },
                {"rowCount": WHOLE, "bytes": WHOLE, "fileCount": WHOLE},
            ),
            dataQualityAssertions=facet("1-1-0", "DataQualityAssertionsDatasetFacet", {"assertions": many(ASSERTION)}),
        ),
    },
)
OUTPUT = obj(
    {"namespace": TEXT, "name": TEXT},
    {
        "facets": facets(
            **DATASET_FACETS,
            columnLineage=facet(
                "1-2-0",
                "ColumnLineageDatasetFacet",
                {"fields": named(obj({"inputFields": many(INPUT_FIELD)}))},
                {"dataset": many(INPUT_FIELD)},
            ),
        ),
        "outputFacets": facets(
            outputStatistics=facet(
                "1-0-2",
                "OutputStatisticsOutputDatasetFacet",
                {},
                {"rowCount": WHOLE, "size": WHOLE, "fileCount": WHOLE},
            )
        ),
    },
)
RUN_EVENT = obj(
    {
        "eventTime": TIME,
        "producer": URI,
        "schemaURL": {"const": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
        "run": obj(
            {"runId": UUID},
            {
                "facets": facets(
                    parent=facet("1-2-0", "ParentRunFacet", {"run": obj({"runId": UUID}), "job": obj(JOB)}),
                    errorMessage=facet(
                        "1-0-1",
                        "ErrorMessageRunFacet",
                        {"message": TEXT, "programmingLanguage": TEXT},
                        {"stackTrace": TEXT},
                    ),
                )
            },
        ),
        "job": obj(
            JOB,
            {
                "facets": facets(
                    jobType=facet(
                        "2-0-4", "JobTypeJobFacet", {"processingType": TEXT, "integration": TEXT}, {"jobType": TEXT}
                    )
                )
            },
        ),
    },
    {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "inputs": many(INPUT),
        "outputs": many(OUTPUT),
    },
)

FORMATS = FormatChecker(formats=())


@FORMATS.checks("uuid", raises=ValueError)
def is_uuid(value: object) -> bool:
    return str(uuid.UUID(str(value))) == value


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    return datetime.fromisoformat(str(value)).tzinfo is not None


def faults(event: dict[str, Any]) -> list[str]:
    """Everything in a run event that is not as specified; empty for a valid one."""
    found = Draft202012Validator(RUN_EVENT, format_checker=FORMATS).iter_errors(event)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]
