"""The page of an article: its text, its picture, and what keeps the text from readers."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.origins.feed.full_text import FullText, is_stub, read_page

URL = "https://tidewater.example/notes/fern"
TITLE = "A fern has been keeping a diary"
PARAGRAPHS = (
    "Every day at noon the fern in the Hallowmere glasshouse folds its fronds, and every evening has one more crease.",
    "The gardener has counted the creases since March. There are as many as there were days without rain, but for one.",
    "On that day, she says, it rained only on the other side of the glass, and the fern may be forgiven its mistake.",
)
CHINESE = (
    "在澜州旧城的石板巷里，六台送信机器人终于不再按门铃了，因为旧城一半的人家没有门铃，另一半的门铃早就不响了。",
    "工程师们教它轻重不同的三种敲法：送报纸敲两下，送药敲三下，送好消息敲一段节奏，什么算好消息由寄信的人自己说。",
)

TRADITIONAL = ("在霧港的石板巷裡，六台送信機器人終於不再按門鈴了，因為一半的人家沒有門鈴，另一半早就不響了。",) * 2


def page(
    *paragraphs: str, title: str = TITLE, head: str = "", before: str = "", after: str = "", heading: bool = True
) -> str:
    """Return the markup of a page, with what is around the article of any site."""
    body = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f'<nav><a href="/">Home</a> <a href="/about">About us</a> <a href="/shop">Shop</a></nav>{before}'
        f"<main><article>{f'<h1>{title}</h1>' if heading else ''}{body}</article></main>{after}"
        '<footer>Copyright Tidewater. All rights reserved. <a href="/privacy">Privacy</a></footer></body></html>'
    )


def read(markup: str | bytes, content_type: str = "text/html", url: str = URL, title: str = TITLE) -> FullText | None:
    return read_page(markup.encode() if isinstance(markup, str) else markup, content_type, url, title)


def test_the_text_of_an_article_without_what_is_around_it() -> None:
    head = '<meta property="og:image" content="/pictures/fern.jpg">'
    found = read(page(*PARAGRAPHS, head=head))
    assert found is not None
    assert found.text == " ".join(PARAGRAPHS)
    assert found.summary == PARAGRAPHS[0]
    assert found.picture == "https://tidewater.example/pictures/fern.jpg"


def test_what_the_page_calls_its_description_is_its_summary() -> None:
    found = read(page(*PARAGRAPHS, head='<meta name="description" content="A plant, and its days without rain.">'))
    assert found is not None
    assert found.summary == "A plant, and its days without rain."


@pytest.mark.parametrize(
    ("content", "picture"),
    [
        ("https://cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,AAAA", ""),
        ("file:///etc/passwd", ""),
        ("http://[::1", ""),
        ("https://cdn.example/" + "a" * 3000, ""),
    ],
)
def test_pictures_are_web_addresses(content: str, picture: str) -> None:
    found = read(page(*PARAGRAPHS, head=f'<meta property="og:image" content="{content}">'))
    assert found is not None
    assert found.picture == picture


@pytest.mark.parametrize(
    ("encoding", "content_type", "declared"),
    [
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html; charset=gb2312", ""),
        ("gb18030", "text/html; charset=GB2312", "utf-8"),
        ("gb18030", "text/html", "gb2312"),
        ("gb18030", "text/html", ""),
        ("big5", "text/html; charset=no-such-thing", "big5"),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "", ""),
    ],
)
def test_pages_in_any_encoding(encoding: str, content_type: str, declared: str) -> None:
    lines = CHINESE if encoding != "big5" else TRADITIONAL
    markup = page(*lines, title="小雀").replace("utf-8", declared) if declared else page(*lines, title="小雀")
    if not declared:
        markup = markup.replace('<meta charset="utf-8">', "")
    found = read(markup.encode(encoding), content_type, title="小雀")
    assert found is not None
    assert lines[0] in found.text


@pytest.mark.parametrize(
    ("name", "markup"),
    [
        ("cloudflare", "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script>"
         "<p>Verifying you are human. This may take a few seconds. tidewater.example needs to review the security of "
         "your connection before proceeding, and this page will go on by itself once that is done.</p></body></html>"),
        ("cookies", page("We value your privacy. We and our partners use cookies to store and access information on a "
                         "device, such as unique identifiers, and to process personal data for the purposes below.")),
        ("paywall", page(PARAGRAPHS[0], "Subscribe to continue reading. Already a subscriber? Sign in here.")),
        ("schema.org", page(*PARAGRAPHS, head='<script type="application/ld+json">{"@context":"https://schema.org",'
                            '"@graph":[{"@type":"NewsArticle","isAccessibleForFree":"False"}]}</script>')),
        ("substack", page(PARAGRAPHS[1], "This post is for paid subscribers, who get all of it and the letters too.")),
        ("login", page("请先登录后查看全文。" + CHINESE[0])),
        ("wechat", page("环境异常，当前环境异常，完成验证后即可继续访问。去验证。" + CHINESE[0])),
        ("script", page("You need to enable JavaScript to run this app. Please turn it on and load this page again, or "
                        "use another browser which can run the scripts that this site is made of, such as yours.")),
        ("captcha", page("Please slide the piece into its place to go on. " * 5, title="安全验证")),
    ],
)  # fmt: skip
def test_walls_are_left_out(name: str, markup: str) -> None:
    assert read(markup) is None, name


def test_an_article_about_walls_is_an_article() -> None:
    long = [f"{line} Number {number}." for number in range(8) for line in PARAGRAPHS]
    found = read(page("Sites must ask before they use cookies, so we value your privacy says each of them.", *long))
    assert found is not None
    free = '<script type="application/ld+json">[{"@type":"Article","isAccessibleForFree":true},"x",[[]],null]</script>'
    assert read(page(*PARAGRAPHS, head=free)) is not None
    jsd = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
    assert read(page(*PARAGRAPHS, after=jsd)) is not None


@pytest.mark.parametrize(
    ("markup", "content_type", "url"),
    [
        (page(*PARAGRAPHS), "application/pdf", URL),
        (page(*PARAGRAPHS), "application/rss+xml", URL),
        (page(*PARAGRAPHS), "text/html", "https://tidewater.example/"),
        (page(*PARAGRAPHS), "text/html", "https://tidewater.example"),
        (page("Too short to be anything."), "text/html", URL),
        ("", "text/html", URL),
        ("plain words without any markup " * 30, "text/html", URL),
        ("<", "text/html", URL),
        ("<html></html>", "text/html", URL),
    ],
)
def test_what_is_no_article_is_left_out(markup: str, content_type: str, url: str) -> None:
    assert read(markup, content_type, url) is None


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000 + " ".join(PARAGRAPHS),
        "<b><i>" * 50_000 + " ".join(PARAGRAPHS),
        page(*PARAGRAPHS, head='<script type="application/ld+json">' + "[" * 100_000 + "</script>"),
        page(*PARAGRAPHS, head='<meta property="og:image" content="x">' * 20_000),
        '<?xml version="1.0" encoding="gb2312"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + page("&a;"),
        "<p " + "a=1 " * 100_000 + ">" + " ".join(PARAGRAPHS),
        "\0" * 5000 + page(*PARAGRAPHS),
    ],
)
def test_hostile_markup_raises_nothing(markup: str) -> None:
    found = read(markup)
    assert found is None or "root:" not in found.text


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=30), st.text(max_size=40))
def test_any_bytes_raise_nothing(data: bytes, content_type: str, rest: str) -> None:
    found = read_page(b"<html>" + data, content_type, f"https://a.example/{rest}", rest)
    assert found is None or found.text.isprintable()


@pytest.mark.parametrize(
    ("text", "stub"),
    [
        ("", True),
        ("A few words.", True),
        (" ".join(PARAGRAPHS * 4), False),
        (" ".join(PARAGRAPHS * 4) + "…", True),
        (" ".join(PARAGRAPHS * 4) + " [...]", True),
        (" ".join(PARAGRAPHS * 4) + " Read more", True),
        (" ".join(PARAGRAPHS * 4) + " Continue reading →", True),
        ("".join(CHINESE * 4), False),
        ("".join(CHINESE * 4) + "阅读全文", True),
        ("".join(CHINESE), True),
    ],
)
def test_stubs(text: str, stub: bool) -> None:
    assert is_stub(text) is stub


def test_the_library_is_loaded_for_a_page_alone() -> None:
    code = (
        "import sys; from digests.origins.feed.full_text import full_text_is_installed as f; "
        "sys.exit(not f() or 'trafilatura' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
