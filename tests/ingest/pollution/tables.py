"""The tables that get polluted: a shop's export like Pollock's own, and others of quite different shape. Seeded."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

_NOUNS = ("Boots", "Jacket", "Tent", "Cap", "Sofa", "Lamp", "Vest", "Kayak", "Socks", "Leader")
_WORDS = ("light", "sturdy", "warm", "classic", "built for rain, wind or sun", "men's favourite", "soft", "year-round")
_NOMES = ("Camiseta", "Tênis", "Cafeteira", "Calça", "Fone", "Mochila", "Relógio", "Óculos")
_DETALHES = ("algodão", "preta", "tamanho único", "à prova d'água", "elétrica", "com garantia", "novo")


@dataclass(frozen=True)
class Table:
    """A clean table: names of columns, and rows of cells."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables() -> list[Table]:
    """All of them; the first is the shop's export, in rows and columns as large as Pollock's."""
    return [
        _table("shop", 83, _shop, "DATE,TIME,Qty,PRODUCTID,Price,ProductType,ProductDescription,URL,Comments"),
        _table("catalogo", 60, _catalogo, "SKU,Título,Preço,Estoque,GTIN,NCM,Descrição"),
        _table("numbers", 40, _numbers, "id,x,y,z"),
        _table("words", 30, _words, "city,state,manager,remark"),
        _table("pair", 25, _pair, "key,value"),
        _table("log", 50, _log, "timestamp,level,host,message,duration_ms"),
        _table("wide", 20, _wide, ",".join(f"m{n}" for n in range(60))),
    ]


def _table(name: str, rows: int, row: Callable[[random.Random, int], list[str]], header: str) -> Table:
    chance = random.Random(name)
    return Table(name, tuple(header.split(",")), tuple(tuple(row(chance, n)) for n in range(rows)))


def _shop(chance: random.Random, n: int) -> list[str]:
    code = f"{chance.choice('ABCGHMRWYZ')}{chance.choice('ACGHINRY')}-{chance.randrange(1000, 9999)}"
    kind = chance.choice(_NOUNS)
    if n % 9 == 3:
        kind += f', Round {chance.randrange(5, 60)}"'
    elif n % 4 == 1:
        kind += ", Short-Sleeve"
    text = " ".join(chance.sample(_WORDS, 4)).capitalize() + (r". In 8\'9\" length." if n == 12 else ".")
    url = f"https://www.example.com/product/{code.replace('-', '_')}.html"
    date = f"{n % 28 + 1:02}/{n // 28 + 1:02}/2018"
    price = f"${chance.randrange(1, 99)}.{chance.randrange(100):02}"
    return [date, f"{n % 24:02}:15", str(chance.randrange(30)), code, price, kind, text, url, ""]


def _catalogo(chance: random.Random, n: int) -> list[str]:
    title = f"{chance.choice(_NOMES)} {chance.choice(_DETALHES)} {chance.choice(_DETALHES)}"
    price = f"{chance.randrange(1, 2000)}.{chance.randrange(100):02}"
    text = f"{title}. {chance.choice(_DETALHES)}, {chance.choice(_DETALHES)}" + (
        "\nSegunda linha." if n % 10 == 4 else ""
    )
    gtin = f"789{chance.randrange(10**10):010}"
    return [f"SKU-{n:05}", title, price, str(chance.randrange(200)), gtin, "8471.30.12", text]


def _numbers(chance: random.Random, n: int) -> list[str]:
    return [str(n + 1), f"{chance.gauss(0, 1):.4f}", f"{chance.gauss(10, 4):.4f}", str(chance.randrange(10**6))]


def _words(chance: random.Random, n: int) -> list[str]:
    del n
    city = chance.choice(("São Paulo", "Recife", "Porto Alegre", "Belém", "Manaus"))
    person = chance.choice(("Ana Souza", "Bruno Lima", "Clara Dias", "Davi Rocha"))
    remark = chance.choice(("", "fechada, em obras", "aberta", 'disse "volto já"', "sem telefone"))
    return [city, chance.choice(("SP", "PE", "RS", "PA", "AM")), person, remark]


def _pair(chance: random.Random, n: int) -> list[str]:
    return [f"setting_{n}", chance.choice(("on", "off", str(chance.randrange(100)), "a, b", ""))]


def _log(chance: random.Random, n: int) -> list[str]:
    level = chance.choice(("INFO", "WARN", "ERROR"))
    message = chance.choice(("started", "request failed: timeout", 'user "x" unknown', "took long, again", "ok"))
    when = f"2026-03-{n % 28 + 1:02}T{n % 24:02}:{n % 60:02}:07Z"
    return [when, level, f"srv-{chance.randrange(9)}", message, str(chance.randrange(9000))]


def _wide(chance: random.Random, n: int) -> list[str]:
    return [str(n), *(f"{chance.random() * 100:.2f}" for _ in range(59))]
