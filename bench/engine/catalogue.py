"""The catalogue the engine is measured on: 13 columns, about 435 bytes a row, seeded, and as messy as sellers' are.

Of every kind of damage a few rows in a hundred have some; what share, `_DAMAGE` says in one place. Row `n` is the same
whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

HEADERS: Final = (
    *("SKU", "Título", "Descrição", "Preço", "Estoque", "Marca", "Modelo", "Categoria", "Condição", "GTIN", "NCM"),
    *("Peso (g)", "Imagens"),
)
ROWS: Final = 2_400_000
"""As many as make a gigabyte of CSV."""

_CHUNK: Final = 100_000
_SEED: Final = 20261126
_POOL: Final = 20_000

_KINDS: Final = (
    *("Fone de ouvido", "Tênis de corrida", "Cadeira de escritório", "Furadeira de impacto", "Mochila impermeável"),
    *("Panela de pressão", "Camiseta básica", "Relógio de pulso", "Luminária de mesa", "Garrafa térmica"),
    *("Cabo carregador", "Película de vidro", "Óculos de sol", "Jogo de lençol", "Kit de chaves", "Suporte articulado"),
    *("Caixa de som", "Liquidificador", "Ração para cães", "Mouse sem fio", "Teclado mecânico", "Barraca de camping"),
)
_TRAITS: Final = (
    *("preto", "branco fosco", "azul-marinho", "com garantia", "tamanho único", "de algodão", "em aço inox", "110 V"),
    *("220 V", "1,5 L", "dobrável", "recarregável", "infantil", "masculino", "feminino", "linha premium", "série 2"),
    *("antiaderente", "à prova d'água", "com alça", "ergonômica", "bivolt", "sem fio", "edição limitada"),
)
_CLAUSES: Final = (
    *("Produzido com materiais de alta resistência", "Acabamento cuidadoso e costura reforçada"),
    *("Ideal para o dia a dia, em casa ou no escritório", "Fácil de limpar e de guardar"),
    *("Acompanha manual em português", "Não acompanha pilhas nem baterias", "Bivolt automático: 110 V e 220 V"),
    *("Medidas aproximadas: 30 x 20 x 15 cm", "Peso líquido de 1,2 kg", "Garantia de 12 meses contra defeitos"),
    *(
        "Composição: 96% algodão e 4% elastano",
        'Tela de 15,6" com boa definição',
        "Compatível com a maioria dos modelos",
    ),
    *("A cor pode variar conforme a iluminação; confira as fotos", "Embalagem segura, pronta para envio"),
    *("Secagem rápida e toque macio", "Certificado pelo Inmetro; atende à norma vigente", "Capacidade de 1,5 litro"),
)
_BRANDS: Final = (
    *("Tramontina", "Mondial", "Samsung", "Intelbras", "Bosch", "Philips", "Havaianas", "Olympikus", "Multilaser"),
    *("Vonder", "Stanley", "Britânia", "Ipê", "Cadence", "Elgin", "Nike"),
)

Cells = npt.NDArray[np.object_]
Change = Callable[[str, np.random.Generator], str]

# By column, the share of its cells that suffer, and how. Shares of different kinds may meet in one cell.
_DAMAGE: Final[tuple[tuple[str, float, Change], ...]] = (
    ("SKU", 0.01, lambda _cell, random: f"SKU-{random.integers(_CHUNK):09d}"),
    ("SKU", 0.01, lambda _cell, _random: ""),
    ("Título", 0.03, lambda cell, _random: f"{cell} para toda a família, com entrega em todo o Brasil"),
    ("Título", 0.01, lambda cell, _random: cell.split()[0]),
    ("Título", 0.02, lambda cell, _random: cell.upper()),
    ("Título", 0.02, lambda cell, _random: f"{cell} FRETE GRÁTIS"),
    ("Título", 0.005, lambda cell, _random: f"{cell} zap (11) 98765-4321"),
    ("Título", 0.02, lambda cell, random: f"{cell} {_BRANDS[random.integers(6)]}"),
    ("Título", 0.015, lambda cell, _random: _misread(cell)),
    ("Título", 0.005, lambda _cell, _random: ""),
    ("Descrição", 0.05, lambda cell, _random: f"<p>{cell}</p><ul><li>Original</li></ul>"),
    ("Descrição", 0.01, lambda cell, _random: f"{cell} Dúvidas? Escreva para vendas@lojaexemplo.com.br"),
    ("Descrição", 0.01, lambda cell, _random: f"{cell} O mais vendido do Brasil!"),
    ("Descrição", 0.02, lambda cell, _random: _misread(cell)),
    ("Descrição", 0.02, lambda _cell, _random: ""),
    ("Descrição", 0.00001, lambda cell, _random: cell * 300),
    ("Preço", 0.03, lambda cell, _random: f"R$ {cell.replace('.', ',')}"),
    ("Preço", 0.01, lambda _cell, _random: "sob consulta"),
    ("Preço", 0.005, lambda _cell, _random: "0"),
    ("Preço", 0.01, lambda _cell, _random: ""),
    ("Estoque", 0.02, lambda cell, _random: f"{cell}.5"),
    ("Estoque", 0.01, lambda cell, _random: f"-{cell}"),
    ("Estoque", 0.02, lambda _cell, _random: ""),
    ("Marca", 0.02, lambda _cell, _random: "N/A"),
    ("Marca", 0.02, lambda _cell, _random: ""),
    ("Modelo", 0.02, lambda _cell, _random: "#N/D"),
    ("Modelo", 0.03, lambda _cell, _random: ""),
    ("Modelo", 0.001, lambda cell, _random: f"{cell} " * 30),
    ("Categoria", 0.03, lambda _cell, _random: "Casa e cozinha"),
    ("Categoria", 0.01, lambda _cell, _random: ""),
    ("Condição", 0.04, lambda _cell, _random: "Novo"),
    ("GTIN", 0.03, lambda cell, random: f"{cell[:-1]}{(int(cell[-1]) + random.integers(1, 10)) % 10}"),
    ("GTIN", 0.01, lambda cell, _random: f"{cell[0]},{cell[1:5]}E+12"),
    ("GTIN", 0.005, lambda cell, _random: f"{cell[:8]}00000"),
    ("GTIN", 0.01, lambda _cell, _random: "SEM GTIN"),
    ("GTIN", 0.04, lambda _cell, _random: ""),
    ("NCM", 0.05, lambda cell, _random: f"{cell[:4]}.{cell[4:6]}.{cell[6:]}"),
    ("NCM", 0.01, lambda _cell, _random: "00000000"),
    ("NCM", 0.02, lambda _cell, _random: ""),
    ("Peso (g)", 0.02, lambda cell, _random: f"0,{cell}"),
    ("Peso (g)", 0.02, lambda _cell, _random: ""),
    ("Imagens", 0.02, lambda _cell, random: f"foto-{random.integers(1000)}.jpg"),
    ("Imagens", 0.01, lambda cell, _random: f"{cell},{cell.replace('.jpg', '.webp')}"),
    ("Imagens", 0.01, lambda cell, _random: ",".join([cell] * 13)),
    ("Imagens", 0.01, lambda _cell, _random: ""),
)


def write_catalogue(folder: Path, rows: int) -> tuple[Path, Path]:
    """The catalogue as CSV and as Parquet (all text; empty cells are null), made anew only where it is not there."""
    csv, parquet = folder / f"catalogue-{rows}.csv", folder / f"catalogue-{rows}.parquet"
    if csv.exists() and parquet.exists():
        return csv, parquet
    folder.mkdir(parents=True, exist_ok=True)
    sentences = _sentences()
    schema = pa.schema([(name, pa.string()) for name in HEADERS])
    part = parquet.with_suffix(".part")
    with csv.open("wb") as out, pq.ParquetWriter(part, schema, compression="zstd", compression_level=1) as writer:
        pl.DataFrame(schema=dict.fromkeys(HEADERS, pl.String)).write_csv(out)
        for start in range(0, rows, _CHUNK):
            frame = _chunk(start, sentences).head(rows - start)
            frame.write_csv(out, include_header=False)
            writer.write_table(frame.to_arrow().cast(schema))
    part.replace(parquet)
    return csv, parquet


def _sentences() -> list[str]:
    random = np.random.default_rng(_SEED)
    picked = random.integers(0, len(_CLAUSES), (_POOL, 2))
    return [f"{_CLAUSES[one]}, ref. {place:05d}. {_CLAUSES[other]}." for place, (one, other) in enumerate(picked)]


def _chunk(start: int, sentences: list[str]) -> pl.DataFrame:
    random = np.random.default_rng((_SEED, start))
    numbers = np.arange(start, start + _CHUNK)
    cells = {name: np.array(values, dtype=object) for name, values in _clean(random, numbers, sentences).items()}
    for name, share, change in _DAMAGE:
        column = cells[name]
        hit = np.flatnonzero(random.random(_CHUNK) < share)
        column[hit] = [change(cell, random) if cell and _sound(name, cell) else cell for cell in column[hit]]
    return pl.DataFrame([pl.Series(name, cells[name].tolist(), dtype=pl.String).replace("", None) for name in HEADERS])


def _sound(name: str, cell: str) -> bool:
    """Whether what damages a barcode, or a price, still finds one."""
    return cell.replace(".", "").isdigit() if name in {"GTIN", "Preço", "Estoque"} else True


def _clean(random: np.random.Generator, numbers: npt.NDArray[np.int64], sentences: list[str]) -> dict[str, list[str]]:
    count = len(numbers)

    def some(values: tuple[str, ...]) -> list[str]:
        return [values[place] for place in random.integers(0, len(values), count).tolist()]

    said = random.integers(0, len(sentences), (count, 2)).tolist()
    price = np.exp(random.normal(3.7, 0.9, count)).round(2)
    body = (789_000_000_000 + random.integers(0, 999_999_999, count)).tolist()
    kinds, traits, more, brands = some(_KINDS), some(_TRAITS), some(_TRAITS), some(_BRANDS)
    return {
        "SKU": [f"SKU-{number:09d}" for number in numbers.tolist()],
        "Título": [f"{kind} {trait} {other}" for kind, trait, other in zip(kinds, traits, more, strict=True)],
        "Descrição": [f"{sentences[one]} {sentences[other]}" for one, other in said],
        "Preço": [f"{value:.2f}" for value in price.tolist()],
        "Estoque": [str(number) for number in random.geometric(0.04, count) - 1],
        "Marca": brands,
        "Modelo": [f"Linha {number:04d}" for number in random.integers(0, 9999, count).tolist()],
        "Categoria": [f"MLB{number}" for number in random.integers(1000, 9999, count).tolist()],
        "Condição": ["used" if used else "new" for used in (random.random(count) < 0.1).tolist()],
        "GTIN": [f"{digits}{_check_digit(digits)}" for digits in body],
        "NCM": some(("85171231", "61091000", "64041100", "94013090", "73239300", "42029200", "85183000")),
        "Peso (g)": [str(grams) for grams in random.integers(50, 9000, count).tolist()],
        "Imagens": [
            ",".join(f"https://img.lojaexemplo.com.br/p/{number:09d}/{picture}.jpg" for picture in range(pictures))
            for number, pictures in zip(numbers.tolist(), random.integers(1, 4, count).tolist(), strict=True)
        ],
    }


def _check_digit(digits: int) -> int:
    total = 0
    for place in range(12):
        digits, last = divmod(digits, 10)
        total += last * (1 if place % 2 else 3)
    return -total % 10


def _misread(cell: str) -> str:
    return cell.encode("utf-8").decode("cp1252", errors="replace")
