"""`validahub run --dry-run`: what a run would do, in words and as JSON, and no trace of it."""

from __future__ import annotations

import json

import pytest

from validahub_pipeline.commands import uploads
from validahub_pipeline.errors import InputError
from validahub_pipeline.settings import Settings

HEADER = "SKU;Título;Preço;Estoque;GTIN/EAN;Condição\n"
GOOD = "".join(f"A-{n}; Furadeira {n};1.299,9{n};5;;novo\n" for n in range(10))
HOPELESS = "".join(f"A-{n};;10,00;5;;novo\n" for n in range(10))


@pytest.fixture
def rehearse(tmp_path):
    """Rehearses a catalogue of these lines; returns the exit code."""

    def rehearse(text: str, *, as_json: bool = False) -> int:
        file = tmp_path / "loja.csv"
        file.write_text(text, encoding="utf-8")
        settings = Settings(home=tmp_path / "home", lang="en")
        try:
            return uploads.run(
                settings,
                file,
                marketplace="mercado_livre",
                category=None,
                user="maria",
                dry_run=True,
                as_json=as_json,
            )
        finally:
            assert not (tmp_path / "home").exists()
            assert [path.name for path in tmp_path.iterdir()] == ["loja.csv"]

    return rehearse


def test_shows_what_would_change_and_leaves_nothing_behind(rehearse, capsys) -> None:
    assert rehearse(HEADER + GOOD) == 0

    shown = capsys.readouterr().out
    assert "Dry run: 10 of 10 rows would be ready" in shown
    assert "“novo” → “new”" in shown
    assert "on record" not in shown


def test_a_file_the_gate_would_refuse_ends_with_3_and_the_reason(rehearse, capsys) -> None:
    assert rehearse(HEADER + HOPELESS) == 3

    shown = capsys.readouterr().out
    assert "it would not be published" in shown
    assert "10 of 10" in shown


def test_json_holds_counts_and_examples(rehearse, capsys) -> None:
    rehearse(HEADER + GOOD, as_json=True)

    told = json.loads(capsys.readouterr().out)
    assert (told["dry_run"], told["records"], told["would_be_published"]) == (True, 10, True)
    assert told["corrections"]["condition_synonyms"] == 10
    assert {"column": "Condição", "before": "novo", "after": "new"}.items() <= next(
        example for example in told["examples"] if example["code"] == "condition_synonyms"
    ).items()


def test_a_file_that_is_no_table_is_told(rehearse) -> None:
    with pytest.raises(InputError) as raised:
        rehearse("")

    assert raised.value.code == "file_empty"
