# ruff: noqa: RUF001 - some signs are meant to look like others
"""Clean cells of many kinds, drawn from a seed: what sellers write when nothing has gone wrong.

Nothing of the project is imported: what is right is said here, not asked of the code under test.
"""

from __future__ import annotations

import random
from collections.abc import Callable

Draw = Callable[[random.Random], str]

_NOUNS = (
    *("Camiseta", "Tênis", "Calça", "Açaí", "Maçã", "Colchão", "Pão de açúcar", "Óculos", "Relógio", "Fone de ouvido"),
    *("Cadeira giratória", "Câmera", "Lâmpada", "Máquina de lavar", "Sofá", "Edredom", "Lençol", "Avião", "Irmã"),
    *("Zapatilla", "Muñeca", "Sillón", "Cafetera", "Corazón", "Paraguas", "Niño", "Pingüino", "Mochila", "Calcetín"),
    *("Running shoe", "Café grinder", "Résumé folder", "Phone case", "Water bottle", "Gaming chair", "Blu-ray player"),
    *("Über-fein", "Crème brûlée", "Jalapeño", "Façade", "Smörgåsbord", "Piñata", "Kit João & Maria", "Toalha d'água"),
)
_TRAITS = (
    *("azul", "preta", "de algodão", "sem fio", "à prova d'água", "não-tecido", "com proteção", "edição limitada"),
    *("pequeño", "año nuevo", "clásica", "waterproof", "stainless", "für Kinder", "naïve", "à la carte", "coração"),
    *("MANHÃ", "LÃ MERINO", "AVELÃ", "ROMÃ", "CAMPEÃ", "ÂNGULO", "ATÉ", "NÃO", "MÃE", "SÃO PAULO", "AÇÃO", "É"),
)
_TAILS = (
    *("", "", "", "", "500 g", "1,5 L", '32"', "110V/220V", "nº 42", "tam. M", "10 un.", "2.0", "v1.2.3", "100%"),
    *("20 °C", "5 m²", "½ kg", "™", "®", "– novo", "“original”", "(kit c/ 3)", "R$", "A4 & A3", "1ª linha", "3º"),
    *("a < b", "5 > 3", "<3", "x<y", "i <3 u", "50+", "#1", "@home", "C++", "AT&T", "P&G", "?a=1&b=2", "1/2", "…"),
    *("❤️", "👍🏽", "👨\u200d👩\u200d👧", "🏳️\u200d🌈", "1️⃣", "€ 10", "US$ 5", "日本", "Ελλάδα", "москва", "naïve"),
)


def title(rng: random.Random) -> str:
    """A line about a product, in Portuguese, Spanish or English, with what such lines hold."""
    words = [rng.choice(_NOUNS), rng.choice(_TRAITS)]
    words += rng.choices(_TRAITS + _NOUNS, k=rng.randint(0, 3))
    text = " ".join([*words, rng.choice(_TAILS)]).strip()
    return text.upper() if rng.random() < 0.15 else text


def latin_title(rng: random.Random) -> str:
    """The same in letters that cp1252 has."""
    while True:
        text = title(rng)
        if any(ord(char) > 127 for char in text) and _in_cp1252(text):
            return text


def _in_cp1252(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def paragraphs(rng: random.Random) -> str:
    """A description: paragraphs, or lines."""
    gap = rng.choice(["\n", "\n\n"])
    return gap.join(title(rng) for _ in range(rng.randint(1, 4)))


def amount(rng: random.Random) -> str:
    """A price of any magnitude, with cents."""
    return f"{rng.randint(1, 10 ** rng.randint(1, 9)) / 100:.2f}"


def weight(rng: random.Random) -> str:
    """Kilograms with three decimals."""
    grams = rng.randint(1, 10 ** rng.randint(1, 5))
    return f"{grams // 1000}.{grams % 1000:03d}"


def whole(rng: random.Random) -> str:
    """A whole number without zeros at its end, which a conversion could not tell from decimals."""
    return str(rng.randint(1, 10 ** rng.randint(1, 4)) * 10 + rng.randint(1, 9))


def _check_digit(body: str) -> str:
    return str(-sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))) % 10)


