# ruff: noqa: E501, RUF001 - a table is read in rows, and some signs are meant to look like others
"""What happens to clean cells on their way, each kind with the corrections that are asked to undo it.

Nothing of the project is imported; corrections are named as packs name them.
"""

from __future__ import annotations

import html
import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.accuracy import values

Damage = Callable[[str, random.Random], str]
Asked = tuple[str, Mapping[str, Any]]

TEXT: Sequence[Asked] = tuple(
    (name, {})
    for name in (
        *("repair_mojibake", "remove_control_characters", "compose_unicode", "decode_entities", "nbsp_to_space"),
        *("trim_whitespace", "collapse_spaces"),
    )
)
DESCRIPTION: Sequence[Asked] = (*TEXT[:3], ("html_to_text", {}), *TEXT[4:6])
NUMBER: Sequence[Asked] = (*TEXT[4:], ("currency_text", {}), ("decimal_comma", {}))
CODE: Sequence[Asked] = (*TEXT[4:6], ("strip_gtin_punctuation", {}), ("pad_gtin_11_to_12", {}))
FLAG: Sequence[Asked] = (*TEXT[4:6], ("yes_or_no", {"when_true": "TRUE", "when_false": "FALSE"}))
PICTURES: Sequence[Asked] = (*TEXT[4:6], ("tidy_picture_addresses", {"ascii_only": "yes"}))
BRAND: Sequence[Asked] = (*TEXT, ("canonical_brand", {"brands": list(values.BRANDS)}))
CONDITION: Sequence[Asked] = (*TEXT[4:], ("map_synonyms", {"mapping": values.CONDITIONS}))


def measure(unit: str) -> Sequence[Asked]:
    """Corrections of a column in that unit."""
    return (*TEXT[4:6], ("bare_measure", {"unit": unit}), ("decimal_comma", {}))


@dataclass(frozen=True)
class Case:
    """One kind of damage to one kind of cell.

    Attributes:
        correction: the one that is measured; None for cells that are to stay as they are.
        clean: draws a clean cell.
        damage: what happens to it.
        asked: the corrections of such a column, as a pack has them.
        header: the column's name.
        suggested: the correction only proposes.
        first: what happened to it before, which a correction may leave when it undoes the damage on top of it.
    """

    name: str
    correction: str | None
    clean: values.Draw
    damage: Damage
    asked: Sequence[Asked]
    header: str = "x"
    suggested: bool = False
    first: Damage | None = None


def _stay(text: str, _rng: random.Random) -> str:
    return text


def _outer(text: str, rng: random.Random) -> str:
    ends = ["", " ", "  ", "\t", "\n", " \r\n", "\u3000"]
    before, after = rng.choice(ends), rng.choice(ends)
    return before + text + (after or ("" if before else " "))


def _inner(text: str, rng: random.Random) -> str:
    return re.sub(" ", lambda _: rng.choice([" ", "  ", "   ", "\t", " \t "]), text)


def _unusual_spaces(text: str, rng: random.Random) -> str:
    return re.sub(" ", lambda _: rng.choice([" ", "\u00a0", "\u00a0", "\u202f", "\u2009", "\u3000", "\u2003"]), text)


def _inserted(characters: str, most: int = 3) -> Damage:
    def damage(text: str, rng: random.Random) -> str:
        # Behind these a soft hyphen is half of another letter as well, and stays.
        before = r"(?![ÃÂ])[A-Za-zÀ-ÿ]" if "\u00ad" in characters else r"[A-Za-zÀ-ÿ]"
        places = [m.start() + 1 for m in re.finditer(rf"{before}(?=[A-Za-zÀ-ÿ])", text)] or [0]
        for place in sorted(rng.choices(places, k=rng.randint(1, most)), reverse=True):
            text = text[:place] + rng.choice(characters) + text[place:]
        return text

    return damage


def _decomposed(text: str, _rng: random.Random) -> str:
    return unicodedata.normalize("NFD", text) if unicodedata.is_normalized("NFC", text) else text


