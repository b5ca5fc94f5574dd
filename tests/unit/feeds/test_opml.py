"""OPML files: what other programs export, what people made of it, and what somebody wrote to do harm."""

from __future__ import annotations

import contextlib
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.articles.text import one_line
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.origins.feed.opml import MOST_BYTES, OpmlFeed, read_opml
from digests.origins.feed.opml_writing import write_opml
from digests.origins.feed.outlines import MOST_LEVELS, MOST_OUTLINES
from tests.factories.times import NOW

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">'


def opml(body: str, head: str = "") -> bytes:
    return f"{HEAD}<head>{head}</head><body>{body}</body></opml>".encode()


def feeds_of(body: str | bytes) -> list[tuple[str, str, tuple[str, ...]]]:
    found = read_opml(opml(body) if isinstance(body, str) else body).feeds
    return [(feed.url, feed.title, feed.category) for feed in found]


def refused(data: bytes) -> FeedRefused:
    with pytest.raises(FeedRefused) as error:
        read_opml(data)
    assert str(error.value).endswith(".")
    return error.value


def test_folders_are_categories() -> None:
    body = """
      <outline text="新闻" title="新闻">
        <outline text="36氪" title="36氪">
          <outline type="rss" text="快讯" title="快讯" xmlUrl="https://36kr.example/feed" htmlUrl="https://36kr.example"/>
        </outline>
        <outline type="rss" text="Solidot" xmlUrl="https://solidot.example/index.rss"></outline>
      </outline>
      <outline type="atom" title="Alone" XMLURL="https://alone.example/a?b=1&amp;c=2"/>
    """
    found = read_opml(opml(body, "<title>Mine &amp; yours</title>"))
    assert found.title == "Mine & yours"
    assert [(feed.title, feed.category) for feed in found.feeds] == [
        ("快讯", ("新闻", "36氪")),
        ("Solidot", ("新闻",)),
        ("Alone", ()),
    ]
    assert found.feeds[0].link == "https://36kr.example/"
    assert found.feeds[2].url == "https://alone.example/a?b=1&c=2"
    assert (found.doubles, found.refused, found.problems) == (0, (), ())


def test_the_attribute_category_counts_where_there_is_no_folder() -> None:
    body = """<outline xmlUrl="https://a.example/f" category="/Boston/Weather,/Harvard/Berkman,/Politics"/>
      <outline text="Folder"><outline xmlUrl="https://b.example/f" category="tech"/></outline>
      <outline xmlUrl="https://c.example/f" category="tech"/>"""
    assert [category for _, _, category in feeds_of(body)] == [("Boston", "Weather"), ("Folder",), ("tech",)]


@pytest.mark.parametrize(
    "outline",
    [
        '<outline xmlUrl="https://a.example/f"/>',
        "<outline xmlUrl='https://a.example/f'/>",
        '<OUTLINE XMLURL="HTTPS://A.example:443/f#top"/>',
        '<outline xmlurl = "https://a.example/f" ></outline>',
        '<outline text="x" feedUrl="https://a.example/f"/>',
        '<outline type="rss" url="https://a.example/f"/>',
        '<opml:outline xmlUrl="https://a.example/f"/>',
        '<outline xmlUrl="feed://a.example/f"/>',
        '<outline xmlUrl="feed:https://a.example/f"/>',
        '<outline xmlUrl="a.example/f"/>',
        '<outline xmlUrl=" https://a.example/f\n"/>',
        '<outline\n\txmlUrl="https://a.example/f"\n/>',
        "<outline xmlUrl=https://a.example/f/ >".replace("f/ ", "f "),
        '<outline text="unclosed xmlUrl="https://a.example/f"/>',
        '<outline text=""Quoted" title" xmlUrl="https://a.example/f"/>',
        '<outline text="A <b>bold</b> title" xmlUrl="https://a.example/f"/>',
        '<outline text="3 > 2" xmlUrl="https://a.example/f">',
        '<outline text="a"xmlUrl="https://a.example/f"/>',
        '<outline xmlUrl="" xmlUrl="https://a.example/f"/>',
        '<!-- <outline xmlUrl="https://no.example/"/> --><outline xmlUrl="https://a.example/f"/>',
        '<![CDATA[<outline xmlUrl="https://no.example/"/>]]><outline xmlUrl="https://a.example/f"/>',
    ],
)
def test_every_way_to_write_a_feed_is_read(outline: str) -> None:
    assert [url for url, _, _ in feeds_of(outline)] == ["https://a.example/f"]


