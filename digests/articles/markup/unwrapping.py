"""Undoing what feeds and their readers wrap a body in: CDATA sections, and markup that was escaped once too often."""

from __future__ import annotations

import re

from digests.articles.text import unescape

_FRAME = re.compile(r"\s*<div>\s*+")
_FRAME_END = "</div>"
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_ESCAPED_TAG = re.compile(
    r"&lt;(?:p|div|h[1-6]|img|a|span|b|strong|em|i|br|ul|ol|table|figure|section|article|blockquote|center|font|!--)"
    r"(?:\s|/?&gt;)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[A-Za-z/!]")


def unwrap(body: str) -> str:
    """Return the body as its author wrote it; a body that is wrapped in nothing is returned as it is.

    The crawler writes what it found between `<div>` and `</div>`. Markup counts as escaped once too often where the
    whole body is: it begins and ends with an escaped tag, and has no other. Posts that speak of markup have.
    """
    if "<![CDATA[" not in body[:200] and "&lt;" not in body[:200]:
        return body
    start, end = _contents(body)
    contents = body[start:end].strip()
    if contents.startswith(_CDATA):
        contents = contents.replace(_CDATA, "").replace(_CDATA_END, "").strip()
    if _ESCAPED_TAG.match(contents) and contents.endswith(("&gt;", "/>")) and not _TAG.search(contents):
        contents = unescape(contents)
    elif len(contents) == len(body[start:end].strip()):
        return body
    return contents


def _contents(body: str) -> tuple[int, int]:
    """Return where what is within the crawler's frame begins and ends."""
    frame, bare = _FRAME.match(body), body.rstrip()
    if frame is None or not bare.endswith(_FRAME_END):
        return 0, len(body)
    return frame.end(), len(bare) - len(_FRAME_END)