_NAMES = {ord(char): f"&{name};" for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"))}
_LETTERS = {
    "á": "aacute", "à": "agrave", "â": "acirc", "ã": "atilde", "ç": "ccedil", "é": "eacute", "ê": "ecirc",
    "í": "iacute", "ó": "oacute", "ô": "ocirc", "õ": "otilde", "ú": "uacute", "ñ": "ntilde", "ü": "uuml",
    "Ã": "Atilde", "Ç": "Ccedil", "É": "Eacute", "°": "deg", "™": "trade", "®": "reg", "½": "frac12",
    "–": "ndash", "“": "ldquo", "”": "rdquo", "º": "ordm", "ª": "ordf", "…": "hellip", "²": "sup2",
}  # fmt: skip


def _entities(text: str, rng: random.Random) -> str:
    def spelt(char: str) -> str:
        if char in _LETTERS and rng.random() < 0.7:
            return f"&{_LETTERS[char]};"
        ways = [char, f"&#{ord(char)};", f"&#x{ord(char):x};"]
        return rng.choice(ways) if 0xA0 < ord(char) < 0x2000 else char

    return "".join(spelt(char) for char in text.translate(_NAMES))


def _misread(text: str, _rng: random.Random) -> str:
    unassigned = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "".join(chr(b) if b in unassigned else bytes([b]).decode("cp1252") for b in text.encode())


def _misread_latin1(text: str, _rng: random.Random) -> str:
    return text.encode().decode("latin-1")


def _misread_twice(text: str, rng: random.Random) -> str:
    return _misread(_misread(text, rng), rng)


def _markup(text: str, rng: random.Random) -> str:
    """Paragraphs as elements, lines as breaks, some words bold, characters escaped as HTML wants it."""
    style = rng.choice(["", ' style="color:#333"', ' class="x y"', " align=center"])
    blocks = []
    for block in text.split("\n\n"):
        lines = [html.escape(line, quote=False) for line in block.split("\n")]
        first = rng.choice([r"<b>\1</b>", r"<strong>\1</strong>", r"\1", r"<span>\1</span>"])
        lines = [re.sub(r"^(\S+)", first, line) for line in lines]
        blocks.append(rng.choice(["<br>", "<br/>", "<br />"]).join(lines))
    if len(blocks) == 1 and rng.random() < 0.5:
        return f"<div{style}>{blocks[0]}</div>"
    return "".join(f"<p{style}>{block}</p>" for block in blocks)


def _curly(text: str, rng: random.Random) -> str:
    curled = re.sub(r'"', lambda _: rng.choice("“”„"), text)
    return re.sub(r"'", lambda _: rng.choice("\u2018\u2019"), curled)


def _quoted(rng: random.Random) -> str:
    name, model = rng.choice(["TV", "Caixa d'água", "Kit"]), rng.choice(["pro", "max"])
    return f'{name} {rng.randint(10, 99)}" "{model}"'


def _brazilian(text: str, _rng: random.Random) -> str:
    whole, _, decimals = text.partition(".")
    return f"{int(whole):,}".replace(",", ".") + (f",{decimals}" if decimals else "")


def _comma(text: str, _rng: random.Random) -> str:
    return text.replace(".", ",")


def _reais(text: str, rng: random.Random) -> str:
    figure = rng.choice([_brazilian, _comma])(text, rng)
    return rng.choice(["R$ {}", "R${}", "R$\u00a0{}", "BRL {}", "{} reais", "r$ {}", "{} R$"]).format(figure)


def _spaced(text: str, rng: random.Random) -> str:
    return _brazilian(text, rng).replace(".", rng.choice([" ", "\u00a0", "\u202f"]))


def _percent(text: str, rng: random.Random) -> str:
    return _comma(text, rng) + rng.choice(["%", " %", "\u00a0%"])


def _kilograms_as(text: str, rng: random.Random) -> str:
    """Kilograms, as a decimal with three places, in another unit or with their own behind it."""
    if rng.random() < 0.5:
        return _comma(text, rng) + rng.choice(["kg", " kg", " Kg", " KG", " quilos"])
    return str(round(float(text) * 1000)) + rng.choice(["g", " g", " gramas", " gr"])


def _short_kilograms(rng: random.Random) -> str:
    """Kilograms without zeros at the end, since a conversion writes none."""
    return f"{rng.randint(1, 30_000) / 1000:.3f}".rstrip("0").rstrip(".")


def _kilograms_in_grams(text: str, rng: random.Random) -> str:
    grams = round(float(text) * 1000)
    return f"{grams}{rng.choice(['g', ' g', ' gramas', ' gr', ' G'])}"


def _millimetres(text: str, rng: random.Random) -> str:
    return f"{text}0{rng.choice(['mm', ' mm', ' MM'])}" if rng.random() < 0.5 else f"{text}{rng.choice(['cm', ' cm'])}"


def _gtin_marks(text: str, rng: random.Random) -> str:
    ways: list[Damage] = [
        lambda code, _: f"'{code}",
        lambda code, _: f"{code}_",
        lambda code, _: f"{code}.0",
        lambda code, _: f'="{code}"',
        lambda code, _: f"\u2019{code}",
        lambda code, _: f" {code} ",
        lambda code, _: f"{int(code):,}".replace(",", "."),
    ]
    return rng.choice(ways)(text, rng)


def _gtin_parted(text: str, rng: random.Random) -> str:
    mark = rng.choice(["-", " ", "\u2013"])
    cuts = sorted(rng.sample(range(1, len(text)), k=rng.randint(1, 3)))
    return mark.join(text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))


