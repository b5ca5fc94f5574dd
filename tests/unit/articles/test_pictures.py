"""The thumbnail: the first usable picture."""

from __future__ import annotations

from typing import Any

import pytest

from digests.articles.hexo.site import SiteRules
from digests.articles.options import PostOptions
from digests.ingest.parsing import ReadingOptions
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
        "https://127.0.0.1/a.jpg",
        "http://127.0.0.1:8099/a.jpg",
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


def of_fields(fields: str, body: str = "") -> str | None:
    return read(f"---\ntitle: Reeds\n{fields}\n---\nThe reeds bend.\n\n{body}\n".encode()).thumbnail


@pytest.mark.parametrize(
    "fields",
    [
        f"cover: {GOOD}",
        f"top_img: {GOOD}",
        f"index_img: {GOOD}",
        f"banner_img: {GOOD}",
        f"banner: {GOOD}",
        f"img: {GOOD}",
        f"headimg: {GOOD}",
        f"header-img: {GOOD}",
        f"cover-image: {GOOD}",
        f"coverImage: {GOOD}",
        f"thumbnailImage: {GOOD}",
        f"og_img: {GOOD}",
        f"photos:\n  - {GOOD}\n  - https://img.example.com/2.jpg",
        f"photos: [{GOOD}, https://img.example.com/2.jpg]",
        f"photos:\n  - https://img.shields.io/a.png\n  - {GOOD}",
        f"cover:\n  image: {GOOD}\n  alt: reeds",
        f"cover:\n  - src: {GOOD}",
        f"cover: '![reeds]({GOOD})'",
        f"background: url('{GOOD}')",
        f"banner_img: https://img.example.com/head.jpg\nindex_img: {GOOD}",
        f"top_img: https://img.example.com/head.jpg\ncover: {GOOD}",
        f"cover: false\ntop_img: {GOOD}",
        f"cover: '#49b1f5'\nphotos: {GOOD}",
    ],
)
def test_the_fields_of_themes(fields: str) -> None:
    assert of_fields(fields) == GOOD


@pytest.mark.parametrize(
    "value",
    [
        "false",
        "true",
        "transparent",
        "'#49b1f5'",
        "'#fff'",
        "linear-gradient(20deg, #0062be, #925696, #cc426e, #fb0347)",
        "'linear-gradient(rgba(0,0,0,.5), rgba(0,0,0,.5)), url(//img.example.com/a.jpg)'",
        "rgb(0, 0, 0)",
        "var(--theme)",
        "random",
        "[]",
        "https://source.unsplash.com/random/800x600",
        "https://api.btstu.cn/sjbz/api.php?lx=dongman&format=images",
        "https://pond.example/cover.svg",
        "https://pond.example/film.mp4",
    ],
)
def test_what_themes_take_beside_pictures(value: str) -> None:
    assert of_fields(f"cover: {value}", f"<p><img src='{GOOD}'></p>") == GOOD
    site = SiteRules(url="https://pond.example")
    assert read(f"---\ntitle: T\ncover: {value}\n---\nReeds.\n".encode(), site=site).thumbnail is None


SMALL = "https://img.example.com/2021/small.jpg"


@pytest.mark.parametrize(
    "picture",
    [
        f"<source srcset='{SMALL}' type='image/avif'><img src='{GOOD}'>",
        f"<source srcset='{SMALL} 2x' type='image/webp'><img src='{GOOD}'>",
        f"<source srcset='{SMALL} 300w, {GOOD} 900w'><img>",
        f"<source srcset='{SMALL} 300w, {GOOD} 900w'><img src='data:image/gif;base64,AAAA'>",
        f"<source srcset='{SMALL}' type='image/avif'><source srcset='{GOOD}' type='image/jpeg'><img alt=''>",
        f"<source srcset='https://img.example.com/a.avif'><source srcset='{GOOD}'><img src=''>",
        f"<source srcset='{GOOD}'>",
    ],
)
def test_sources_of_a_picture(picture: str) -> None:
    assert thumbnail("''", f"<picture>{picture}</picture>") == GOOD


def test_sources_belong_to_the_img_that_follows_them() -> None:
    small = f"<picture><source srcset='{SMALL}'><img class='avatar'></picture>"
    assert thumbnail("''", f"{small}<img src='{GOOD}'>") == GOOD
    assert thumbnail("''", small) is None
    assert thumbnail("''", f"<video><source src='{SMALL}'></video><img src='{GOOD}'>") == GOOD


