"""The address to which an item leads: behind what counts clicks, without what counts visitors, or none."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.options import PostOptions
from digests.model.feed import FeedKind
from digests.origins.feed.contents import EntryLink, FeedEntry
from digests.origins.feed.links import clean_link, link_of_entry
from digests.origins.feed.tracking import without_tracking
from digests.origins.feed.wrappers import unwrap_link
from tests.unit.feeds.entries import BASE, read_one

PAGE = "https://a.example/x?b=1&c=%20d"
ENCODED = quote(PAGE, safe="")


@pytest.mark.parametrize(
    "wrapped",
    [
        f"https://www.google.com/url?rct=j&sa=t&url={ENCODED}&ct=ga&cd=CAEY",
        f"https://www.google.co.jp/url?q={ENCODED}&sa=U",
        f"http://google.de/url?sa=t&source=web&url={ENCODED}",
        f"https://news.google.com/news/url?sa=t&fd=R&url={ENCODED}",
        f"https://t.umblr.com/redirect?z={ENCODED}&t=abc&b=t%3A1",
        f"https://l.facebook.com/l.php?u={ENCODED}&h=AT0",
        f"https://lm.facebook.com/l.php?u={ENCODED}",
        f"https://l.instagram.com/?u={ENCODED}&e=AT",
        f"https://out.reddit.com/t3_abc?url={ENCODED}&token=AQ",
        f"https://www.youtube.com/redirect?event=video_description&q={ENCODED}&v=1",
        f"https://eur02.safelinks.protection.outlook.com/?url={ENCODED}&data=05%7C01&reserved=0",
        f"https://steamcommunity.com/linkfilter/?u={ENCODED}",
        f"https://steamcommunity.com/linkfilter/?url={ENCODED}",
        f"https://link.zhihu.com/?target={ENCODED}",
        f"https://link.juejin.cn?target={ENCODED}",
        f"https://link.juejin.cn/?target={ENCODED}",
        f"https://link.csdn.net/?from_id=1&target={ENCODED}",
        f"https://www.jianshu.com/go-wild?ac=2&url={ENCODED}",
        f"https://gitee.com/link?target={ENCODED}",
        f"https://sspai.com/link?target={ENCODED}",
        f"https://www.douban.com/link2/?url={ENCODED}",
        f"https://weibo.cn/sinaurl?u={ENCODED}",
        f"https://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url={ENCODED}&c=1",
        f"https://duckduckgo.com/l/?uddg={ENCODED}&rut=1",
        f"https://away.vk.com/away.php?to={ENCODED}",
        f"https://slack-redir.net/link?url={ENCODED}",
        f"https://exit.sc/?url={ENCODED}",
        f"https://href.li/?{PAGE}",
        f"https://www.deviantart.com/users/outgoing?{PAGE}",
        f"https://www.google.com/url?q={quote(ENCODED, safe='')}",
        f"https://www.google.com/url?url={quote(f'https://t.umblr.com/redirect?z={ENCODED}', safe='')}",
    ],
)
def test_what_only_leads_elsewhere_is_unwrapped(wrapped: str) -> None:
    assert unwrap_link(wrapped) == PAGE


@pytest.mark.parametrize(
    ("wrapped", "page"),
    [
        # Google encodes what follows the host, and nothing before it.
        ("https://www.google.com/url?q=https://a.example/x%3Fb%3D1%26c%3D2&sa=U", "https://a.example/x?b=1&c=2"),
        (
            "https://www.google.com/url?q=https://zh.example.org/wiki/%25E4%25B8%25AD&sa=U",
            "https://zh.example.org/wiki/%E4%B8%AD",
        ),
        ("https://www.google.com/url?q=https://a.example/%E4%B8%AD", "https://a.example/%E4%B8%AD"),
        ("https://www.google.com/amp/s/a.example/news/amp?x=1", "https://a.example/news/amp?x=1"),
        ("https://a-example.cdn.ampproject.org/c/s/a.example/news.amp", "https://a.example/news.amp"),
        ("https://link.zhihu.com/?target=http%3A//a.example/x", "http://a.example/x"),
        ("https://L.FACEBOOK.COM/l.php?u=HTTPS%3A%2F%2Fa.example%2Fx", "https://a.example/x"),
    ],
)
def test_half_encoded_addresses_are_unwrapped(wrapped: str, page: str) -> None:
    assert unwrap_link(wrapped) == page


def google_news(address: str) -> str:
    held = address.encode()
    length = bytes([len(held)]) if len(held) < 128 else bytes([len(held) & 0x7F | 0x80, len(held) >> 7])
    code = base64.urlsafe_b64encode(b"\x08\x13\x22" + length + held + b"\xd2\x01\x00").decode().rstrip("=")
    return f"https://news.google.com/rss/articles/{code}?oc=5&hl=en"


@pytest.mark.parametrize("address", ["https://a.example/ferry", "https://a.example/" + "long/" * 40 + "end"])
def test_an_address_is_read_from_google_news(address: str) -> None:
    assert unwrap_link(google_news(address)) == address


def test_a_number_of_google_news_is_no_address() -> None:
    hidden = google_news("AU_yqLNcBzvN1zOYgnTPB2wM0u2kQ8t0mJz")
    assert unwrap_link(hidden) == hidden


@pytest.mark.parametrize(
    "address",
    [
        "https://www.google.com/url?q=javascript%3Aalert(1)",
        "https://www.google.com/url?q=data%3Atext/html,x",
        "https://www.google.com/url?q=/search",
        "https://www.google.com/url?q=",
        "https://www.google.com/url",
        "https://www.google.com/search?q=https%3A%2F%2Fa.example",
        "https://l.facebook.com/l.php?u=ftp%3A%2F%2Fa.example%2Fx",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fuser%3Apass%40a.example%2Fx",
        "https://l.facebook.com/l.php?u=%FF%FE",
        "https://l.facebook.com/l.php?u=https%3A%2F%2F%FF%FE",
        "https://notgoogle.com/url?q=https%3A%2F%2Fa.example",
        "https://google.evil.example/url?q=https%3A%2F%2Fa.example",
        "https://feedproxy.google.com/~r/name/~3/abc/",
        "https://news.google.com/rss/articles/%%%",
        "https://a.example/url?q=https%3A%2F%2Fb.example",
        "https://link.zhihu.com/?target=",
    ],
)
def test_all_other_addresses_stay(address: str) -> None:
    assert unwrap_link(address) == address


def wrap(page: str, layers: int) -> str:
    for _ in range(layers):
        page = f"https://www.google.com/url?q={quote(page, safe='')}"
    return page


def test_what_is_wrapped_too_often_stays() -> None:
    page = "https://a.example/x"
    assert unwrap_link(wrap(page, 5)) == page
    assert unwrap_link(wrap(page, 6)) == wrap(page, 6)
    itself = "https://href.li/?" * 60 + page
    assert unwrap_link(itself) == itself


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("https://a.example/x?utm_source=rss&utm_medium=feed", "https://a.example/x"),
        ("https://a.example/x?id=5&utm_source=rss#part", "https://a.example/x?id=5#part"),
        ("https://a.example/x?fbclid=1&b=%E4%B8%AD+d&GCLID=2&&e", "https://a.example/x?b=%E4%B8%AD+d&&e"),
        ("https://a.example/x?mc_cid=1&mc_eid=2&spm=a.b.c&igshid=4&_hsenc=5&at_custom1=6", "https://a.example/x"),
        ("https://a.example/x?id=5&amp;utm_source=rss", "https://a.example/x?id=5"),
        ("https://a.example/x?id=5?utm_source=rss&utm_medium=feed", "https://a.example/x?id=5"),
        ("https://a.example/x#xtor=RSS-3208", "https://a.example/x"),
        ("https://a.example/x#utm_source=rss&utm_medium=feed", "https://a.example/x"),
        ("https://a.example/x#ref=rss", "https://a.example/x"),
        ("https://a.example/#/news/5?utm_source=rss&id=1", "https://a.example/#/news/5?id=1"),
        ("https://medium.com/@a/x-1?source=rss-abc------2", "https://medium.com/@a/x-1"),
        ("https://blog.example/x-1?source=rss----3d1c8---4", "https://blog.example/x-1"),
        ("https://www.youtube.com/watch?v=abc&feature=youtu.be&si=1", "https://www.youtube.com/watch?v=abc"),
        ("https://x.com/a/status/1?s=20&t=abc", "https://x.com/a/status/1"),
        (
            "https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=1&sn=a&chksm=b&scene=27",
            "https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=1&sn=a",
        ),
        (
            "https://www.bilibili.com/video/BV1?spm_id_from=333&vd_source=a&p=2",
            "https://www.bilibili.com/video/BV1?p=2",
        ),
    ],
)
def test_what_only_counts_visitors_is_off(address: str, plain: str) -> None:
    assert without_tracking(address) == plain


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/x",
        "https://a.example/x?",
        "https://a.example/x#",
        "https://a.example/x?ref=5&source=me&from=1&s=2&t=3",
        "https://a.example/x?v=abc&feature=1",
        "https://a.example/#/news/5",
        "https://a.example/x#!/utm_source",
        "https://a.example/x#ref",
        "https://a.example/x?a=%zz&b=\u4e2d;c",
        "https://mp.weixin.qq.com/s?src=11&timestamp=1&ver=1&signature=a&new=1",
        "https://notyoutube.com/watch?v=1&si=2",
        "https://a.example/x?myutm_source=1",
    ],
)
def test_all_else_stays_byte_for_byte(address: str) -> None:
    assert without_tracking(address) == address


_ANY = st.text(max_size=60) | st.sampled_from([PAGE, ENCODED, "javascript:alert(1)", "//a.example", "%", "http://"])
_WRAPPERS = st.sampled_from(
    [
        "https://www.google.com/url?q=",
        "https://href.li/?",
        "https://link.zhihu.com/?target=",
        "https://www.google.com/amp/s/",
        "https://news.google.com/rss/articles/",
        "https://a.example/x?utm_source=",
        "https://x.com/a#",
    ]
)


@given(st.lists(_WRAPPERS, max_size=8), _ANY, st.booleans())
def test_cleaning_never_leads_out_of_the_web_and_is_done_once(wrappers: list[str], rest: str, encodes: bool) -> None:
    address = rest
    for wrapper in wrappers:
        address = wrapper + (quote(address, safe="", errors="surrogatepass") if encodes else address)
    found = link_of_entry(FeedEntry(link=address, base=BASE), FeedKind.RSS)
    assert found.url is None or found.url.startswith(("http://", "https://"))
    assert found.url is None or found.written is not None
    if found.url is not None:
        assert clean_link(found.url) == found.url


@given(st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    for kind in FeedKind:
        entry = FeedEntry(
            guid=text, guid_is_link=True, link=text, original_link=text, links=(EntryLink(text, "alternate"),)
        )
        found = link_of_entry(entry, kind)
        assert found.url is None or found.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "mailto:a@b.example",
        "data:text/html,x",
        "/relative",
        "ftp://a.example/x",
        "urn:isbn:5",
        "https://user:secret@a.example/x",
        "tag:a.example,2026:5",
        "file:///etc/passwd",
        "",
        "x y",
    ],
)
def test_none_rather_than_a_wrong_address(address: str) -> None:
    item = read_one(link=address, guid=address, guid_is_link=True, base="")
    assert (item.post.url, item.written_url) == (None, None)
    assert item.post.problems


def test_what_the_feed_wrote_is_kept() -> None:
    item = read_one(link=f"https://www.google.com/url?url={ENCODED}")
    assert item.post.url == PAGE
    assert item.written_url == f"https://www.google.com/url?url={ENCODED}"


def test_feedburner_names_the_original() -> None:
    item = read_one(
        link="http://feedproxy.google.com/~r/name/~3/abc/", original_link="https://a.example/x?utm_source=feedburner"
    )
    assert item.post.url == "https://a.example/x"
    assert item.written_url == "http://feedproxy.google.com/~r/name/~3/abc/"


def test_an_item_of_json_feed_leads_to_its_own_page() -> None:
    entry = FeedEntry(link="https://a.example/own", original_link="https://b.example/elsewhere")
    assert link_of_entry(entry, FeedKind.JSON).url == "https://a.example/own"
    assert link_of_entry(FeedEntry(original_link="https://b.example/x"), FeedKind.JSON).url == "https://b.example/x"


def test_of_several_links_the_page_is_taken() -> None:
    links = (
        EntryLink("https://a.example/api.json", "alternate", "application/json"),
        EntryLink("https://a.example/film.mp4", "enclosure", "video/mp4"),
        EntryLink("https://a.example/edit", "edit"),
        EntryLink("https://a.example/page", "alternate", "text/html"),
    )
    assert read_one(link="https://a.example/api.json", links=links).post.url == "https://a.example/page"
    assert read_one(link="", links=links[:3]).post.url is None


def test_a_guid_is_the_link_only_where_the_feed_says_so() -> None:
    page = "https://a.example/page"
    assert read_one(link="", guid=page, guid_is_link=True).post.url == page
    assert read_one(link="", guid=page, guid_is_link=False).post.url is None


def test_links_of_the_feed_own_host_count_even_without_a_name() -> None:
    item = read_one(link="http://127.0.0.1:8080/x", base="http://127.0.0.1:8080/feed.xml")
    assert item.post.url == "http://127.0.0.1:8080/x"
    assert read_one(link="http://127.0.0.1:8080/x").post.url is None
    assert read_one(link="http://10.0.0.5:80/x", reading=PostOptions(picture_hosts=("10.0.0.5:80",))).post.url
    assert read_one(link="http://93.184.215.14/x").post.url == "http://93.184.215.14/x"


def test_a_host_without_a_dot_is_only_what_was_written() -> None:
    item = read_one(link="http://harbour/x?a=1&b=2")
    assert (item.post.url, item.written_url) == (None, "http://harbour/x?a=1&b=2")
    assert item.post.link_key
    assert item.post.link_key == read_one(link="http://harbour/x?a=1&b=2&utm_source=rss").post.link_key
    assert item.post.problems


def test_breaks_in_an_address_are_left_out() -> None:
    assert read_one(link=" https://a.example/\n  long/\r\n\taddress ").post.url == "https://a.example/long/address"


def test_an_address_without_a_scheme_is_one_of_the_web() -> None:
    assert read_one(link="//a.example/x").post.url == "https://a.example/x"


def test_a_line_that_names_the_original_stands_in_for_a_link() -> None:
    item = read_one(
        link="", content='<p>文。</p><p>原文链接：<a href="https://a.example/x">点此</a></p>', content_is_markup=True
    )
    assert item.post.url == "https://a.example/x"
    assert item.written_url is None