def _without_zero(text: str, _rng: random.Random) -> str:
    return text[1:]


def _dotted_ncm(text: str, _rng: random.Random) -> str:
    return f"{text[:4]}.{text[4:6]}.{text[6:]}"


def _dotted_cest(text: str, _rng: random.Random) -> str:
    return f"{text[:2]}.{text[2:5]}.{text[5:]}"


def _category(text: str, rng: random.Random) -> str:
    prefix = rng.choice(["mlb", "Mlb", "MLB-", "MLB ", "mlb_", "MLB:"])
    return prefix + text[3:]


def _pictures(text: str, rng: random.Random) -> str:
    first, *rest = text.split(",")
    ways = [f"//{first.removeprefix('https://')}", first.replace("https", "HTTPS", 1), f" {first}", f"{first} "]
    if first.startswith("https://www."):
        ways.append(first.removeprefix("https://"))
    joined = rng.choice([",", ";", " ", "\n", "|"]).join([rng.choice(ways), *rest])
    return joined + rng.choice(["", "", ",", ";"])


def _spaced_picture(rng: random.Random) -> str:
    return values.picture(rng).partition("?")[0].replace("/p/", "/minha%20p/").replace("2026", "ano%202026")


def _unescaped(text: str, _rng: random.Random) -> str:
    return text.replace("%20", " ")


_YES, _NO = ("sim", "Sim", "SIM", "verdadeiro", "true", "1", "x", "S", "yes"), ("não", "Não", "nao", "falso", "0", "N")


def _said(text: str, rng: random.Random) -> str:
    return rng.choice(_YES if text == "TRUE" else _NO)


def _synonym(text: str, rng: random.Random) -> str:
    word = rng.choice([word for word, target in values.CONDITIONS.items() if target == text])
    return rng.choice([str.upper, str.lower, str.title, lambda w: f" {w} ", _plain])(word)


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _brand(text: str, rng: random.Random) -> str:
    return rng.choice([str.upper, str.lower, _plain, lambda name: name.replace(" ", "  ")])(text)


