"""The thumbnail: the first usable picture."""

from __future__ import annotations

from typing import Any

import pytest

from digests.articles.hexo.site import SiteRules
from tests.unit.articles.writing import read, write

GOOD = "https://img.example.com/2021/good.jpg"


def thumbnail(value: str = "''", body: str = "", **options: Any) -> str | None:
    fields = {key: str(options.pop(key)) for key in ("headimg", "cover", "link") if key in options}
    return read(write(body=body, thumbnail=value, **fields), **options).thumbnail


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (f"'{GOOD}'", GOOD),
        (GOOD, GOOD),
        ("'//img.example.com/a.jpg'", "https://img.example.com/a.jpg"),
        ("'HTTP://img.example.com/a.jpg'", "http://img.example.com/a.jpg"),
        ("'https://img.example.com/a b.jpg'", "https://img.example.com/a%20b.jpg"),
        ("'https://img.example.com/a.jpg?x=1&amp;y=2'", "https://img.example.com/a.jpg?x=1&y=2"),
        ("'https://a.example.com/media/https://b.example.com/x.jpg!thumb'", "https://b.example.com/x.jpg!thumb"),
        ("'https://a.example.comhttps://b.example.com/x.jpg'", "https://b.example.com/x.jpg"),
        ("'https://a.example.com//b.example.com/x.jpg'", "https://b.example.com/x.jpg"),
        (
            "'https://a.example.com/p?url=https://b.example.com/x.jpg'",
            "https://a.example.com/p?url=https://b.example.com/x.jpg",
        ),
        ("'https://img.example.com/avatar-2-trailer.jpg'", "https://img.example.com/avatar-2-trailer.jpg"),
        ("'https://例子.example/图.jpg'", "https://例子.example/图.jpg"),
    ],
)
def test_addresses(value: str, url: str) -> None:
    assert thumbnail(value) == url


@pytest.mark.parametrize(
    "value",
    [
        "",
        "''",
        "~",
        "undefined",
        "https://picsum.photos/400/300?random=7916",
        "https://img.example.com/undefined",
        "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
        "/images/404.gif",
        "images/a.jpg",
        "javascript:alert(1)",
        "ftp://img.example.com/a.jpg",
        "file:///etc/passwd",
        "https://user:secret@img.example.com/a.jpg",
        "https://localhost/a.jpg",
        "https://",
        "https:///a.jpg",
        "https://img.example.com/\u202ea.jpg",
        "https://img.example.com/" + "a" * 3000,
        "https://img.example.com/blank.gif",
        "https://img.example.com/img/1x1.png",
        "https://img.example.com/lazyload.png",
        "https://img.example.com/user/avatar/12.jpg",
        "https://secure.gravatar.com/x.jpg",
        "https://www.google-analytics.com/collect?v=1",
        "https://s.w.org/images/core/emoji/13/72x72/1f600.png",
    ],
)
def test_what_is_not_a_picture_gives_way_to_the_bodys_first(value: str) -> None:
    assert thumbnail(value, f"<p>文。</p><img src='{GOOD}'>") == GOOD
    assert thumbnail(value) is None


@pytest.mark.parametrize(
    "image",
    [
        f"<img src='{GOOD}'>",
        f"<img src='/loading.gif' data-src='{GOOD}'>",
        f"<img src='https://e.example.com/ph.png' data-original='{GOOD}'>",
        f"<img src='data:image/gif;base64,AAAA' data-lazy-src='{GOOD}'>",
        f"<img srcset='https://img.example.com/s.jpg 300w, {GOOD} 900w'>",
        f"<img src='data:,' data-srcset='{GOOD} 2x'>",
        f"<img src='data:,'><noscript><img src='{GOOD}'></noscript>",
        f"<img src='https://e.example.com/t.gif' width=1 height=1><img src='{GOOD}'>",
        f"<img src='https://e.example.com/t.gif' style='width:1px;height:1px'><img src='{GOOD}'>",
        f"<img class='avatar' src='https://e.example.com/me.jpg'><img src='{GOOD}'>",
        f"<img class='wp-smiley' src='https://e.example.com/s.png'><img src='{GOOD}'>",
        f"<img src='https://e.example.com/i.png' width=24><img src='{GOOD}' width='100%'>",
        f"<img src='{GOOD}' width='650' height='477'>",
        f"<video poster='{GOOD}'><source src='x'></video>",
        f"<a href='https://e.com'><img src='{GOOD}'></a>",
    ],
)
def test_pictures_of_the_body(image: str) -> None:
    assert thumbnail("''", image) == GOOD


def test_what_is_wrong_with_a_picture_in_the_body_is_wrong_with_the_thumbnail_that_repeats_it() -> None:
    pixel = "https://t.example.com/count.gif"
    assert thumbnail(pixel, f"<img src='{pixel}' width=1 height=1><img src='{GOOD}'>") == GOOD
    lazy = "https://t.example.com/wait.png"
    assert thumbnail(lazy, f"<img src='{lazy}' data-src='{GOOD}'>") == GOOD


def test_further_fields() -> None:
    assert thumbnail("''", headimg=f"'{GOOD}'") == GOOD
    assert thumbnail("https://picsum.photos/400/300?random=1", cover=GOOD) == GOOD


def test_relative_addresses_are_resolved_against_the_original_then_the_site() -> None:
    site = SiteRules(url="https://news.example.org")
    assert thumbnail("/a/b.jpg", site=site) == "https://news.example.org/a/b.jpg"
    assert thumbnail("../b.jpg", link="https://e.example.com/x/y/z.html", site=site) == "https://e.example.com/x/b.jpg"
    assert (
        thumbnail("''", "原文链接：<a href='https://e.example.com/x/y'>x</a><img src='b.jpg'>")
        == "https://e.example.com/x/b.jpg"
    )
    assert thumbnail("/images/404.gif", site=site) is None
    assert thumbnail("x", site=site) is None


def test_default_pictures_of_sites_are_a_setting() -> None:
    default = "https://www.example.com/css/nothesispic.jpg"
    assert thumbnail(default) == default
    assert thumbnail(default, f"<img src='{GOOD}'>", default_pictures=("nothesispic",)) == GOOD


def test_a_new_random_picture_is_no_change() -> None:
    post, other = (read(write(thumbnail=f"https://picsum.photos/400/300?random={number}")) for number in (1, 2))
    assert post == other
