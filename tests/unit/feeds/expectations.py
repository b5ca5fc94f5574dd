"""What feedparser's tests expect, read as data: no expression of theirs is evaluated."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

_EXPECT = re.compile(r"Expect:[ \t]*([^\n]*)")
_HEADER = re.compile(r"Header:[ \t]*([A-Za-z-]+):[ \t]*([^\n]*)")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One comparison: what is at `path`, such as ("entries", 0, "title"), equals `value`.

    Without `operator` "==" the path is only said to be there ("is") or not to be ("not").
    """

    path: tuple[str | int, ...]
    operator: str
    value: Any = None


def header_of(text: str, name: str) -> str:
    """Return the header that a test is served with, "" for none."""
    for header, value in _HEADER.findall(text[:2_000]):
        if header.lower() == name.lower():
            return str(value).strip()
    return ""


def expression_of(text: str) -> str:
    found = _EXPECT.search(text[:4_000])
    return found[1].strip() if found else ""


def expectations_in(text: str) -> list[Expectation]:
    """Return the comparisons of a test, joined by `and`; what can't be read as one has the operator "unread"."""
    expression = expression_of(text)
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return [Expectation((expression,), "unread")]
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    return [expectation for part in parts for expectation in _comparison(part)]


def _comparison(node: ast.expr) -> list[Expectation]:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand) if (path := _path(operand)) is not None:
            return [Expectation(path, "not")]
        case ast.Compare(left=left, ops=operators, comparators=[*others]) if all(
            isinstance(operator, ast.Eq | ast.Is) for operator in operators
        ):
            # a == b == 'value': each of them is the value.
            try:
                value = _value(others[-1])
            except ValueError:
                return [Expectation((ast.unparse(node),), "unread")]
            paths = [_path(side) for side in (left, *others[:-1])]
            if all(path is not None for path in paths):
                return [Expectation(path, "==", value) for path in paths if path is not None]
        case _ if (path := _path(node)) is not None:
            return [Expectation(path, "is")]
        case _:
            pass
    return [Expectation((ast.unparse(node),), "unread")]


def _path(node: ast.expr) -> tuple[str | int, ...] | None:
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=value, attr=attribute) if (path := _path(value)) is not None:
            return (*path, attribute)
        case ast.Subscript(value=value, slice=ast.Constant(value=str() | int() as key)):
            path = _path(value)
            return None if path is None else (*path, key)
        case ast.Call(func=ast.Name(id="len" | "ord" as name), args=[argument]) if (
            path := _path(argument)
        ) is not None:
            return (name, *path)
        case _:
            return None


def _value(node: ast.expr) -> Any:
    """Return a literal; texts may be joined by `+`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _value(node.left), _value(node.right)
        if isinstance(left, str) and isinstance(right, str):
            return left + right
        raise ValueError
    return ast.literal_eval(node)