def _slip(text: str, rng: random.Random) -> str:
    word = rng.choice([word for word, target in values.CONDITIONS.items() if target == text and len(word) > 4])
    place = rng.randint(0, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _isbn10(text: str, rng: random.Random) -> str:
    short = values.isbn10_of(text)
    return rng.choice([short, f"{short[:2]}-{short[2:5]}-{short[5:9]}-{short[9]}"])


CASES: tuple[Case, ...] = (
    Case("white space at the ends", "trim_whitespace", values.title, _outer, TEXT),
    Case("several spaces, tabs", "collapse_spaces", values.title, _inner, TEXT),
    Case("no-break and other spaces", "nbsp_to_space", values.title, _unusual_spaces, TEXT),
    Case("zero-width characters", "nbsp_to_space", values.title, _inserted("\u200b\u2060\ufeff\u200c\u200d\u200e"), TEXT),
    Case("a soft hyphen", "nbsp_to_space", values.title, _inserted("\u00ad", 1), TEXT),
    Case(
        "control characters", "remove_control_characters", values.title, _inserted("\x00\x01\x02\x07\x08\x0e\x1a\x1f\x7f"), TEXT
    ),
    Case("letters and accents apart (NFD)", "compose_unicode", values.title, _decomposed, TEXT),
    Case("UTF-8 read as cp1252", "repair_mojibake", values.latin_title, _misread, TEXT),
    Case("UTF-8 read as Latin-1", "repair_mojibake", values.latin_title, _misread_latin1, TEXT),
    Case("UTF-8 read as cp1252, twice", "repair_mojibake", values.latin_title, _misread_twice, TEXT),
    Case("character references", "decode_entities", values.title, _entities, TEXT),
    Case("HTML", "html_to_text", values.paragraphs, _markup, DESCRIPTION),
    Case("curly quotes", "straighten_quotes", _quoted, _curly, (("straighten_quotes", {}),)),
    Case("`1.234,56`", "decimal_comma", values.amount, _brazilian, NUMBER),
    Case("`1234,56`", "decimal_comma", values.amount, _comma, NUMBER),
    Case("`0,350`, `12,345` (weights)", "decimal_comma", values.weight, _comma, NUMBER),
    Case("`1 234,56`", "decimal_comma", values.amount, _spaced, NUMBER),
    Case("`R$ 1.234,56`", "currency_text", values.amount, _reais, NUMBER),
    Case("`12,5 %`", "percent_text", values.amount, _percent, (("percent_text", {}), ("decimal_comma", {}))),
    Case("`500 g` among kilograms", "bare_measure", _short_kilograms, _kilograms_in_grams, measure("kg")),
    Case("`1,5 kg` in `Peso (kg)`", "bare_measure", _short_kilograms, _kilograms_in_grams, measure("g"), "Peso (kg)"),
    Case("`160 mm` among centimetres", "bare_measure", values.whole, _millimetres, measure("cm")),
    Case("`sim`, `x`, `1`, `verdadeiro`", "yes_or_no", values.truth, _said, FLAG),
    Case("barcodes in quotes, with `_`, `.0`, dots", "strip_gtin_punctuation", values.barcode, _gtin_marks, CODE),
    Case("barcodes with dashes and spaces", "strip_gtin_punctuation", values.barcode, _gtin_parted, CODE),
    Case("UPC without its zero", "pad_gtin_11_to_12", values.upc, _without_zero, CODE),
    Case("dotted NCM", "strip_ncm_dots", values.ncm, _dotted_ncm, (("strip_ncm_dots", {}),)),
    Case("dotted CEST", "strip_cest_dots", values.cest, _dotted_cest, (("strip_cest_dots", {}),)),
    Case("`mlb-1676`", "category_id_spelling", values.category, _category, (("category_id_spelling", {"prefix": "MLB"}),)),
    Case("addresses without scheme, joined otherwise", "tidy_picture_addresses", values.pictures, _pictures, PICTURES),
    Case("addresses with spaces", "tidy_picture_addresses", _spaced_picture, _unescaped, PICTURES),
    Case("words for a condition", "map_synonyms", values.condition, _synonym, CONDITION),
    Case("a brand in other letters", "canonical_brand", values.brand, _brand, BRAND),
    Case("mojibake, then no-break spaces", "repair_mojibake", values.latin_title, _outer, TEXT, first=_misread),
    Case("NFD, then spaces", "compose_unicode", values.title, _inner, TEXT, first=_decomposed),
    Case("references, then zero-width", "decode_entities", values.title, _outer, TEXT, first=_entities),
    Case("HTML, then spaces at the ends", "html_to_text", values.paragraphs, _outer, DESCRIPTION, first=_markup),
    Case("`R$ 1.234,56`, then spaces", "decimal_comma", values.amount, _outer, NUMBER, first=_reais),
    Case("barcode parted, then quoted", "strip_gtin_punctuation", values.barcode, lambda c, _: f"'{c}", CODE, first=_gtin_parted),
    Case("UPC without its zero, then `_`", "pad_gtin_11_to_12", values.upc, lambda c, _: f"{c}_", CODE, first=_without_zero),
    Case("brand misread, then in capitals", "canonical_brand", values.brand, _outer, BRAND, first=_misread),
    Case("correct texts that look damaged", None, values.text_trap, _stay, TEXT),
    Case("correct descriptions that look damaged", None, values.text_trap, _stay, DESCRIPTION),
    Case("correct titles", None, values.title, _stay, TEXT),
    Case("codes that are no barcode, or a broken one", None, values.code_trap, _stay, CODE),
    Case("figures that could be two", None, values.number_trap, _stay, NUMBER),
    Case("measures in pounds, or whose figure could be two", None, values.measure_trap, _stay, measure("kg")),
    Case("a column of quantities 0 and 1", None, values.bit, _stay, FLAG),
    Case("a column of sizes S, M, x", None, values.letter, _stay, FLAG),
    Case("correct addresses", None, values.pictures, _stay, PICTURES),
    Case("ISBN of ten digits", "isbn10_to_isbn13", values.isbn13, _isbn10, (("isbn10_to_isbn13", {}),), suggested=True),
    Case("`nvoo`", "nearest_value", values.condition, _slip, (("nearest_value", {"mapping": values.CONDITIONS}),), suggested=True),
)  # fmt: skip
