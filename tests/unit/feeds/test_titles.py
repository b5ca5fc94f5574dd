"""The title of an item: plain, on one line; of one without a title the beginning of its text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.characters import DIRECTION_MARKS
from digests.origins.feed.titles import clean_title
from tests.unit.feeds.entries import html, read_one


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("The <b>night</b> ferry", "The night ferry"),
        ("The &lt;b&gt;night&lt;/b&gt; ferry", "The night ferry"),
        ("The &amp;lt;i&amp;gt;night&amp;lt;/i&amp;gt; ferry", "The night ferry"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("AT&T", "AT&T"),
        ("It&#8217;s &quot;late&quot;", 'It\u2019s "late"'),
        ("<![CDATA[The night ferry]]>", "The night ferry"),
        ("&lt;![CDATA[The night ferry]]&gt;", "The night ferry"),
        ("The\n  night\tferry", "The night ferry"),
        ("How to use the <title> element", "How to use the <title> element"),
        ("List<String> in Java", "List<String> in Java"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("Ferries 😀👨\u200d👩\u200d👧 sail", "Ferries 😀👨\u200d👩\u200d👧 sail"),
        ("\u202eferry\u202c", "ferry"),
        ("\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645"),
        ("夜航船 <em>复航</em>", "夜航船 复航"),
        ("A<br/>B", "A B"),
        ('<img src="x" onerror="alert(1)">Ferry', "Ferry"),
        ("x" * 600, "x" * 500),
    ],
)
def test_titles_are_plain(written: str, title: str) -> None:
    assert read_one(title=written, title_is_markup=True).post.title == title
    assert clean_title(written) == title


@given(st.text(max_size=200))
def test_any_title_is_a_line(text: str) -> None:
    title = read_one(title=text, content="").post.title
    assert "\n" not in title
    assert title == " ".join(title.split())
    assert re.search(f"[{DIRECTION_MARKS}\\x00]", title) is None


@pytest.mark.parametrize(
    ("content", "title", "summary"),
    [
        ("<p>The night ferry sails again. It leaves at ten.</p>", "The night ferry sails again.", "It leaves at ten."),
        ("<p>The night ferry sails again</p>", "The night ferry sails again", ""),
        (
            "<p>Wow! The night ferry sails again! Who comes along?</p>",
            "Wow! The night ferry sails again!",
            "Who comes along?",
        ),
        ("<p>今天晚上十点，夜航船复航了。欢迎大家来坐。</p>", "今天晚上十点，夜航船复航了。", "欢迎大家来坐。"),
        ("<h2>The ferry</h2><p>It sails again at last.</p>", "The ferry", "It sails again at last."),
        (
            "<p>Dr. Marlow took the U.S. ferry at 10.30 today. It was late.</p>",
            "Dr. Marlow took the U.S. ferry at 10.30 today.",
            "It was late.",
        ),
        ('<p><img src="https://a.example/a.jpg"></p><p>A picture of it all.</p>', "A picture of it all.", ""),
        ("<p>https://a.example/x The ferry sails</p>", "The ferry sails", ""),
        ("<p>https://a.example/x</p>", "https://a.example/x", ""),
        ("<p>Source: the harbour</p>", "Source: the harbour", ""),
        ('<p><img src="https://a.example/a.jpg"></p>', "", ""),
    ],
)
def test_what_has_no_title_begins_with_one(content: str, title: str, summary: str) -> None:
    post = read_one(**html(title="", content=content)).post
    assert (post.title, post.summary) == (title, summary)
    assert any("no title" in problem for problem in post.problems)


def test_a_long_sentence_is_cut_at_a_word() -> None:
    words = "The night ferry sails again to all of the islands beyond the harbour " * 4
    post = read_one(title="", content=words).post
    assert post.title.endswith("…")
    assert len(post.title) <= 121
    assert words.startswith(post.title[:-1])
    assert words[len(post.title) - 1] == " "
    assert post.summary == words.strip()


def test_untitled_is_no_title() -> None:
    assert read_one(title="Untitled", content="The ferry sails again.").post.title == "The ferry sails again."
    assert read_one(title="?!", content="The ferry sails again.").post.title == "?!"


def test_the_source_is_no_part_of_the_title() -> None:
    post = read_one(title="Ferry sails - Harbour Post", source_title="Harbour Post").post
    assert (post.title, post.source) == ("Ferry sails", "Harbour Post")
    assert read_one(title="Ferry sails - Harbour Post").post.title == "Ferry sails - Harbour Post"
