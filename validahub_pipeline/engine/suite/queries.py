"""Pandas' query language, as far as row conditions use it: comparisons, arithmetic, `and`, `or`, `not`, `in`, the usual
methods of a column, and moments of `datetime`.

https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.query.html
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any, Final

import polars as pl

from validahub_pipeline.expectations import TypedColumn

Columns = Mapping[str, TypedColumn]

_NODES: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_BACKTICKED: Final = re.compile(r"`([^`]+)`")
# In a query `&` and `|` bind like `and` and `or`, which in Python they don't. Quoted text stays as it is.
_BOOLEANS: Final = re.compile(r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<operator>[&|])""")
_MOMENTS: Final[Mapping[str, Callable[..., date]]] = {"datetime.datetime": datetime, "datetime.date": date}
_UTC: Final = "datetime.timezone.utc"


def read_query(condition: str, columns: Columns) -> pl.Expr:
    """A query as an expression.

    Raises:
        ValueError: it is not understood, or names an unknown column.
    """
    names: dict[str, str] = {}

    def placed(match: re.Match[str]) -> str:
        names[f"_column_{len(names)}"] = match[1]
        return f"_column_{len(names) - 1}"

    try:
        tree = ast.parse(_BOOLEANS.sub(_worded, _BACKTICKED.sub(placed, condition)).strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{condition!r}: {error.msg}") from error
    expression: pl.Expr = _Query(columns, names).expression(tree.body)
    return expression


def existing(name: str, columns: Columns) -> TypedColumn:
    """The column of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in columns:
        raise ValueError(f'there is no column "{name}"')
    return columns[name]


def _worded(found: re.Match[str]) -> str:
    return found["quoted"] or {"&": " and ", "|": " or "}[found["operator"]]


class _Query:
    """Turns the syntax tree of a query into an expression."""

    def __init__(self, columns: Columns, placed: Mapping[str, str]) -> None:
        self._columns = columns
        self._placed = placed

    def expression(self, node: ast.expr) -> Any:
        found: Any
        match node:
            case ast.Constant(value=value):
                found = value
            case ast.Name():
                found = self._named(node).values
            case ast.List(elts=items) | ast.Tuple(elts=items):
                found = [ast.literal_eval(item) for item in items]
            case ast.BoolOp(op=op, values=parts):
                both = operator.and_ if isinstance(op, ast.And) else operator.or_
                found = reduce(both, map(self.expression, parts))
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                found = self.expression(operand).not_()
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                found = -self.expression(operand)
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _NODES:
                found = _NODES[type(op)](self.expression(left), self.expression(right))
            case ast.Compare():
                found = self._compare(node)
            case ast.Call(func=ast.Attribute(), keywords=keywords):
                found = _moment(node) if ast.unparse(node.func) in _MOMENTS else self._method(node, bool(keywords))
            case _:
                raise _not_understood(node)
        return found

    def _method(self, node: ast.Call, keywords: bool) -> pl.Expr:
        held: pl.Expr
        match node.func, [self.expression(argument) for argument in node.args]:
            case ast.Attribute(value=ast.Name() as name, attr="isnull" | "isna"), []:
                held = self._named(name).missing
            case ast.Attribute(value=ast.Name() as name, attr="notnull" | "notna"), []:
                held = self._named(name).missing.not_()
            case ast.Attribute(value=ast.Name() as name, attr="isin"), [list() as listed]:
                held = self._named(name).values.is_in(self._named(name).members(listed).implode())
            case ast.Attribute(value=ast.Name() as name, attr="between"), [low, high]:
                values, limits = self._named(name).limited(low, high)
                held = (values >= pl.lit(limits[0])) & (values <= pl.lit(limits[1]))
            case ast.Attribute(value=ast.Attribute(value=ast.Name() as name, attr="str"), attr=attr), [str(text)] if (
                attr in {"startswith", "endswith"}
            ):
                cells = self._named(name).text.str
                held = cells.starts_with(text) if attr == "startswith" else cells.ends_with(text)
            case _:
                raise _not_understood(node)
        if keywords:
            raise _not_understood(node)
        return held.fill_null(value=False)

    def _compare(self, node: ast.Compare) -> Any:
        parts = []
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._one(left, op, right))
            left = right
        return reduce(operator.and_, parts)

    def _one(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Any:
        listed = isinstance(right, ast.List | ast.Tuple)
        if listed and isinstance(left, ast.Name) and isinstance(op, ast.In | ast.Eq | ast.NotIn | ast.NotEq):
            column = self._named(left)
            held = column.values.is_in(column.members(self.expression(right)).implode())
            return held if isinstance(op, ast.In | ast.Eq) else held.not_()
        if type(op) not in _NODES:
            raise _not_understood(right)
        one, other = self.expression(left), self.expression(right)
        try:
            if isinstance(left, ast.Name) and not isinstance(other, pl.Expr):
                one, other = self._named(left).values, pl.lit(self._limit(left, other))
            elif isinstance(right, ast.Name) and not isinstance(one, pl.Expr):
                one, other = pl.lit(self._limit(right, one)), self._named(right).values
        except TypeError:
            if not isinstance(op, ast.Eq | ast.NotEq):
                raise
            # What is of another kind is not the same, whatever it is.
            return pl.repeat(value=isinstance(op, ast.NotEq), n=pl.len(), dtype=pl.Boolean)
        held = _NODES[type(op)](one, other)
        # In pandas a missing value differs from everything.
        return held.fill_null(value=isinstance(op, ast.NotEq)) if isinstance(held, pl.Expr) else held

    def _limit(self, node: ast.Name, value: Any) -> Any:
        return self._named(node).bound(value)

    def _named(self, node: ast.Name) -> TypedColumn:
        return existing(self._placed.get(node.id, node.id), self._columns)


def _moment(node: ast.Call) -> date:
    zones = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if not zones.items() <= {"tzinfo": _UTC}.items():
        raise _not_understood(node)
    kind = _MOMENTS[ast.unparse(node.func)]
    parts = [ast.literal_eval(argument) for argument in node.args]
    return kind(*parts, tzinfo=UTC) if zones else kind(*parts)


def _not_understood(node: ast.expr) -> ValueError:
    return ValueError(f"not understood in a row_condition: {ast.unparse(node)}")
