"""The table is found where it begins, whatever stands above it, and its columns get usable names."""

from __future__ import annotations

import pytest

from validahub_pipeline.ingest import normalise


def test_an_erp_report_is_read_from_its_true_header(read):
    rows = "".join(f"{i};Produto {i};8471.30.12;{i},50;;{10 - i},250\r\n" for i in range(40))
    text = (
        "Relatório de produtos;;;;;\r\nCod;Desc;;;;\r\nFiltro: situação = ativo;;;;;\r\n"
        "Código;Descrição;NCM;Preço;;Estoque\r\n" + rows
    )
    result = read(text.encode("cp1252"))

    assert result.report.columns == ("Código", "Descrição", "NCM", "Preço", "column_5", "Estoque")
    assert result.report.header_lines == (4,)
    assert result.report.preamble_lines == 3
    assert result.rows[3] == ("3", "Produto 3", "8471.30.12", "3,50", None, "7,250")
    assert result.places[0] == (1, 5)


def test_a_preamble_of_free_text_is_passed_over(read):
    result = read(
        "Exportado em 24/11/2026\n\n" + "sku,title,price\n" + "".join(f"{i},a {i},{i}.5\n" for i in range(20))
    )

    assert result.report.columns == ("sku", "title", "price")
    assert result.report.preamble_lines == 2
    assert result.places[0] == (1, 4)


def test_a_file_without_a_header_gets_numbered_columns_and_loses_no_row(read):
    result = read("".join(f"789{i:010},Produto {i},{i},{i}.90\n" for i in range(20)))

    assert not result.report.has_header
    assert result.report.columns == ("column_1", "column_2", "column_3", "column_4")
    assert result.report.records == 20
    assert result.places[0] == (1, 1)


def test_a_header_over_nothing_but_words_is_still_a_header(read):
    assert read("nome,cor,marca\nmesa,azul,x\nsofá,verde,y\n").report.columns == ("nome", "cor", "marca")


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (" sku , title ", (" sku ", " title ")),
        ("sku,  ", ("sku", "column_2")),
        ("sku,", ("sku", "column_2")),
        ("a,a", ("a", "a_2")),
        ("a,a,a_2", ("a", "a_3", "a_2")),
        ("__row,__line", ("__row_2", "__line_2")),
        (",column_1", ("column_1_2", "column_1")),
        ('"two\nlines",b', ("two lines", "b")),
    ],
)
def test_names_stay_as_they_are_in_one_line_filled_in_and_made_unique(read, header, columns):
    body = "".join(",".join(f"{i}" for _ in columns) + "\n" for i in range(5))

    assert read(f"{header}\n{body}").report.columns == columns


def test_data_wider_than_its_header_keeps_all_its_fields(read):
    result = read("sku,title\n" + "".join(f"{i},t,{i}.5\n" for i in range(9)))

    assert result.report.columns == ("sku", "title", "column_3")
    assert result.rows[2] == ("2", "t", "2.5")


def test_columns_that_are_named_but_never_reached_are_empty(read):
    result = read("sku,title,price,notes\n" + "".join(f"{i},t,{i}.5\n" for i in range(9)))

    assert result.report.columns == ("sku", "title", "price", "notes")
    assert result.rows[2] == ("2", "t", "2.5", None)
    assert result.report.quarantined == 0


def test_a_header_of_two_rows_is_read_as_one(read):
    body = "".join(f"{i},Mesa {i},{i}.50,{i % 7}\n" for i in range(20))
    result = read("Produto,Produto,Preço,Estoque\nCódigo,Nome,BRL,Loja\n" + body)

    assert result.report.columns == ("Produto Código", "Produto Nome", "Preço BRL", "Estoque Loja")
    assert result.report.header_lines == (1, 2)
    assert result.report.preamble_lines == 0
    assert result.places[0] == (1, 3)


def test_one_record_that_is_too_wide_does_not_pass_for_the_table(read):
    result = read("codigo,titulo\n7890,a\n7891,b\n,7892,c\n")

    assert result.report.columns == ("codigo", "titulo")
    assert result.rows == [("7890", "a"), ("7891", "b")]
    assert result.report.quarantined == 1