def gtin(length: int) -> Draw:
    """A code of that length, not beginning with zero, its check digit right."""

    def draw(rng: random.Random) -> str:
        body = str(rng.randint(1, 9)) + "".join(rng.choices("0123456789", k=length - 2))
        return body + _check_digit(body)

    return draw


def barcode(rng: random.Random) -> str:
    """A GTIN-13 or -14, or a UPC."""
    return gtin(rng.choice([12, 13, 13, 13, 14]))(rng)


def upc(rng: random.Random) -> str:
    """A UPC that begins with the zero that spreadsheets drop, and no other."""
    body = "0" + str(rng.randint(1, 9)) + "".join(rng.choices("0123456789", k=9))
    return body + _check_digit(body)


def isbn13(rng: random.Random) -> str:
    """A book's number that has a form of ten digits."""
    body = "978" + "".join(rng.choices("0123456789", k=9))
    return body + _check_digit(body)


def isbn10_of(code: str) -> str:
    """The ten digits of an ISBN-13 under 978."""
    body = code[3:12]
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(body))
    last = -total % 11
    return body + ("X" if last == 10 else str(last))


def ncm(rng: random.Random) -> str:
    """Eight digits of the customs' nomenclature."""
    return f"{rng.randint(1, 97):02d}{rng.randint(0, 999999):06d}"


def cest(rng: random.Random) -> str:
    """Seven digits."""
    return f"{rng.randint(1, 28):02d}{rng.randint(0, 99999):05d}"


def category(rng: random.Random) -> str:
    """A category of Mercado Livre."""
    return f"MLB{rng.randint(1000, 999999)}"


def picture(rng: random.Random) -> str:
    """An address of a picture."""
    host = rng.choice(["img.loja.com.br", "cdn.shop.example", "www.casa-ipe.com", "http2.mlstatic.com", "a.b.co"])
    name = "".join(rng.choices("abcdefgh0123456789_-", k=rng.randint(3, 12)))
    query = rng.choice(["", "", "", "?v=2", "?w=1200&h=900"])
    return (
        f"https://{host}/{rng.choice(['p', 'fotos/2026', 'media/catalog'])}/{name}.{rng.choice(['jpg', 'png'])}{query}"
    )


def pictures(rng: random.Random) -> str:
    """One to four of them."""
    return ",".join(picture(rng) for _ in range(rng.randint(1, 4)))


BRANDS = (
    *("Samsung", "Adidas", "Black & Decker", "L'Oréal", "Nestlé", "3M", "iRobot", "Mondial", "O Boticário", "HP"),
    *("Citroën", "Johnson & Johnson", "Hering", "Café do Ponto", "Electrolux", "BMW", "Três Corações", "Philco"),
)


def brand(rng: random.Random) -> str:
    """A brand of the list."""
    return rng.choice(BRANDS)


CONDITIONS = {
    "novo": "new", "nova": "new", "nuevo": "new", "usado": "used", "usada": "used", "segunda mão": "used",
    "recondicionado": "refurbished", "new": "new", "used": "used", "refurbished": "refurbished",
}  # fmt: skip


def condition(rng: random.Random) -> str:
    """A condition as the target spells it."""
    return rng.choice(["new", "used", "refurbished"])


def truth(rng: random.Random) -> str:
    """Yes or no as the target spells them."""
    return rng.choice(["TRUE", "FALSE"])