def test_bare_ampersands_and_quote_marks_are_what_they_mean() -> None:
    body = """<outline text="Tom & Jerry's "show" &lt;3 &nbsp;&copy; &#x4f60;&#22909;"
        xmlUrl="https://a.example/f?a=1&b=2&copy=3&amp;d=4"/>"""
    assert feeds_of(body) == [("https://a.example/f?a=1&b=2&copy=3&d=4", 'Tom & Jerry\'s "show" <3 © 你好', ())]


def test_a_file_that_breaks_off_keeps_what_it_has() -> None:
    whole = opml('<outline text="F"><outline xmlUrl="https://a.example/f"/><outline xmlUrl="https://b.example/f"/>')
    found = read_opml(whole[: whole.index(b"</body>")])
    assert [feed.category for feed in found.feeds] == [("F",), ("F",)]
    assert len(found.problems) == 1
    cut = read_opml(whole[: whole.index(b'f"/></body>') + 1])
    assert [feed.url for feed in cut.feeds] == ["https://a.example/f", "https://b.example/f"]


def test_feeds_that_nobody_closed_are_no_folders() -> None:
    body = """<outline text="One"><outline xmlUrl="https://a.example/1"><outline xmlUrl="https://a.example/2"></outline>
      <outline text="Two"><outline xmlUrl="https://a.example/3"></outline>"""
    assert [category for _, _, category in feeds_of(body)] == [("One",), ("One",), ("Two",)]


def test_a_feed_with_others_below_it_is_no_folder() -> None:
    body = '<outline text="A" xmlUrl="https://a.example/1"><outline xmlUrl="https://a.example/2"/></outline>'
    assert [category for _, _, category in feeds_of(body)] == [(), ()]


def test_doubles_are_counted_and_keep_the_folder() -> None:
    body = """<outline xmlUrl="https://a.example/f"/><outline text="F">
      <outline text="Title" xmlUrl="HTTPS://a.example:443/f"/></outline>"""
    found = read_opml(opml(body))
    assert found.feeds == (OpmlFeed("https://a.example/f", "Title", ("F",)),)
    assert found.doubles == 1


@pytest.mark.parametrize(
    ("outline", "reason", "shown"),
    [
        ('xmlUrl="file:///etc/passwd"', FeedRefusal.NOT_WEB, "file:///etc/passwd"),
        ('xmlUrl="gopher://a.example/1"', FeedRefusal.NOT_WEB, "gopher://a.example/1"),
        ('xmlUrl="javascript:alert(1)"', FeedRefusal.NOT_WEB, "javascript:alert(1)"),
        ('xmlUrl="https://me:pa/ss@a.example/f"', FeedRefusal.NOT_WEB, "https://********@a.example/f"),
        ('xmlUrl="https://me:pass@a.example/f"', FeedRefusal.HAS_PASSWORD, "https://********@a.example/f"),
        ('xmlUrl="me:pass@a.example/f"', FeedRefusal.HAS_PASSWORD, "********@a.example/f"),
        ('xmlUrl="https://token@a.example/f"', FeedRefusal.HAS_PASSWORD, "https://********@a.example/f"),
        ('xmlUrl="https:///nohost"', FeedRefusal.NOT_WEB, "https:///nohost"),
        ('xmlUrl="https://a.example:99999/f"', FeedRefusal.NOT_WEB, "https://a.example:99999/f"),
        ('xmlUrl="https://a.example/two words"', FeedRefusal.NOT_WEB, "https://a.example/twowords"),
        ('type="rss" htmlUrl="https://a.example/"', FeedRefusal.NO_FEED, "https://a.example/"),
        ('type="link" url="https://a.example/page.html"', FeedRefusal.NO_FEED, "https://a.example/page.html"),
        ('type="link" url="https://a.example/me.opml"', FeedRefusal.OTHER_LIST, "https://a.example/me.opml"),
        ('type="include" url="https://a.example/x"', FeedRefusal.OTHER_LIST, "https://a.example/x"),
    ],
)
def test_what_can_not_be_used_is_named_with_its_reason(outline: str, reason: FeedRefusal, shown: str) -> None:
    found = read_opml(opml(f'<outline text="T" {outline}/>'))
    assert [(each.title, each.address, each.reason) for each in found.refused] == [("T", shown, reason)]
    assert found.feeds == ()


