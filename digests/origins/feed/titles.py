"""The title of an item: the one that its feed gives, else the first sentence of its text."""

from __future__ import annotations

import re
from typing import NamedTuple

from digests.articles.fields.inline_markup import strip_markup
from digests.articles.fields.metadata import MAX_TITLE, plain
from digests.articles.fields.titles import take_heading
from digests.articles.markup.contents import Body
from digests.articles.summary.boilerplate import is_noise
from digests.articles.text import letters
from digests.origins.feed.contents import FeedEntry

_MOST_LAYERS = 3
"""How often markup may be escaped within a title: once by the feed, once by a careless program, once by another."""
_MOST_LOOKED_AT, _MOST_READ = 20, 2_000
_ENOUGH, _MOST = 24, 120
"""How wide a sentence is that makes a title by itself, and how wide a title may be; a Chinese character is two wide."""
_SENTENCE_END = re.compile(
    r"[。！？!?…]+[\"'”’」』）)》]*|(?<!\b[0-9])(?<!\b[0-9][0-9])(?<!\b[A-Z])(?<!\b[DM]r)(?<!\bMrs)(?<!\bSt)\.(?=\s)"
)
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_UNTITLED = frozenset({"", "untitled", "notitle", "无标题", "無標題", "null", "undefined", "none"})


class ItemTitle(NamedTuple):
    """A title for readers, and whether the feed gives it. `is_cut` says that it is the beginning of a sentence."""

    text: str
    is_given: bool
    is_cut: bool = False


def title_of_entry(entry: FeedEntry, body: Body) -> ItemTitle:
    """Return the title of an entry, on one line; of one without a title the first heading or sentence of its body.

    A heading that becomes the title is taken out of the body, which would repeat it.
    """
    title = _without_source(clean_title(entry.title), entry.source_title)
    if letters(title) not in _UNTITLED or (title and not letters(title)):
        return ItemTitle(title, is_given=True)
    if title := take_heading(body):
        return ItemTitle(title, is_given=False)
    texts = [
        text
        for paragraph in body.paragraphs[:_MOST_LOOKED_AT]
        if (text := _without_addresses(paragraph.text[:_MOST_READ]))
    ]
    # Noise stands for an item that says nothing else.
    said = [text for text in texts if not is_noise(text, is_sentence=_SENTENCE_END.search(text) is not None)]
    return _beginning((said or texts)[0]) if texts else ItemTitle("", is_given=False)


def clean_title(text: str) -> str:
    """Return a title or a name of a feed without markup, however often that is escaped, on one line."""
    text = text[: MAX_TITLE * 20]
    for _ in range(_MOST_LAYERS):
        shorter = strip_markup(plain(text, MAX_TITLE))
        if shorter == text:
            break
        text = shorter
    return plain(text, MAX_TITLE)


def _without_source(title: str, source: str) -> str:
    """Return the title without the name of its source, as Google News writes it: `Title - Source`."""
    source = clean_title(source)
    for mark in (" - ", " – ", " — ", " | "):
        if source and title.endswith(f"{mark}{source}"):
            return title.removesuffix(f"{mark}{source}").rstrip() or title
    return title


def _without_addresses(text: str) -> str:
    """Return a text without the addresses in it, which make no title unless there is nothing else; '' for no words."""
    bare = " ".join(_ADDRESS.sub(" ", text).split()) if "://" in text or "www." in text else text
    return bare if letters(bare) else text if letters(text) else ""


def _beginning(text: str) -> ItemTitle:
    """Return the first sentence of a text, or as many as make a title."""
    ends = (match.end() for match in _SENTENCE_END.finditer(text))
    sentence = text[: next((end for end in ends if _width(text[:end]) >= _ENOUGH), len(text))].rstrip()
    if _width(sentence) <= _MOST:
        return ItemTitle(sentence, is_given=False)
    return ItemTitle(_cut(sentence), is_given=False, is_cut=True)


def _cut(text: str) -> str:
    """Return the beginning of a text, up to the end of a word, with a mark that it goes on."""
    width = 0
    for place, letter in enumerate(text):
        width += 2 if _WIDE.match(letter) else 1
        if width > _MOST:
            text = text[:place]
            break
    head, space, _ = text.rpartition(" ")
    if space and len(head) * 3 >= 2 * len(text):
        text = head
    return text.rstrip(" ,;:，；：、.") + "…"


def _width(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))
