"""Running feedparser's handlers over a document: by expat where it is XML, and by its parser of what is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any
from xml.parsers.expat import errors
from xml.sax import SAXParseException
from xml.sax.expatreader import ExpatParser
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.exceptions import UndeclaredNamespace

from digests.origins.feed.contents import FeedBounds
from digests.origins.feed.recording import FeedRecorder, TooDeepFeedError, TooManyElementsError, TooManyItemsError

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_MOST_ATTRIBUTES = 50
"""Attributes of an element that are read: feedparser looks for each among all of them."""
_LOOSE_ERRORS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the parser of what is no XML raises on the worst of it."""


class XmlFlaw(Enum):
    """How a document ended that is not well-formed, or larger than is read."""

    CUT_OFF = "it ends too early"
    TRAILING = "something stands behind its end"
    TOO_MANY = "it has too many items"
    TOO_LARGE = "it has too many elements"
    TOO_DEEP = "its elements lie too deep in each other"
    BROKEN = "it is not well-formed"


_FLAWS = {
    errors.XML_ERROR_NO_ELEMENTS: XmlFlaw.CUT_OFF,
    errors.XML_ERROR_UNCLOSED_TOKEN: XmlFlaw.CUT_OFF,
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: XmlFlaw.CUT_OFF,
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: XmlFlaw.TRAILING,
}


@dataclass(frozen=True, slots=True)
class RecordedXml:
    """What was recorded of a document, and how it ended if not well: `words` are expat's, `line` counts from 1."""

    recorder: FeedRecorder
    flaw: XmlFlaw | None = None
    words: str = ""
    line: int = 0


class _BufferedParser(ExpatParser):
    """Hands over a text as a whole; else each line of it is a call, which makes a feed of empty lines the slowest."""

    def reset(self) -> None:
        super().reset()
        # No documented way leads to the parser within.
        parser: Any = self._parser  # type: ignore[attr-defined]
        parser.buffer_text = True


class StrictRecorder(FeedRecorder, StrictFeedParser):  # type: ignore[misc]
    """Records well-formed XML."""

    def startElementNS(  # noqa: N802
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        """Begin an element with as many of its attributes as are read, the first ones."""
        if len(attrs) > _MOST_ATTRIBUTES:
            names = attrs.getNames()[:_MOST_ATTRIBUTES]
            attrs = AttributesNSImpl(
                {key: attrs[key] for key in names}, {key: attrs.getQNameByName(key) for key in names}
            )
        super().startElementNS(name, qname, attrs)


class LooseRecorder(FeedRecorder, LooseFeedParser):  # type: ignore[misc]
    """Records what is no XML; it takes whatever looks like an element."""


def record_strictly(body: str, entities: Mapping[str, str], address: str, bounds: FeedBounds) -> RecordedXml:
    """Record a document without prolog as far as it is well-formed."""
    recorder = StrictRecorder("", None, "utf-8")
    recorder.prepare(bounds, address, is_bounded_by_depth=True)
    parser: Any = _BufferedParser(namespaceHandling=1)
    parser.setContentHandler(recorder)
    parser.setErrorHandler(recorder)
    try:
        parser.feed((_DECLARATION + _doctype(entities) + body).encode("utf-8", "replace"))
        parser.close()
    except TooManyItemsError:
        return RecordedXml(recorder, XmlFlaw.TOO_MANY, line=parser.getLineNumber() or 0)
    except TooManyElementsError:
        return RecordedXml(recorder, XmlFlaw.TOO_LARGE, line=parser.getLineNumber() or 0)
    except TooDeepFeedError:
        return RecordedXml(recorder, XmlFlaw.TOO_DEEP, line=parser.getLineNumber() or 0)
    except UndeclaredNamespace as error:
        return RecordedXml(recorder, XmlFlaw.BROKEN, str(error), parser.getLineNumber() or 0)
    except SAXParseException as error:
        words = error.getMessage()
        return RecordedXml(recorder, _FLAWS.get(words, XmlFlaw.BROKEN), words, error.getLineNumber() or 0)
    return RecordedXml(recorder)


def record_loosely(body: str, entities: Mapping[str, str], address: str, bounds: FeedBounds) -> RecordedXml:
    """Record what is not well-formed; the time that it takes grows with the signs in it."""
    recorder = LooseRecorder("", None, "utf-8", dict(entities))
    recorder.prepare(bounds, address, is_bounded_by_depth=False)
    try:
        recorder.feed(_without_traps(body))
    except TooManyItemsError:
        return RecordedXml(recorder, XmlFlaw.TOO_MANY)
    except TooManyElementsError:
        return RecordedXml(recorder, XmlFlaw.TOO_LARGE)
    except _LOOSE_ERRORS as error:
        return RecordedXml(recorder, XmlFlaw.BROKEN, type(error).__name__)
    return RecordedXml(recorder)


def _doctype(entities: Mapping[str, str]) -> str:
    if not entities:
        return ""
    declared = "".join(f"<!ENTITY {name} {_literal(value)}>" for name, value in entities.items())
    return f"<!DOCTYPE feed [{declared}]>"


def _literal(value: str) -> str:
    return '"' + value.replace('"', "&#34;") + '"'


def loosely_bounded(body: str, bounds: FeedBounds) -> str:
    """Return as much of a document that is not well-formed as is read."""
    body = body[: bounds.loose_bytes]
    if body.count("<") + body.count("&") > bounds.loose_signs:
        sign = next(islice(_MARKUP_SIGN.finditer(body), bounds.loose_signs, None), None)
        body = body[: sign.start()] if sign else body
    return body


_MARKUP_SIGN = re.compile("[<&]")
_TRAP = re.compile(r"<(?:!(?!\[CDATA\[)|\?|/?(?![A-Za-z/]))")


def _without_traps(text: str) -> str:
    """Take out what that parser looks for the end of again and again: comments, declarations, stray signs."""
    pieces = []
    position = 0
    while (comment := text.find("<!--", position)) >= 0:
        end = text.find("-->", comment)
        if end < 0:
            break
        pieces.append(text[position:comment])
        position = end + 3
    pieces.append(text[position:])
    return _TRAP.sub(lambda match: "&lt;" + match[0][1:], "".join(pieces))
