"""Posts for tests, as the crawler and people would write them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from digests.articles.hexo.neighbours import Neighbours
from digests.articles.options import PostOptions
from digests.articles.reading import read_post
from digests.model.article import ParsedPost, Unreadable

BODY = "<p>今天早上，海鸥网报道了松果汽车四月份的交付数据。</p>"


def write(title: str = "'松果汽车公布四月交付数据'", body: str = BODY, **fields: str) -> bytes:
    """Return a post in the crawler's last layout; `title` and the fields are written as given, quotes and all."""
    given = {
        "categories": "\n - 新媒体\n - 海鸥网\n - 资讯",
        "author": "海鸥网",
        "date": "Tue, 23 Mar 2021 06:24:36 GMT",
        "thumbnail": "''",
    } | fields
    lines = "\n".join(f"{key}: {value}" for key, value in given.items())
    return f"\n---\ntitle: {title}\n{lines}\n---\n\n<div>   \n{body}  \n</div>\n            ".encode()


def write_raw(front: str, body: str = "<div><p>正文在这里，说了一件事。</p></div>") -> bytes:
    """Return a post whose front matter is `front` to the letter."""
    return f"---\n{front}\n---\n{body}\n".encode()


def read(
    data: bytes,
    path: str = "新媒体/海鸥网/资讯/x.md",
    *,
    neighbours: Neighbours | None = None,
    now: datetime | None = None,
    standing: Collection[str] = (),
    **options: Any,
) -> ParsedPost:
    """Read a post with these options of its origin."""
    parsed = read_post(data, path, PostOptions(**options), neighbours=neighbours, now=now, standing=standing)
    assert isinstance(parsed, ParsedPost), parsed
    return parsed


def refuse(data: bytes) -> Unreadable:
    refused = read_post(data, "x.md")
    assert isinstance(refused, Unreadable), refused
    return refused
