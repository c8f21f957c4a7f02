"""Suite parameters: kwargs whose values come with the run, by name or worked out from others.

`{"$PARAMETER": "least"}`, `{"$PARAMETER": "least * 2"}`, `{"$PARAMETER": "now() - timedelta(weeks=2)"}`.
https://docs.greatexpectations.io/docs/core/define_expectations/create_an_expectation/
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

_PARAMETER: Final = "$PARAMETER"
_OPERATIONS: Final[Mapping[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    # Of floats, lest a suite ask for a number that fills the memory.
    ast.Pow: math.pow,
}
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "abs": abs,
    "trunc": math.trunc,
    "round": round,
    "sgn": lambda value: (value > 0) - (value < 0),
    "now": datetime.now,
    "datetime": datetime,
    "timedelta": timedelta,
}
_CONSTANTS: Final[Mapping[str, float]] = {"PI": math.pi, "E": math.e}


def given(value: Any, parameters: Mapping[str, Any]) -> Any:
    """A kwarg's value with parameters replaced, wherever in it they are.

    Raises:
        ValueError: a parameter has no value, or cannot be worked out.
    """
    if isinstance(value, Mapping):
        if _PARAMETER not in value:
            return {name: given(one, parameters) for name, one in value.items()}
        spelt = str(value[_PARAMETER])
        # A value of its own, as the suites of Great Expectations 0.x have it.
        own = f"{_PARAMETER}.{spelt}"
        return value[own] if own in value else _value(spelt, parameters)
    if isinstance(value, list):
        return [given(one, parameters) for one in value]
    return value


def _value(spelt: str, parameters: Mapping[str, Any]) -> Any:
    if spelt in parameters:
        return parameters[spelt]
    try:
        return _worked_out(ast.parse(spelt.replace("^", "**"), mode="eval").body, parameters)
    except (SyntaxError, TypeError, ArithmeticError) as error:
        raise ValueError(f"suite parameter {spelt!r} cannot be worked out: {error}") from error


def _worked_out(node: ast.expr, parameters: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            known = {**_CONSTANTS, **parameters}
            if name not in known:
                raise ValueError(f"suite parameter {name!r} has no value; give it one in suite_parameters")
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_worked_out(operand, parameters)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_worked_out(left, parameters), _worked_out(right, parameters))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in _FUNCTIONS:
            named = {str(keyword.arg): _worked_out(keyword.value, parameters) for keyword in keywords}
            return _FUNCTIONS[name](*(_worked_out(argument, parameters) for argument in args), **named)
    raise ValueError(f"not understood in a suite parameter: {ast.unparse(node)}")
