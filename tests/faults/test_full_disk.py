"""A disk that fills up in the middle of a run: a clear message, nothing half-written, and the run goes on later."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from deltalake import DeltaTable

from validahub_pipeline.sample import generate

VALIDAHUB = Path(sys.executable).with_name("validahub")

# In a mount namespace of its own, where the lake is a small file system in memory; ordinary users get one through a
# user namespace. The lake is copied out after each of the two runs, since it goes with the namespace.
SCRIPT = """
set -u
mkdir -p "$VALIDAHUB_LAKE"
mount -t tmpfs -o size="$SMALL" tmpfs "$VALIDAHUB_LAKE" || exit 99
"$VALIDAHUB" run "$FILE" --marketplace mercado_livre --lang en 2> "$OUT/first.err" > /dev/null
echo $? > "$OUT/first.rc"
cp -r "$VALIDAHUB_LAKE" "$OUT/full"
mount -o remount,size=400m "$VALIDAHUB_LAKE"
"$VALIDAHUB" run "$FILE" --marketplace mercado_livre --lang en --json > "$OUT/second.out" 2> "$OUT/second.err"
echo $? > "$OUT/second.rc"
cp -r "$VALIDAHUB_LAKE" "$OUT/freed"
"""


def actions(lake: Path) -> Counter[str]:
    table = DeltaTable(str(lake / "tables" / "audit_events")).to_pyarrow_table(columns=["event"])
    return Counter(json.loads(event)["action"] for event in table["event"].to_pylist())


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    file = tmp_path_factory.mktemp("catalogue") / "catalogue.csv"
    generate(file, rows=20_000, seed=11)
    return file


# Times the catalogue's size: room for the copy in the inbox and the original, and then for not quite one file more.
@pytest.mark.parametrize("room", [1.3, 2.1, 2.9, 4.2])
def test_a_full_disk_is_explained_recorded_and_survived(room, tmp_path, catalogue):
    size = catalogue.stat().st_size
    environment = os.environ | {
        "VALIDAHUB": str(VALIDAHUB),
        "VALIDAHUB_HOME": str(tmp_path / "home"),
        "VALIDAHUB_LAKE": str(tmp_path / "lake"),
        "VALIDAHUB_SCRATCH_FOLDER": str(tmp_path / "scratch"),
        "FILE": str(catalogue),
        "SMALL": str(int(size * room)),
        "OUT": str(tmp_path),
    }
    namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-root-user"]
    script = subprocess.run(
        [*namespace, "sh", "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert script.returncode == 0, script.stderr

    message = (tmp_path / "first.err").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert (tmp_path / "first.rc").read_text(encoding="utf-8").strip() == "2", message
    assert message.startswith("catalogue.csv: there is no space left")
    assert not list((tmp_path / "full").rglob("corrected.csv"))
    assert actions(tmp_path / "full")["validation_failed"] == 1

    complaint = (tmp_path / "second.err").read_text(encoding="utf-8")
    assert (tmp_path / "second.rc").read_text(encoding="utf-8").strip() == "0", complaint
    assert not list((tmp_path / "scratch").glob("*-*-*"))
    outcome = json.loads((tmp_path / "second.out").read_text(encoding="utf-8").splitlines()[-1])
    assert outcome["published"] is True
    freed = actions(tmp_path / "freed")
    assert freed["validation_failed"] == 1
    assert set(freed.values()) == {1}
    original = next((tmp_path / "freed").glob("validations/*/*/*/*/original.csv"))
    assert original.read_bytes() == catalogue.read_bytes()
