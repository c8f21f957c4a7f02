"""What a command does not need it does not load: pandas, which pyarrow loads for some conversions, costs every start
0.3 s and some 50 MB; pyarrow's compute module, which it loads for a cast, 0.06 s."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from validahub_pipeline.ledger.verification import verify_log
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import correct, deposit, ingest, open_services, publish, validate

folder = Path(sys.argv[1])
services = open_services(Settings(home=folder / "home"))
drop = deposit(services, folder / "file.csv", user="ana", marketplace="mercado_livre", category="all")
ingest(services, drop, lang="en")
for stage in (validate, correct, publish):
    stage(services, drop.validation_id)
services.seal()
verify_log(services.lake, now=datetime.now(UTC))
assert services.ledger.history(drop.validation_id)
print(*sorted({"pandas", "great_expectations", "dagster"} & set(sys.modules)))
"""


def test_an_upload_goes_all_the_way_without_pandas(tmp_path):
    text = "SKU;Título;Preço;Estoque\n" + "".join(f"A{n}; Caneca  azul Ã© nova;9,9{n};5\n" for n in range(9))
    (tmp_path / "file.csv").write_text(text, encoding="utf-8")
    assert _ran(SCRIPT, tmp_path) == []


CHECK = """
import sys
from datetime import date
from pathlib import Path
import polars as pl
from validahub_pipeline.checking import check_packs, read_source
from validahub_pipeline.rulepacks import resolve

folder = Path(sys.argv[1])
pl.DataFrame({"SKU": ["A1", "A2"], "GTIN": [7891000100103, 5]}).write_parquet(folder / "file.parquet")
pack = resolve("mercado_livre", category="all", on=date(2026, 11, 1))
for name in ("file.csv", "file.parquet"):
    found = check_packs(read_source(folder / name, folder), [pack], violations=folder / "violations.parquet")
    assert found.packs[0].codes
print(*sorted({"pandas", "pyarrow.compute", "great_expectations"} & set(sys.modules)))
"""


def test_a_file_is_checked_without_what_takes_longest_to_load(tmp_path):
    (tmp_path / "file.csv").write_text("SKU,Título,Preço\nA1,AÃ§aÃ­ em pó,9.9\nA1,,x\n", encoding="utf-8")
    assert _ran(CHECK, tmp_path) == []


def _ran(script, folder):
    """What a script prints, which has neither failed nor warned."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(folder)],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()
