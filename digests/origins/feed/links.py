"""The address of the article that an item of a feed is about, or none rather than a wrong one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from ipaddress import AddressValueError, IPv4Address
from typing import NamedTuple

from digests.articles.fields.links import address_on_host, web_address
from digests.articles.text import MAX_URL_LENGTH
from digests.model.feed import FeedKind
from digests.origins.feed.contents import FeedEntry
from digests.origins.feed.tracking import without_tracking
from digests.origins.feed.wrappers import unwrap_link

_HOST = re.compile(r"https?://([^/?#@\s]+)", re.IGNORECASE)
# What browsers leave out of an address (https://url.spec.whatwg.org/#concept-basic-url-parser), and what indents lines.
_BREAKS = re.compile(r"[ ]*[\t\r\n][\t\r\n ]*")
_PORT = re.compile(r":[0-9]{1,5}$")
# Types of what no reader opens: the feed itself, and what is played or shown within an item.
_NO_PAGE = re.compile(
    r"\s*(?:application/(?:(?:rss|atom|rdf)\+xml|feed\+json|json|xml)|(?:audio|video|image)/)", re.IGNORECASE
)
_PAGE = re.compile(r"\s*(?:text/html|application/xhtml\+xml)", re.IGNORECASE)
_MEDIA_FILE = re.compile(r"\.(?:mp3|m4a|ogg|opus|aac|wav|flac)$", re.IGNORECASE)


class ItemLink(NamedTuple):
    """The address to which an article leads, and the one that the feed wrote, absolute; None where there is none.

    What the feed wrote may lead nowhere; the address of an article never does by its form.
    """

    url: str | None = None
    written: str | None = None


def link_of_entry(entry: FeedEntry, kind: FeedKind, hosts: Collection[str] = ()) -> ItemLink:
    """Return the address of an entry's article.

    What only counts clicks is unwrapped, and what only counts visitors is off.

    Args:
        entry: The entry, with absolute addresses.
        kind: What the feed is written in.
        hosts: Hosts that may be linked although they are not on the web, each as host:port.
    """
    # A name without a dot leads no reader anywhere.
    known = {host for host in (*hosts, _host_of(entry.base)) if "." in host}
    written = next((url for text in _written(entry) if (url := _web_link(text, known))), None)
    # The external_url of JSON Feed is what the item is about; its own page is what the item is.
    behind = _web_link(entry.original_link, known) if kind is not FeedKind.JSON or written is None else None
    found = behind or written
    if found is None:
        # A name without a dot, as in a network of one's own: what was written, but nothing to lead readers to.
        return ItemLink(None, next((url for text in _written(entry) if (url := _local_link(text))), None))
    return ItemLink(clean_link(found), written or found)


def site_of_feed(link: str, base: str, hosts: Collection[str] = ()) -> str | None:
    """Return the address of a feed's site, as it is written; None if it leads nowhere."""
    return _web_link(link, {host for host in (*hosts, _host_of(base)) if "." in host})


def clean_link(url: str) -> str:
    """Return the address behind an absolute one, without what only counts visitors; the same where there is nothing."""
    return without_tracking(unwrap_link(url))


def _written(entry: FeedEntry) -> Iterator[str]:
    """Yield the addresses that the entry gives of its article, best first."""
    types = {link.href: link.type for link in entry.links}
    if entry.link and not _NO_PAGE.match(types.get(entry.link, "")):
        yield entry.link
    alternates = [link for link in entry.links if link.rel in ("", "alternate") and not _NO_PAGE.match(link.type)]
    yield from (link.href for link in alternates if _PAGE.match(link.type))
    yield from (link.href for link in alternates if not _MEDIA_FILE.search(link.href.partition("?")[0]))
    if entry.guid_is_link:
        yield entry.guid


def _web_link(text: str, hosts: Collection[str]) -> str | None:
    """Return an absolute address of the web, or of one of these hosts; `//host/path` is one of the web too."""
    if not text or len(text) > 2 * MAX_URL_LENGTH:
        return None
    text = _BREAKS.sub("", text.strip())
    if url := web_address(text):
        return url
    host = _host_of(text)
    return address_on_host(text, {host} if _is_public(host) else hosts) if host else None


def _local_link(text: str) -> str | None:
    host = _host_of(text)
    return address_on_host(text, {host}) if host else None


def _host_of(address: str) -> str:
    match = _HOST.match(address)
    return match[1].lower() if match else ""


def _is_public(host: str) -> bool:
    """Return whether a host, with its port or without, is a public address without a name."""
    if not host[:1].isdigit():
        return False
    try:
        return IPv4Address(_PORT.sub("", host)).is_global
    except AddressValueError:
        return False
