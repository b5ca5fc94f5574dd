"""What an item says: which of its texts is its body and which its summary line."""

from __future__ import annotations

import re
from html import escape
from typing import NamedTuple

from digests.articles.likeness import compact, is_beginning
from digests.articles.markdown.convert import is_html
from digests.articles.markup.contents import Body
from digests.articles.markup.read import read_markup
from digests.articles.markup.unwrapping import unwrap
from digests.articles.summary.choose import drop_boilerplate_end
from digests.articles.text import unescape
from digests.origins.feed.contents import FeedEntry

_MAX_LENGTH = 1_000_000
_LONGEST_LINE = 1_000
"""Characters of a text that is a summary beside a body; a longer one is a second body."""
_BLANK_LINES = re.compile(r"\n[ \t\r\u3000]*\n\s*")
_ESCAPED_TAG = re.compile(
    r"&lt;(?=/?(?:p|div|br|img|a|b|strong|em|i|span|ul|ol|li|h[1-6]|blockquote|table|tr|td|section)\b)", re.IGNORECASE
)
_ESCAPED_END = re.compile(r"&lt;(?:/[a-z0-9]{1,10}|br\s?/?)&gt;", re.IGNORECASE)
_ENOUGH_ENDS = 2
_UNSHOWN_START = re.compile(r"<(?:iframe|object|audio|video|canvas|noscript)\b[^<>]{0,4000}>", re.IGNORECASE)
_UNSHOWN_END = re.compile(r"</(?:iframe|object|audio|video|canvas|noscript)\b", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!]")


class ItemText(NamedTuple):
    """The body of an item, and the text that its feed gives as a summary of it; None where there is none."""

    body: Body
    summary: Body | None
    is_cut: bool


def text_of_entry(entry: FeedEntry) -> ItemText:
    """Return what an entry says.

    `summary` and `description` are the summary where there is a body beside them that says more, and the body where
    there is none: RSS says either of `description`, and feeds put whole articles into it.
    """
    content, is_cut = _body_of(entry.content, is_markup=entry.content_is_markup)
    if not entry.summary:
        return ItemText(content, None, is_cut)
    summary, summary_is_cut = _body_of(entry.summary, is_markup=entry.summary_is_markup)
    if not entry.content:
        return ItemText(summary, None, summary_is_cut)
    said, short = content.text, summary.text
    if not said or len(short) > max(len(said), _LONGEST_LINE):
        # What is called the summary is the article, and what is called the content at most a part of it.
        summary.images += content.images
        return ItemText(summary, None if _begins(short, said) else content, summary_is_cut)
    content.images += summary.images
    if len(short) > _LONGEST_LINE or _begins(said, short):
        # A program cut it out of the body, from which a careful person would take better.
        return ItemText(content, None, is_cut)
    return ItemText(content, summary, is_cut)


def _begins(text: str, beginning: str) -> bool:
    """Return whether a text is or begins with another one, also where that says that it was cut."""
    whole, short = compact(text), compact(beginning)
    return short == whole or is_beginning(short, whole)


def _body_of(text: str, *, is_markup: bool) -> tuple[Body, bool]:
    """Return a text as a body, and whether it was too long to be read whole."""
    if not text:
        return Body(), False
    is_cut = len(text) > _MAX_LENGTH
    markup = _markup_of(text[:_MAX_LENGTH], is_markup=is_markup)
    body = read_markup(markup)
    drop_boilerplate_end(body)
    return body, is_cut or body.truncated


def _markup_of(text: str, *, is_markup: bool) -> str:
    """Return a text as HTML.

    A plain one has breaks for its lines; one that is HTML in spite of its type, or was escaped twice, is HTML.
    """
    if not is_markup and not is_html(text):
        lines = _BLANK_LINES.sub("<br><br>", escape(text, quote=False))
        return lines.replace("\n", "<br>")
    text = unwrap(text)
    if "&lt;" in text and _TAG.search(text) is None and _is_escaped(text):
        text = unescape(text)
    return _UNSHOWN_START.sub(" ", text) if _leaves_open(text) else text


def _leaves_open(text: str) -> bool:
    """Return whether a text begins an element that is not shown, and never ends it: that would hide all the rest."""
    return _UNSHOWN_START.search(text) is not None and _UNSHOWN_END.search(text) is None


def _is_escaped(text: str) -> bool:
    """Return whether all the markup of a text is escaped: a text that speaks of tags has some of its own."""
    if _ESCAPED_TAG.search(text) is None:
        return False
    ends = len(_ESCAPED_END.findall(text))
    return ends >= _ENOUGH_ENDS or (ends > 0 and _ESCAPED_TAG.match(text) is not None)
