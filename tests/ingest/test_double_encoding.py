"""Text that went through an encoding twice comes out as it was, with a proof; sound text is left alone."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validahub_pipeline.ingest.screening import MISREAD, Screen
from validahub_pipeline.text import mojibake

SOUND = [
    "AÇÃO, SÃO PAULO, MAÇÃ, CORAÇÃO",
    "maçã “fresca” – 100 % ® ™",
    "Ärger über Öl, Straße",
    "L'été à Nîmes, cœur, Ÿ",
    "Ñandú, ¿qué?, ¡olé!",
    "â, Â, ð, ï, Ã",
    "20 °C ± 2 µm, 3 m², nº 5, 1ª",
    "Ê, Á É Í Ó Ú Â Ê Ô Ã Õ Ç",
    "€ 19,90 — ‘ok’",
]
WORDS = ["Açaí", "Camiseta básica", "pão de açúcar", "ÓCULOS", "“aspas” – e travessão", "emoji 😀"]


def twice(text: str, encoding: str = "cp1252") -> str:
    """The text as it looks once its UTF-8 was read in another encoding and saved again."""
    table = {byte: chr(byte) for byte in range(256)} | {
        byte: bytes([byte]).decode(encoding) for byte in range(256) if bytes([byte]).decode(encoding, "ignore")
    }
    return "".join(table[byte] for byte in text.encode("utf-8"))


def catalogue(*titles: str) -> str:
    return "sku,título,preço\n" + "".join(f'{n},"{title}",{n}.90\n' for n, title in enumerate(titles, 1))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize(
    "text", ["Açaí", "Camiseta básica", "pão de açúcar", "ÓCULOS", "“aspas” – e travessão", "emoji 😀"]
)
def test_text_encoded_twice_is_read_as_it_was(read, text: str, encoding: str) -> None:
    damaged = twice(text, encoding)
    result = read(catalogue("Chá verde", damaged, "Café"))
    assert [row[1] for row in result.rows] == ["Chá verde", text, "Café"]
    assert result.report.repairs == {"encoding_double": 1}
    assert [(r["row"], r["line"], r["column"], r["before"], r["after"]) for r in result.repairs] == [
        (2, 3, "título", damaged, text)
    ]


def test_text_encoded_three_times_is_read_as_it_was(read) -> None:
    result = read(catalogue("Chá", twice(twice("Açaí"))))
    assert result.rows[1][1] == "Açaí"
    assert result.report.repairs == {"encoding_double": 1}


def test_a_column_name_encoded_twice_is_read_as_it_was(read) -> None:
    result = read(f"sku,{twice('título')},{twice('preço')}\n1,Chá,2\n")
    assert result.report.columns == ("sku", "título", "preço")


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_left_alone(read, text: str) -> None:
    result = read(catalogue(text, "Chá"))
    assert result.rows[0][1] == text
    assert result.report.repairs == {}


@given(st.text(alphabet="abcáàâãéêíóôõúçÇÃÕÉÊÁÍÓÚÂ º ª°–“”’€", max_size=30))
def test_what_is_repaired_is_proven_by_the_way_back(text: str) -> None:
    repaired = mojibake.repair(text)
    if repaired != text:
        # Misreading the repaired characters alone gives the text again.
        assert len(repaired) < len(text)
        assert twice(repaired) != repaired


@given(st.text(alphabet="abc áàâãéêíóôõúç", min_size=1, max_size=20))
def test_damage_done_to_lower_case_text_is_undone(text: str) -> None:
    assert mojibake.repair(twice(text)) == text


_PARTS = st.one_of(
    st.sampled_from(
        ["A", "a", " ", "é", "\u00a0", "\u00ad", "\u200b", "Ã", "Â", "â", "ð", "ï", "»", "€", "“", "\u0081"]
    ),
    st.sampled_from([twice(word) for word in [*WORDS, "à noite", "ÍNDICE", "MAÇÃ", "€ – ™", "Ímã"]]),
    st.sampled_from([twice(twice(word)) for word in WORDS]),
)


@given(st.lists(st.lists(_PARTS, max_size=6).map("".join), min_size=1, max_size=20))
def test_many_texts_at_once_are_repaired_as_each_by_itself(texts: list[str]) -> None:
    assert mojibake.repaired_cells(pl.Series(texts)).to_list() == [mojibake.repair(text) for text in texts]


@given(
    texts=st.lists(st.text("ÃÂâðïaZ ,\u00a0\u00ad§»¿€™œŠƒˆ\u2019\u201a\u0081\u009d\U0001f600", max_size=9), max_size=9)
)
def test_no_trace_of_it_is_passed_over(texts: list[str]) -> None:
    """Bytes tell where to look; every record with what a look for the expression would find is among those."""
    lines = [f"{text}\n".encode() for text in texts]
    starts = [sum(map(len, lines[:count])) for count in range(len(lines) + 1)]
    places = Screen(",").traces(b"".join(lines)).get(MISREAD, [])
    traced = pl.Series(texts, dtype=pl.String).str.contains(mojibake.TRACE).arg_true()
    assert all(any(starts[at] <= place < starts[at + 1] for place in places) for at in traced)
