"""Reading the page of an article, for feeds that give only its beginning (pure; in the second process).

The text is found by trafilatura, which is an extra and loaded here alone.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from digests.articles.heads.front_matter import FrontMatter
from digests.articles.markup.contents import Body, Paragraph
from digests.articles.summary.choose import summary_of
from digests.articles.summary.endings import is_cut_off
from digests.articles.text import MAX_URL_LENGTH, letters, one_line
from digests.origins.feed.encoding_guess import guess_encoding
from digests.origins.feed.page_walls import is_wall

LIBRARY_IS_MISSING = (
    "The pages of articles can't be read: trafilatura is not installed. "
    "Install the extra by `pip install 'digestbot[fulltext]'`, and start the bot again."
)
_LIBRARIES = ("trafilatura", "lxml_html_clean")
"""The second is needed by a library of the first; pip has been seen to leave it out."""
_LARGEST_TEXT = 200_000
_LEAST_LETTERS = 120
"""What is shorter is a teaser, a notice, or the words around a film."""
_STUB_LETTERS = 700
"""What is longer, and was not cut off, is taken for an article."""
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The WHATWG's Encoding Standard: what pages call latin-1 and gb2312 is read as its superset.
_SUPERSETS = {"iso8859-1": "windows-1252", "ascii": "windows-1252", "gb2312": "gb18030", "gbk": "gb18030"}
_PICTURES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")


@dataclass(frozen=True, slots=True)
class FullText:
    """What the page of an article says. All is plain; `text` and `summary` are on one line.

    `picture` is an absolute address, "" if the page names none; `summary` is "" where nothing in it is one.
    """

    text: str
    summary: str
    picture: str


def is_stub(text: str) -> bool:
    """Return whether a text from a feed may be no more than the beginning of its article."""
    return is_cut_off(text) or _weight(text[: 2 * _STUB_LETTERS]) < _STUB_LETTERS


def full_text_is_installed() -> bool:
    """Return whether pages can be read here."""
    return all(find_spec(module) is not None for module in _LIBRARIES)


def read_page(data: bytes, content_type: str, url: str, title: str = "") -> FullText | None:
    """Return what the page of the article of that title says; None where it is not there to be read.

    That is so of a page that keeps its text from those who have not paid, logged in or agreed to anything, of a front
    page to which old articles lead, and of what is no page.

    Raises:
        ImportError: the extra is not installed, or not whole.
    """
    import trafilatura  # noqa: F401 - a fault of the installation is none of the page

    if not _is_page(data, content_type) or not urlsplit(url).path.strip("/"):
        return None
    try:
        return _read(_decoded(data, content_type), url, title)
    except Exception:  # noqa: BLE001 - a library for the markup of strangers may raise anything
        return None


def _read(html: str, url: str, title: str) -> FullText | None:
    from lxml import etree
    from trafilatura import bare_extraction

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)
    tree: Any = etree.fromstring(html.encode("utf-8", "replace"), parser)
    if tree is None:
        return None
    named = _named(tree)
    page_title = one_line("".join(islice(tree.itertext("title"), 1)))
    scripts = tuple(_scripts(tree))
    found = getattr(bare_extraction(html, url=url, include_comments=False), "text", None) or ""
    lines = [line for line in map(one_line, found.split("\n")) if line]
    if lines and letters(lines[0]) in (letters(title), letters(page_title)):
        lines = lines[1:]
    text = " ".join(lines)[:_LARGEST_TEXT]
    if _weight(text) < _LEAST_LETTERS or is_wall(page_title, text, html, scripts):
        return None
    return FullText(text, _summary(lines, named, title), _picture(named, url))


def _is_page(data: bytes, content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type in ("", "text/html", "application/xhtml+xml") and b"<" in data[:4096]


def _decoded(data: bytes, content_type: str) -> str:
    """Return the text of a page: by its mark, its server, itself, or by what it looks like."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    labels = [*_CHARSET.findall(content_type), *(label.decode() for label in _DECLARED.findall(data[:4096]))]
    for label in labels:
        try:
            codec = codecs.lookup(label).name
            return data.decode(_SUPERSETS.get(codec, codec))
        except (LookupError, UnicodeError):
            continue
    return data.decode(guess_encoding(data), "replace")


def _named(tree: Any) -> dict[str, str]:
    """Return what the head says of the page, the first of each name."""
    named: dict[str, str] = {}
    for meta in islice(tree.iter("meta"), 500):
        name = str(meta.get("property") or meta.get("name") or "").strip().lower()
        content = one_line(str(meta.get("content") or ""))
        if name and content:
            named.setdefault(name, content)
    return named


def _scripts(tree: Any) -> Iterator[object]:
    """Yield what the page says of itself to search engines (JSON-LD)."""
    for script in islice(tree.iter("script"), 500):
        if str(script.get("type") or "").strip().lower() == "application/ld+json":
            try:
                yield json.loads(script.text or "")
            except (ValueError, RecursionError):
                continue


def _picture(named: dict[str, str], url: str) -> str:
    for name in _PICTURES:
        if (written := named.get(name)) is not None:
            try:
                address = urljoin(url, written)
                parts = urlsplit(address)
            except ValueError:
                continue
            if parts.scheme in ("http", "https") and parts.hostname and len(address) <= MAX_URL_LENGTH:
                return address
    return ""


def _summary(lines: list[str], named: dict[str, str], title: str) -> str:
    """Return the summary line as for a post: what the page calls its description, else the first prose."""
    body = Body(
        paragraphs=[Paragraph(line, "p") for line in lines[:50]],
        excerpts=[description for name in _DESCRIPTIONS if (description := named.get(name))],
    )
    return summary_of(FrontMatter({}, "", ""), body, title)


def _weight(text: str) -> int:
    """Return how much a text says, in letters; a Chinese one says as much as three."""
    return sum(3 if character > "\u2e7f" else 1 for character in text if character.isalnum())
