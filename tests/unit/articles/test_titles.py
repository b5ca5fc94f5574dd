"""Titles: in the head, in a heading, in the file's name."""

from __future__ import annotations

from time import process_time

import pytest

from digests.articles.hexo.site import SiteRules
from digests.articles.options import PostOptions
from digests.articles.reading import read_post
from digests.model.gaps import Gap, GapKind
from tests.unit.articles.promises import check_promises
from tests.unit.articles.writing import read, write_raw

FROM_NAME = Gap(GapKind.TITLE, "file name")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('"How to use the <a> and the <b> element"', "How to use the <a> and the <b> element"),
        ("List<String> and Map<K, V>", "List<String> and Map<K, V>"),
        ("What <T> means", "What <T> means"),
        ("The <br> tag", "The <br> tag"),
        ("<b>和</b>标签的区别", "<b>和</b>标签的区别"),
        ("a<b and c>d", "a<b and c>d"),
        ("if a < b", "if a < b"),
        ("&lt;b&gt; or &lt;strong&gt;", "<b> or <strong>"),
        ("Using <Foo bar={1}>", "Using <Foo bar={1}>"),
        ("<b>x</b>", "x"),
        ("<B>x</B> y", "x y"),
        ("<font color=red>x", "x"),
        ("<span style='color:red'>x</span>", "x"),
        ("'x<br>y'", "x y"),
        ("x<br/>y", "x y"),
        ("<img src=x.jpg>x", "x"),
        ("<h1>x</h1>", "x"),
        ("x <em>y</em> z</em>", "x y z"),
        ("<a href='/x'>x</a> and <a>", "x and <a>"),
        ("<!-- a remark -->x", "x"),
        ('"Baker&amp;#8217;s dozen &amp;amp; a half"', "Baker’s dozen & a half"),
        ("AT&amp;T", "AT&T"),
        ("a&copy=1", "a&copy=1"),
        ('"<![CDATA[Snow on the pass]]>"', "Snow on the pass"),
        ('"&lt;![CDATA[Snow on the pass]]&gt;"', "Snow on the pass"),
        ("x[]]>y", "x[]]>y"),
    ],
)
def test_markup_goes_and_tags_that_a_title_speaks_of_stay(written: str, title: str) -> None:
    assert read(write_raw(f"title: {written}\nauthor: a")).title == title


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<h1>Gulls</h1><p>They came back.</p>", "Gulls"),
        ("<p>12 May</p><h2>Gulls <b>at sea</b></h2><p>They came back.</p>", "Gulls at sea"),
        ("# Gulls\n\nThey came back.", "Gulls"),
        ("<h2>Introduction</h2><p>They came back.</p><h2>Gulls</h2>", "my post"),
        ("<h2>Introduction: gulls</h2><p>They came back.</p>", "Introduction: gulls"),
        ("<h2>2026</h2><p>They came back.</p>", "my post"),
        ("<h2>0. Overview:</h2><p>They came back.</p>", "my post"),
        ("<table><tr><th>Bird</th></tr></table><p>They came back.</p>", "my post"),
        ("<h2>一、前言</h2><p>They came back.</p>", "my post"),
        ("<p>" + "They came back. " * 30 + "</p><h2>Gulls</h2>", "my post"),
        ("<p>They came back.</p>", "my post"),
        ("", "my post"),
    ],
)
@pytest.mark.parametrize("head", ["author: me", "title:", "title: ''"])
def test_a_title_that_the_head_lacks(head: str, body: str, title: str) -> None:
    parsed = read(write_raw(head, body), "_posts/my-post.md")
    assert parsed.title == title
    assert (FROM_NAME in parsed.gaps) == (parsed.title == "my post")