def test_a_quote_in_the_header_that_closes_nothing_does_not_take_the_file_with_it(read):
    result = read('sku,título,"preço\n' + "".join(f"{n},Chá {n},{n}.90\n" for n in range(1, 30)))

    assert result.report.columns == ("sku", "título", '"preço')
    assert result.report.records == 29


def test_a_header_that_comes_several_times_at_once_is_one_of_several_rows(read):
    result = read("nome,nota\nnome,nota\nAna,boa\nBia,ótima\n")

    assert result.report.columns == ("nome nome", "nota nota")
    assert result.rows == [("Ana", "boa"), ("Bia", "ótima")]


def test_a_blank_name_too_many_names_nothing(read):
    result = read("sku,,título,preço\n" + "".join(f"{n},Chá {n},{n}.90\n" for n in range(1, 30)))

    assert result.report.columns == ("sku", "título", "preço")


def test_of_two_tables_below_each_other_the_first_is_read(read):
    first = "sku,nome,preço\n" + "".join(f"{n},Chá,{n}.90\n" for n in range(1, 30))
    second = "sku,nome,preço,estoque\n" + "".join(f"{n},Chá,{n}.90,{n}\n" for n in range(1, 30))

    result = read(first + second)

    assert (result.report.columns, result.report.records) == (("sku", "nome", "preço"), 29)
    assert set(result.reasons) == {"other_table"}


TEMPLATE = (
    "TemplateType=fptcustom\tVersion=2022.0920\tTop 3 rows are for Amazon.com use only.\t\t\n"
    "Tipo de produto\tSKU do vendedor\tNome do produto\tSeu preço\tMarcadores\n"
    "feed_product_type\titem_sku\titem_name\tstandard_price\tbullet_point1\n"
)


@pytest.mark.parametrize("rows", [1, 3, 90])
def test_of_names_for_people_and_names_for_machines_above_the_data_the_machines_name_the_columns(read, rows):
    body = "".join(f"shirt\tCAM-{n}\tCamiseta {n}\t{n}9.90\tAlgodão\n" for n in range(rows))
    result = read(TEMPLATE + body)

    assert result.report.columns == ("feed_product_type", "item_sku", "item_name", "standard_price", "bullet_point1")
    assert result.report.records == rows
    assert result.places[0] == (1, 4)


def test_names_for_machines_may_say_what_market_and_language_they_are_for(read):
    text = (
        "Código SKU,Nome do produto,Marca,Seu preço\n"
        "contribution_sku#1.value,item_name[marketplace_id=A2Q3Y263D00KWC][language_tag=pt_BR]#1.value,"
        "brand[marketplace_id=A2Q3Y263D00KWC]#1.value,purchasable_offer[audience=ALL]#1.our_price#1.value_with_tax\n"
    )
    result = read(text + "".join(f"CAM-{n},Camiseta {n},Ipê,{n}9.90\n" for n in range(20)))

    assert result.report.columns[0] == "contribution_sku#1.value"
    assert result.report.columns[3] == "purchasable_offer[audience=ALL]#1.our_price#1.value_with_tax"
    assert result.report.records == 20


def test_names_for_machines_above_those_for_people_name_the_columns_as_well(read):
    text = "ps_category,ps_product_name,ps_price,ps_stock\nCategoria,Nome do produto,Preço,Estoque\n"
    result = read(text + "".join(f"{n}01,Camiseta {n},{n}9.90,{n}\n" for n in range(20)))

    assert result.report.columns == ("ps_category", "ps_product_name", "ps_price", "ps_stock")
    assert result.report.records == 20


def test_data_that_look_like_names_for_machines_are_data(read):
    text = "grupo,familia,linha,nome_interno\n" + "".join(
        f"casa_{a},mesa_{a},sala_{a},mesa_de_sala_{a}\n" for a in "abcdefgh"
    )
    result = read(text)

    assert result.report.columns == ("grupo", "familia", "linha", "nome_interno")
    assert result.report.records == 8


