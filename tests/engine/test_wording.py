"""Proposals for titles and descriptions, and the text of HTML."""

from __future__ import annotations

import polars as pl
import pytest

from validahub_pipeline.domain import markup, removal, titles


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Camiseta masculina de algodão azul", "Camiseta masculina"),
        ("Camiseta masculina, algodão azul", "Camiseta masculina"),
        ("Carregador chaveiro [ÚLTIMAS 17 UNIDADES]", "Carregador chaveiro"),
        ("Kit 3 perfumes por R$ 149,90", "Kit 3 perfumes"),
        ("Descascador portátil & sem fio", "Descascador portátil"),
        ("Fone (preto) com cancelamento", "Fone (preto)"),
        ("Otorrinolaringologista de plantão", "Otorrinolaringologista de plantão"),
        ("de a o com para por em na no", "de a o com para por em na no"),
        ("curto", "curto"),
        # What stays ends with a letter that is also in what goes.
        ("Camiseta tam p para festa", "Camiseta tam p"),
    ],
)
def test_a_title_is_cut_where_it_still_makes_sense(text, cut) -> None:
    assert titles.shortened(text, 21) == cut


@pytest.mark.parametrize(
    ("text", "cased"),
    [
        ("TÊNIS DE CORRIDA LED 4K", "Tênis de Corrida LED 4K"),
        ("CAIXA D'ÁGUA 500L", "Caixa D'água 500L"),
        ("KIT COM 2 PÇ PP E GG", "Kit com 2 PÇ PP e GG"),
    ],
)
def test_capitals_become_a_title_and_acronyms_stay(text, cased) -> None:
    assert titles.title_case(text) == cased


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Tênis (11) 98765-4321 novo", "Tênis novo"),
        ("Veja em www.loja.com.br, já", "Veja em já"),
        ("Bolsa (@loja_x)", "Bolsa"),
        ("x@y.com", "x@y.com"),
    ],
)
def test_contact_data_is_taken_out_and_the_gap_closed(text, rest) -> None:
    assert removal.contact_data().alone.search(text)
    without = pl.DataFrame({"x": [text]}).select(removal.without(pl.col("x"), removal.contact_data()))
    assert without.item() == rest


@pytest.mark.parametrize(
    "markup_with_picture", ['<img src="https://cdn.loja.com.br/a.jpg">', "<img src='//cdn.loja.com.br/a.jpg'/>"]
)
def test_an_embedded_picture_is_no_contact_data_but_a_link_is(markup_with_picture) -> None:
    pattern = removal.contact_data().alone

    assert not pattern.search(markup_with_picture)
    assert pattern.search('<a href="https://wa.me/5511">aqui</a>')


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("<ul>\n<li>\n<p>a</p>\n</li>\n<li>b</li></ul>", "- a\n\n- b"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<style>p {}</style><b>a</b>&nbsp;&amp;&#33;", "a\u00a0&!"),
        ("a &copy b", "a &copy b"),
        ("1 < 2 > 0", "1 < 2 > 0"),
    ],
)
def test_html_becomes_the_text_a_browser_shows(html, text) -> None:
    assert markup.to_text(html) == text
