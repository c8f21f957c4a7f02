"""One file held against rule packs or a Great Expectations suite, with no server, no ledger and nothing left behind.

`reading` makes rows of whatever the file is, `packs` and `suites` judge them, `violations_file` keeps every violation,
`told` is the result as JSON values, and `summary`, `matrix` and `suite_summary` print it. Not here: uploads, which are
`stages`' business; the rules and the engine are the same for both.
"""

from validahub_pipeline.checking.outcome import Verdict
from validahub_pipeline.checking.packs import PacksChecked, check_packs
from validahub_pipeline.checking.reading import Source, read_source
from validahub_pipeline.checking.suites import SuiteChecked, check_suite, read_suite_file

__all__ = [
    "PacksChecked",
    "Source",
    "SuiteChecked",
    "Verdict",
    "check_packs",
    "check_suite",
    "read_source",
    "read_suite_file",
]
