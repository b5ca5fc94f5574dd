"""The link of an article: explicit, then the marked original, then the site's own."""

from __future__ import annotations

import time

import pytest

from digests.articles.hexo.site import SiteRules
from tests.unit.articles.writing import read, write, write_raw

PAGE = "https://blog.example.com/2021/05/03/post?id=1"
SITE = SiteRules(url="https://news.example.org", permalink=":title/")


def original(body: str, **fields: str) -> str | None:
    return read(write(body=body, **fields)).original_url


@pytest.mark.parametrize(
    "body",
    [
        f"<p>文。</p>原文链接：<a href='{PAGE}'>{PAGE}</a>",
        f"<p>原文链接：</p><p><a href='{PAGE}'>点此</a></p>",
        f"<p><a href='{PAGE}'>阅读原文</a></p>",
        f"<p><a href='{PAGE}'>【原文链接】</a></p>",
        f"<p><a href='{PAGE}'>Read more</a></p>",
        f"<p><a href='{PAGE}'>Read the full article →</a></p>",
        f"<p>（来自：<a href='{PAGE}'>Mozilla Blog</a>）</p>",
        f"<p>来源：<a href='{PAGE}'>海鸥网</a></p>",
        f"<p>Source: <a href='{PAGE}'>Example</a></p>",
        f"<p>via <a href='{PAGE}'>Example</a></p>",
        f"<p>(via <a href='{PAGE}'>Example</a>)</p>",
        f"<p>来源：<a href='https://b.example.com/x'>甲</a></p><p>原文：<a href='{PAGE}'>乙</a></p>",
        f"<p>文。<br>原文链接：<a href='{PAGE}'>甲</a><br>翻译：<a href='https://b.example.com/x'>乙</a></p>",
        f"<p>1</p><p>2</p><p>3</p><p>原文鏈接：<a href='{PAGE}'>甲</a></p><p>5</p><p>6</p><p>7</p>",
        f"<p>1</p><p>2</p><p>（来自：<a href='{PAGE}'>甲</a>）</p><p>5</p><p>6</p>",
        f"<p>1</p><p>元記事：<a href='{PAGE}'>甲</a></p>",
        f"<p>1</p><p>원문 링크: <a href='{PAGE}'>갑</a></p>",
        f"<p>1</p><p>This article was originally published at <a href='{PAGE}'>Example</a>.</p>",
        f"<p>1</p><p>Zum Originalartikel: <a href='{PAGE}'>Beispiel</a></p>",
        f"<p>Quelle: <a href='{PAGE}'>Beispiel</a></p>",
        f"<p>本文翻译自：<a href='{PAGE}'>甲</a></p>",
        f"<p>本文首发于 <a href='{PAGE}'>甲</a></p>",
    ],
)
def test_the_original_that_the_body_marks(body: str) -> None:
    assert original(body) == PAGE


@pytest.mark.parametrize(
    "body",
    [
        f"<p>见<a href='{PAGE}'>这里</a>。</p>",
        "via <a href='https://e.example.com/user/xixidong'>@xixidong</a>",
        "via <a href='https://e.example.com/xixidong'>@xixidong</a>",
        "via <a href='https://twitter.com/someone'>someone</a>",
        "来源：<a href='https://e.example.com/'>海鸥网</a>",
        f"图片来源：<a href='{PAGE}'>海鸥网</a>",
        "原文链接：<a href='javascript:alert(1)'>x</a>",
        "原文链接：<a href='/relative'>x</a>",
        "原文链接：<a>x</a>",
        "<p>来自 <a href='https://app.weibo.com/t/feed/x'>iPhone客户端</a></p>",
        # References amid a text, and sources of something else.
        f"<p>文。</p><p>The tool was announced via <a href='{PAGE}'>Helper</a></p><p>文。</p><p>文。</p>",
        f"<p>文。</p><p>Support us via <a href='{PAGE}'>PayPal</a> if you like.</p><p>文。</p>",
        "<p>Support us via</p><p><a href='https://www.paypal.com/donate?x=1'>PayPal</a></p>",
        f"<p>{'文。' * 20}</p><p>更多数据来源：<a href='{PAGE}'>统计局</a></p>",
        "<p>文。</p><p><img src=x></p><p>Source: <a href='https://www.youtube.com/watch?v=1'>a video</a></p>",
        "<p>文。</p><p><img src=x></p><p>Source: <a href='https://flic.kr/p/1'>a photo</a></p><p>文。</p>",
        f"<p>1</p><p>2</p><p><img src=x></p><p>Source: <a href='{PAGE}'>a chart</a></p><p>5</p><p>6</p>",
        f"<p>1</p><p>2</p><p>本节参考原文：<a href='{PAGE}'>x</a> 的第三章和别的几本书</p><p>5</p><p>6</p>",
        f"<p>1</p><p>2</p><p><a href='{PAGE}'>Read more</a></p><p>5</p><p>6</p>",
        "<p><img src=x></p><p>Source: <a href='https://clips.example.com/v/17'>a video</a></p>",
        "<p>文。</p><p>来源：<a href='https://clips.example.com/v/17'>视频截图</a></p>",
        f"<p><img src=x></p><p>Source: <a href='{PAGE}'>Example</a></p><p>文。</p>",
        f"<p>题目来源：<a href='{PAGE}'>力扣</a></p>",
    ],
)
def test_what_is_not_an_original(body: str) -> None:
    assert original(body) is None