@pytest.mark.parametrize("form", ["{}-{}", "SKU-{}{}", "x{}/{}"])
def test_a_code_like_those_below_it_is_no_name(read, form):
    result = read("".join(f"{form.format(n + 10, n % 10)},Mesa de pinho,azul\n" for n in range(12)))

    assert not result.report.has_header
    assert result.report.records == 12


def test_words_that_come_again_in_their_columns_are_no_names(read):
    colours, sizes = ("azul", "verde", "preto"), ("grande", "médio")
    result = read("".join(f"{colours[n % 3]},{sizes[n % 2]},ok\n" for n in range(9)))

    assert not result.report.has_header
    assert result.report.records == 9


def test_names_that_another_table_shares_are_still_names(read):
    first = "".join(f"{city},{who}\n" for city, who in zip("abcdefgh", "ijklmnop", strict=True))
    result = read(f"cidade,gerente\n{first}cidade,gerente,obs\n" + "".join(f"{c},d,e\n" for c in "qrst"))

    assert result.report.columns == ("cidade", "gerente")


@pytest.mark.parametrize("line", ["7890000000017,12.90,3", "2,inglês", "A-1;novo;19,90"])
def test_one_line_with_numbers_in_it_is_a_record(tmp_path, line):
    (tmp_path / "line.csv").write_text(line + "\n", encoding="utf-8")
    report = normalise(tmp_path / "line.csv", tmp_path / "out.csv")

    assert (report.has_header, report.records) == (False, 1)


def test_one_line_of_words_is_a_header(tmp_path):
    (tmp_path / "line.csv").write_text("sku,título,preço\n", encoding="utf-8")
    report = normalise(tmp_path / "line.csv", tmp_path / "out.csv")

    assert (report.has_header, report.records) == (True, 0)


def test_a_table_whose_index_has_no_name_has_a_header(read):
    result = read('"","class","age"\n' + "".join(f'"{n}","1st class","adults"\n' for n in range(1, 20)))

    assert result.report.columns == ("column_1", "class", "age")


def test_numbers_that_rise_over_a_named_index_are_names(read):
    result = read(",142.24,144.78,147.32\n" + "".join(f"{n / 10},{n},{n % 3},0\n" for n in range(94, 120)))

    assert result.report.columns == ("column_1", "142.24", "144.78", "147.32")


@pytest.mark.parametrize("years", ["2019,2020", "1960,1970,1980", "2024,2023,2022"])
def test_years_over_amounts_are_names(read, years):
    cells = ",".join("{}.5" for _ in years.split(","))
    result = read(f"país,{years}\n" + "".join(f"P{n},{cells}\n".replace("{}", str(n)) for n in range(20)))

    assert result.report.columns == ("país", *years.split(","))


def test_years_over_years_are_a_record(read):
    result = read("".join(f"P{n},{1990 + n},{1995 + n}\n" for n in range(20)))

    assert not result.report.has_header


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ", "])
def test_a_small_table_is_told_from_the_text_above_it(read, delimiter):
    above = "Relatório de produtos\nGerado em 01/02/2026, por admin\nFiltro: todos\n"
    table = [["sku", "título", "preço"], ["A-1", "Mesa", "12,90"], ["A-2", "Banco", "7,90"]]
    if delimiter == ", ":
        table = [[cell.replace(",", ".") for cell in row] for row in table]
    result = read(above + "".join(delimiter.join(row) + "\n" for row in table))

    assert result.report.columns == ("sku", "título", "preço")
    assert result.rows == [tuple(row) for row in table[1:]]
    assert result.report.preamble_lines == 3


def test_a_quote_in_the_header_is_not_closed_by_a_quoted_field_far_below(read):
    result = read('"chave,valor\n' + "".join(f"c{n},v{n}\n" for n in range(16)) + 'c16,"a, b"\nc17,"a, b"\n')

    assert result.report.records == 18
    assert result.report.quarantined == 0
