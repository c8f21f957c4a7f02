"""The structure of the house: which part may know which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", "--config", config],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_dependencies_point_one_way():
    outcome = lint(ROOT / "pyproject.toml")

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_dependency_the_wrong_way_would_be_noticed(tmp_path):
    config = tmp_path / "upside_down.toml"
    config.write_text(
        """
[tool.importlinter]
root_packages = ["validahub_pipeline", "assets", "rules"]

[[tool.importlinter.contracts]]
name = "upside down"
type = "layers"
layers = ["rules", "validahub_pipeline", "assets"]
""",
        encoding="utf-8",
    )

    outcome = lint(config)

    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert "BROKEN" in outcome.stdout
