"""Clean values, damaged in the ways real files are, seeded: restored exactly or left alone, never changed wrongly."""

from __future__ import annotations

import random

import pytest

COUNT = 2_000
LETTERS = list("ãáâçéêíóôõúàüñbdrstlmvp")


@pytest.fixture
def outcome(bench, make_pack):
    """`outcome(clean, damaged, corrections)`: how many cells were restored, left alone, and changed wrongly."""

    def run(clean, damaged, corrections):
        rows = bench.write_rows({"x": damaged, "id": [str(place) for place in range(len(damaged))]})
        bench.correct(rows, make_pack(["x"], [], corrections))
        found = [record[0] for record in bench.csv("corrected.csv")[1:]]
        wrong = [
            (was, became, should)
            for was, became, should in zip(damaged, found, clean, strict=True)
            if became not in {was, should}
        ]
        restored = sum(became == should for became, should in zip(found, clean, strict=True))
        return restored / len(clean), wrong

    return run


def _misread(text: str) -> str:
    unassigned = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "".join(chr(b) if b in unassigned else bytes([b]).decode("cp1252") for b in text.encode())


def _words(rng: random.Random, alphabet: list[str]) -> str:
    return " ".join("".join(rng.choices(alphabet, k=rng.randint(2, 8))) for _ in range(rng.randint(1, 4)))


def test_misread_text_is_restored(outcome) -> None:
    rng = random.Random(1)
    symbols = ["", "", " 20 °C", " nº 2", " – novo", " “ok”", " ™"]  # noqa: RUF001 - a dash
    clean = [_words(rng, LETTERS).capitalize() + rng.choice(symbols) for _ in range(COUNT)]

    restored, wrong = outcome(clean, [_misread(text) for text in clean], [("repair_mojibake", ["x"])])

    assert wrong == []
    assert restored > 0.99


def test_correct_text_is_never_taken_for_misread(outcome) -> None:
    rng = random.Random(2)
    tails = ["", "”", "\u2019", "\u00a0", "\u00a0", "…", "™", "®", " \u2013", "»", "."]
    recase = [str.upper, str.lower, str.capitalize]
    # No word of the languages we read ends in `â`.
    clean = [
        " ".join(
            rng.choice(recase)(_words(rng, LETTERS).rstrip("â") + rng.choice("ãoéa")) + rng.choice(tails)
            for _ in range(rng.randint(1, 3))
        )
        for _ in range(COUNT)
    ]

    restored, wrong = outcome(clean, clean, [("repair_mojibake", ["x"])])

    assert wrong == []
    assert restored == 1


@pytest.mark.parametrize("prefix", ["", "R$ ", "R$", "BRL "])
def test_brazilian_prices_are_read_as_what_they_say(outcome, prefix) -> None:
    rng = random.Random(3)
    cents = [rng.randint(1, 10_000_000) for _ in range(COUNT)]
    clean = [f"{amount / 100:.2f}" for amount in cents]
    damaged = [prefix + f"{amount / 100:,.2f}".translate({ord(","): ".", ord("."): ","}) for amount in cents]

    restored, wrong = outcome(clean, damaged, [("decimal_comma", ["x"])])

    assert wrong == []
    assert restored == 1


def test_weights_with_three_decimals_keep_their_size(outcome) -> None:
    rng = random.Random(4)
    grams = [rng.randint(1, 40_000) for _ in range(COUNT)]
    clean = [f"{weight // 1000}.{weight % 1000:03d}" for weight in grams]

    restored, wrong = outcome(clean, [cell.replace(".", ",") for cell in clean], [("decimal_comma", ["x"])])
    left, spoilt = outcome(clean, clean, [("decimal_comma", ["x"])])

    assert (restored, wrong, left, spoilt) == (1, [], 1, [])


def _gtin(rng: random.Random, length: int) -> str:
    body = [rng.randint(1, 9), *(rng.randint(0, 9) for _ in range(length - 2))]
    total = sum(digit * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return "".join(map(str, body)) + str(-total % 10)


@pytest.mark.parametrize(
    "damage",
    [
        lambda code: f"'{code}",
        lambda code: f"{code}_",
        lambda code: f"{code[:3]}-{code[3:8]}-{code[8:]}",
        lambda code: f"{code[:1]} {code[1:7]} {code[7:]}",
        lambda code: f"{code}.0",
        lambda code: f'="{code}"',
    ],
)
def test_gtins_lose_their_punctuation_and_no_digit(outcome, damage) -> None:
    rng = random.Random(5)
    clean = [_gtin(rng, 13) for _ in range(COUNT)]

    restored, wrong = outcome(clean, [damage(code) for code in clean], [("strip_gtin_punctuation", ["x"])])

    assert wrong == []
    assert restored == 1


def test_only_the_zero_that_a_spreadsheet_dropped_is_given_back(outcome) -> None:
    rng = random.Random(6)
    clean = ["0" + _gtin(rng, 11) for _ in range(COUNT)]
    corrections = [("strip_gtin_punctuation", ["x"]), ("pad_gtin_11_to_12", ["x"])]

    restored, wrong = outcome(clean, [code[1:] for code in clean], corrections)
    broken = [code[1:-1] + str((int(code[-1]) + 1) % 10) for code in clean]
    left, spoilt = outcome(broken, broken, corrections)

    assert (restored, wrong, left, spoilt) == (1, [], 1, [])
