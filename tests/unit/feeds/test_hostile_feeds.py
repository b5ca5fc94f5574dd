"""Feeds that would cost too much, reach for what is not theirs, or are broken: a clear problem, and what can be had."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.model.feed import FeedKind, FeedTrouble
from digests.origins.feed.contents import FeedBounds, FeedContents
from digests.origins.feed.parsing import parse_contents

ITEM = "<item><title>Title</title><link>https://example.org/1</link></item>"
LARGEST = 5 * 1024 * 1024
PATIENCE = 15.0
"""Seconds of this process's own time; such a feed takes two at most, and one that backtracks takes hours."""


def rss(inside: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel>{inside}</channel></rss>'


def parse(document: str, bounds: FeedBounds | None = None) -> FeedContents:
    start = time.process_time()
    contents = parse_contents(
        document.encode("utf-8", "replace"), "application/xml", "https://example.org/feed", bounds
    )
    assert time.process_time() - start < PATIENCE
    return contents


def test_entities_of_entities_are_left_out() -> None:
    entities = '<!ENTITY lol "lol">' + "".join(
        f'<!ENTITY lol{level} "{f"&lol{level - 1 or str()};" * 10}">' for level in range(1, 10)
    )
    contents = parse(rss(f"<item><title>&lol9;</title></item>{ITEM}", f"<!DOCTYPE lolz [{entities}]>"))
    assert [entry.title for entry in contents.entries] == ["&lol9;", "Title"]
    assert "It declares entities of entities; they are left out." in contents.problems


def test_one_entity_many_times_is_left_out() -> None:
    doctype = f'<!DOCTYPE x [<!ENTITY a "{"a" * 1_900}">]>'
    contents = parse(rss(f"<item><title>{'&a;' * 100_000}</title></item>", doctype))
    assert len(contents.entries[0].title) < 1_000_000
    assert "It declares entities that would make it too large; they are left out." in contents.problems


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY secret PUBLIC "x" "http://169.254.169.254/">]>',
        "<!DOCTYPE x [<!ENTITY % load SYSTEM 'http://127.0.0.1/x.dtd'> %load; <!ENTITY secret 'x'>]>",
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd" [<!ENTITY secret SYSTEM "gopher://127.0.0.1/">]>',
    ],
)
def test_nothing_outside_is_reached_for(doctype: str) -> None:
    contents = parse(rss(f"<item><title>a&secret;b</title></item>{ITEM}", doctype))
    assert contents.entries[0].title in ("a&secret;b", "axb")
    assert contents.entries[1].title == "Title"
    assert any("outside of itself" in problem for problem in contents.problems)


