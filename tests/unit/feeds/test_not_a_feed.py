"""What is no feed is called by its name, with what to do about it."""

from __future__ import annotations

import pytest

from digests.model.feed import FeedKind, FeedTrouble
from digests.origins.feed.parsing import parse_contents

LONG = "<p>An article about it, with much to say.</p>" * 200


def fault(data: bytes | str, content_type: str = "text/html; charset=utf-8") -> tuple[FeedTrouble, str]:
    contents = parse_contents(
        data.encode() if isinstance(data, str) else data, content_type, "https://site.example/feed"
    )
    assert contents.kind is FeedKind.NONE
    assert contents.entries == ()
    assert contents.fault is not None
    return contents.fault.trouble, contents.fault.words


def page(body: str, head: str = "<title>Home &amp; news</title>") -> str:
    return f"<!DOCTYPE html>\n<html lang=en><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "It is empty."),
        (b" \r\n\t", "It is empty."),
        (b"\xef\xbb\xbf", "It is empty."),
        (b"\x00" * 100, "It is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "It is a PNG picture, not a feed."),
        (b"\xff\xd8\xff\xe0\x00", "It is a JPEG picture, not a feed."),
        (b"%PDF-1.7\n", "It is a PDF file, not a feed."),
        (b"PK\x03\x04\x14", "It is a ZIP file, not a feed."),
        (b"\x1f\x8b\x08\x00", "It is a gzip file within the answer, not a feed."),
        (b"RIFF\x00\x00\x00\x00WEBP", "It is a picture, sound or film, not a feed."),
        (b"\x00\x00\x00\x18ftypmp42", "It is a picture, sound or film, not a feed."),
        (b"Not Found\n", 'It is plain text, not a feed: "Not Found".'),
        (b"<opml version='2.0'><body/></opml>", "It is an OPML file, a list of feeds: import it instead."),
        (
            b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url/></urlset>",
            "It is a sitemap, which lists a site's pages for search engines, not a feed.",
        ),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "It is a picture (SVG), not a feed."),
        (b"<note><to>x</to></note>", "It is XML of another kind (<note>), not a feed."),
        (
            b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            'It is XML of another kind (<Error>), not a feed: "Access Denied".',
        ),
    ],
)
def test_files_of_other_kinds_are_told(data: bytes, words: str) -> None:
    assert fault(data, "") == (FeedTrouble.NOT_A_FEED, words)


def test_a_page_is_told_by_its_title() -> None:
    words = 'It is a web page, not a feed: "Home & news".'
    assert fault(page("Hello")) == (FeedTrouble.NOT_A_FEED, words)
    assert fault(f"<?xml version='1.0'?><!-- x -->{page('Hello')}")[1] == words
    assert fault(page("<feed></feed><item></item><rss>"))[1] == words
    assert fault("<html><head></head><p>Hello")[1] == "It is a web page, not a feed."


def test_a_page_says_where_its_feed_is() -> None:
    head = '<link rel="alternate" type="application/rss+xml" title="News" href="/rss.xml">'
    trouble, words = fault(page("Hello", head))
    assert trouble is FeedTrouble.NOT_A_FEED
    assert words == "It is a web page, not a feed; it names the feed https://site.example/rss.xml. Add that instead."
    secret = '<link rel="alternate" type="application/rss+xml" href="https://tom:secret@site.example/rss">'
    assert "secret" not in fault(page("Hello", secret))[1]


@pytest.mark.parametrize(
    ("markup", "whose"),
    [
        (page("Enable JavaScript and cookies to continue", "<title>Just a moment...</title>"), "Cloudflare's"),
        (page("<script>window._cf_chl_opt={cvId:'3'}</script>", "<title>请稍候…</title>"), "Cloudflare's"),
        (
            page("<h1>Sorry, you have been blocked</h1>", "<title>Attention Required! | Cloudflare</title>"),
            "Cloudflare's",
        ),
        (page("", "<title>Making sure you&#39;re not a bot!</title>"), "Anubis's"),
        (page("Checking your browser before accessing site.example. DDoS protection by DDoS-Guard"), "DDoS-Guard's"),
        (page("<script>var arg1='x'; setCookie('acw_sc__v2', x)</script>", ""), "Alibaba Cloud's"),
        (page("请完成验证后继续访问", "<title>安全验证</title>"), "a firewall's"),
    ],
)
def test_challenges_are_named(markup: str, whose: str) -> None:
    trouble, words = fault(markup)
    assert trouble is FeedTrouble.REFUSED
    assert words.startswith(f"It is {whose} challenge for browsers, not a feed")


def test_an_article_about_challenges_is_none() -> None:
    ordinary = page("<div id=root></div><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>")
    assert fault(ordinary)[0] is FeedTrouble.NOT_A_FEED
    assert fault(page(f"Just a moment... {LONG}"))[0] is FeedTrouble.NOT_A_FEED
    assert fault(page(f"<script src='/cdn-cgi/challenge-platform/x.js'></script>{LONG}"))[0] is FeedTrouble.NOT_A_FEED


@pytest.mark.parametrize(
    "markup",
    [
        page("<h1>site.example is for sale</h1>", "<title>This domain is for sale</title>"),
        page("<script src='https://img.sedoparking.com/x.js'></script>"),
        page("该域名已过期，请联系注册商"),
        page("<a href='https://www.hugedomains.com/domain_profile.cfm'>Buy this domain</a>"),
    ],
)
def test_parked_domains_are_told(markup: str) -> None:
    words = "The domain is parked or for sale; the feed is gone from it. Look for its new address."
    assert fault(markup) == (FeedTrouble.NOT_A_FEED, words)


def test_an_error_of_rsshub_is_told_with_its_route_and_message() -> None:
    markup = page(
        '<img src="/logo.png" alt="RSSHub"><h1>Looks like something went wrong</h1><p>Helpful Information</p>'
        '<p class="message">Error Message:<br><code class="x">Error: this route is empty &amp; gone</code></p>'
        '<p class="message">Route: <code>/bilibili/user/video/:uid</code></p>'
        '<p class="message">Full Route: <code>/bilibili/user/video/1</code></p>',
        "<title>Welcome to RSSHub!</title>",
    )
    trouble, words = fault(markup)
    assert trouble is FeedTrouble.NOT_A_FEED
    assert words == (
        "It is an error page of RSSHub for the route /bilibili/user/video/:uid: "
        '"Error: this route is empty & gone". The route may be misspelt, or the site has changed.'
    )


def test_a_login_is_told() -> None:
    words = "It is a page on which one logs in, not a feed."
    assert fault(page('<form><input name=p type="password"></form>'))[1] == words
    assert fault(page("x", "<title>登录 - 站点</title>"))[1] == words


@pytest.mark.parametrize(
    "sign", ["<script>", "<link ", "<input ", "<title", "<code>", "rsshub error message", "<", "&", "<style>x"]
)
def test_pages_of_any_kind_take_no_time(sign: str) -> None:
    fault("<html>" + sign * (2_000_000 // len(sign)))
