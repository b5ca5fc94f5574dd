"""The feeds that a page names, as sites write them and as nobody should."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.model.feed import FeedKind
from digests.model.feed_input import feed_address
from digests.origins.feed.links_in_page import MOST_LINKED, feeds_in_page

PAGE = "https://news.example/section/page.html"


def found(html: str, address: str = PAGE) -> list[str]:
    return [feed.url for feed in feeds_in_page(html.encode(), "text/html; charset=utf-8", address)]


def test_declared_feeds_have_titles_and_kinds() -> None:
    html = """<!doctype html><html><head><title>News</title>
      <link rel="alternate" type="application/rss+xml" title="News &amp; more" href="https://news.example/feed/">
      <link rel="alternate" type="application/atom+xml" href="/atom.xml">
      <link rel="alternate" type="application/feed+json" title="JSON" href="feed.json">
      <link rel="alternate" type="application/rdf+xml" href="//news.example/rdf">
    </head>"""
    assert [(feed.url, feed.title, feed.kind) for feed in feeds_in_page(html.encode(), "", PAGE)] == [
        ("https://news.example/feed/", "News & more", FeedKind.RSS),
        ("https://news.example/atom.xml", "", FeedKind.ATOM),
        ("https://news.example/section/feed.json", "JSON", FeedKind.JSON),
        ("https://news.example/rdf", "", FeedKind.RDF),
    ]


@pytest.mark.parametrize(
    "tag",
    [
        "<link rel=alternate type=application/rss+xml href=/f>",
        "<LINK REL='ALTERNATE' TYPE='APPLICATION/RSS+XML' HREF='/f'>",
        '<link href="/f" type="application/rss+xml" rel="alternate"/>',
        '<link\n\thref = "/f"\n type\t= "application/rss+xml; charset=utf-8" rel="home alternate" />',
        '<link data-x="a>b" rel="alternate" type="application/rss+xml" href="/f">',
        '<link rel="alternate" type="text/xml" href="/f">',
        '<link rel="alternate" type="application/rss+xml" href="http://news.example/wrong" href2="" href="/f">'.replace(
            'href="http://news.example/wrong" href2="" ', ""
        ),
        '<link rel="feed" href="/f">',
        '<link rel="alternate" type="application/rss+xml" href=" /f\n">',
        '<link rel="alternate" type="application/rss+xml" href="/&#102;#top">',
        '<link rel="alternate" type="application/rss+xml" href="HTTPS://News.Example:443/f">',
        '<link rel="alternate" type="application/rss+xml" href="feed://news.example/f">',
        '<link rel="alternate" type="application/rss+xml" href="feed:https://news.example/f">',
    ],
)
def test_every_way_to_declare_a_feed_is_read(tag: str) -> None:
    assert found(f"<html><head>{tag}</head>") == ["https://news.example/f"]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="stylesheet" type="text/css" href="/feed">',
        '<link rel="alternate stylesheet" type="text/xml" href="/feed">',
        '<link rel="alternate" hreflang="de" href="/de/page">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?url=feed">',
        '<link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">',
        '<link rel="alternate" type="application/rss+xml" href="https://me:secret@news.example/f">',
        '<link rel="alternate" type="application/rss+xml" href="http://[::1/f">',
        '<link rel="alternate" type="application/rss+xml">',
        f'<link rel="alternate" type="application/rss+xml" href="/{"x" * 3000}">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/f"> -->',
        '<script>var x = \'<link rel="alternate" type="application/rss+xml" href="/f">\'</script>',
        '<title><link rel="alternate" type="application/rss+xml" href="/f"></title>',
        '<a href="/about">RSS</a>',
        '<a href="https://other.example/feed">their feed</a>',
        '<a href="#feed">feed</a>',
        '<a href="/sitemap.xml">map</a>',
        '<a href="/feedback">feedback</a>',
    ],
)
def test_what_is_no_feed_is_left_alone(tag: str) -> None:
    assert found(f"<html><head>{tag}</head>") == []


@pytest.mark.parametrize(
    "href",
    ["/feed", "/feed/", "/rss", "/rss.xml", "/atom.xml", "/blog/feed.xml", "/index.rdf", "/news.rss", "/feed.json"],
)
def test_links_by_common_names_are_second_best(href: str) -> None:
    html = f'<a href="{href}">x</a>'
    (linked,) = feeds_in_page(html.encode(), "", PAGE)
    assert not linked.is_declared
    declared = '<link rel="alternate" type="application/rss+xml" href="/declared">'
    assert found(html + declared) == ["https://news.example/declared", linked.url]


def test_hosts_of_feeds_and_subdomains_are_the_sites_own() -> None:
    html = '<a href="https://feeds.feedburner.com/News">a</a> <a href="https://blog.news.example/feed">b</a>'
    assert len(found(html)) == 2


def test_feeds_of_comments_come_last_and_doubles_once() -> None:
    html = """<link rel=alternate type=application/rss+xml title="Comments Feed" href=/comments/feed/>
      <a href="/main">x</a><a href="/feed/">x</a>
      <link rel=alternate type=application/rss+xml href=/feed/>
      <link rel=alternate type=application/rss+xml href=HTTPS://NEWS.example/feed/#x>"""
    assert found(html) == ["https://news.example/feed/", "https://news.example/comments/feed/"]


def test_addresses_are_relative_to_the_first_base() -> None:
    html = """<base target=_top><base href="https://cdn.example/a/"><base href="https://wrong.example/">
      <link rel=alternate type=application/rss+xml href=f>"""
    assert found(html) == ["https://cdn.example/a/f"]
    assert found('<base href="sub/"><link rel=feed href=f>') == ["https://news.example/section/sub/f"]
    assert found('<base href="javascript:x"><link rel=feed href=f>') == ["https://news.example/section/f"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "shift_jis"])
def test_titles_in_other_encodings_are_read(encoding: str) -> None:
    html = f'<meta charset={encoding}><link rel=feed title="新聞" href=/f>'
    (feed,) = feeds_in_page(html.encode(encoding), f"text/html; charset={encoding}", PAGE)
    assert feed.title == "新聞"


def test_a_page_of_many_feeds_shows_some() -> None:
    html = "".join(f"<link rel=feed href=/{number}>" for number in range(50_000))
    assert len(found(html)) == MOST_LINKED


@pytest.mark.parametrize(
    "piece",
    [
        "<link ",
        "<a ",
        '<a "',
        "<a href=",
        '<a href="',
        "<!--",
        "<script>",
        "<title",
        "<",
        "<a x ",
        "<base ",
        " ",
    ],
)
def test_nothing_takes_longer_than_the_page_is_long(piece: str) -> None:
    data = piece * (1_000_000 // len(piece))
    began = process_time()
    found(data)
    found(f"<link rel=feed href='{data}")
    assert process_time() - began < 15


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=50))
def test_whatever_a_page_says_the_addresses_are_of_the_web(text: str, href: str) -> None:
    for url in found(f'{text}<link rel="feed" href="{href}">'):
        assert url.startswith(("https://", "http://"))
        assert feed_address(url) == url
