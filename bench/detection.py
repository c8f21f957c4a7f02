"""What is found out about a file, against the libraries made for it: clevercsv for the dialect, charset-normalizer for
the encoding. `make .venv/.bench && .venv/bin/python -m bench.detection`.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import charset_normalizer
import clevercsv

from tests.ingest.pollution.pollutions import Variant, variants
from tests.ingest.pollution.tables import tables
from validahub_pipeline.ingest import encoding, sniff

_DELIMITERS = {
    "field_delimiter_tab": "\t",
    "field_delimiter_semicolon": ";",
    "field_delimiter_space": " ",
    "field_delimiter_comma_space": ", ",
}
_WORDS = (
    *("camiseta", "algodão", "promoção", "São Paulo", "maçã", "coração", "ônibus", "água", "não é", "às três", "João"),
    *("preço", "único", "calça", "tênis", "óculos", "niño", "año", "corazón", "señal", "también", "mañana", "qué"),
    *("rápido", "über", "Straße", "größe", "schön", "déjà", "élève", "garçon", "naïve"),
)
_TARGETS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp850")


@dataclass
class Tally:
    """How often one of them was right, and how long it took."""

    right: int = 0
    tried: int = 0
    seconds: float = 0.0

    def take(self, work: Callable[[], object], wanted: object) -> None:
        """Count one try."""
        started = time.process_time()
        try:
            found = work()
        except Exception:  # noqa: BLE001 - a library that gives up is wrong
            found = None
        self.seconds += time.process_time() - started
        self.tried += 1
        self.right += found == wanted

    def __str__(self) -> str:
        return f"{self.right:4} of {self.tried} right, {self.seconds / self.tried * 1000:7.1f} ms each"


def dialects() -> dict[str, Tally]:
    """The delimiter of every file of the pollution set with something to delimit."""
    ours, theirs = Tally(), Tally()
    for variant in _delimited():
        text = variant.content.decode("utf-8")
        wanted = _DELIMITERS.get(variant.kind, ",")
        ours.take(lambda text=text: sniff.detect(text).delimiter, wanted)
        theirs.take(lambda text=text: _clever(text), wanted)
    return {"ours": ours, "clevercsv": theirs}


def encodings() -> dict[str, Tally]:
    """Catalogues of several languages in each encoding, from 200 bytes to 200 kB."""
    ours, theirs = Tally(), Tally()
    chance = random.Random(5)
    for target in _TARGETS:
        for size in (200, 2_000, 20_000, 200_000):
            text = "sku,título,preço\n"
            while len(text) < size:
                text += f"{len(text)},{' '.join(chance.choices(_WORDS, k=5))},{chance.random() * 99:.2f}\n"
            content = text.encode(target)
            ours.take(lambda content=content: _read(content, encoding.detect([content])), text)
            theirs.take(lambda content=content: str(charset_normalizer.from_bytes(content).best()), text)
    return {"ours": ours, "charset-normalizer": theirs}


def _read(content: bytes, found: encoding.Encoding) -> str:
    content = content[found.bom :]
    if found.name in {encoding.CP1252, encoding.CP850}:
        return encoding.decode_single_byte(content, found.name)
    return content.decode(found.name)


def _clever(text: str) -> str:
    dialect = clevercsv.Sniffer().sniff(text[:16_000])
    return dialect.delimiter


def _delimited() -> list[Variant]:
    skipped = {"no_payload", "header_only", "one_data_row"}
    return [v for table in tables() for v in variants(table, step=25) if v.kind not in skipped]


def main() -> None:
    """Print the tallies."""
    warnings.simplefilter("ignore")
    for title, tallies in (("delimiter", dialects()), ("encoding", encodings())):
        for name, tally in tallies.items():
            print(f"{title:10} {name:20} {tally}")


if __name__ == "__main__":
    main()
