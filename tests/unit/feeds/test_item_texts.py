"""What an item says: summary line or content, boilerplate at its end, its tags, people, pictures, places."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.options import PostOptions
from digests.articles.text import one_line
from digests.model.feed import FeedKind, FeedOptions
from digests.model.gaps import CAUSES, GapKind
from digests.origins.feed.contents import FeedEntry
from tests.unit.feeds.entries import ENTRY, html, read_entries, read_one

REDDIT = (
    'submitted by <a href="https://www.reddit.com/user/robin"> /u/robin </a> <br/>'
    ' <span><a href="https://a.example">[link]</a></span> <span><a href="https://b.example">[comments]</a></span>'
)
BODY = "<p>The night ferry left at ten with forty people on board.</p><p>Its captain was glad.</p>"


def test_a_description_beside_a_body_is_the_summary() -> None:
    post = read_one(**html(summary="A ship is back.", content=BODY)).post
    assert post.summary == "A ship is back."
    assert post.text == "The night ferry left at ten with forty people on board. Its captain was glad."


def test_a_description_alone_is_the_body() -> None:
    post = read_one(**html(summary=BODY)).post
    assert post.summary == "The night ferry left at ten with forty people on board."
    assert post.text.endswith("Its captain was glad.")


def test_a_long_description_is_the_body() -> None:
    long = BODY * 30
    post = read_one(**html(summary=long, content="<p>Read on at our site, dear people.</p>")).post
    assert post.text.startswith("The night ferry left")
    assert len(post.text) > 2_000
    same = read_one(**html(summary=long, content=long)).post
    assert same.summary == "The night ferry left at ten with forty people on board."


def test_what_a_program_cut_out_of_the_body_gives_way_to_it() -> None:
    cut = "The night ferry left at ten with forty [&#8230;]"
    assert read_one(**html(summary=cut, content=BODY)).post.summary.endswith("on board.")
    assert read_one(**html(summary=cut)).post.summary == "The night ferry left at ten with forty…"


def test_a_body_without_words_keeps_the_description() -> None:
    post = read_one(**html(summary="A ship is back.", content='<img src="https://a.example/a.jpg">')).post
    assert (post.summary, post.text, post.thumbnail) == (
        "A ship is back.",
        "A ship is back.",
        "https://a.example/a.jpg",
    )


def test_an_empty_item_is_an_item() -> None:
    post = read_one(title="", link="", guid="").post
    assert (post.title, post.summary, post.text, post.url) == ("", "", "", None)
    kinds = {gap.kind for gap in post.gaps}
    assert kinds == set(GapKind) - {GapKind.CATEGORY}
    assert all((gap.kind, gap.cause) in CAUSES for gap in post.gaps)


@pytest.mark.parametrize(
    "end",
    [
        '<p>The post <a href="https://a.example/x">The ferry: a story</a> appeared first on <a href="/">A</a>.</p>',
        "<p>Der Beitrag Die Fähre erschien zuerst auf Beispiel.</p>",
        "<p>L’article Le bac est apparu en premier sur Exemple.</p>",
        "<p>La entrada El barco se publicó primero en Ejemplo.</p>",
        "<p>L'articolo La nave proviene da Esempio.</p>",
        "<p>投稿 夜行船 は 港だより に最初に表示されました。</p>",
        "<p>夜航船复航最先出现在港口新闻。</p>",
        '<p><a href="https://a.example/x">Read more</a></p>',
        '<p><a href="https://a.example/x">Continue reading →</a></p>',
        '<p><a href="https://a.example/x">阅读全文</a></p>',
        '<p><a href="https://a.example/x">Comments</a></p>',
        ' <a href="https://a.example/x">Read more...</a>',
        f" {REDDIT}",
    ],
)
def test_what_stands_at_the_end_of_every_item_is_no_part_of_it(end: str) -> None:
    post = read_one(**html(content=f"<p>The night ferry left at ten with forty people on board.</p>{end}")).post
    assert post.summary == "The night ferry left at ten with forty people on board."
    if end.startswith("<p>"):
        assert post.text == post.summary


@pytest.mark.parametrize(
    "content",
    [
        '<a href="https://news.ycombinator.com/item?id=1">Comments</a>',
        '<p>Article URL: <a href="/x">https://a.example/x</a></p><p>Points: 57</p><p># Comments: 12</p>',
        '<a href="/x">The night ferry sails again</a>&nbsp;&nbsp;<font color="#6f6f6f">Harbour Post</font>',
        "<p>The night ferry sails again</p>",
        f'<table><tr><td><a href="/x"><img src="https://a.example/a.jpg"></a></td><td>{REDDIT}</td></tr></table>',
    ],
)
def test_what_says_no_more_than_the_title_is_no_summary(content: str) -> None:
    assert read_one(**html(summary=content, source_title="Harbour Post")).post.summary == ""


def test_what_is_counted_is_no_change() -> None:
    texts = [
        f"<p>It sails again at last.</p><p>Points: {points}</p><p># Comments: 1{points}</p>" for points in (57, 58)
    ]
    first, second = (read_one(**html(content=text)) for text in texts)
    assert first.content_hash == second.content_hash
    changed = read_one(**html(content=texts[0].replace("at last", "at 10")))
    assert changed.content_hash != first.content_hash


def test_tracking_and_tokens_are_no_change() -> None:
    first = read_one(link="https://a.example/x?utm_source=rss", pictures=("https://i.example/a.jpg?token=1",))
    second = read_one(link="https://a.example/x", pictures=("https://i.example/a.jpg?token=2",))
    assert first.content_hash == second.content_hash
    assert read_one(link="https://a.example/y").content_hash != first.content_hash


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("&lt;p&gt;The ferry&lt;/p&gt;&lt;p&gt;sails.&lt;/p&gt;", "The ferry sails."),
        ("The &lt;b&gt;ferry&lt;/b&gt;&lt;br /&gt;sails &amp;amp; sails.", "The ferry sails & sails."),
        ("Write &lt;b&gt; for bold.", "Write <b> for bold."),
        ("<p>Write &lt;b&gt;so&lt;/b&gt;, &lt;b&gt;so&lt;/b&gt;.</p>", "Write <b>so</b>, <b>so</b>."),
        ("<![CDATA[<p>The ferry sails.</p>]]>", "The ferry sails."),
        ('The ferry <iframe src="https://a.example"> sails.', "The ferry sails."),
        ('The ferry <embed src="https://a.example"> sails.', "The ferry sails."),
        ("The ferry <script>alert(1)</script>sails.", "The ferry sails."),
        ("The ferry\n\nsails.", "The ferry sails."),
    ],
)
def test_markup_that_is_escaped_broken_or_hidden(written: str, text: str) -> None:
    assert read_one(**html(content=written)).post.text == text


def test_plain_text_stays_as_it_is_written() -> None:
    post = read_one(content="a < b && c > d\nnew line\n\n<i>new</i> paragraph that says something more.").post
    assert post.text == "a < b && c > d new line <i>new</i> paragraph that says something more."
    spoken = read_one(content="<p>HTML in spite of its type.</p>").post
    assert spoken.text == "HTML in spite of its type."


@pytest.mark.parametrize(
    ("authors", "author"),
    [
        (("a@b.example (Jane Doe)",), "Jane Doe"),
        (("Jane Doe <a@b.example>",), "Jane Doe"),
        (("Jane Doe", "Robin &amp; Sons", "Jane Doe"), "Jane Doe, Robin & Sons"),
        (("<a href='https://a.example'>Jane</a>",), "Jane"),
        (("noreply@blogger.com",), ""),
        (("", "-", "null"), ""),
        (("张三", "李四"), "张三, 李四"),
        (("x" * 300,), "x" * 100),
    ],
)
def test_authors(authors: tuple[str, ...], author: str) -> None:
    assert read_one(authors=authors).post.author == author


def test_categories_are_tags() -> None:
    post = read_one(
        categories=("<b>Sea</b>", "sea", " #Ships ", "Uncategorized", "未分类", "AC/DC", "C#", "AT&amp;T", "")
    ).post
    assert post.tags == ("Sea", "Ships", "AC/DC", "C#", "AT&T")
    assert post.branches == (("Harbour News",),)
    assert len(read_one(categories=tuple(map(str, range(500)))).post.tags) == 50


def test_where_items_are_placed() -> None:
    options = FeedOptions(category=("World", "Sea"), tags_as_categories=True)
    post = read_one(options, categories=("Ships", "Ports")).post
    assert post.branches == (("World", "Sea"), ("World", "Sea", "Ships"), ("World", "Sea", "Ports"))
    assert post.categories == ("World", "Sea")
    (item,) = read_entries(ENTRY, title="", link="https://www.a.example/").items
    assert item.post.branches == (("a.example",),)
    assert item.post.source == "a.example"
    (item,) = read_entries(ENTRY, title="", link="").items
    assert item.post.source == "news.example"


def test_the_source_of_an_aggregator_is_the_items_own() -> None:
    feed = read_entries(replace(ENTRY, source_title="<b>Harbour</b> Post"), ENTRY)
    assert [item.post.source for item in feed.items] == ["Harbour Post", "Harbour News"]


def test_pictures_of_the_feed_come_first_and_relative_ones_count_from_the_base() -> None:
    content = (
        '<img src="/a.jpg"><img src="b.jpg"><img src="//c.example/c.jpg"><img src="/1x1.gif" width="1" height="1">'
    )
    post = read_one(**html(content=content, base="https://news.example/2026/ferry")).post
    assert post.pictures == ("https://news.example/a.jpg", "https://news.example/2026/b.jpg", "https://c.example/c.jpg")
    own = read_one(**html(content=content, pictures=("https://m.example/lead.jpg", "javascript:x"))).post
    assert own.thumbnail == "https://m.example/lead.jpg"
    assert len(own.pictures) == 3


def test_the_picture_of_the_feed_itself_is_nobodys() -> None:
    logo = "https://m.example/cover.jpg"
    entry = replace(ENTRY, pictures=(f"{logo}?size=1400",))
    (item,) = read_entries(entry, picture=logo).items
    assert item.post.thumbnail is None
    default = PostOptions(default_pictures=("/cover.jpg",))
    assert read_entries(entry, reading=default).items[0].post.thumbnail is None
    assert read_entries(entry).items[0].post.thumbnail == f"{logo}?size=1400"


def test_the_language_is_that_of_the_text() -> None:
    assert read_one(content="今天晚上十点，夜航船复航了。", title="夜航船复航了").post.language == "zh-Hans"
    assert read_one(language="de-de").post.language == "en"
    assert read_one(title="12", language="de-de").post.language == "de"
    assert read_one(title="12", language="zh_TW").post.language == "zh-Hant"
    assert read_one(FeedOptions(language="ja"), title="12", language="de").post.language == "ja"
    assert read_one(title="12", language="<script>").post.language == ""


def test_advertisements_are_for_nobody_where_the_settings_say_so() -> None:
    assert read_one(title="[Sponsored] Buy a ferry").post.unlisted_because == ""
    hidden = read_one(reading=PostOptions(advertisements=False), title="【广告】买船")
    assert hidden.post.unlisted_because


def test_a_text_without_end_is_cut() -> None:
    post = read_one(content="ferry " * 300_000).post
    assert len(post.text) <= 1_000_000
    assert any("1,000,000" in problem for problem in post.problems)


def test_every_item_is_recognised_as_a_post_is() -> None:
    item = read_one(content=BODY)
    assert item.post.identity
    assert item.post.address
    assert item.post.link_key
    assert item.post.is_telling
    assert item.key == item.id == "tag:1"


_WORDS = st.text(max_size=40) | st.sampled_from(
    [
        "<p>The ferry</p>",
        "&lt;b&gt;x&lt;/b&gt;",
        "https://a.example/x",
        "javascript:x",
        "2026-11-25",
        "<iframe>",
        "\ud800\x00",
        "…",
    ]
)


@given(
    st.builds(
        FeedEntry,
        **dict.fromkeys(("guid", "title", "link", "published", "updated", "summary", "content", "base"), _WORDS),
        **dict.fromkeys(("language", "source_title", "original_link"), _WORDS),
        **{name: st.lists(_WORDS, max_size=3).map(tuple) for name in ("authors", "categories", "pictures")},
        **{
            name: st.booleans()
            for name in ("guid_is_link", "title_is_markup", "summary_is_markup", "content_is_markup")
        },
    ),
    st.booleans(),
)
def test_any_entry_is_read(entry: FeedEntry, tags_as_categories: bool) -> None:
    feed = read_entries(entry, entry, options=FeedOptions(tags_as_categories=tags_as_categories))
    first, second = feed.items
    assert first.key != second.key
    assert first.content_hash == second.content_hash
    for line in (first.post.title, first.post.summary, first.post.author, first.post.source, *first.post.tags):
        assert line == one_line(line)
    for address in (first.post.url, first.written_url, *first.post.pictures):
        assert address is None or address.startswith(("http://", "https://"))


def test_where_a_feed_moved_to_is_told() -> None:
    feed = read_entries(ENTRY, moved_to="https://new.example/feed.xml")
    assert feed.problems == ("it says that it has moved to https://new.example/feed.xml",)
    assert read_entries(ENTRY, moved_to="javascript:x").problems == ()


def test_shared_guids_are_told() -> None:
    feed = read_entries(ENTRY, replace(ENTRY, link="https://news.example/2", title="Another"), kind=FeedKind.ATOM)
    assert feed.problems == ("2 of its items share their guid with others",)
    assert len({item.key for item in feed.items}) == 2
    assert [item.id for item in feed.items] == ["tag:1", "tag:1"]
