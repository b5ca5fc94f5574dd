"""Mending XML that is nearly well-formed, so that it can be read as what it was meant to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.entities import html5

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids (2.2)."""
_SIGN = re.compile(
    r"&(?:(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)?|<(?![A-Za-z_:/!?\u0080-\uffff])"
)
_OF_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ROOT = re.compile(r"<[A-Za-z_:][^\s<>/]{0,200}")
_PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):(?=[A-Za-z_])")
_MOST_PREFIXES = 50
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "atom10": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "taxo": "http://purl.org/rss/1.0/modules/taxonomy/",
    "thr": "http://purl.org/rss/1.0/modules/threading/",
    "wfw": "http://wellformedweb.org/commentAPI/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xlink": "http://www.w3.org/1999/xlink",
}
"""What the usual prefixes stand for where a feed forgets to say it."""


def mend_xml(body: str, entities: Mapping[str, str]) -> str:
    """Return a document in which forbidden characters are gone, and stray signs and names of characters are escaped.

    Line breaks stay where they are. Takes time in proportion to the length.
    """
    body = _FORBIDDEN.sub("", body)
    pieces = []
    position = 0
    while (start := body.find("<![CDATA[", position)) >= 0:
        end = body.find("]]>", start)
        if end < 0:
            break
        pieces += [_mended(body[position:start], entities), body[start : end + 3]]
        position = end + 3
    pieces.append(_mended(body[position:], entities))
    return _with_prefixes("".join(pieces))


def _mended(text: str, entities: Mapping[str, str]) -> str:
    def escape(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "&lt;" if match[0] == "<" else "&amp;"
        if name in _OF_XML or name in entities:
            return match[0]
        if name[0] == "#":
            return match[0].lower() if _is_character(name) else ""
        characters = html5.get(f"{name};")
        if characters is None:
            return f"&amp;{name};"
        return "".join(f"&#{ord(character)};" for character in characters)

    return _SIGN.sub(escape, text)


def _is_character(reference: str) -> bool:
    code = int(f"0{reference[1:]}", 0) if reference[1] in "xX" else int(reference[1:])
    return code <= 0x10FFFF and (code >= 0x20 or code in (0x9, 0xA, 0xD)) and not _FORBIDDEN.match(chr(code))


def _with_prefixes(body: str) -> str:
    """Declare the prefixes that are used, at the first element, where it does not declare them itself."""
    root = _ROOT.search(body)
    if root is None:
        return body
    used = sorted({match[1] for match in _PREFIX.finditer(body)} - {"xml", "xmlns"})
    end = body.find(">", root.end())
    tag = body[root.start() : end]
    missing = [prefix for prefix in used if f"xmlns:{prefix}" not in tag][:_MOST_PREFIXES]
    declared = "".join(f' xmlns:{prefix}="{_NAMESPACES.get(prefix, f"urn:undeclared:{prefix}")}"' for prefix in missing)
    return f"{body[: root.end()]}{declared}{body[root.end() :]}"
