"""RSS, RDF, CDF and Atom: every element under the name that it has, as it is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digests.model.feed import FeedKind
from digests.origins.feed.contents import EntryLink, FeedContents, FeedEntry
from digests.origins.feed.parsing import parse_contents

NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)
ADDRESS = "https://feeds.example.org/news/rss.xml"


def parse(document: str, address: str = ADDRESS) -> FeedContents:
    return parse_contents(document.encode(), "application/xml", address)


def rss(item: str, channel: str = "") -> FeedContents:
    return parse(
        f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel>{channel}<item>{item}</item></channel></rss>'
    )


def item(markup: str, channel: str = "") -> FeedEntry:
    contents = rss(markup, channel)
    assert contents.fault is None
    assert contents.problems == ()
    (entry,) = contents.entries
    return entry


def atom(markup: str, feed: str = "", attributes: str = "") -> FeedEntry:
    contents = parse(f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{feed}<entry>{markup}</entry></feed>')
    assert contents.kind is FeedKind.ATOM
    assert contents.problems == ()
    (entry,) = contents.entries
    return entry


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ('<rss version="0.91"><channel><title>t</title></channel></rss>', FeedKind.RSS),
        ("<rss><channel/></rss>", FeedKind.RSS),
        ('<RSS version="2.0"><channel><title>t</title></channel></RSS>', FeedKind.RSS),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            '<channel rdf:about="https://example.org/"><title>t</title></channel></rdf:RDF>',
            FeedKind.RDF,
        ),
        ("<channel><title>t</title></channel>", FeedKind.RSS),
        ('<CHANNEL HREF="https://example.org/"><TITLE>t</TITLE></CHANNEL>', FeedKind.CDF),
        ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>t</title></feed>', FeedKind.ATOM),
        ('<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>t</a:title></a:feed>', FeedKind.ATOM),
    ],
)
def test_kinds_are_told_by_the_first_element(document: str, kind: FeedKind) -> None:
    contents = parse(document)
    assert contents.kind is kind
    assert contents.fault is None


def test_an_rss_item_is_read() -> None:
    entry = item(
        "<title>Tom &amp; Jerry</title><link>https://example.org/1</link><guid isPermaLink='false'>id 1</guid>"
        "<pubDate>Wed, 25 Nov 2026 10:00:00 +0800</pubDate><author>tom@example.org (Tom)</author>"
        "<category>科技</category><category domain='x'>News</category><category>科技</category>"
        "<description>&lt;p&gt;Short&lt;/p&gt;</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>"
        "<source url='https://other.example/'>Other</source>"
    )
    assert (entry.title, entry.title_is_markup) == ("Tom & Jerry", False)
    assert (entry.link, entry.guid, entry.guid_is_link) == ("https://example.org/1", "id 1", False)
    assert entry.published == "Wed, 25 Nov 2026 10:00:00 +0800"
    assert entry.published_at == datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert entry.authors == ("Tom",)
    assert entry.categories == ("科技", "News")
    assert (entry.summary, entry.summary_is_markup) == ("<p>Short</p>", True)
    assert (entry.content, entry.content_is_markup) == ("<p>Long</p>", True)
    assert entry.source_title == "Other"


def test_an_atom_entry_is_read() -> None:
    entry = atom(
        '<id>tag:example.org,2026:1</id><title type="html">A &amp;lt;b&amp;gt; tag</title>'
        '<link href="/a" rel="alternate"/>'
        '<link rel="enclosure" type="audio/mpeg" href="a.mp3" title="Sound"/>'
        "<published>2026-11-25T10:00:00+08:00</published>"
        "<updated>2026-11-26</updated><author><name>王五</name><email>w@example.org</email></author>"
        '<author><name>Li</name></author><category term="t1" label="Label"/><category term="t2"/>'
        '<summary>plain &lt; text</summary><content type="xhtml">'
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>x &amp; y</p>'
        "</div></content><source><title>Elsewhere</title><id>s</id></source>",
        attributes='xml:lang="zh"',
    )
    assert entry.guid == "tag:example.org,2026:1"
    assert not entry.guid_is_link
    assert (entry.title, entry.title_is_markup) == ("A &lt;b&gt; tag", True)
    assert entry.link == "https://feeds.example.org/a"
    assert entry.links[1] == EntryLink("https://feeds.example.org/news/a.mp3", "enclosure", "audio/mpeg", "Sound")
    assert (entry.published, entry.updated) == ("2026-11-25T10:00:00+08:00", "2026-11-26")
    assert entry.authors == ("王五", "Li")
    assert entry.categories == ("Label", "t2")
    assert (entry.summary, entry.summary_is_markup) == ("plain < text", False)
    assert (entry.content, entry.content_is_markup) == ("<p>x &amp; y</p>", True)
    assert entry.language == "zh"
    assert entry.source_title == "Elsewhere"


def test_each_text_is_what_its_element_says() -> None:
    entry = item(
        "<media:description>m</media:description><description>d</description><itunes:summary>i</itunes:summary>"
    )
    assert (entry.summary, entry.content) == ("d", "")
    assert item("<content:encoded>c</content:encoded>").summary == ""
    assert item("<content:encoded>c</content:encoded>").content == "c"
    assert (
        item("<media:group><media:title>T</media:title><media:description>D</media:description></media:group>").title
        == "T"
    )
    both = item("<summary>short</summary><description>long</description>")
    assert (both.summary, both.content) == ("short", "long")
    assert item("<description>same</description><content:encoded>same</content:encoded>").summary == ""
    assert item("<dc:title>dc</dc:title><title>t</title>").title == "t"
    assert item("<dc:title>dc</dc:title>").title == "dc"
    assert item("<title>t</title><image><title>logo</title><url>https://e.org/i.png</url></image>").title == "t"


def test_an_empty_element_takes_nothing() -> None:
    entry = item(
        "<title>t</title><title/><pubDate>2026-11-25</pubDate><atom:published/>"
        "<description>d</description><description> </description>"
    )
    assert (entry.title, entry.published, entry.summary) == ("t", "2026-11-25", "d")


@pytest.mark.parametrize(
    ("markup", "published", "updated"),
    [
        ("<dc:date>2026-11-25</dc:date>", "2026-11-25", ""),
        ("<dc:date>1</dc:date><pubDate>2026年11月25日 10:00</pubDate>", "2026年11月25日 10:00", ""),
        ("<pubDate>1764036000</pubDate><atom:updated>2026</atom:updated>", "1764036000", "2026"),
        ("<atom:created>2026-01-01</atom:created>", "2026-01-01", ""),
        ("", "", ""),
    ],
)
def test_dates_are_kept_as_they_are_written(markup: str, published: str, updated: str) -> None:
    entry = item(markup)
    assert (entry.published, entry.updated) == (published, updated)


@pytest.mark.parametrize(
    ("guid", "link", "expected"),
    [
        ("<guid>https://example.org/g</guid>", "", ("https://example.org/g", True, "https://example.org/g")),
        ("<guid isPermaLink='TRUE'>https://example.org/g</guid>", "", ("https://example.org/g", True, "https://example.org/g")),
        ("<guid isPermaLink='false'>https://example.org/g</guid>", "", ("https://example.org/g", False, "")),
        ("<guid>42</guid>", "", ("42", False, "")),
        ("<guid>https://example.org/g</guid>", "<link>https://example.org/l</link>", ("https://example.org/g", True, "https://example.org/l")),
        ("<guid>javascript:alert(1)</guid>", "<link>javascript:alert(1)</link>", ("javascript:alert(1)", False, "")),
    ],
)  # fmt: skip
def test_a_guid_is_a_link_where_the_feed_says_so_and_it_looks_like_it(
    guid: str, link: str, expected: tuple[str, bool, str]
) -> None:
    entry = item(guid + link)
    assert (entry.guid, entry.guid_is_link, entry.link) == expected


def test_relative_addresses_are_resolved_against_the_nearest_base() -> None:
    channel = "<link>https://example.org/blog/</link>"
    assert item("<link>post/1</link>", channel).link == "https://example.org/blog/post/1"
    assert item("<link>/post/1</link>").link == "https://feeds.example.org/post/1"
    self_link = '<atom:link rel="self" href="https://own.example/feed"/>'
    assert item("<link>post</link>", self_link).link == "https://own.example/post"
    entry = atom(
        '<link href="x"/><content type="html">&lt;img src="a.png"&gt;</content>', attributes='xml:base="/deep/"'
    )
    assert (entry.link, entry.base) == ("https://feeds.example.org/deep/x", "https://feeds.example.org/deep/")
    nested = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry xml:base="https://a.example/"><link href="1"/></entry>'
        '<entry><link href="2"/><content xml:base="https://b.example/" type="html">x</content></entry></feed>'
    )
    assert [entry.link for entry in nested.entries] == ["https://a.example/1", "https://feeds.example.org/news/2"]
    assert nested.entries[1].base == "https://b.example/"
    broken = item("<link>https://example.org/a\n   b?x=1&amp;y=2</link>")
    assert broken.link == "https://example.org/ab?x=1&y=2"
    assert item("<link>http://[::1/x</link>").link == "http://[::1/x"


def test_the_alternate_page_is_the_link() -> None:
    entry = atom(
        '<link rel="self" href="/s"/><link rel="alternate" type="application/json" href="/j"/>'
        '<link rel="alternate" type="text/html" href="/h"/><link rel="related" href="/r"/>'
    )
    assert entry.link == "https://feeds.example.org/h"
    assert atom('<link rel="replies" href="/r"/>').link == ""
    assert (
        item("<link>https://e.org/1</link><atom:link rel='replies' href='https://e.org/2'/>").link == "https://e.org/1"
    )


@pytest.mark.parametrize(
    ("markup", "pictures"),
    [
        ("<media:thumbnail url='https://e.org/t.jpg'/>", ["t.jpg"]),
        ("<media:content medium='image' url='https://e.org/c'/>", ["c"]),
        ("<media:content type='image/png' url='https://e.org/c' width='100'/>"
         "<media:content url='https://e.org/big.jpg' width='900'/>"
         "<media:thumbnail url='https://e.org/t'/>", ["big.jpg", "c", "t"]),
        ("<media:content type='video/mp4' url='https://e.org/v.mp4'/>", []),
        ("<media:group><media:content url='https://e.org/v' medium='video'/><media:thumbnail url='https://e.org/t'/>"
         "</media:group>", ["t"]),
        ("<enclosure type='image/jpeg' url='https://e.org/e'/>"
         "<enclosure type='audio/mpeg' url='https://e.org/a.mp3'/>", ["e"]),
        ("<itunes:image href='https://e.org/i.jpg'/>", ["i.jpg"]),
        ("<image>https://e.org/x.png</image>", ["x.png"]),
        ("<image><url>https://e.org/x.png</url></image>", ["x.png"]),
        ("<media:thumbnail url='javascript:x'/><media:thumbnail url='data:image/png;base64,x'/>", []),
    ],
)  # fmt: skip
def test_pictures_of_an_item_come_best_first(markup: str, pictures: list[str]) -> None:
    assert item(markup).pictures == tuple(f"https://e.org/{name}" for name in pictures)


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        ("<author>tom@example.org (Tom Sawyer)</author>", ("Tom Sawyer",)),
        ("<author>Tom Sawyer &lt;tom@example.org&gt;</author>", ("Tom Sawyer",)),
        ("<author>tom@example.org</author>", ("tom@example.org",)),
        ("<author>Tom</author><dc:creator>Tom</dc:creator><dc:creator>张三</dc:creator>", ("Tom", "张三")),
        ("<itunes:author>Pod</itunes:author>", ("Pod",)),
        ("<author><name>Tom</name></author>", ("Tom",)),
        ("<author/>", ()),
    ],
)
def test_authors_are_names(markup: str, authors: tuple[str, ...]) -> None:
    assert item(markup).authors == authors


def test_an_atom_entry_without_author_has_the_feeds() -> None:
    assert atom("<title>t</title>", "<author><name>Feed</name></author>").authors == ("Feed",)
    source = "<source><author><name>Source</name></author></source>"
    assert atom(source, "<author><name>Feed</name></author>").authors == ("Source",)
    assert item("<title>t</title>", "<managingEditor>boss@example.org (Boss)</managingEditor>").authors == ()


def test_keywords_and_subjects_are_categories() -> None:
    entry = item(
        "<category>a</category><dc:subject>b</dc:subject><itunes:keywords>c, d</itunes:keywords>"
        "<media:keywords>e</media:keywords>"
    )
    assert entry.categories == ("a", "b", "c", "d", "e")


def test_feeds_say_what_they_are() -> None:
    contents = rss(
        "<title>t</title>",
        "<title>News &amp;amp; &lt;b&gt;more&lt;/b&gt;</title><link>https://example.org/</link><language>zh-cn</language>"
        "<ttl>90</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>12</sy:updateFrequency>"
        "<image><url>/logo.png</url><title>Logo</title><link>https://example.org/</link></image>"
        "<itunes:new-feed-url>https://new.example/feed</itunes:new-feed-url>",
    )
    assert contents.title == "News & more"
    assert (contents.link, contents.language) == ("https://example.org/", "zh-cn")
    assert contents.least_minutes == 120
    assert contents.picture == "https://example.org/logo.png"
    assert contents.moved_to == "https://new.example/feed"
    assert contents.entries[0].language == "zh-cn"


@pytest.mark.parametrize(("markup", "minutes"), [("<ttl>60</ttl>", 60), ("<ttl>0</ttl>", None), ("<ttl>x</ttl>", None),
                                                 ("<ttl>99999999999</ttl>", None), ("", None),
                                                 ("<sy:updatePeriod>hourly</sy:updatePeriod>", 60)])  # fmt: skip
def test_how_long_a_feed_asks_to_be_left_alone(markup: str, minutes: int | None) -> None:
    assert rss("<title>t</title>", markup).least_minutes == minutes


def test_links_that_count_clicks_are_told() -> None:
    entry = item(
        "<link>https://feeds.example/~r/1</link><feedburner:origLink>https://example.org/1</feedburner:origLink>"
    )
    assert entry.original_link == "https://example.org/1"


def test_cdata_within_cdata_goes() -> None:
    entry = item(
        "<title>&lt;![CDATA[Title]]&gt;</title><description><![CDATA[<![CDATA[<p>x</p>]]]]><![CDATA[>]]></description>"
    )
    assert entry.title == "Title"
    assert entry.summary == "<p>x</p>"


def test_what_is_written_stays() -> None:
    entry = item("<title>a &amp;amp;amp; b</title><description>&amp;lt;p&amp;gt;x&amp;lt;/p&amp;gt;</description>")
    assert entry.title == "a &amp;amp; b"
    assert entry.summary == "&lt;p&gt;x&lt;/p&gt;"


def test_markup_in_a_plain_element_is_kept() -> None:
    assert item("<category><p>News</p></category>").categories == ("<p>News</p>",)


def test_contents_that_are_no_text_are_none() -> None:
    blob = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    assert atom(f'<content type="image/png">{blob}</content>').content == ""
    assert atom(f'<content type="application/octet-stream">{blob}</content>').content == ""
    elsewhere = atom('<content src="https://example.org/doc" type="text/html"/>')
    assert (elsewhere.content, elsewhere.link) == ("", "https://example.org/doc")


def test_cdf_is_read() -> None:
    contents = parse(
        '<?xml version="1.0"?><CHANNEL HREF="https://example.org/"><TITLE>Site</TITLE>'
        '<ITEM HREF="https://example.org/1" LASTMOD="2026-11-25T10:00"><TITLE>One</TITLE>'
        "<ABSTRACT>Short</ABSTRACT></ITEM></CHANNEL>"
    )
    (entry,) = contents.entries
    assert (contents.kind, contents.title, contents.link) == (FeedKind.CDF, "Site", "https://example.org/")
    assert (entry.title, entry.link, entry.updated, entry.summary) == (
        "One",
        "https://example.org/1",
        "2026-11-25T10:00",
        "Short",
    )


@pytest.mark.parametrize(
    "relation", ["http://www.iana.org/assignments/relation/alternate", "Alternate", " alternate ", ""]
)
def test_a_relation_is_what_it_is_however_it_is_written(relation: str) -> None:
    contents = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="related" href="https://other.example/"/>'
        f'<link rel="{relation}" href="https://blog.example/1"/></entry></feed>'
    )
    assert contents.entries[0].link == "https://blog.example/1"


@pytest.mark.parametrize("namespace", ["http://www.w3.org/2007/app", "http://purl.org/atom/app#"])
def test_drafts_are_left_out(namespace: str) -> None:
    contents = parse(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:p="{namespace}"><entry><title>Draft</title>'
        "<p:control><p:draft> Yes </p:draft></p:control></entry><entry><title>Published</title>"
        "<p:control><p:draft>no</p:draft></p:control></entry></feed>"
    )
    assert [entry.title for entry in contents.entries] == ["Published"]
    assert contents.problems == ("1 of its entries are drafts; they are left out.",)


def test_the_first_of_several_channels_names_the_feed() -> None:
    contents = parse(
        '<rss version="2.0"><channel><title>First</title><link>https://first.example/</link><language>de</language>'
        "<item><title>1</title></item></channel><channel><title>Second</title><link>https://second.example/</link>"
        "<language>fr</language><item><title>2</title></item></channel></rss>"
    )
    assert (contents.title, contents.link, contents.language) == ("First", "https://first.example/", "de")
    assert [entry.title for entry in contents.entries] == ["1", "2"]
