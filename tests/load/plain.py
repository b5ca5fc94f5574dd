"""The plain way to read a post, which ours is measured against: python-frontmatter and BeautifulSoup's own parser.

A body in Markdown is rendered by markdown-it-py first.
"""

from __future__ import annotations

import hashlib
from typing import Any

import frontmatter
from bs4 import BeautifulSoup, Tag
from markdown_it import MarkdownIt

_MARKS = ("原文链接", "阅读原文", "来源")


_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def read_plainly(data: bytes, *, is_markdown: bool = False) -> dict[str, Any]:
    """Return a post's title, categories, author, date, picture, first paragraph, original link, text and identity."""
    post = frontmatter.loads(data.decode("utf-8").lstrip())
    soup = BeautifulSoup(_MARKDOWN.render(post.content) if is_markdown else post.content, "html.parser")
    text = " ".join(soup.get_text(" ").split())
    picture = soup.find("img")
    paragraph = next(
        (paragraph.get_text(" ", strip=True) for paragraph in soup.find_all("p") if paragraph.get_text(strip=True)), ""
    )
    link = next(
        (anchor["href"] for anchor in soup.find_all("a", href=True) if anchor.get_text(strip=True) in _MARKS), None
    )
    return {
        "title": str(post["title"]),
        "categories": post.get("categories"),
        "author": post.get("author"),
        "date": post.get("date"),
        "thumbnail": post.get("thumbnail") or (picture.get("src") if isinstance(picture, Tag) else None),
        "summary": " ".join(paragraph.split()),
        "url": link,
        "text": text,
        "identity": hashlib.sha256(text.encode()).hexdigest(),
    }
