"""Entries from what was recorded of a feed in XML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from digests.origins.feed.addresses import absolute_address, is_web_address, resolved_web_address
from digests.origins.feed.contents import EntryLink, FeedEntry
from digests.origins.feed.moments import feed_moment

_SUMMARIES = ("summary", "item_description", "itunes_summary", "media_description", "dc_description", "itunes_subtitle")
_TITLES = ("title", "media_title", "dc_title", "itunes_title")
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp)(?:$|[?#&!@])", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]{40,}={0,2}\s*")
_DIV = re.compile(r"<(/?)div\b")
_NO_TEXT = ("image/", "audio/", "video/", "font/", "model/")
_MOST_LINKS = 50
_MOST_PICTURES = 20
_MOST_PEOPLE = 20
_MOST_LAYERS = 5
_LONGEST_DATE = 100
_LONGEST_NAME = 500


def plain_data(recorded: Any) -> Any:
    """Return feedparser's dictionaries, which mean other keys than they are asked for, as dictionaries."""
    if isinstance(recorded, dict):
        return {key: plain_data(value) for key, value in recorded.items()}
    if isinstance(recorded, list):
        return [plain_data(value) for value in recorded]
    return recorded


def entry_of(raw: Mapping[str, Any], base: str, language: str, authors: tuple[str, ...], *, is_atom: bool) -> FeedEntry:
    """Return what was recorded of an item, as plain data.

    `base`, `language` and `authors` are the feed's: they hold where the item has none of its own.
    """
    own_base = absolute_address(base, raw.get("_base") or "") or base
    title, title_is_markup, title_base = _first_text(raw, _TITLES, is_atom=is_atom)
    summary, summary_is_markup, summary_base = _first_text(raw, _SUMMARIES, is_atom=is_atom)
    content, content_is_markup, content_base = _content(raw, is_atom=is_atom)
    if not content and raw.get("summary") and raw.get("item_description"):
        # An RSS item with both says less in its summary.
        content, content_is_markup, content_base = _first_text(raw, ("item_description",), is_atom=is_atom)
    if summary == content:
        summary, summary_is_markup = "", False
    text_base = content_base if content else summary_base if summary else title_base
    links = _links(raw, own_base)
    guid = unwrapped(raw.get("id") or "")
    guid_is_link = bool(raw.get("_guid_is_link")) and is_web_address(guid)
    link = _link(raw, links, own_base, is_atom=is_atom) or (guid if guid_is_link else "")
    published, updated = _dates(raw)
    source = raw.get("source") or {}
    return FeedEntry(
        guid=guid,
        guid_is_link=guid_is_link,
        title=title,
        title_is_markup=title_is_markup,
        link=link,
        links=links,
        published=published,
        updated=updated,
        published_at=feed_moment(published),
        updated_at=feed_moment(updated),
        authors=people_in(raw) or people_in(source) or authors,
        categories=_categories(raw),
        summary=summary,
        summary_is_markup=summary_is_markup,
        content=content,
        content_is_markup=content_is_markup,
        pictures=_pictures(raw, own_base),
        base=absolute_address(base, text_base) or own_base,
        language=raw.get("language") or raw.get("_language") or language,
        source_title=unwrapped(source.get("title") or ""),
        original_link=resolved_web_address(own_base, _original(raw)),
    )


def unwrapped(written: Any) -> str:
    """Return a text without the marks of a CDATA section inside another, white space around it trimmed.

    Where markup is broken, feedparser has a mapping in the place of a text, which says nothing.
    """
    text = written.strip() if isinstance(written, str) else ""
    for _ in range(_MOST_LAYERS):
        if not text.startswith("<![CDATA["):
            break
        end = text.rfind("]]>")
        text = (text[9:] if end < 0 else text[9:end] + text[end + 3 :]).strip()
    return text


def people_in(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the authors, each once; the address of mail where there is no name."""
    names: dict[str, None] = {}
    for person in (raw.get("authors") or ())[:_MOST_PEOPLE]:
        name = unwrapped(person.get("name") or "") or _name(unwrapped(person.get("text") or ""))
        name = name or (person.get("email") or "").strip()
        if name:
            names.setdefault(name[:_LONGEST_NAME])
    return tuple(names)


def links_in(raw: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the links of an item or a feed as recorded, as many as are looked at."""
    links: list[Mapping[str, Any]] = raw.get("links") or []
    return links[:_MOST_LINKS]


def _name(text: str) -> str:
    """Return the name in `mail@example.org (Name)` and `Name <mail@example.org>`."""
    found = _MAIL.search(text[:_LONGEST_NAME])
    if found is None:
        return text
    rest = f"{text[: found.start()]}{text[found.end() :]}".replace("&lt;&gt;", "").replace("mailto:", "")
    rest = " ".join(rest.replace("<>", "").replace("()", "").split())
    while rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1].strip()
    return rest.strip(" ,;<>") or found[0]


def _first_text(raw: Mapping[str, Any], names: Iterable[str], *, is_atom: bool) -> tuple[str, bool, str]:
    """Return the first of the texts that is there, whether it is markup, and the base of its addresses."""
    for name in names:
        text = unwrapped(raw.get(name) or "")
        if text:
            detail = raw.get(f"{name}_detail") or {}
            text, is_markup = _as_meant(text, detail.get("type") or "", is_atom=is_atom)
            return text, is_markup, detail.get("base") or ""
    return "", False, ""


