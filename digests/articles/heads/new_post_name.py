"""Hexo's `new_post_name`: what the name of a post's file says of it, beside the title.

As hexo/lib/plugins/processor/post.js reads it: a year has four digits, a month and a day two, anything else is the
shortest text that fits.
"""

from __future__ import annotations

import re

_VARIABLE = re.compile(r":(\w*[^_\W])", re.ASCII)
_SHAPES = {
    "year": r"(\d{4})",
    "month": r"(\d{2})",
    "day": r"(\d{2})",
    "i_month": r"(\d{1,2})",
    "i_day": r"(\d{1,2})",
    "hash": r"([0-9a-f]{12})",
}


def name_variables(stem: str, new_post_name: str) -> dict[str, str]:
    """Return the variables that `new_post_name` finds in a path without its extension; none where it does not fit."""
    pattern = new_post_name.rpartition(".")[0] or new_post_name
    if pattern == ":title":
        return {"title": stem}
    names: list[str] = []

    def group(match: re.Match[str]) -> str:
        names.append(match[1])
        return _SHAPES.get(match[1], "(.+?)")

    expression = _VARIABLE.sub(group, re.sub(r"[|\\{}()\[\]^$+*?.-]", r"\\\g<0>", pattern))
    match = re.fullmatch(expression, stem, re.ASCII)
    return dict(zip(names, match.groups(), strict=True)) if match else {}
