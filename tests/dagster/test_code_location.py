"""The code location loads in every way it is meant to: `dg`, workspace.yaml, a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml

from validahub_pipeline.partitions import LOCATION

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"},
        "VALIDAHUB_HOME": str(home),
        "DAGSTER_CLI_CONFIG_DIR": str(home),
        "DO_NOT_TRACK": "1",
    }
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_dg_finds_the_definitions_and_nothing_wrong_with_them(tmp_path):
    checked = run(Path(sys.executable).with_name("dg"), "check", "defs", home=tmp_path)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "All definitions loaded successfully" in checked.stdout + checked.stderr


def test_loading_connects_to_nothing_and_imports_nothing_heavy(tmp_path):
    code = (
        "import sys; from validahub_pipeline.definitions import defs; defs.get_repository_def();"
        "print([m for m in ('great_expectations', 'altair', 'pandas', 's3fs') if m in sys.modules])"
    )

    loaded = run(sys.executable, "-c", code, home=tmp_path / "home")

    assert loaded.stdout.strip() == "[]", loaded.stderr
    assert not (tmp_path / "home").exists()


def test_the_workspace_names_the_code_location_that_runs_are_recorded_under():
    [entry] = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]

    assert entry["python_module"] == {"module_name": "validahub_pipeline.definitions", "location_name": LOCATION}