def test_a_srcset_with_commas_in_its_addresses() -> None:
    address = "https://cdn.example.com/w_900,h_600,c_fill/kite.jpg"
    assert (
        thumbnail("''", f"<img srcset='https://cdn.example.com/w_300,h_200/kite.jpg 300w, {address} 900w'>") == address
    )


@pytest.mark.parametrize(
    "image",
    [
        "<img src='https://img.shields.io/badge/x.svg'>",
        "<img src='https://mail.example.com/o/open.gif?u=1'>",
        "<img src='https://e.example.com/x.png' alt='Build Status'>",
        "<img src='https://e.example.com/x.png' style='display: none'>",
        "<img src='https://e.example.com/x.png' width=468 height=60>",
        "<img src='data:image/svg+xml;utf8,x'>",
    ],
)
def test_badges_pixels_and_banners_give_way(image: str) -> None:
    assert thumbnail("''", f"{image}<p>文。</p><img src='{GOOD}'>") == GOOD


def test_a_lazy_picture_is_hidden_until_it_is_there() -> None:
    assert thumbnail("''", f"<img style='visibility: hidden' data-src='{GOOD}'>") == GOOD


def pictures(body: str, **fields: str) -> tuple[str, ...]:
    return read(write(body=body, **fields)).pictures


def test_the_pictures_that_may_represent_an_article_begin_with_its_thumbnail() -> None:
    def address(name: str) -> str:
        return f"https://img.example.com/{name}.jpg"

    body = "".join(f'<p><img src="{address(name)}"></p>' for name in "abcdefgh")
    assert pictures(body) == tuple(address(name) for name in "abc")
    assert pictures(body, thumbnail=address("c"), cover=address("x")) == tuple(address(name) for name in "cxa")
    # What the thumbnail is, it was before: a picture that is unusable in the body is unusable in a field too.
    assert pictures(f'<img src="{GOOD}" width="20"><img src="{address("b")}">', thumbnail=GOOD) == (address("b"),)
    assert pictures("<p>No picture.</p>") == ()


def test_another_size_of_a_picture_is_not_another_picture() -> None:
    body = f'<img src="{GOOD}?w=640"><img src="{GOOD}"><img src="http://img.example.com/2021/good.jpg#x">'
    assert pictures(body, thumbnail=f"{GOOD}?w=80") == (f"{GOOD}?w=80",)


def test_the_sources_of_a_picture_stand_for_it() -> None:
    body = (
        '<picture><source srcset="https://img.example.com/1.webp"><img src="data:,"></picture>'
        '<picture><source srcset="https://img.example.com/2.webp"><img src="https://img.example.com/2.jpg"></picture>'
    )
    assert pictures(body) == ("https://img.example.com/1.webp", "https://img.example.com/2.jpg")


def test_a_host_that_is_not_on_the_web_has_pictures_only_if_it_is_allowed() -> None:
    for address in ("http://127.0.0.1:8123/a b.jpg", "http://localhost:80/x", "HTTP://[::1]:8123/a.png?x=1#y"):
        assert thumbnail(f"'{address}'") is None
    hosts = ("127.0.0.1:8123", "localhost:80", "[::1]:8123")
    data = write(thumbnail="'http://127.0.0.1:8123/a b.jpg'", body="<img src='http://LOCALHOST:80/x.jpg'>")
    assert read(data, picture_hosts=hosts).pictures == ("http://127.0.0.1:8123/a%20b.jpg", "http://localhost:80/x.jpg")
    for address in (
        "http://127.0.0.1:8124/a.jpg",
        "http://127.0.0.1/a.jpg",
        "http://127.0.0.1:8123@127.0.0.2/a.jpg",
        "http://user@127.0.0.1:8123/a.jpg",
        "http://127.1:8123/a.jpg",
        "ftp://127.0.0.1:8123/a.jpg",
    ):
        assert read(write(thumbnail=f"'{address}'"), picture_hosts=hosts).thumbnail is None, address


def test_hosts_of_pictures_change_how_posts_are_read_only_where_there_are_some() -> None:
    assert repr(PostOptions()) == repr(PostOptions(picture_hosts=("a:1",)))
    assert ReadingOptions().fingerprint != ReadingOptions(PostOptions(picture_hosts=("a:1",))).fingerprint