def test_a_title_in_the_head_leaves_the_headings_alone() -> None:
    parsed = read(write_raw("title: Gulls", "<h1>Terns</h1><p>They came back.</p>"))
    assert (parsed.title, parsed.text) == ("Gulls", "Terns They came back.")
    assert all(gap.kind is not GapKind.TITLE for gap in parsed.gaps)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("2014-06-14-gulls-at-sea.md", "gulls at sea"),
        ("2014-06-14 Gulls at sea.md", "Gulls at sea"),
        ("20140614_gulls.md", "gulls"),
        ("2014年6月14日 海鸥回来了.md", "海鸥回来了"),
        ("01-gulls_at_sea.markdown", "gulls at sea"),
        ("3. Gulls.md", "Gulls"),
        ("海鸥回来了.md", "海鸥回来了"),
        ("A C-3PO replica.md", "A C-3PO replica"),
        ("2048-gulls.md", "2048 gulls"),
        ("gulls.v2.html", "gulls.v2"),
        ("gulls/index.md", "gulls"),
        ("%E6%B5%B7%E9%B8%A5.md", "海鸥"),
        ('"""\'Gulls at sea\'""".md', "Gulls at sea"),
        ("2014-06-14.md", ""),
        ("12345.md", ""),
        ("3f2a9c11d0.md", ""),
        ("untitled-2.md", ""),
        ("_posts/index.md", ""),
        (".md", ""),
        ("x.md", ""),
    ],
)
def test_a_title_from_the_files_name(path: str, title: str) -> None:
    parsed = read(write_raw("author: me"), path)
    assert parsed.title == title
    assert Gap(GapKind.TITLE, "file name" if title else "none") in parsed.gaps


def test_a_site_may_show_the_name_as_it_is() -> None:
    """`use_slug_as_post_title` fills in a title that is missing, not one that is empty, as Hexo does."""
    site = SiteRules(url="https://x.example", use_slug_as_post_title=True)
    path = "_posts/birds/2014-06-14-gulls_at_sea.md"
    assert read(write_raw("author: me"), path, site=site).title == "birds/2014-06-14-gulls_at_sea"
    assert read(write_raw("title:"), path, site=site).title == "gulls at sea"
    assert read(write_raw("author: me", "<h1>Gulls</h1>"), path, site=site).title == "Gulls"


def test_a_name_by_the_sites_rule() -> None:
    site = SiteRules(url="https://x.example", new_post_name=":year-:month-:day-:lang-:title.md")
    assert read(write_raw("author: me"), "_posts/2014-06-14-en-the-gulls.md", site=site).title == "the gulls"


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("{nick: Ada, github_name: ada42}", "Ada"),
        ("{name: Ada, email: ada@x.example}", "Ada"),
        ("\n  name: Ada\n  avatar: https://x.example/a.jpg", "Ada"),
        ("\n  - name: Ada\n  - {nick: Bob, name: Robert}\n  - Cy", "Ada, Bob, Cy"),
        ("{github_name: ada42}", "ada42"),
        ("{ada: {github: x}}", "ada"),
        ("{email: ada@x.example}", ""),
        ("{name: }", ""),
        ("Ada <ada@x.example>", "Ada"),
        ("ada@x.example (Ada)", "Ada"),
        ("ada@x.example", "ada@x.example"),
        ("Ada & Bob", "Ada & Bob"),
        ("\n  - 'Ada: a life'", "Ada: a life"),
        ("\n  - Ada: a life", "Ada: a life"),
        ("{}", ""),
    ],
)
def test_authors(written: str, author: str) -> None:
    assert read(write_raw(f"title: x\nauthor: {written}")).author == author


@pytest.mark.parametrize(
    "piece",
    ["<b>", "<b> ", "</b>", "<a x=", "<!--", "<![CDATA[  ", "]]>", "&amp;amp;", "<br> ", "a@b(", "【广告", "[*x, "],
)
def test_titles_that_would_take_long(piece: str) -> None:
    began = process_time()
    bomb = piece * (90_000 // len(piece))
    check_promises(
        read_post(write_raw(f"title: {bomb}\nauthor: {bomb[:1_000]}"), "x.md", PostOptions(advertisements=False))
    )
    check_promises(read_post(write_raw(f"title: a: b: c\ntags: [{bomb}]"), "x.md"))
    check_promises(read_post(f"# {bomb}\n\ntext".encode(), "2014-06-14-x.md"))
    assert process_time() - began < 2
