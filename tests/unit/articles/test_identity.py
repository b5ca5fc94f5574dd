"""An article has one identity, however it comes back; two articles with the same title stay two."""

from __future__ import annotations

import pytest

from digests.articles.hexo.site import read_site_config
from tests.unit.articles.writing import BODY, read, write, write_raw

TITLE = "松果汽车公布四月交付数据：毛利率再降"


def identity(data: bytes, path: str = "新媒体/海鸥网/资讯/x.md") -> str:
    return read(data, path).identity


ARTICLE = identity(write(f"'{TITLE}'"))


@pytest.mark.parametrize(
    "again",
    [
        write(TITLE),
        write(f'"{TITLE}"'),
        write(f'"""""""\'{TITLE}\'"""""""'),
        write(f"'{TITLE.replace('：', '_')}'"),
        write(f"'{TITLE.replace('：', ': ')}'"),
        write(f"'  {TITLE} '"),
        write(f"'“{TITLE}”'"),
        write(f"'_{TITLE}_'"),
        write(f"'{TITLE}'", date="2022-01-01 00:00:00"),
        write(f"'{TITLE}'", date="Invalid Date"),
        write(f"'{TITLE}'", thumbnail="https://picsum.photos/400/300?random=3"),
        write(f"'{TITLE}'", thumbnail="https://img.example.com/x.jpg"),
        write(f"'{TITLE}'", author="海鸥网 - 资讯"),
        write(f"'{TITLE}'", author="张三"),
        write(f"'{TITLE}'", categories="\n    - 新媒体\n    - 海鸥网 - 资讯"),
        write(f"'{TITLE}'", categories="\n - 新媒体\n - 海鸥网\n -  - 资讯"),
        write(f"'{TITLE}'", categories="\n - 新媒体\n - 海鸥网\n - — 头条"),
        write(f"'{TITLE}'", categories="\n - 新媒体\n - 海鸥网"),
        write(f"'{TITLE}'", categories="\n - 新媒体", author="海鸥网 - 资讯"),
        write(f"'{TITLE}'", body=BODY + "<p>更正：数据有误。</p>"),
        write(f"'{TITLE}'", body=""),
        write(f"'{TITLE}'").replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + write(f"'{TITLE}'").lstrip(),
    ],
)
def test_the_same_article(again: bytes) -> None:
    assert identity(again, "另一个/文件.md") == ARTICLE


@pytest.mark.parametrize(
    "other",
    [
        write("'松果汽车公布五月交付数据：毛利率再降'"),
        write(f"'{TITLE}'", categories="\n - 新媒体\n - 南湖晚报\n - 资讯", author="南湖晚报"),
    ],
)
def test_another_article(other: bytes) -> None:
    assert identity(other) != ARTICLE


@pytest.mark.parametrize(
    "title",
    ["2019", "第1集", "12_00", "1.0.0", "今日要闻", "早报", "#", "..", "''", "Weekly Links", "3月21日新闻联播要闻精选"],
)
def test_titles_that_many_share_identify_an_article_only_with_its_content(title: str) -> None:
    post = write(title, body="<p>爱德温·卡特姆因三维计算机图形学的基础贡献而获奖，影响了电影制作。</p>")
    other = write(title, body="<p>约书亚·本吉奥因深度神经网络的概念与工程突破而获奖，影响了人工智能。</p>")
    assert identity(post) != identity(other)
    assert identity(post) == identity(post.replace("制作。".encode(), "制 作。\n".encode()), "x/y.md")


def test_such_articles_without_text_are_distinguished_by_their_pictures() -> None:
    post, other = (write("12_00", body=f"<img src='https://img.example.com/{name}.jpg'>") for name in "ab")
    assert identity(post) != identity(other)
    assert identity(post) == identity(post.replace(b"12_00", b"'12:00'"))


def test_such_articles_are_identified_by_the_originals_address_whatever_is_edited() -> None:
    link = "<p>文。</p>原文：<a href='https://e.example.com/x/1'>x</a>"
    post, edited = write("2019", body=link), write("2019", body="<p>改过了。</p>" + link)
    assert identity(post) == identity(edited)
    assert identity(post) != identity(write("2019", body=link.replace("/x/1", "/x/2")))


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Redisson 3.15.2 发布了", "Redisson 3.1.52 发布了"),
        ("C++ 新标准的提案", "C# 新标准的提案"),
        ("利率上调+0.25%会怎样", "利率上调-0.25%会怎样"),
    ],
)
def test_marks_that_mean_something_count(title: str, other: str) -> None:
    assert identity(write(f"'{title}'")) != identity(write(f"'{other}'"))