def test_exports_of_known_programs_are_read() -> None:
    fresh = """<outline text="News" frss:opmlUrl="https://list.example/opml">
        <outline text="A" type="rss" xmlUrl="https://a.example/f" htmlUrl="https://a.example/" description=""
          frss:cssFullContent="article" frss:xmlUrl="x" frss:priority="main"/>
        <outline text="Scraped" type="HTML+XPath" xmlUrl="https://b.example/" frss:xPathItem="//a[&quot;x&quot;]"/>
      </outline>"""
    podcasts = '<outline type="rss" text="P" description="a &lt;b&gt; c" xmlUrl="https://p.example/f" version="RSS2"/>'
    notes = '<outline text="&lt;a href=&quot;https://n.example/&quot;&gt;A note&lt;/a&gt;" isComment="true"/>'
    found = read_opml(opml(fresh + podcasts + notes))
    assert [(feed.url, feed.category) for feed in found.feeds] == [
        ("https://a.example/f", ("News",)),
        ("https://p.example/f", ()),
    ]
    assert [(each.title, each.reason) for each in found.refused] == [("Scraped", FeedRefusal.NO_FEED)]
    assert found.problems == ()


def test_an_address_that_is_too_long_is_refused_and_cut_where_it_is_shown() -> None:
    (each,) = read_opml(opml(f'<outline xmlUrl="https://a.example/{"x" * 10_000}"/>')).refused
    assert each.reason is FeedRefusal.TOO_LONG
    assert len(each.address) == 201


def test_folders_and_notes_are_nothing_to_tell_of() -> None:
    found = read_opml(
        opml('<outline text="Empty"/><outline text="F"></outline><outline xmlUrl="https://a.example/f"/>')
    )
    assert (len(found.feeds), found.refused) == (1, ())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"hello", "no OPML"),
        (b"<rss version='2.0'><channel/></rss>", "a feed itself"),
        (b"<!doctype html><html><body>x</body></html>", "a web page"),
        (opml(""), "no feed"),
        (opml('<outline text="Only"/>'), "no feed"),
        (bytes(range(256)) * 10, "no OPML"),
    ],
)
def test_another_file_is_refused_with_what_it_is(data: bytes, words: str) -> None:
    error = refused(data)
    assert error.reason is FeedRefusal.NOT_OPML
    assert words in str(error)


LAUGHS = '<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
XXE = '<!DOCTYPE opml [\n<!ENTITY x SYSTEM "file:///etc/passwd">\n]>'


@pytest.mark.parametrize("doctype", [LAUGHS, XXE, XXE.lower(), '<!DOCTYPE opml [<!ENTITY % p SYSTEM "http://a/">%p;]>'])
def test_a_file_with_entities_of_its_own_is_not_read(doctype: str) -> None:
    error = refused(f'{doctype}<opml><body><outline text="&b;" xmlUrl="https://a.example/&x;"/></body></opml>'.encode())
    assert "entities" in str(error)


