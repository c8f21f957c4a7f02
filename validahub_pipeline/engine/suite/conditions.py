"""Row conditions: which rows an expectation looks at, in every spelling Great Expectations has had, and in SQL.

- its condition objects as JSON (`{"type": "comparison", ...}`, `nullity`, `and`, `or`, `pass_through`);
- `col("price") > 5`, `col("brand").notNull()` (`condition_parser: great_expectations`);
- pandas' query language (`condition_parser: pandas`): comparisons, arithmetic, `and`, `or`, `not`, `in`, `isnull()`;
- an SQL expression as polars reads it (`condition_parser: polars` or `spark`, or none).
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import polars as pl

from validahub_pipeline.expectations.columns import TypedColumn

Operation = Callable[[Any, Any], pl.Expr]

_COMPARISONS: Final[Mapping[str, Operation]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NODES: Final[Mapping[type[ast.AST], Operation]] = {
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
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
_GX_CALL: Final = re.compile(
    r"""\s*col\(\s*(?P<quote>["'])(?P<column>.+?)(?P=quote)\s*\)\s*
    (?:\.(?P<null>notNull|isNull)\(\s*\)|(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>.+?))\s*$""",
    re.VERBOSE | re.DOTALL,
)
_BACKTICKED: Final = re.compile(r"`([^`]+)`")

Columns = Mapping[str, TypedColumn]


def condition_of(condition: object, parser: str | None, columns: Columns) -> pl.Expr:
    """A row condition as an expression, null where a missing value leaves it open.

    Raises:
        ValueError: it cannot be understood, or names an unknown column.
    """
    if isinstance(condition, Mapping):
        return _from_object(condition, columns)
    if not isinstance(condition, str):
        raise ValueError(f"row_condition is neither text nor an object: {condition!r}")
    if parser in {"great_expectations", "great_expectations__experimental__"}:
        return _from_call(condition, columns)
    if parser == "pandas":
        return _from_query(condition, columns)
    if parser in {None, "polars", "spark"}:
        return _from_sql(condition, columns)
    raise ValueError(f"unknown condition_parser {parser!r}")


def _from_object(condition: Mapping[str, Any], columns: Columns) -> pl.Expr:
    match condition.get("type"):
        case "and" | "or" as kind:
            parts = [_from_object(part, columns) for part in condition["conditions"]]
            return reduce(operator.and_ if kind == "and" else operator.or_, parts)
        case "nullity":
            missing = _column(condition["column"]["name"], columns).missing
            return missing if condition["is_null"] else missing.not_()
        case "comparison":
            column, spelt = _column(condition["column"]["name"], columns), condition["operator"]
            if spelt in {"IN", "NOT_IN"}:
                held = column.values.is_in(column.members(condition["parameter"]).implode())
                return held if spelt == "IN" else held.not_()
            if spelt in _COMPARISONS:
                return _COMPARISONS[spelt](column.values, _literal(column.bound(condition["parameter"])))
            raise ValueError(f"unknown operator {spelt!r}")
        case "pass_through":
            return _from_query(condition["pass_through_filter"], columns)
        case kind:
            raise ValueError(f"unknown type of row_condition {kind!r}")


def _from_call(condition: str, columns: Columns) -> pl.Expr:
    found = _GX_CALL.match(condition)
    if found is None:
        raise ValueError(f'{condition!r} is not of the form col("name") > value')
    column = _column(found["column"], columns)
    if found["null"]:
        return column.missing if found["null"] == "isNull" else column.missing.not_()
    spelt = re.sub(r"^date\((.*)\)$", r"\1", found["value"], flags=re.DOTALL)
    try:
        value = ast.literal_eval(spelt)
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"{spelt!r} is neither a number nor quoted text") from error
    return _COMPARISONS[found["operator"]](column.values, _literal(column.bound(value)))


def _from_sql(condition: str, columns: Columns) -> pl.Expr:
    try:
        expression = pl.sql_expr(condition)
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    for name in expression.meta.root_names():
        _column(name, columns)
    return expression


def _from_query(condition: str, columns: Columns) -> pl.Expr:
    names: dict[str, str] = {}

    def placed(match: re.Match[str]) -> str:
        names[f"_column_{len(names)}"] = match[1]
        return f"_column_{len(names) - 1}"

    try:
        tree = ast.parse(_BACKTICKED.sub(placed, condition).strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{condition!r}: {error.msg}") from error
    expression: pl.Expr = _Query(columns, names).expression(tree.body)
    return expression


class _Query:
    """Turns the syntax tree of a pandas query into an expression."""

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
            case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr=method), args=[], keywords=[]):
                found = self._presence(self._named(name), method)
            case _:
                raise _not_understood(node)
        return found

    @staticmethod
    def _presence(column: TypedColumn, method: str) -> pl.Expr:
        if method in {"isnull", "isna"}:
            return column.missing
        if method in {"notnull", "notna"}:
            return column.missing.not_()
        raise ValueError(f"not understood in a row_condition: {method}()")

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
        if isinstance(left, ast.Name) and not isinstance(other, pl.Expr):
            other = _literal(self._named(left).bound(other))
        elif isinstance(right, ast.Name) and not isinstance(one, pl.Expr):
            one = _literal(self._named(right).bound(one))
        held = _NODES[type(op)](one, other)
        # In pandas a missing value differs from everything.
        return held.fill_null(value=isinstance(op, ast.NotEq)) if isinstance(held, pl.Expr) else held

    def _named(self, node: ast.Name) -> TypedColumn:
        return _column(self._placed.get(node.id, node.id), self._columns)


def _not_understood(node: ast.expr) -> ValueError:
    return ValueError(f"not understood in a row_condition: {ast.unparse(node)}")


def _literal(value: object) -> pl.Expr:
    return pl.lit(value)


def _column(name: str, columns: Columns) -> TypedColumn:
    if name not in columns:
        raise ValueError(f'there is no column "{name}"')
    return columns[name]
