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

from validahub_pipeline.engine.suite.queries import Columns, existing, read_query

Operation = Callable[[Any, Any], pl.Expr]

_COMPARISONS: Final[Mapping[str, Operation]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_GX_CALL: Final = re.compile(
    r"""\s*col\(\s*(?P<quote>["'])(?P<column>.+?)(?P=quote)\s*\)\s*
    (?:\.(?P<null>notNull|isNull)\(\s*\)|(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>.+?))\s*$""",
    re.VERBOSE | re.DOTALL,
)


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
        return read_query(condition, columns)
    if parser in {None, "polars", "spark"}:
        return _from_sql(condition, columns)
    raise ValueError(f"unknown condition_parser {parser!r}")


def _from_object(condition: Mapping[str, Any], columns: Columns) -> pl.Expr:
    match condition.get("type"):
        case "and" | "or" as kind:
            parts = [_from_object(part, columns) for part in condition["conditions"]]
            return reduce(operator.and_ if kind == "and" else operator.or_, parts)
        case "nullity":
            missing = existing(condition["column"]["name"], columns).missing
            return missing if condition["is_null"] else missing.not_()
        case "comparison":
            column, spelt = existing(condition["column"]["name"], columns), condition["operator"]
            if spelt in {"IN", "NOT_IN"}:
                held = column.values.is_in(column.members(condition["parameter"]).implode())
                return held if spelt == "IN" else held.not_()
            if spelt in _COMPARISONS:
                return _COMPARISONS[spelt](column.values, pl.lit(column.bound(condition["parameter"])))
            raise ValueError(f"unknown operator {spelt!r}")
        case "pass_through":
            return read_query(condition["pass_through_filter"], columns)
        case kind:
            raise ValueError(f"unknown type of row_condition {kind!r}")


def _from_call(condition: str, columns: Columns) -> pl.Expr:
    found = _GX_CALL.match(condition)
    if found is None:
        raise ValueError(f'{condition!r} is not of the form col("name") > value')
    column = existing(found["column"], columns)
    if found["null"]:
        return column.missing if found["null"] == "isNull" else column.missing.not_()
    spelt = re.sub(r"^date\((.*)\)$", r"\1", found["value"], flags=re.DOTALL)
    try:
        value = ast.literal_eval(spelt)
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"{spelt!r} is neither a number nor quoted text") from error
    return _COMPARISONS[found["operator"]](column.values, pl.lit(column.bound(value)))


def _from_sql(condition: str, columns: Columns) -> pl.Expr:
    try:
        expression = pl.sql_expr(condition)
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    for name in expression.meta.root_names():
        existing(name, columns)
    return expression