def test_the_hash_of_the_content_changes_with_what_is_shown() -> None:
    before = read(write())
    changed = [
        read(write("'松果汽车公布四月交付数据！'")),
        read(write(body=BODY + "<p>更正。</p>")),
        read(write(author="张三")),
        read(write(thumbnail="https://img.example.com/x.jpg")),
        read(write(link="https://e.example.com/x")),
        read(write(categories="\n - 新媒体\n - 海鸥网\n - 头条")),
    ]
    assert before.content_hash not in [post.content_hash for post in changed]
    assert before.content_hash == read(write(categories="\n - 新媒体\n - 海鸥网 - 资讯")).content_hash


def test_posts_without_anything_are_the_same_article_of_a_channel() -> None:
    post = write_raw("title:\ncategories: [编程, Go - 周刊]", "<div>   \n</div>")
    assert identity(post) == identity(post, "y.md")
    assert identity(post) != identity(post.replace("周刊".encode(), "月刊".encode()))
    assert read(post, "x.md") == read(post, "y.md")


UNLINKED = read_site_config("title: Notes\npermalink: ':year/:title/'\n")
NOTES = write_raw("title: Iterative and incremental\ndate: 2021-03-11 21:09:21", "What a sprint is for.")


def test_files_of_a_site_stand_in_for_pages_that_are_not_known() -> None:
    addresses = {read(NOTES, f"_posts/{name}.md", site=UNLINKED).address for name in ("a", "b", "C", "C#", "C?", "a/b")}
    assert len(addresses) == 6
    assert all(address.startswith("~") for address in addresses)


def test_files_tell_nothing_where_pages_are_not_named_after_them() -> None:
    by_title = read_site_config("title: Notes\npermalink: 'p/:abbrlink/'\nabbrlink: {rep: hex}\n")
    assert read(NOTES, "_posts/a.md", site=by_title).address == ""
    assert read(NOTES, "_posts/a.md").address == ""


def test_the_crawlers_files_tell_nothing_on_any_site() -> None:
    assert read(write(f"'{TITLE}'"), "_posts/a.md", site=UNLINKED).address == ""
    linked = write(f"'{TITLE}'", body='<p>原文链接：<a href="https://news.example/1">https://news.example/1</a></p>')
    assert read(linked, "_posts/a.md", site=UNLINKED).address == read(linked, "_posts/b.md").address


ADDRESS = "https://e.example.com/a/1?id=2"


def address(link: str) -> str:
    return read(write(link=f"'{link}'")).address


@pytest.mark.parametrize(
    "link",
    [
        "http://e.example.com/a/1?id=2",
        "https://www.e.example.com/a/1/?id=2",
        "https://E.example.com/a/1?utm_source=x&id=2&utm_medium=y",
        "https://e.example.com/a/1?id=2&from=timeline&isappinstalled=0#comments",
        "https://m.e.example.com/a/1?id=2",
        "https://e.m.example.com/a/1?id=2",
        "https://e.example.com/amp/a/1?id=2",
        "https://e.example.com/a/1/amp/?id=2",
        "https://e.example.com/a/1?id=2&amp=1",
    ],
)
def test_addresses_of_the_same_page(link: str) -> None:
    assert address(link) == address(ADDRESS) != ""


@pytest.mark.parametrize(
    "link",
    [
        "https://e.example.com/a/1?id=3",
        "https://e.example.com/a/2?id=2",
        "https://f.example.com/a/1?id=2",
        "https://e.example.com/A/1?id=2",
        "https://e.example.com/a/1?id=2&pref=1",
        "https://e.example.com/a/1?id=2#/post/7",
        "https://em.example.com/a/1?id=2",
        "https://e.example.com/lamp/a/1?id=2",
    ],
)
def test_addresses_of_other_pages(link: str) -> None:
    assert address(link) != address(ADDRESS)
    assert address("https://beam.example.com/a") != address("https://bea.example.com/a")


@pytest.mark.parametrize(
    "link", ["https://e.example.com/", "https://www.e.example.com/#top", "https://e.example.com/#/"]
)
def test_the_front_page_of_a_site_is_no_articles_address(link: str) -> None:
    assert address(link) == ""