def _content(raw: Mapping[str, Any], *, is_atom: bool) -> tuple[str, bool, str]:
    """Return the best of several contents: markup before text, the longest first."""
    best = ("", False, "")
    for content in (raw.get("content") or ())[:_MOST_LINKS]:
        kind = content.get("type") or ""
        text, is_markup = _as_meant(unwrapped(content.get("value") or ""), kind, is_atom=is_atom)
        # A picture or a file in place of a text (RFC 4287, 4.1.3).
        is_file = kind.startswith(_NO_TEXT) or (kind.startswith("application/") and _BASE64.fullmatch(text))
        if text and not is_file and (is_markup, len(text)) > (best[1], len(best[0])):
            best = (text, is_markup, content.get("base") or "")
    return best


def _as_meant(text: str, kind: str, *, is_atom: bool) -> tuple[str, bool]:
    """Return a text without what stands around it in Atom, and whether it is markup."""
    if is_atom and kind == "application/xhtml+xml":
        return _without_div(text), True
    return text, kind in _MARKUP


def _without_div(markup: str) -> str:
    """Return the content of the div around XHTML, which is no part of it (RFC 4287, 3.1.1.3; so in Atom 0.3)."""
    if not (markup.startswith(("<div>", "<div ")) and markup.endswith("</div>")):
        return markup
    inner = markup[markup.find(">") + 1 : -6]
    depth = 0
    for tag in _DIV.finditer(inner):
        depth += -1 if tag[1] else 1
        if depth < 0:
            return markup
    return inner.strip()


def _links(raw: Mapping[str, Any], base: str) -> tuple[EntryLink, ...]:
    links = []
    for link in links_in(raw):
        href = absolute_address(base, unwrapped(link.get("href") or ""))
        if href:
            kind = link.get("type") or ""
            links.append(EntryLink(href, link.get("rel") or "", kind[:100], (link.get("title") or "")[:_LONGEST_NAME]))
    return tuple(links)


def _link(raw: Mapping[str, Any], links: tuple[EntryLink, ...], base: str, *, is_atom: bool) -> str:
    """Return the address of the article: in Atom the first alternate that is a page, else what feedparser takes."""
    alternates = [link for link in links if link.rel == "alternate" and is_web_address(link.href)]
    if is_atom and alternates:
        return next((link.href for link in alternates if link.type in _MARKUP), alternates[0].href)
    text = resolved_web_address(base, unwrapped(raw.get("link") or ""))
    if text or alternates:
        return text or alternates[0].href
    return next((resolved_web_address(base, address) for address in _elsewhere(raw, links)), "")


def _elsewhere(raw: Mapping[str, Any], links: tuple[EntryLink, ...]) -> Iterable[str]:
    """Yield where the article may be if no link says so: a content that lies elsewhere, a podcast's link."""
    for content in raw.get("content") or ():
        if address := content.get("src"):
            yield address
    for link in links:
        if link.rel in ("related", "via") and is_web_address(link.href):
            yield link.href


def _dates(raw: Mapping[str, Any]) -> tuple[str, str]:
    """Return when the item was published and changed, as written."""
    date = unwrapped(raw.get("dc_date") or "")
    published = unwrapped(raw.get("published") or "") or date or unwrapped(raw.get("created") or "")
    updated = unwrapped(raw.get("updated") or "")
    return published[:_LONGEST_DATE], updated[:_LONGEST_DATE]


def _categories(raw: Mapping[str, Any]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for tag in raw.get("tags") or ():
        name = unwrapped(tag.get("label") or tag.get("term") or "")
        if name:
            names.setdefault(name[:_LONGEST_NAME])
    return tuple(names)


def _pictures(raw: Mapping[str, Any], base: str) -> tuple[str, ...]:
    """Return the pictures that stand for an item: those meant for it first, small ones last."""
    media = sorted(
        (medium for medium in (raw.get("media_content") or ())[:_MOST_LINKS] if _is_picture(medium, "url")),
        key=_width,
        reverse=True,
    )
    thumbnails = sorted((raw.get("media_thumbnail") or ())[:_MOST_LINKS], key=_width, reverse=True)
    enclosures = [link for link in links_in(raw) if link.get("rel") == "enclosure" and _is_picture(link, "href")]
    image = raw.get("image") or {}
    written = [
        *(medium.get("url") for medium in media),
        *(link.get("href") for link in enclosures),
        image.get("href") if isinstance(image, dict) else image,
        raw.get("_image"),
        *(thumbnail.get("url") for thumbnail in thumbnails),
    ]
    addresses = (resolved_web_address(base, address) for address in written if isinstance(address, str))
    return tuple(dict.fromkeys(filter(None, addresses)))[:_MOST_PICTURES]


def _is_picture(medium: Mapping[str, Any], name: str) -> bool:
    kind = (medium.get("type") or "").lower()
    if medium.get("medium") == "image" or kind.startswith("image/"):
        return True
    return not kind and not medium.get("medium") and bool(_PICTURE_FILE.search(medium.get(name) or ""))


def _width(medium: Mapping[str, Any]) -> int:
    width = medium.get("width") or ""
    return int(width) if width.isascii() and width.isdigit() and len(width) < 6 else 0


def _original(raw: Mapping[str, Any]) -> str:
    return unwrapped(raw.get("feedburner_origlink") or raw.get("pheedo_origlink") or "")
