"""Twenty-eight rules of the kinds a marketplace has, as values: every tool is given the same.

Patterns are spelt so that Python's regex, Rust's and Arrow's mean the same by them. `missing` cells break nothing but
the rules that ask for a value. Limits of numbers are such that it makes no difference whether `0,35` or `R$ 9,90` is
read as a number or left out as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["filled", "unique", "longest", "shortest", "matches", "without", "one_of", "none_of", "least", "most"]


@dataclass(frozen=True)
class Rule:
    """One rule: a column, what is asked of it, and the limit, pattern or set it is asked with."""

    code: str
    column: str
    kind: Kind
    limit: float = 0
    pattern: str = ""
    values: tuple[str, ...] = ()


_CONTACT: Final = r"[A-Za-z0-9._-]+@[A-Za-z0-9-]+\.[A-Za-z]|\([1-9][0-9]\) ?9?[0-9]{4}-?[0-9]{4}|https?://|www\."
_PROMOTION: Final = r"(?:FRETE|[Ff]rete) (?:GR[ÁA]TIS|gr[áa]tis)|[Oo]ferta|[Pp]romoção|[Ii]mperdível|[Dd]esconto"
_ADDRESS: Final = r"https?://[^ ,/?#]+\.[^ ,]+"

RULES: Final = (
    Rule("brand_missing", "Marca", "filled"),
    Rule("brand_placeholder", "Marca", "none_of", values=("N/A", "#N/D", "-")),
    Rule("category_malformed", "Categoria", "matches", pattern="^MLB[0-9]+$"),
    Rule("condition_unknown", "Condição", "one_of", values=("new", "used", "not_specified")),
    Rule("description_contact", "Descrição", "without", pattern=_CONTACT),
    Rule("description_html", "Descrição", "without", pattern=r"</?[a-zA-Z][^<>]*>"),
    Rule("description_missing", "Descrição", "filled"),
    Rule("description_promotion", "Descrição", "without", pattern=r"[Mm]ais vendido|[Ss]uper oferta"),
    Rule("description_too_long", "Descrição", "longest", limit=50_000),
    Rule("gtin_malformed", "GTIN", "matches", pattern="^(?:[0-9]{8}|[0-9]{12,14})$"),
    Rule("model_missing", "Modelo", "filled"),
    Rule("model_too_long", "Modelo", "longest", limit=255),
    Rule("ncm_malformed", "NCM", "matches", pattern="^[0-9]{8}$"),
    Rule("pictures_malformed", "Imagens", "matches", pattern=f"^{_ADDRESS}(?:,{_ADDRESS})*$"),
    Rule("price_malformed", "Preço", "matches", pattern=r"^[0-9]+(?:\.[0-9]+)?$"),
    Rule("price_missing", "Preço", "filled"),
    Rule("price_too_high", "Preço", "most", limit=500_000),
    Rule("sku_missing", "SKU", "filled"),
    Rule("sku_repeated", "SKU", "unique"),
    Rule("stock_malformed", "Estoque", "matches", pattern="^-?[0-9]+$"),
    Rule("stock_missing", "Estoque", "filled"),
    Rule("stock_negative", "Estoque", "least", limit=0),
    Rule("title_capitals", "Título", "without", pattern="^[^a-zà-ÿ]+$"),
    Rule("title_contact", "Título", "without", pattern=_CONTACT),
    Rule("title_promotion", "Título", "without", pattern=_PROMOTION),
    Rule("title_too_long", "Título", "longest", limit=60),
    Rule("title_too_short", "Título", "shortest", limit=10),
    Rule("weight_too_high", "Peso (g)", "most", limit=8_500),
)
"""In the order of their codes, which is that of the violations of a row."""

NUMBERS: Final = ("Preço", "Estoque", "Peso (g)")
"""The columns whose cells some rule takes for numbers."""