LONG = "One sentence of the text.\n\n" * 6


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (f"原文链接：[甲]({PAGE})\n\n{LONG}", True),
        (f"> 原文地址：[甲]({PAGE})\n\n{LONG}", True),
        (f"{LONG}Originally published at [Example]({PAGE}).\n", True),
        (f"{LONG}[阅读原文]({PAGE})\n", True),
        (f"# 标题\n\n本文已获授权转载。\n\n作者：某人\n\n原文地址：<{PAGE}>\n\n{LONG}", True),
        (f"{LONG}原文链接：<{PAGE}>\n\n译者：某人\n\n版权归原作者所有。\n", True),
        (f"One.\n\nSource: [Example]({PAGE})\n\nThree.\n", False),
        (f"One.\n\n原文链接：[甲]({PAGE})\n\nThree.\n", False),
        (f"> 本文作者：某人\n> 原文地址：<{PAGE}>\n\n{LONG}", True),
        (f"{LONG}本文只做整理，具体参考原文链接：<{PAGE}>\n", False),
        (f"{LONG}Source: [Example]({PAGE})\n", True),
        (f"{LONG}原文链接：[甲]({PAGE})\n\n{LONG}", False),
        (f"{LONG}[原文]({PAGE})\n\n{LONG}", False),
        (f"{LONG}See the [original article]({PAGE}) for the figures.\n", False),
        (f"{LONG}It is also available via [Helper]({PAGE})\n", False),
        (f"{LONG}[Read more]({PAGE})\n", False),
        (f"{LONG}Source: [a video](https://youtu.be/x)\n", False),
    ],
)
def test_in_markdown_only_the_ends_name_the_original(body: str, found: bool) -> None:
    post = read(write_raw("title: x", body), "_posts/x.md", site=SITE)
    assert post.original_url == (PAGE if found else None)
    assert post.url == "https://news.example.org/x/", "a post's own page is its link"


@pytest.mark.parametrize(
    ("author", "is_original"),
    [("海鸥网", True), ("海鸥网 - 资讯", True), ("Ａ", False), ("某人", False), ("''", False)],
)
def test_the_original_is_the_link_of_the_crawlers_posts(author: str, is_original: bool) -> None:
    marked = f"<p>文。</p>原文链接：<a href='{PAGE}'>x</a>"
    own = "https://news.example.org/x/"
    data = write(body=marked, author=author)
    found = {rule: read(data, "x.md", site=SITE, link=rule) for rule in ("auto", "original", "own")}
    assert {post.original_url for post in found.values()} == {PAGE}
    assert [found[rule].url for rule in ("auto", "original", "own")] == [PAGE if is_original else own, PAGE, own]
    assert read(data, link="own").url == PAGE, "a post without a page has the original's"
    assert read(write(author=author), "x.md", site=SITE, link="original").url == own


def test_many_labelled_links_take_no_time() -> None:
    body = f"<p>{'x' * 300_000}" + "原文：<a href='/x'>原文</a>" * 3_000 + f"<a href='{PAGE}'>x</a></p>"
    start = time.process_time()
    read(write(body=body))
    assert time.process_time() - start < 2


def test_the_order_of_links() -> None:
    marked = f"<p>文。</p>原文链接：<a href='{PAGE}'>x</a>"
    own = "https://news.example.org/%E6%96%B0%E5%AA%92%E4%BD%93/%E6%B5%B7%E9%B8%A5%E7%BD%91/%E8%B5%84%E8%AE%AF/x/"
    explicit = read(write(body=marked, link="https://e.example.com/first"), site=SITE)
    assert (explicit.url, explicit.original_url) == ("https://e.example.com/first", "https://e.example.com/first")
    by_body = read(write(body=marked), site=SITE)
    assert (by_body.url, by_body.original_url) == (PAGE, PAGE)
    by_site = read(write(), site=SITE)
    assert (by_site.url, by_site.original_url) == (own, None)
    assert read(write()).url is None


@pytest.mark.parametrize("key", ["link", "url", "original", "original_url", "source_url", "source"])
def test_explicit_fields(key: str) -> None:
    assert read(write_raw(f"title: x\n{key}: {PAGE}")).url == PAGE
    assert read(write_raw(f"title: x\n{key}: 海鸥网")).url is None
