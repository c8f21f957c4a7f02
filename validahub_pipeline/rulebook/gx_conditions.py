"""Row conditions between the two worlds: SQL over fields, as packs have it, and the condition objects and queries of
Great Expectations.

Only what means the same on both sides is converted; the rest is refused, and whoever asked says so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

Condition = dict[str, Any]

_IDENTIFIER: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_TEXT: Final = r"'(?:[^']|'')*'"
_NULLITY: Final = re.compile(rf"^({_IDENTIFIER})\s+IS\s+(NOT\s+)?NULL$", re.IGNORECASE)
_COMPARED: Final = re.compile(rf"^({_IDENTIFIER})\s*(=|<>|!=)\s*({_TEXT})$", re.IGNORECASE)
_LISTED: Final = re.compile(rf"^({_IDENTIFIER})\s+IN\s*\(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)$", re.IGNORECASE)
_AND: Final = re.compile(rf"({_TEXT})|\bAND\b", re.IGNORECASE)
_MOST: Final = 100
_OPERATORS: Final = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_AST_OPERATORS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_CALL: Final = re.compile(
    r"""^\s*col\(\s*(["'])(?P<column>.+?)\1\s*\)\s*
    (?:\.(?P<null>notNull|isNull)\(\s*\)|(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>.+?))\s*$""",
    re.VERBOSE | re.DOTALL,
)
_BACKTICKED: Final = re.compile(r"`([^`]+)`")

Named = Callable[[str], str]
"""The field of a pack that stands for a column."""


def to_condition(sql: str) -> Condition | None:
    """A pack's condition as Great Expectations' object; None where it has none that selects the same rows."""
    parts = [_simple(part.strip()) for part in _split(sql)]
    found = [one for part in parts if part is not None for one in part]
    if None in parts or len(found) > _MOST:
        return None
    return found[0] if len(found) == 1 else {"type": "and", "conditions": found}


def to_sql(condition: object, parser: str | None, named: Named) -> str:
    """A suite's condition as SQL over fields.

    Raises:
        ValueError: there is no SQL that is sure to select the same rows.
    """
    if isinstance(condition, Mapping):
        return _of_object(condition, named)
    if not isinstance(condition, str):
        raise ValueError(repr(condition))
    if parser in {"great_expectations", "great_expectations__experimental__"}:
        return _of_call(condition, named)
    if parser == "pandas":
        return _of_query(condition, named)
    return condition


def _split(sql: str) -> list[str]:
    """The parts of a conjunction; AND inside a text is none."""
    ends = [match.span() for match in _AND.finditer(sql) if match.group(1) is None]
    starts = [0, *(end for _, end in ends)]
    return [sql[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(sql)], strict=True)]


def _simple(part: str) -> list[Condition] | None:
    if found := _NULLITY.match(part):
        return [_nullity(found[1], is_null=not found[2])]
    if found := _COMPARED.match(part):
        operator = "==" if found[2] == "=" else "!="
        compared = _comparison(found[1], operator, _unquoted(found[3]))
        # In SQL a missing value differs from nothing, in pandas from everything.
        return [compared] if operator == "==" else [_nullity(found[1], is_null=False), compared]
    if found := _LISTED.match(part):
        return [_comparison(found[1], "IN", [_unquoted(text) for text in re.findall(_TEXT, found[2])])]
    return None


def _nullity(column: str, *, is_null: bool) -> Condition:
    return {"type": "nullity", "column": {"name": column}, "is_null": is_null}


def _comparison(column: str, operator: str, parameter: object) -> Condition:
    return {"type": "comparison", "column": {"name": column}, "operator": operator, "parameter": parameter}


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _of_object(condition: Mapping[str, Any], named: Named) -> str:
    match condition.get("type"):
        case "and" | "or" as kind:
            parts = [f"({_of_object(part, named)})" for part in condition["conditions"]]
            return f" {kind.upper()} ".join(parts)
        case "nullity":
            return _sql_nullity(named(condition["column"]["name"]), is_null=bool(condition["is_null"]))
        case "comparison":
            field = named(condition["column"]["name"])
            return _sql_comparison(field, str(condition["operator"]), condition["parameter"])
        case "pass_through":
            return _of_query(condition["pass_through_filter"], named)
    raise ValueError(repr(condition.get("type")))


def _of_call(condition: str, named: Named) -> str:
    found = _CALL.match(condition)
    if found is None:
        raise ValueError(condition)
    field = named(found["column"])
    if found["null"]:
        return _sql_nullity(field, is_null=found["null"] == "isNull")
    return _sql_comparison(field, found["operator"], _literal(found["value"]))


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ValueError(text) from error


def _of_query(condition: str, named: Named) -> str:
    names: dict[str, str] = {}

    def placed(match: re.Match[str]) -> str:
        names[f"_column_{len(names)}"] = match[1]
        return f"_column_{len(names) - 1}"

    try:
        tree = ast.parse(_BACKTICKED.sub(placed, condition).strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(condition) from error
    return _of_node(tree.body, lambda name: named(names.get(name, name)))


def _of_node(node: ast.expr, named: Named) -> str:
    match node:
        case ast.BoolOp(op=op, values=parts):
            word = " AND " if isinstance(op, ast.And) else " OR "
            return word.join(f"({_of_node(part, named)})" for part in parts)
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
            return _sql_comparison(named(name), "IN" if isinstance(op, ast.In) else "NOT_IN", ast.literal_eval(right))
        case ast.Compare(left=ast.Name(id=name), ops=[op], comparators=[right]) if type(op) in _AST_OPERATORS:
            return _sql_comparison(named(name), _AST_OPERATORS[type(op)], ast.literal_eval(right))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[], keywords=[]):
            if method in {"isnull", "isna", "notnull", "notna"}:
                return _sql_nullity(named(name), is_null=method.startswith("is"))
    raise ValueError(ast.unparse(node))


def _sql_nullity(field: str, *, is_null: bool) -> str:
    return f"{field} IS {'' if is_null else 'NOT '}NULL"


def _sql_comparison(field: str, operator: str, value: object) -> str:
    if operator in {"IN", "NOT_IN"} and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        listed = ", ".join(map(_quoted, value))
        # As in pandas, a missing value is in no list.
        return f"{field} IN ({listed})" if operator == "IN" else f"({field} NOT IN ({listed}) OR {field} IS NULL)"
    if operator in _OPERATORS and isinstance(value, str):
        compared = f"{field} {_OPERATORS[operator]} {_quoted(value)}"
    elif operator in _OPERATORS and isinstance(value, int | float) and not isinstance(value, bool):
        # Cells are text.
        compared = f"TRY_CAST({field} AS DOUBLE) {_OPERATORS[operator]} {value}"
    else:
        raise ValueError(f"{field} {operator} {value!r}")
    return f"({compared} OR {field} IS NULL)" if operator == "!=" else compared


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
