"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from digests.model.feed import FeedFault, FeedKind, FeedTrouble
from digests.origins.feed.addresses import absolute_address, is_web_address, resolved_web_address
from digests.origins.feed.contents import EntryLink, FeedBounds, FeedContents, FeedEntry
from digests.origins.feed.moments import feed_moment

_ITEMS = re.compile(r'"items"\s{0,20}:\s{0,20}\[')
_VERSION = re.compile(r"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version")
# A text is passed over as a whole, also one without an end.
_STRAY_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s{0,1000}[}\]])', re.DOTALL)
_BETWEEN = re.compile(r"[\s,]*")
_OF_AN_ITEM = frozenset({"content_html", "content_text", "date_published", "external_url"})
_OF_A_FEED = frozenset({"home_page_url", "feed_url"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST = 50
_LONGEST = 4_096


def read_json_feed(text: str, address: str, bounds: FeedBounds) -> FeedContents:
    """Return what a JSON document says, with a fault where it is no JSON Feed; `address` is where it was found."""
    problems: list[str] = []
    try:
        document = _loads(text, bounds)
    except json.JSONDecodeError as error:
        document, problem = _mended(text, error, bounds)
        if document is None:
            return _fault(problem)
        problems.append(problem)
    except RecursionError:
        return _fault("It is JSON whose objects lie too deep in each other.")
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list) or not _is_feed(document, items):
        return _fault(_what_it_is(document))
    entries = _entries(document, items, address, bounds, problems)
    if document.get("expired") is True:
        problems.append("It says that it is finished: nothing will come any more.")
    return FeedContents(
        kind=FeedKind.JSON,
        title=" ".join(_text(document.get("title"), 500).split()),
        link=resolved_web_address(address, _text(document.get("home_page_url"))),
        language=_text(document.get("language"), 100),
        entries=entries,
        problems=tuple(problems),
        picture=resolved_web_address(address, _text(document.get("icon")) or _text(document.get("favicon"))),
    )


def _loads(text: str, bounds: FeedBounds) -> Any:
    """Parse JSON; numbers, even NaN, stay as they are written, since ids may be numbers of any length."""
    document = _decoder().decode(text)
    if _depth(document, bounds.depth) > bounds.depth:
        raise RecursionError
    return document


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


def _depth(value: Any, most: int) -> int:
    """Return how deep objects and lists lie in each other, or something above `most`."""
    level = [value]
    for depth in range(most + 2):
        inner: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                inner += [child for child in node.values() if isinstance(child, dict | list)]
            elif isinstance(node, list):
                inner += [child for child in node if isinstance(child, dict | list)]
        if not inner:
            return depth
        level = inner
    return most + 2


def _mended(text: str, error: json.JSONDecodeError, bounds: FeedBounds) -> tuple[Any, str]:
    """Return what can be read of broken JSON, None for nothing, and what is wrong with it."""
    broken = f"broken on line {error.lineno}"
    if (mended := _STRAY_COMMA.sub(r"\1", text)) != text:
        try:
            return _loads(mended, bounds), f"It is {broken}: a comma stands before a bracket."
        except (json.JSONDecodeError, RecursionError):
            text = mended
    document = _cut_off(text, bounds)
    if document is None:
        return None, f"It is JSON, but broken: {error.msg} on line {error.lineno}."
    return document, f"It is {broken}; the items before that are read."


def _cut_off(text: str, bounds: FeedBounds) -> Any:
    """Return a feed that is cut off or broken within its items, up to there; None if it is nothing of the kind."""
    found = _ITEMS.search(text)
    if found is None:
        return None
    decoder = _decoder()
    try:
        document = decoder.decode(text[: found.end()] + "]}")
    except (json.JSONDecodeError, RecursionError):
        return None
    items: list[Any] = []
    position = found.end()
    while len(items) <= bounds.items:
        blank = _BETWEEN.match(text, position)
        position = blank.end() if blank else position
        try:
            item, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            break
        items.append(item)
    document["items"] = items
    if version := _VERSION.search(text):
        # It may stand behind the items.
        document.setdefault("version", version[0])
    return document if items else None


def _is_feed(document: Mapping[str, Any], items: list[Any]) -> bool:
    if "jsonfeed.org" in _text(document.get("version")) or not _OF_A_FEED.isdisjoint(document):
        return True
    return any(isinstance(item, dict) and not _OF_AN_ITEM.isdisjoint(item) for item in items[:_MOST])


def _what_it_is(document: Any) -> str:
    """Return in words what a JSON document is that is no feed."""
    if isinstance(document, dict):
        for name in ("error", "message", "errors", "msg", "detail", "error_description"):
            said = document.get(name)
            if isinstance(said, dict):
                said = said.get("message") or said.get("msg") or said.get("code")
            if isinstance(said, str) and said.strip():
                return f'It is no feed, but JSON that says: "{" ".join(_text(said, 150).split())}".'
        names = ", ".join(" ".join(str(name)[:30].split()) for name in list(document)[:4])
        return f"It is JSON, but no JSON Feed: it has no list of items (only {names or 'nothing'})."
    return "It is JSON, but no JSON Feed."


def _entries(
    document: Mapping[str, Any], items: list[Any], address: str, bounds: FeedBounds, problems: list[str]
) -> tuple[FeedEntry, ...]:
    if len(items) > bounds.items:
        problems.append(f"It has more than {bounds.items:,} items; the first {bounds.items:,} are read.")
    objects = [item for item in items[: bounds.items] if isinstance(item, dict)]
    if len(objects) < len(items[: bounds.items]):
        problems.append("Some of its items are no objects; they are left out.")
    base = resolved_web_address(address, _text(document.get("home_page_url"))) or address
    language = _text(document.get("language"), 100)
    authors = _authors(document)
    return tuple(_entry(item, base, language, authors, bounds) for item in objects)


def _entry(
    item: Mapping[str, Any], base: str, language: str, authors: tuple[str, ...], bounds: FeedBounds
) -> FeedEntry:
    guid = _text(item.get("id"))
    url = resolved_web_address(base, _text(item.get("url")))
    external = resolved_web_address(base, _text(item.get("external_url")))
    guid_is_link = not url and is_web_address(guid)
    html = _text(item.get("content_html"), bounds.text)
    content = html or _text(item.get("content_text"), bounds.text)
    summary = _text(item.get("summary"), bounds.text)
    published = _text(item.get("date_published"), 100)
    updated = _text(item.get("date_modified"), 100)
    return FeedEntry(
        guid=guid,
        guid_is_link=guid_is_link,
        title=_text(item.get("title")),
        link=url or (guid if guid_is_link else external),
        links=_links(item, base, url, external),
        published=published,
        updated=updated,
        published_at=feed_moment(published),
        updated_at=feed_moment(updated),
        authors=_authors(item) or authors,
        categories=_names(item.get("tags")),
        summary="" if summary == content else summary,
        content=content,
        content_is_markup=bool(html),
        pictures=_pictures(item, base),
        base=url or base,
        language=_text(item.get("language"), 100) or language,
    )


def _links(item: Mapping[str, Any], base: str, url: str, external: str) -> tuple[EntryLink, ...]:
    links = [EntryLink(url, "alternate", "text/html")] if url else []
    if external:
        links.append(EntryLink(external, "related", "text/html"))
    for attachment in _objects(item.get("attachments")):
        href = absolute_address(base, _text(attachment.get("url")))
        if href:
            kind, title = _text(attachment.get("mime_type"), 100), _text(attachment.get("title"), 500)
            links.append(EntryLink(href, "enclosure", kind, title))
    return tuple(links)


def _pictures(item: Mapping[str, Any], base: str) -> tuple[str, ...]:
    written = [_text(item.get("image")), _text(item.get("banner_image"))]
    written += [
        _text(attachment.get("url"))
        for attachment in _objects(item.get("attachments"))
        if _text(attachment.get("mime_type")).lower().startswith("image/")
    ]
    return tuple(dict.fromkeys(filter(None, (resolved_web_address(base, address) for address in written))))


def _authors(source: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in `authors` (1.1) or `author` (1.0); some write a name in place of the object."""
    written = source.get("authors") or source.get("author")
    authors = written if isinstance(written, list) else [written]
    return tuple(dict.fromkeys(filter(None, map(_name, authors[:_MOST]))))


def _names(tags: Any) -> tuple[str, ...]:
    written: Iterable[Any] = tags[:200] if isinstance(tags, list) else tags.split(",") if isinstance(tags, str) else ()
    return tuple(dict.fromkeys(filter(None, map(_name, written))))


def _name(written: Any) -> str:
    """Return a name, or that of an object that has one."""
    return _text(written.get("name") if isinstance(written, dict) else written, 500)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in value[:_MOST] if isinstance(part, dict)] if isinstance(value, list) else []


def _text(value: Any, longest: int = _LONGEST) -> str:
    """Return a text or a number as text, trimmed; "" for anything else."""
    if not isinstance(value, str):
        return ""
    text = value.strip()[:longest]
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _fault(words: str) -> FeedContents:
    return FeedContents(FeedKind.NONE, fault=FeedFault(FeedTrouble.NOT_A_FEED, words))
