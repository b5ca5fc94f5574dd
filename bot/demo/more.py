"""The demo's further days: short posts from a list, written as a crawler would."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypedDict

_LIST = Path(__file__).parent / "more.toml"
PICTURE_BASE = "https://pictures.example"
"""Where the samples' pictures are, unless somebody serves them elsewhere."""
_POST = """
---
title: '{title}'
categories:{levels}
headimg: '{base}/{picture}'
author: {source}
comments: false
date: {date}
thumbnail: '{base}/{picture}'
---

<div>
<p class="text-description">{summary}</p>
<img src="{base}/{picture}" referrerpolicy="no-referrer">
<p>{text}</p>
</div>
"""


class _LaterPost(TypedDict):
    day: int
    category: str
    title: str
    summary: str
    text: str
    picture: str


@cache
def more_days() -> tuple[tuple[_LaterPost, ...], ...]:
    """Return the posts of each day."""
    posts: list[_LaterPost] = tomllib.loads(_LIST.read_text(encoding="utf-8"))["posts"]
    last = max(post["day"] for post in posts)
    return tuple(tuple(post for post in posts if post["day"] == day) for day in range(last + 1))


def lay_out_more(target: Path, now: datetime, day: int, picture_base: str = PICTURE_BASE) -> int:
    """Write the posts of a day, the newest dated half an hour ago, and return how many; 0 after the last day.

    Their pictures are at `picture_base`.
    """
    if day >= len(more_days()):
        return 0
    posts = more_days()[day]
    for number, post in enumerate(posts, 1):
        levels = post["category"].split("/")
        file = target.joinpath("source", "_posts", *levels, f"{post['title']}.md")
        file.parent.mkdir(parents=True, exist_ok=True)
        text = _POST.format(
            title=post["title"].replace("'", "''"),
            levels="".join(f"\n - {level}" for level in levels),
            base=picture_base.rstrip("/"),
            picture=post["picture"],
            source=levels[1],
            date=(now - number * timedelta(minutes=30)).strftime("%a, %d %b %Y %H:%M:%S GMT"),
            summary=post["summary"],
            text=post["text"],
        )
        file.write_text(text, encoding="utf-8")
    return len(posts)
