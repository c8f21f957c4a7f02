"""Great Expectations suites in their JSON form, run on typed polars data: verdicts as GX Core 1.24's pandas engine has
them, in its own JSON form.

Lives here: what each of GX's expectations means (`values`, `pairs`, `records`, `aggregates`, `tables`), row conditions,
and the shape of results. Not here: rule packs over the text cells of a seller's file (`validahub_pipeline.engine`).
https://docs.greatexpectations.io/docs/core/introduction/
"""

from validahub_pipeline.engine.suite.running import run_suite

__all__ = ["run_suite"]
