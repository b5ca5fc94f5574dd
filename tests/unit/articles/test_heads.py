"""Heads in JSON and TOML, and posts without any."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.hexo.site import SiteRules
from digests.articles.reading import read_post
from digests.model.article import ParsedPost, Unreadable
from digests.model.gaps import Gap, GapKind
from tests.unit.articles.promises import check_promises
from tests.unit.articles.writing import read

SITE = SiteRules(url="https://x.example", permalink=":year/:title/")
FIELDS = '"title": "Gulls", "date": "2026-11-25 08:36:00", "categories": ["Birds", "Sea"]'
TOML = 'title = "Gulls"\ndate = 2026-11-25T08:36:00Z\ncategories = ["Birds", "Sea"]'


@pytest.mark.parametrize(
    "head",
    [
        f"{FIELDS}\n;;;\n",
        f"{FIELDS},\n;;;;\n",
        f";;;\n{FIELDS}\n;;;\n",
        f";;;\n{{{FIELDS}}}\n;;;\n",
        f"\n;;;\n{FIELDS}\n;;;\n",
        f"{{{FIELDS}}}\n",
        f"{{\n{FIELDS}\n}}\n\n",
        f"{{{FIELDS}}}\n;;;\n",
        f"---\n{{{FIELDS}}}\n---\n",
        f";;;\n{FIELDS}, // the sea\n'author': 'me',\n;;;\n".replace(" // the sea", ""),
        f"---\n{FIELDS},\n---\n",
        f"{FIELDS.replace(', ', ',' + chr(10))}\n---\n",
        f"+++\n{TOML}\n+++\n",
        f"\n+++  \n{TOML}\ndraft = false\n[params]\nx = [1, 2.50, {{a = true}}]\n+++\n",
        f"+++\n{TOML.split('categories')[0]}\n[taxonomies]\ncategories = ['Birds', 'Sea']\n+++\n",
    ],
)
def test_heads(head: str) -> None:
    parsed = read(f"{head}The **gulls** came back to the harbour.".encode())
    assert parsed.title == "Gulls"
    assert parsed.published_at == datetime(2026, 11, 25, 8, 36, tzinfo=UTC)
    assert parsed.categories == ("Birds", "Sea")
    assert parsed.text == "The gulls came back to the harbour."
    assert parsed.problems == () or "author" in head


def test_values_have_no_types() -> None:
    parsed = read(b';;;\n"title": 2019, "author": true, "tags": [1e5, 0.10, null, "x"]\n;;;\nbody')
    assert (parsed.title, parsed.author, parsed.tags) == ("2019", "true", ("1e5", "0.10", "x"))
    assert read(b"+++\ntitle = 2019\ndate = 2026-11-25\n+++\n").title == "2019"


def test_broken_heads_are_read_as_far_as_they_can_be() -> None:
    json = read(b";;;\n'title': 'Gulls', author: me,\n;;;\nbody")
    assert (json.title, json.author) == ("Gulls", "me")
    assert "not valid JSON" in json.problems[0]
    toml = read(b"+++\ntitle = Gulls at sea\nauthor = 'me'\n+++\nbody")
    assert (toml.title, toml.author) == ("Gulls at sea", "me")
    assert "not valid TOML" in toml.problems[0]


@pytest.mark.parametrize(
    ("data", "cause", "line"),
    [
        (b';;;\n"title": "x"\n', "has no closing line", 1),
        (b"\n+++\ntitle = 'x'\n", "has no closing line", 2),
        (b';;;\n"title": [\n;;;\n', "not valid JSON", 2),
        (b"+++\nno fields\n+++\n", "not valid TOML", 2),
        (b"+++\n+++\nbody", "empty", 1),
        (b"{}\nbody", "no front matter", 1),
        (b'[{"title": "x"}]', "no front matter", 1),
    ],
)
def test_heads_that_nobody_can_read(data: bytes, cause: str, line: int) -> None:
    refused = read_post(data, "x.md")
    assert isinstance(refused, Unreadable)
    assert cause in refused.cause
    assert refused.line == line


def test_only_hexos_own_heads_give_a_link() -> None:
    assert read(f"+++\n{TOML}\n+++\nbody".encode(), "a.md", site=SITE).url is None
    assert read(b"# Gulls\n\nbody", "2026-11-25-a.md", site=SITE).url is None


@pytest.mark.parametrize(
    ("body", "path", "title", "day"),
    [
        ("# Gulls at sea\n\nThey came back.", "2014-06-14-gulls.md", "Gulls at sea", "2014-06-14"),
        ("<h1>Gulls at sea</h1><p>They came back.</p>", "a.html", "Gulls at sea", ""),
        ("They came back.", "2014-06-14-gulls-at-sea.md", "gulls at sea", "2014-06-14"),
        ("They came back.", "source/_posts/gulls_at_sea.md", "gulls at sea", ""),
        ("Note: they came back.", "_posts/gulls.md", "gulls", ""),
        ("# Gulls\n\n---\n\nThey came back.\n\n---\n", "a.md", "Gulls", ""),
        ("---\n---\n# Gulls\n\nThey came back.", "a.md", "Gulls", ""),
        ("![x](x.jpg)\n\n# Gulls\n\nThey came back.", "a.md", "Gulls", ""),
        (
            "<html><head><title>Gulls</title></head><body><h2>x</h2><p>They came back.</p></body></html>",
            "a.html",
            "Gulls",
            "",
        ),
    ],
)
def test_posts_without_a_head(body: str, path: str, title: str, day: str) -> None:
    parsed = read(body.encode(), path)
    assert parsed.title == title
    assert (parsed.published_at.strftime("%Y-%m-%d") if parsed.published_at else "") == day
    assert "came back" in parsed.text


def test_the_heading_that_became_the_title_is_not_repeated() -> None:
    parsed = read(b"# Gulls at sea\n\nThey came back.\n<!-- more -->\n\n## Later\n\nMore of it.", "a.md")
    assert parsed.text == "They came back. Later More of it."
    assert parsed.summary == "They came back."


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"just a note", "notes.md"),
        (b"#todo buy bread", "notes.md"),
        (b"# My site\n\nHow to build it.", "README.md"),
        (b"# My site\n\nHow to build it.", "docs/Readme.zh-CN.md"),
        (b"# 1.0\n\nFirst release.", "CHANGELOG.md"),
        (b"# News\n\nOf this program.", "NEWS.md"),
        (b"\x01\x02\x03\x04 # x", "2014-06-14-x.md"),
        (b"#!/bin/sh\n# Title\necho x", "_posts/x.md"),
        (b'{"a": [1, 2', "_posts/x.md"),
        (b"--- ... ---", "_posts/x.md"),
        (b"<div></div>", "_posts/x.md"),
    ],
)
def test_files_that_are_no_posts(data: bytes, path: str) -> None:
    assert isinstance(read_post(data, path), Unreadable)


def test_a_post_may_be_called_news() -> None:
    assert read(b"# News of the harbour\n\nA boat came in.", "news.md").title == "News of the harbour"
    assert read(b"# Read me\n\nA boat came in.", "_posts/README.md").title == "Read me"


def test_a_date_in_the_name_by_the_sites_rule() -> None:
    site = SiteRules(url="https://x.example", new_post_name=":day.:month.:year :title.md")
    parsed = read(b"---\nauthor: me\n---\nbody", "_posts/14.06.2014 gulls.md", site=site)
    assert parsed.published_at == datetime(2014, 6, 14, tzinfo=UTC)
    assert parsed.title == "gulls"


@pytest.mark.parametrize("name", ["2014-13-14-x.md", "2014-6-x.md", "1234-06-14-x.md", "20140614150000.md", "x.md"])
def test_names_without_a_date(name: str) -> None:
    assert read(b"---\ntitle: x\n---\nbody", name).published_at is None


def test_the_head_counts_before_the_name() -> None:
    parsed = read(b"---\ntitle: x\ndate: 2026-11-25\n---\nbody", "2014-06-14-x.md")
    assert parsed.published_at == datetime(2026, 11, 25, tzinfo=UTC)
    assert Gap(GapKind.DATE, "none") not in parsed.gaps


heads = st.lists(
    st.sampled_from(
        [";;;", "\n", "+++", "---", "{", "}", '"a"', ":", "=", "[", "]", ",", "title", "# x", "2026-11-25", "'", "\\"]
    ),
    max_size=25,
).map("".join)


@given(heads, st.sampled_from(["x.md", "_posts/x.md", "2014-06-14-x.html"]))
def test_any_head(text: str, path: str) -> None:
    check_promises(read_post(text.encode(), path))


@pytest.mark.parametrize(
    "bomb",
    [
        "+++\n" + "a." * 40_000 + "a = 1\n+++\n",
        '+++\n"=".' + "a." * 40_000 + "a = 1\n+++\n",
        "+++\nx = {" + "a." * 40_000 + "a = 1}\n+++\n",
        "+++\nx = " + "[" * 50_000 + "\n+++\n",
        "+++\n" + "a = \n" * 20_000 + "+++\n",
        ";;;\n" + '"a": {' * 50_000 + "\n;;;\n",
        '{"a":' * 100_000,
        '"a": ' + "[" * 100_000 + "\n;;;\n",
        "{" + " " * 1_000_000,
        "# x\n" + "<title " * 100_000,
        "#" * 1_000_000,
        "x\n" + "=" * 1_000_000 + "!",
    ],
    ids=str.__len__,
)
def test_heads_that_would_take_long(bomb: str) -> None:
    check_promises(read_post(bomb.encode(), "x.md"))


def test_a_page_in_html_is_read_as_html() -> None:
    parsed = read(b"---\ntitle: x\n---\nsome * text *\n\n    indented", "a.html")
    assert "some * text *" in parsed.text
    assert isinstance(parsed, ParsedPost)
