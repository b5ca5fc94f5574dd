"""Marks: what the index has for an article's categories, source, tags and language, and in queries for filters.

A mark has only letters, digits and `_` (pure).
"""

from __future__ import annotations

import hashlib
import re

from digests.model.ids import CategoryId
from digests.search.tokens import fold


def category_token(category: CategoryId) -> str:
    """Return the mark of articles in this category."""
    return f"c{category}"


def source_token(source: str) -> str:
    """Return the mark of articles of this source."""
    return f"s_{plain_name(source)}"


def tag_token(tag: str) -> str:
    """Return the mark of articles with this tag; a hash, since C, C++ and C# differ only in what no mark may hold."""
    return f"t{hashlib.blake2b(''.join(fold(tag).split()).encode(), digest_size=8).hexdigest()}"


def language_tokens(language: str) -> list[str]:
    """Return the marks of articles in this language: lang:zh-Hans and lang:zh both find "zh-Hans"."""
    whole = plain_name(language)
    first = whole.partition("_")[0]
    return [f"l_{name}" for name in dict.fromkeys((whole, first)) if name]


def plain_name(name: str) -> str:
    """Return the letters and digits of a name, folded, with `_` for whatever lies between them."""
    return re.sub(r"[\W_]+", "_", fold(name)).strip("_")