def test_a_document_type_elsewhere_is_not_fetched() -> None:
    contents = parse(rss(ITEM, '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/evil.dtd">'))
    assert contents.problems == ("It refers to a document type elsewhere, which is not fetched.",)
    usual = (
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    assert parse(rss(ITEM, usual)).problems == ()


def test_entities_of_plain_text_are_kept() -> None:
    doctype = (
        "<!DOCTYPE rss [<!ENTITY copyright \"(C)\"> <!ENTITY dash '&#8212;'> <!-- > ] --> <!ENTITY q 'say \"x\"'>]>"
    )
    contents = parse(rss("<item><title>&copyright; &dash; &q;</title></item>", doctype))
    assert contents.entries[0].title == '(C) — say "x"'
    assert contents.problems == ()


@pytest.mark.parametrize("inside", ["<a>" * 200_000, "<a>" * 200_000 + "</a>" * 200_000])
def test_elements_lie_no_deeper_than_is_read(inside: str) -> None:
    contents = parse(rss(ITEM + inside))
    assert len(contents.entries) == 1
    assert any("deep" in problem for problem in contents.problems)
    markup = parse(rss(f"<item><description>{inside}</description></item>"))
    assert any("deep" in problem for problem in markup.problems)


def test_the_first_items_are_read_of_many() -> None:
    contents = parse(rss(ITEM * 5_000))
    assert len(contents.entries) == 2_000
    assert contents.problems == ("It has more than 2,000 items; the first 2,000 are read.",)
    assert parse(rss(ITEM * 2_000)).problems == ()
    broken = parse(rss(ITEM * 5_000 + "<b>"))
    assert len(broken.entries) == 2_000


def test_bounds_hold() -> None:
    bounds = FeedBounds(bytes=10_000, items=3, depth=10, text=50)
    too_large = parse(rss("x" * 10_000), bounds)
    assert too_large.fault is not None
    assert too_large.fault.trouble is FeedTrouble.TOO_LARGE
    contents = parse(rss(f"<item><title>{'t' * 99}</title><description>{'d' * 99}</description></item>" * 9), bounds)
    assert [(len(entry.title), len(entry.summary)) for entry in contents.entries] == [(50, 50)] * 3


SIGNS = [
    *("<", "&", "<!", "[", " ", "<a", "<a '", '<a "', "<![CDATA[", "]]>", "<!--", "<?", "<!DOCTYPE", "&#", "&a;", "</"),
    *("<b>", "<br>", "<item>", "<link/>", "<title>", "<author>", "<a b=c", "<svg>"),
    *("\x00", "\x01", "\n", "a", "a@", "=", "{", '"'),
]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_again_and_again_takes_no_time(sign: str) -> None:
    many = sign * (400_000 // len(sign))
    for document in (
        many,
        rss(f"<item><title>t</title>{many}"),
        rss(f"<item><description>{many}</description></item>"),
    ):
        parse(document)


@pytest.mark.parametrize(
    "inside",
    [
        f"<item><author>{'a' * LARGEST}"[: LARGEST - 200],
        "<item>" + "".join(f"<category>{number}</category>" for number in range(100_000)) + "</item>",
        '<item xml:base="http://example.org/' + "a" * 1_000_000 + '">' + "<a/>" * 100_000 + "</item>",
        "<item "
        + " ".join(f'xmlns:a{number}="u{number}"' for number in range(40_000))
        + ">"
        + "<a1:b/>" * 100_000
        + "</item>",
        "<item>" + "<link>x</link>" * 50_000 + "</item>",
        "<item><pubDate>" + "1 " * 1_000_000 + "</pubDate></item>",
    ],
)
def test_what_takes_the_square_of_its_length_elsewhere_does_not_here(inside: str) -> None:
    contents = parse(rss(inside))
    assert contents.kind is FeedKind.RSS
    assert len(contents.entries) == 1
    assert len(contents.entries[0].categories) <= 200


@pytest.mark.parametrize(
    ("inside", "title", "words"),
    [
        ("<item><title>Tom & Jerry</title></item>", "Tom & Jerry", "invalid token"),
        ("<item><title>a &nbsp; b&hellip;</title></item>", "a \xa0 b…", "undefined entity"),
        ("<item><title>a\x00b\x0bc</title></item>", "abc", "invalid token"),
        ("<item><title>1 < 2 &#0; &#xD800;3</title></item>", "1 < 2  3", "invalid token"),
        ("<item><media:title>Prefix</media:title></item>", "Prefix", "unbound prefix"),
        ("<item><title>Title</title><description><p>one<br>two</description></item>", "Title", "mismatched tag"),
        ("<item><title>a &nbsp; & b\x01</title><b></item>", "a \xa0 & b", "undefined entity"),
        ("<item a=1><title>Title</title></item>", "Title", "invalid token"),
        ('<item a="1" a="2"><title>Title</title></item>', "Title", "duplicate attribute"),
        ("<item><title>&unknown; &copy</title></item>", "&unknown; &copy", "undefined entity"),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_mended(inside: str, title: str, words: str) -> None:
    contents = parse(rss(f"\n{inside}\n{ITEM}"))
    assert [entry.title for entry in contents.entries] == [title, "Title"]
    assert len(contents.problems) == 1
    assert words in contents.problems[0]
    assert "on line 2" in contents.problems[0]


def test_what_is_cut_off_is_read_without_its_half_item() -> None:
    whole = rss(ITEM + ITEM.replace("Title", "Second") + "<item><title>Third</title><description>beginning of")
    for document in (whole[:-16], whole.replace("</channel></rss>", ""), rss(ITEM + "<item><title><![CDATA[x")[:-16]):
        contents = parse(document)
        assert [entry.title for entry in contents.entries][:2] == ["Title", "Second"][: len(contents.entries)]
        assert "Third" not in [entry.title for entry in contents.entries]
        assert any(
            problem.startswith("It is cut off on line 1. The last item is left out") for problem in contents.problems
        )
    only = parse("<rss><channel><item><title>Only</title><description>beginning")
    assert [entry.title for entry in only.entries] == ["Only"]


def test_what_stands_before_and_behind_is_left_out() -> None:
    before = parse(f"<br />\n<b>Warning</b>: Cannot modify header\n\n{rss(ITEM)}")
    assert len(before.entries) == 1
    assert before.problems == ("Something stands before its XML declaration; it is left out.",)
    behind = parse(f"{rss(ITEM)}\n<script>track()</script>")
    assert len(behind.entries) == 1
    assert behind.problems == ("Something stands behind its end on line 2; it is left out.",)
    assert parse(f"\n \ufeff{rss(ITEM)}<!-- cached -->").problems == ()


def test_a_declaration_in_an_item_is_no_beginning() -> None:
    contents = parse(
        f"<rss><channel>{ITEM}<item><title><![CDATA[<?xml version='1.0'?>]]></title></item></channel></rss>"
    )
    assert [entry.title for entry in contents.entries] == ["Title", "<?xml version='1.0'?>"]


def test_lost_elements_are_told() -> None:
    chapters = "<psc:chapters><psc:chapter/></psc:chapters>"
    contents = parse(rss(f'<item xmlns:psc="http://podlove.org/simple-chapters">{chapters}<title>Title</title></item>'))
    assert [entry.title for entry in contents.entries] == ["Title"]
    assert contents.problems == ("Some elements could not be read: psc:chapter.",)


@given(st.binary(max_size=300))
def test_nothing_raises_on_bytes(data: bytes) -> None:
    assert isinstance(parse_contents(data, "", ""), FeedContents)


NAMES = """
rss channel item title feed entry content div svg link image url source author name media:thumbnail
media:credit textinput category itunes:image georss:point where gml:Point guid media:rating
media:restriction cloud tags newLocation dcterms:valid itunes:explicit media:group media:content
media:license itunes:owner psc:chapter enclosure generator
"""
PIECES = [
    *(f"<{name}>" for name in NAMES.split()),
    *(f"</{name}>" for name in NAMES.split()),
    *(f"<{name} href='x' type='xhtml' xml:base='y'/>" for name in NAMES.split()),
    *(
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<content type='html'>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&amp;",
    ),
    *("&x;", "&#", "x", "<?x", "?>", '{"items": [', '{"id": 1}', "]}", "\x00", "\ud800", "start=1", "1 2"),
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_nothing_raises_on_pieces_of_feeds(pieces: list[str]) -> None:
    for document in ("".join(pieces), rss("<item>" + "".join(pieces))):
        contents = parse_contents(document.encode("utf-8", "replace"), "text/xml", "https://example.org/")
        assert (contents.fault is None) == (contents.kind is not FeedKind.NONE)


VALID = rss(
    f"<title>t</title>{ITEM}<item><guid>g</guid><description><![CDATA[<p>x</p>]]></description>"
    "<pubDate>Wed, 25 Nov 2026 10:00:00 GMT</pubDate><enclosure url='a' type='image/png'/></item>"
)


@settings(max_examples=300)
@given(st.integers(0, len(VALID)), st.integers(0, 20), st.text(max_size=5))
def test_nothing_raises_on_changes_of_a_valid_feed(start: int, length: int, new: str) -> None:
    changed = VALID[:start] + new + VALID[start + length :]
    contents = parse_contents(changed.encode("utf-8", "replace"), "", "")
    assert len(contents.entries) <= 4


def test_attributes_without_end_take_no_time() -> None:
    attributes = " ".join(f'a{number}="x"' for number in range(200_000))
    contents = parse(rss(f"<item><title>Kept</title><link {attributes}>https://example.org/1</link></item>{ITEM}"))
    assert [(entry.title, entry.link) for entry in contents.entries] == [
        ("Kept", "https://example.org/1"),
        ("Title", "https://example.org/1"),
    ]


@pytest.mark.parametrize("sign", ["", "& <"])
def test_elements_full_of_attributes_take_no_time(sign: str) -> None:
    attributes = " ".join(f'a{number}="x"' for number in range(49))
    contents = parse(rss(f"<item><title>Kept{sign}</title>" + f"<x {attributes}/>" * 10_000 + "</item>"))
    assert contents.entries[0].title.startswith("Kept")