def test_a_document_type_alone_does_no_harm() -> None:
    data = b'<!DOCTYPE opml SYSTEM "http://a.example/opml.dtd"><opml><outline xmlUrl="https://a.example/f"/></opml>'
    assert len(read_opml(data).feeds) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="{}"?><opml><body><outline text="科技新聞網" xmlUrl="https://a.example/f"/></body></opml>'
    data = text.format(encoding.removesuffix("-sig")).encode(encoding)
    assert feeds_of(data) == [("https://a.example/f", "科技新聞網", ())]


def within_seconds(data: bytes, seconds: float) -> None:
    """Hold the time that reading takes, by the processor, against a bound that only another order of growth breaks."""
    began = process_time()
    with contextlib.suppress(FeedRefused):
        read_opml(data)
    assert process_time() - began < seconds


def test_a_hundred_thousand_outlines_take_a_moment() -> None:
    body = "".join(
        f'<outline type="rss" text="Feed &amp; {number}" title="Feed {number}" xmlUrl="https://s{number}.example/feed.xml"/>\n'
        for number in range(MOST_OUTLINES)
    )
    began = process_time()
    assert len(read_opml(opml(body)).feeds) == MOST_OUTLINES
    assert process_time() - began < 15
    assert refused(opml(f'{body}<outline text="more"/>')).reason is FeedRefusal.TOO_LARGE


def test_a_hundred_thousand_nested_folders_are_eight_levels() -> None:
    deep = MOST_OUTLINES - 1
    body = '<outline text="x">' * deep + '<outline xmlUrl="https://a.example/f"/>' + "</outline>" * deep
    assert feeds_of(body) == [("https://a.example/f", "", ("x",) * MOST_LEVELS)]


@pytest.mark.parametrize(
    "piece",
    [
        '<outline text="',
        "<outline ",
        "<outline a",
        "<outline a=",
        '<outline " ',
        "<!--",
        "<![CDATA[",
        "<!DOCTYPE ",
        "<",
        "< ",
        "<a",
        "a",
        '"',
        '" ',
        '" a',
        '" a=',
        "&",
        "&#",
        "\0",
        "</outline>",
        "<?xml ",
    ],
)
def test_nothing_takes_longer_than_it_is_long(piece: str) -> None:
    size = 500_000
    data = piece * (size // len(piece))
    within_seconds(data.encode(), 15)
    within_seconds(f'<opml><outline {data} xmlUrl="https://a.example/f"/>'.encode(), 15)
    within_seconds(f'<opml><outline text="{data} xmlUrl=https://a.example/f/>'.encode(), 15)


def test_a_file_of_more_than_20_mb_is_not_read() -> None:
    assert refused(b" " * (MOST_BYTES + 1)).reason is FeedRefusal.TOO_LARGE


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"<opml>{text}".encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(FeedRefused):
        assert read_opml(data).feeds is not None


names = st.text(max_size=40).map(lambda text: one_line(text)[:100].strip()).filter(bool)
listed = st.builds(
    OpmlFeed,
    url=st.integers(0, 30).map(lambda number: f"https://s{number}.example/feed?a={number}&b=<\"'>&c"),
    title=st.text(max_size=60),
    category=st.lists(names, max_size=MOST_LEVELS).map(tuple),
    link=st.sampled_from(["", "https://a.example/?a=1&b=2"]),
)


@settings(deadline=None)
@given(st.lists(listed, max_size=12, unique_by=lambda feed: feed.url), st.text(max_size=20))
def test_what_is_exported_is_imported_again(feeds: list[OpmlFeed], title: str) -> None:
    data = write_opml(feeds, title, NOW)
    if not feeds:
        assert refused(data).reason is FeedRefusal.NOT_OPML
        return
    found = read_opml(data)
    assert found.title == one_line(title)
    assert (found.doubles, found.refused, found.problems) == (0, (), ())
    expected = {(feed.url, one_line(feed.title), feed.category, feed.link) for feed in feeds}
    assert {(feed.url, feed.title, feed.category, feed.link) for feed in found.feeds} == expected
