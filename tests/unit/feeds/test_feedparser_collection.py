"""feedparser's own tests: what they expect of an article is what is read here.

Texts are compared after feedparser's own cleaning and resolving, which are off here, because the reader of articles
does both: ours, cleaned in the same way, must come to what is expected. Dates are compared as they are written, or as
the moment. An address that is expected absolute is compared resolved against the entry's base; a guid is kept as it is.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from feedparser.sanitizer import _sanitize_html
from feedparser.urls import resolve_relative_uris

from digests.model.feed import FeedKind
from digests.origins.feed.addresses import absolute_address
from digests.origins.feed.contents import FeedContents, FeedEntry
from digests.origins.feed.encoding import decode_feed
from digests.origins.feed.parsing import parse_contents
from tests.unit.feeds.collections import feedparser_tests
from tests.unit.feeds.expectations import Expectation, expectations_in, expression_of, header_of

pytestmark = pytest.mark.shared

_MAIL = re.compile(r"\s*\(?[\w.+-]+@[\w.-]+\)?\s*")
_TEXTS = {
    ("title",): "title",
    ("title_detail", "value"): "title",
    ("description",): "summary",
    ("summary",): "summary",
    ("summary_detail", "value"): "summary",
    ("content", 0, "value"): "content",
}
_DIV = re.compile(r"^<div>|</div>$")
UNLIKE = {
    "wellformed/atom10/entry_category_term.xml": "the label of a category is for people, not its term",
    "wellformed/atom10/entry_category_term_non_ascii.xml": "the same",
    "wellformed/rss/item_description_not_a_doctype.xml": "feedparser's cleaning is off, and escapes a stray sign",
    "wellformed/sanitize/item_content_encoded_script_nested_cdata.xml": "the marks of a CDATA section in another go",
}
"""The tests whose expectation of an article is not met, and why not."""


def parse(name: str, data: bytes) -> tuple[FeedContents, list[Expectation]]:
    text = decode_feed(data, "").text
    base = header_of(text, "Content-Location") or "http://127.0.0.1:8097/"
    return parse_contents(data, header_of(text, "Content-type"), base), expectations_in(text)


def cleaned(text: str, base: str, kind: str = "text/html") -> str:
    return str(_sanitize_html(resolve_relative_uris(text, base, "utf-8", kind), "utf-8", kind))


def texts(entry: FeedEntry, field: str) -> Iterator[str]:
    """Yield what a text of an entry is, and is after cleaning; a content stands in for a summary, and the reverse."""
    for name in (field, "content", "summary") if field != "title" else (field,):
        text = getattr(entry, name)
        yield text
        yield cleaned(text, entry.base)
        yield cleaned(text, entry.base, "application/xhtml+xml")


def without_div(text: Any) -> Any:
    """Return a text without the div around it, which is no part of XHTML in Atom."""
    return _DIV.sub("", text).strip() if isinstance(text, str) else text


def is_met(entry: FeedEntry, path: tuple[str | int, ...], value: Any) -> bool | None:
    """Whether an expectation of an entry is met, None if it is not of what an article is made of."""
    if path in _TEXTS:
        return any(text == value or without_div(text) == without_div(value) for text in texts(entry, _TEXTS[path]))
    match path:
        case ("link",):
            return value in (entry.link, absolute_address(entry.base, entry.link))
        case ("links", int() as number, "href"):
            return bool(len(entry.links) > number and entry.links[number].href == value)
        case ("id",) | ("guid",):
            return value in (entry.guid, absolute_address(entry.base, entry.guid))
        case ("author",) | ("author_detail", "name") | ("authors", 0, "name"):
            return bool(entry.authors) and entry.authors[0] in (value, _MAIL.sub("", value))
        case ("authors", int() as number, "name"):
            return bool(len(entry.authors) > number and entry.authors[number] == value)
        case ("published",) | ("updated",) | ("created",) | ("modified",) | ("date",) | ("issued",):
            return value in (entry.published, entry.updated)
        case ("published_parsed",) | ("updated_parsed",) | ("created_parsed",) | ("modified_parsed",):
            moment = datetime.fromtimestamp(timegm(value), UTC) if value else None
            return moment in (entry.published_at, entry.updated_at)
        case ("tags", int() as number, "term" | "label"):
            return len(entry.categories) > number and value in entry.categories
        case ("category",):
            return value in entry.categories
        case ("source", "title") | ("source", "title_detail", "value"):
            return value in (entry.source_title, cleaned(entry.source_title, entry.base))
        case _:
            return None


def test_what_well_formed_feeds_say_of_articles_is_read() -> None:
    met = 0
    missed: dict[str, str] = {}
    for name, data in feedparser_tests("wellformed").items():
        contents, expectations = parse(name, data)
        for expected in expectations:
            if expected.operator != "==" or expected.path[:1] != ("entries",) or not isinstance(expected.path[1], int):
                continue
            if len(contents.entries) <= expected.path[1]:
                missed[name] = f"{expected}: there is no such entry, {contents.problems}, {contents.fault}"
                continue
            entry = contents.entries[expected.path[1]]
            answer = is_met(entry, expected.path[2:], expected.value)
            if answer is False:
                missed[name] = (
                    f"{expected.path[2:]} is {expected.value!r}, not {entry!r} {entry.summary!r} {entry.content!r}"
                )
            elif answer:
                met += 1
    print(f"feedparser: {met} of {met + len(missed)} expectations of articles met")
    assert missed.keys() == UNLIKE.keys(), [(name, missed[name]) for name in missed.keys() - UNLIKE.keys()]
    assert met + len(missed) >= 900
    assert met >= 0.98 * (met + len(missed))


NO_PROBLEM = {
    "encoding/bozo_http_i18n.xml": "text/xml without a charset is no longer US-ASCII (RFC 7303, 3.6 and C.1)",
    "encoding/bozo_double-encoded-html.xml": "names of characters are taken for what they mean",
    "illformed/always_strip_doctype.xml": "nothing is wrong with it",
}
"""What feedparser calls broken or the reverse, and why it is not here."""


def test_encodings_are_found_out() -> None:
    read = 0
    for name, data in feedparser_tests("encoding").items():
        text = decode_feed(data, "").text
        decoded = decode_feed(data, header_of(text, "Content-type"))
        contents, expectations = parse(name, data)
        assert contents.kind is not FeedKind.NONE, name
        expression = expression_of(text)
        if expression.startswith("bozo") and name not in NO_PROBLEM:
            assert contents.problems, name
        for expected in expectations:
            match expected.path:
                case ("encoding",):
                    assert decoded.text == data.decode(expected.value).removeprefix("\ufeff"), name
                case ("feed", "title"):
                    assert contents.title == expected.value, name
                case ("ord", "entries", 0, "description"):
                    assert contents.entries[0].summary == chr(expected.value), name
                case ("entries", 0, "description") if name != "encoding/demoronize-3.xml":
                    assert contents.entries[0].summary == expected.value, name
                case ("entries", 0, "summary") if name != "encoding/bozo_linenoise.xml":
                    assert contents.entries[0].summary == expected.value, name
        read += 1
    print(f"feedparser: {read} of 82 encodings read")
    assert read == 82


def test_the_odd_encodings_are_read_as_they_can_be() -> None:
    files = feedparser_tests("encoding")
    escaped, _ = parse("demoronize-3", files["encoding/demoronize-3.xml"])
    # The reader of articles reads the reference as browsers do.
    assert escaped.entries[0].summary == "don&#146;t"
    noise, _ = parse("bozo_linenoise", files["encoding/bozo_linenoise.xml"])
    # It is no text in any encoding; feedparser takes the last of those that it tries, ISO 8859-2.
    assert noise.entries[0].summary.startswith("\xe2\u20ac\u2122<>\xe2\u20ac")


def test_entities_are_characters() -> None:
    files = feedparser_tests("entities")
    read = 0
    for name, data in files.items():
        contents, expectations = parse(name, data)
        for expected in expectations:
            if expected.path == ("feed", "title") and expected.operator == "==":
                # HTML 5 has other brackets by these names than HTML 4.
                value = expected.value.translate({0x2329: 0x27E8, 0x232A: 0x27E9})
                assert contents.title == " ".join(value.split()), name
                read += 1
    print(f"feedparser: {read} of {len(files)} entities read")
    assert len(files) == 256
    assert read >= 250


def test_what_is_broken_is_read_with_a_clear_problem() -> None:
    files = feedparser_tests("illformed")
    for name, data in files.items():
        contents, _ = parse(name, data)
        words = contents.fault.words if contents.fault else " ".join(contents.problems)
        if "bozo" in expression_of(decode_feed(data, "").text).replace("not bozo", "") and name not in NO_PROBLEM:
            assert words, name
        assert "\n" not in words
    assert len(files) == 19


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("big5", "big5hkscs"), ("eucjp", "euc_jp"), ("euckr", "cp949"), ("gb2312", "gb18030"), ("koi8r", "koi8-r"),
        ("shiftjis", "cp932"), ("tis620", "cp874"), ("windows1255", "windows-1255"),
    ],
)  # fmt: skip
def test_encodings_of_which_nobody_says_anything_are_guessed(name: str, encoding: str) -> None:
    data = feedparser_tests("illformed/chardet")[f"illformed/chardet/{name}.xml"]
    assert decode_feed(data, "").encoding == encoding
