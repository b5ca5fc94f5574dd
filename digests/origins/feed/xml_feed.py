"""Feeds in XML: RSS, RDF, CDF and Atom, by feedparser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from digests.model.feed import FeedKind
from digests.origins.feed.addresses import resolved_web_address
from digests.origins.feed.contents import FeedBounds, FeedContents
from digests.origins.feed.mending import mend_xml
from digests.origins.feed.prolog import GuardedXml
from digests.origins.feed.sax import RecordedXml, XmlFlaw, loosely_bounded, record_loosely, record_strictly
from digests.origins.feed.xml_entries import entry_of, links_in, people_in, plain_data, unwrapped

_KINDS = {"rss": FeedKind.RSS, "feed": FeedKind.ATOM, "rdf:rdf": FeedKind.RDF}
_CDF = re.compile(r"<CHANNEL\b|<channel\s[^<>]*(?i:href|base)\s*=")
_TAG = re.compile(r"<[^<>]*>")
_MARKUP_TITLE = frozenset({"text/html", "application/xhtml+xml"})
_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_LONGEST_LINE = 500


def read_xml_feed(guarded: GuardedXml, address: str, bounds: FeedBounds) -> FeedContents | None:
    """Return what a document says, None if it is no feed; `address` is where it was found."""
    problems = list(guarded.problems)
    recorded = _recorded(guarded, address, bounds, problems)
    recorder = recorded.recorder
    entries = recorder.entries
    if not recorder.is_feed and not entries:
        return None
    if recorded.flaw is XmlFlaw.CUT_OFF and 0 < recorder.finished < len(entries):
        entries = entries[: recorder.finished]
    if recorder.failed_elements:
        problems.append(f"Some elements could not be read: {', '.join(sorted(recorder.failed_elements)[:5])}.")
    published = [entry for entry in entries if not entry.get("_is_draft")]
    if len(published) < len(entries):
        problems.append(f"{len(entries) - len(published)} of its entries are drafts; they are left out.")
    feed = plain_data({**recorder.feeddata, **recorder.first_channel})
    kind = _kind(recorder.root, recorder.version, guarded)
    is_atom = kind is FeedKind.ATOM
    link = _feed_link(feed, address, is_atom=is_atom)
    base = link or _self_link(feed, address) or address
    language = _line(feed.get("language") or "")
    authors = people_in(feed) if is_atom else ()
    return FeedContents(
        kind=kind,
        title=_plain_title(feed),
        link=link,
        language=language,
        entries=tuple(entry_of(plain_data(entry), base, language, authors, is_atom=is_atom) for entry in published),
        least_minutes=_least_minutes(feed),
        problems=tuple(dict.fromkeys(problems)),
        picture=resolved_web_address(base, _picture(feed)),
        moved_to=resolved_web_address("", _line(feed.get("itunes_new-feed-url") or feed.get("newlocation") or "")),
    )


def _recorded(guarded: GuardedXml, address: str, bounds: FeedBounds, problems: list[str]) -> RecordedXml:
    """Record the document: as it is, mended, or as what is no XML; say what was wrong."""
    recorded = record_strictly(guarded.body, guarded.entities, address, bounds)
    if recorded.flaw is XmlFlaw.BROKEN:
        problems.append(
            f"It is not well-formed: {recorded.words} on line {recorded.line}. It was read as well as could be."
        )
        recorded = _mended(guarded, address, bounds, problems)
    problems += _words_of(recorded, bounds)
    return recorded


def _mended(guarded: GuardedXml, address: str, bounds: FeedBounds, problems: list[str]) -> RecordedXml:
    body = loosely_bounded(guarded.body, bounds)
    if len(body) < len(guarded.body):
        problems.append(f"Only its first {len(body):,} characters are read, because it is not well-formed.")
    body = mend_xml(body, guarded.entities)
    recorded = record_strictly(body, guarded.entities, address, bounds)
    if recorded.flaw is not XmlFlaw.BROKEN:
        return recorded
    loose = record_loosely(body, guarded.entities, address, bounds)
    if len(loose.recorder.entries) < recorded.recorder.finished:
        return RecordedXml(recorded.recorder, XmlFlaw.CUT_OFF, line=recorded.line)
    if loose.flaw is None and f"</{guarded.root}" not in body[-500:]:
        return RecordedXml(loose.recorder, XmlFlaw.CUT_OFF)
    return loose


def _words_of(recorded: RecordedXml, bounds: FeedBounds) -> Iterator[str]:
    """Yield what to say of how a document ended."""
    where = f" on line {recorded.line}" if recorded.line else ""
    match recorded.flaw:
        case XmlFlaw.CUT_OFF:
            left_out = 0 < recorded.recorder.finished < len(recorded.recorder.entries)
            yield f"It is cut off{where}." + (" The last item is left out until it is whole." if left_out else "")
        case XmlFlaw.TRAILING:
            yield f"Something stands behind its end{where}; it is left out."
        case XmlFlaw.TOO_MANY:
            yield f"It has more than {bounds.items:,} items; the first {bounds.items:,} are read."
        case XmlFlaw.TOO_LARGE:
            yield f"It has more than {bounds.elements:,} elements; what follows is left out."
        case XmlFlaw.TOO_DEEP:
            yield f"Its elements lie more than {bounds.depth} deep{where}; what follows is left out."
        case XmlFlaw.BROKEN:
            yield f"It could not be read to its end ({recorded.words})."
        case None:
            pass


def _kind(root: str, version: str, guarded: GuardedXml) -> FeedKind:
    if root == "channel" and _CDF.match(guarded.body.lstrip()[:500]):
        return FeedKind.CDF
    if root in _KINDS:
        return _KINDS[root]
    return FeedKind.ATOM if version.startswith("atom") else FeedKind.RSS


def _feed_link(feed: Mapping[str, Any], base: str, *, is_atom: bool) -> str:
    """Return the address of the site: the alternate that is a page."""
    alternates = [link for link in links_in(feed) if link.get("rel", "alternate") == "alternate" and link.get("href")]
    if is_atom:
        pages = [link for link in alternates if link.get("type", "text/html") in _MARKUP_TITLE]
        written = [link.get("href") for link in pages or alternates]
    else:
        written = [feed.get("_text_link"), *(link.get("href") for link in alternates)]
    addresses = (resolved_web_address(base, unwrapped(href)) for href in written if href)
    return next(filter(None, addresses), "")


def _self_link(feed: Mapping[str, Any], base: str) -> str:
    return next(
        (resolved_web_address(base, link.get("href") or "") for link in links_in(feed) if link.get("rel") == "self"),
        "",
    )


def _plain_title(feed: Mapping[str, Any]) -> str:
    for name in ("title", "dc_title", "media_title", "itunes_title"):
        title = unwrapped(feed.get(name) or "")
        if title:
            detail = feed.get(f"{name}_detail") or {}
            if detail.get("type") in _MARKUP_TITLE:
                title = unescape(_TAG.sub("", title[: 4 * _LONGEST_LINE]))
            return _line(title)
    return ""


def _line(text: str) -> str:
    return " ".join(unwrapped(text)[: 4 * _LONGEST_LINE].split())[:_LONGEST_LINE]


def _picture(feed: Mapping[str, Any]) -> str:
    image = feed.get("image")
    href = image.get("href") if isinstance(image, dict) else image
    thumbnails = feed.get("media_thumbnail") or ()
    return unwrapped(
        href
        or feed.get("logo")
        or feed.get("icon")
        or next((thumbnail.get("url") or "" for thumbnail in thumbnails), "")
        or ""
    )


def _least_minutes(feed: Mapping[str, Any]) -> int | None:
    """Return the longer of `ttl` (RSS 2.0) and sy:updatePeriod / sy:updateFrequency (RSS 1.0 module syndication)."""
    minutes = [_number(feed.get("ttl"))]
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    if period:
        minutes.append(period // max(_number(feed.get("sy_updatefrequency")), 1))
    return max(minutes) or None


def _number(text: Any) -> int:
    digits = text.strip() if isinstance(text, str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else 0