# What looks damaged and is not, by the kind of column it stands in.
_TEXTS = (
    *("a < b > c", "P&G", "AT&T; Co", "?a=1&reg=2", "tamanho <M ou >G", "a <b and c> d", "<altura> x <largura>"),
    *("x<y e z>w", "“MAÇÔ", "MANHÃ “fria”", "IRMÔ – livro", "Â", "à â ã", "naïve café", "ÂNGULO Ê", "Ã", "São Paulo"),
    *("m² m³ ½ ¼ ™ ﬁ ① Ⅳ ㎏", "100 Ω 10 Å", "10″ 5′", "«x»", "x…", "AÇÃO – REAÇÃO", "CAÇÔ"),
    *(
        "👨\u200d👩\u200d👧",
        "🏳\ufe0f\u200d🌈",
        "می\u200cخواهم",
        "क्\u200dष",
        "ไทย\u200bไทย",
        "1\ufe0f\u20e3",
        "\u0643\u200d",
    ),
    *("R$ 10 ou R$ 12", "12,5,3", "100% algodão", "1e3", "=SUM(A1)", "-", "N/A", "nvoo", "1.234", "0", "S/N"),
)
_CODES = (
    *("7,8983E+12", "7.8983E+12", "7898300000000", "1234567890", "123456789", "12345678901", "36000291453", "SEM GTIN"),
    *("01310-103", "2026-11-08", "8517.12.97", "123.456.789-05", "11 98765-4326", "1234-5670", "0", "S/N", "N/A"),
    *("7891000100104_", "789100010010-", "ISBN 96385074", "85.359.0277.5", "KIT-7891000100103-X", "(11) 3456-7890"),
    *(
        "+5511987654321",
        "7891000100103/7891000100104",
        "7891000100103, 7891000315507",
        "7898E12",
        "00",
        "-7891000100103",
    ),
)
_NUMBERS = (
    "1,234",
    "1.234",
    "R$ 1.299",
    "US$ 5,00",
    "€ 10",
    "12,5,3",
    "1.2.3",
    "7,8983E+12",
    "sob consulta",
    "10 x 12",
)
_MEASURES = ("1.234 kg", "1,234 g", "2 lb", "12 oz", "16 cm", "10x20x30 cm", "1 kg 200 g", "350", "0.5", "500 ml", "kg")


def text_trap(rng: random.Random) -> str:
    """A correct text that looks damaged, alone or in a title."""
    return (
        rng.choice(_TEXTS) if rng.random() < 0.3 else f"{rng.choice(_NOUNS)} {rng.choice(_TEXTS)} {rng.choice(_TRAITS)}"
    )


def code_trap(rng: random.Random) -> str:
    """What stands in a column of barcodes and is none, or a broken one, or one that a spreadsheet has destroyed."""
    good = gtin(13)(rng)
    digits = "".join(rng.choices("0123456789", k=11))
    return rng.choice(
        [
            good[:-1] + str((int(good[-1]) + rng.randint(1, 9)) % 10),
            str(rng.randint(10**8, 10**10 - 1)),
            f"{rng.randint(1, 9)},{rng.randint(10, 99999)}E+{rng.choice([11, 12, 13])}",
            f"{rng.randint(1000, 99999):05d}-{rng.randint(0, 999):03d}",
            f"{rng.randint(1990, 2030)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
            f"{rng.randint(11, 99)} 9{rng.randint(1000, 9999)}-{rng.randint(0, 9999):04d}",
            f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}",
            rng.choice(_CODES),
        ]
    )


def number_trap(rng: random.Random) -> str:
    """Figures that are canonical, or could be two, or are none, in a column that does not say which."""
    return rng.choice([amount, weight, whole])(rng) if rng.random() < 0.8 else rng.choice(_NUMBERS)


def measure_trap(rng: random.Random) -> str:
    """Measures that cannot be converted, or need not be."""
    return rng.choice(_MEASURES)


def bit(rng: random.Random) -> str:
    """A quantity that happens to be none or one."""
    return rng.choice("01")


def letter(rng: random.Random) -> str:
    """A size."""
    return rng.choice(["S", "M", "L", "x", "N", "1", "2"])
