"""The link of an article: explicit, then the marked original, then the site's own."""

from __future__ import annotations

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
    ],
)
def test_what_is_not_an_original(body: str) -> None:
    assert original(body) is None


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
