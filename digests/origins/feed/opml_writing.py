"""Writing an OPML file of feeds, their categories as folders (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import quoteattr

from digests.articles.text import one_line
from digests.origins.feed.opml import OpmlFeed

# What XML 1.0 (2.2) allows in a document.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class _Folder:
    feeds: list[OpmlFeed] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)


def write_opml(feeds: Iterable[OpmlFeed], title: str, written_at: datetime) -> bytes:
    """Return an OPML 2.0 file of the feeds in their order, those of a category in a folder for each of its names.

    `read_opml` reads the same feeds, titles and categories from it.
    """
    top = _Folder()
    for feed in feeds:
        folder = top
        for name in feed.category:
            folder = folder.folders.setdefault(_text(name), _Folder())
        folder.feeds.append(feed)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head>",
        f"    <title>{quoteattr(_text(title))[1:-1]}</title>",
        f"    <dateCreated>{format_datetime(written_at)}</dateCreated>",
        "  </head>",
        "  <body>",
        *_lines(top),
        "  </body>",
        "</opml>",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _lines(top: _Folder) -> Iterator[str]:
    """Yield the lines of a folder's outlines, those of its folders last."""
    # Without recursion: a stored path is as deep as somebody wrote it.
    waiting: list[tuple[int, str, _Folder | None]] = [(1, "", top)]
    while waiting:
        depth, name, folder = waiting.pop()
        indent = "  " * (depth + 1)
        if folder is None:
            yield f"{indent}</outline>"
            continue
        inner = indent if folder is top else f"{indent}  "
        if folder is not top:
            yield f"{indent}<outline text={quoteattr(name)} title={quoteattr(name)}>"
            waiting.append((depth, "", None))
            depth += 1
        for feed in folder.feeds:
            yield f"{inner}{_outline(feed)}"
        waiting.extend((depth, name, inside) for name, inside in reversed(folder.folders.items()))


def _outline(feed: OpmlFeed) -> str:
    title = _text(feed.title) or feed.url
    attributes = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url}
    if feed.link:
        attributes["htmlUrl"] = feed.link
    written = " ".join(f"{name}={quoteattr(_NO_XML.sub('', value))}" for name, value in attributes.items())
    return f"<outline {written}/>"


def _text(text: str) -> str:
    return _NO_XML.sub("", one_line(text))
