"""What is sent: valid for Telegram whatever articles hold, split between items, within every limit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, translator
from bot.render.article import article_html, shown_title, story_html
from bot.render.lead import beyond_title
from bot.render.listing import listing
from bot.render.renderer import DigestRenderer
from bot.render.shorten import shorten
from bot.render.split import Block, Capacity, split
from bot.text.markup import Html, escape, link, plain_text, safe_url
from digests.compose.build import build_digest
from digests.model.article import Article
from digests.model.layout import DigestStyle, Layout
from tests.factories.any_articles import ARTICLES, NASTY
from tests.factories.articles import article
from tests.factories.times import NOW
from tests.telegram_markup import check_html, read_html


@given(NASTY)
@example("&nbsp;&lt;b&gt;")
def test_escaped_text_is_shown_unchanged(text: str) -> None:
    seen = read_html(f"x{escape(text)}x")
    assert seen["@type"] == "formattedText"
    assert seen["text"] == plain_text(f"x{escape(text)}x")
    made = {entity["type"]["@type"] for entity in seen["entities"]}
    assert not made & {"textEntityTypeBold", "textEntityTypeTextUrl", "textEntityTypeCode"}


def test_whatever_meets_markup_is_escaped_unless_it_is_markup() -> None:
    bold = Html("<b>{}</b>").format("a<b")
    assert bold == "<b>a&lt;b</b>"
    assert bold + ' & "it\'s"' == "<b>a&lt;b</b> &amp; &quot;it's&quot;"
    assert Html(" ").join(["<", bold]) == "&lt; <b>a&lt;b</b>"
    assert [type(text) for text in (bold, bold + "x", "x" + bold, escape(bold), escape(7))] == [Html] * 5
    assert read_html("&quot;it's&quot; &#34;&#39;")["text"] == '"it\'s" "\''


def test_marks_that_turn_the_direction_of_text_are_dropped() -> None:
    assert escape("a\u202egnp.exe\u2066") == "agnp.exe"


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.example/x", True),
        ("HTTP://a.example/x", True),
        ("http://a.example:8080/?q=新闻", True),
        ("javascript:alert(1)", False),
        ("tg://resolve?domain=x", False),
        ("/relative", False),
        ("//a.example/x", False),
        ("https://", False),
        ("https://a.example/a b", False),
        ("https://a.example/\u202e", False),
        ("http://[::1", False),
        ("https://a.example/" + "x" * 2048, False),
        (None, False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked(url: str | None, good: bool) -> None:
    assert (safe_url(url) is not None) == good
    assert link("t", url).startswith("<a " if good else "<b>")


@given(st.text(max_size=400), st.integers(1, 200))
def test_shortened_texts_are_prefixes_within_the_limit(text: str, limit: int) -> None:
    shortened = shorten(text, limit)
    whole = " ".join(text.split())
    assert len(shortened) <= limit
    assert whole.startswith(shortened.removesuffix("…")) or whole == shortened


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("two  words\n", 20, "two words"),
        ("The first sentence. The second one is long.", 30, "The first sentence."),
        ("第一句话说完了。第二句话还很长很长很长", 12, "第一句话说完了。"),
        ("没有句号的一长串文字一直写下去", 8, "没有句号的一长…"),
        ("one two three four five", 15, "one two three…"),
        ("version 2.7.1 is out now", 12, "version…"),
        ("旗🇩🇪🇫🇷旗", 5, "旗🇩🇪…"),
        ("家👩‍👩‍👧家", 5, "家👩‍👩…"),
    ],
)
def test_texts_are_shortened_where_a_reader_would(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一句话差一点就说完了。后面还有。", "一句话差一点就说完了。"),
        ("It is nearly over. And on it goes.", "It is nearly over."),
        ("Done now. It goes on and on.", "Done now."),
        ("It was at 2.5 metres and then rose", "It was at…"),
        ("没有句号的一长串文字一直写下去没有完的时候。", "没有句号的一长串…"),
    ],
)
def test_a_cut_may_reach_a_little_further_to_the_end_of_the_sentence(text: str, expected: str) -> None:
    assert shorten(text, 9 if text[0] in "没一" else 12, reach=8) == expected


@pytest.mark.parametrize(
    ("title", "summary", "shown"),
    [
        # Microblogs: the title is the text's beginning, cut by the feed or by the digest.
        (
            "Our night shift begins, and we bring a tele...",
            "Our night shift begins, and we bring a telescope.",
            "…telescope.",
        ),
        ("今晚灯塔值班，这次我们带了一台望远镜...", "今晚灯塔值班，这次我们带了一台望远镜和一只狗。", "…和一只狗。"),
        ("今晚灯塔值班，这次我们带了一台望远镜…", "今晚灯塔值班，这次我们带了一台望远镜、一只狗。", "…一只狗。"),
        ("Ein schöner Tag am …", "Ein schöner Tag am Meer beginnt früh.", "…Meer beginnt früh."),
        ("オルゴールの修理が終わりまし...", "オルゴールの修理が終わりました。", "…た。"),
        ("A day at the mill...", "A day at the mill", ""),
        ("A day at the mill", "A day at the mill. It was Tuesday.", "It was Tuesday."),
        ("海鸥网公布数据", "【海鸥网公布数据】海鸥网今天说。", "海鸥网今天说。"),
        # What only begins alike stays.
        ("Hello world", "Hello world is a program.", "Hello world is a program."),
        ("Source maps 2", "Source maps 2.0 are here.", "Source maps 2.0 are here."),
        ("Ferries…", "Ferries…", ""),
        ("Short", "Short. Very.", "Short. Very."),
        ("Another title...", "A text of its own.", "A text of its own."),
        ("", "A text of its own.", "A text of its own."),
    ],
)
def test_nobody_reads_the_title_twice(title: str, summary: str, shown: str) -> None:
    assert beyond_title(summary, title) == shown


def test_of_a_title_that_the_digest_cuts_the_summary_tells_the_rest() -> None:
    whole = "word " * 40 + "end."
    html = article_html(
        article(1, title=whole.strip() + " And", summary=whole + " And more."), translator("en"), "UTC", NOW
    )
    head, line, _ = plain_text(html).split("\n")
    assert head.endswith("word…")
    assert line.startswith("…word word")
    assert len(head.split()) + len(line.split()) == len((whole + " And more.").split())


@given(st.text(max_size=80), st.text(max_size=200))
def test_what_is_beyond_a_title_is_an_end_of_the_summary(title: str, summary: str) -> None:
    rest = beyond_title(summary, title)
    assert summary.strip().endswith(rest.removeprefix("…").strip())
    assert beyond_title(summary, "") == summary


def test_other_sources_are_named_once_linked_and_counted() -> None:
    t = translator("en")
    others = [article(n, source=name, url=f"https://n.example/{n}") for n, name in enumerate("ABACDEF", 2)]
    others.append(article(9, source="Tidewater"))
    others.append(article(10, source="", author=""))
    html = article_html(article(1), t, "UTC", NOW, also=others)
    assert html.endswith(
        'also in: <a href="https://n.example/2">A</a>, <a href="https://n.example/3">B</a>, '
        '<a href="https://n.example/5">C</a>, <a href="https://n.example/6">D</a> and 2 more'
    )
    unlinked = article_html(
        article(1), translator("zh_CN"), "UTC", NOW, also=[article(2, source="<A>", url=None), others[1]]
    )
    assert unlinked.endswith('另见：&lt;A&gt;、<a href="https://n.example/3">B</a>')


def test_a_digest_of_many_stories_is_within_the_limits_and_counts_them() -> None:
    others = tuple(article(n, source=f"Source {n}") for n in range(100, 110))
    articles = [article(n) for n in range(1, 51)]
    also = {item.id: others for item in articles[:30]}
    parts = DigestRenderer().render(build_digest(articles, also=also), DigestStyle(Layout.LIST, "en", "UTC"), NOW)
    assert len(parts) > 2
    assert [part.stories for part in parts] == [0] * (len(parts) - 1) + [30]
    for part in parts:
        check_html(part.html)


@given(st.lists(ARTICLES, min_size=1, max_size=60), st.sampled_from(sorted(LANGUAGES)))
def test_telegram_accepts_a_story_of_any_articles(articles: list[Article], language: str) -> None:
    for html in split(story_html(articles, translator(language), "UTC", NOW)):
        check_html(html)


def test_a_long_digest_is_split_between_items_only() -> None:
    articles = [article(number, title=f"№{number} " + "long " * 26, summary="word " * 40) for number in range(1, 51)]
    parts = DigestRenderer().render(build_digest(articles), DigestStyle(Layout.LIST, "en", "UTC"), NOW)
    assert len(parts) > 2
    t = translator("en")
    texts = [part.html for part in parts]
    for item in articles:
        assert sum(article_html(item, t, "UTC", NOW) in text for text in texts) == 1


def test_digests_share_their_common_pieces() -> None:
    first_only, shared, second_only = (article(number) for number in (1, 2, 3))
    chosen = ([first_only, shared], [second_only, shared])
    made = [
        DigestRenderer().render(build_digest(articles), DigestStyle(Layout.LIST, "en", "UTC"), NOW)
        for articles in chosen
    ]
    first, second = ({id(piece) for part in parts for piece in part.text} for parts in made)
    assert len(first) == len(second) == 4, "the title, the heading and two items"
    assert len(first & second) == 3


def test_a_heading_never_ends_a_message() -> None:
    blocks = [Block(Html("a" * 90)), Block(Html("heading"), keep=True), Block(Html("b" * 50))]
    assert split(blocks, Capacity(100)) == ("a" * 90, "heading\n\n" + "b" * 50)


def test_a_block_that_fits_no_message_is_refused() -> None:
    with pytest.raises(ValueError, match="fits no message"):
        split([Block(Html("a" * 101))], Capacity(100))


def test_what_an_item_shows() -> None:
    t = translator("en")
    html = article_html(article(1, url="https://news.example/1"), t, "Europe/Berlin", NOW)
    assert html == (
        '<a href="https://news.example/1">Title 1</a>\nWhat article 1 is about, in one line.\n<i>Tidewater · 08:30</i>'
    )
    untitled = article(1, title="", url=None)
    assert article_html(untitled, t, "UTC", NOW).startswith("<b>What article 1 is about")
    assert shown_title(article(1, title="", summary=""), t) == "(untitled)"
    old = article(1, shown_at=NOW - timedelta(days=400), summary="")
    assert article_html(old, translator("zh_CN"), "UTC", NOW).endswith("<i>Tidewater · 2025年5月2日</i>")


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Shanghai", "Pacific/Auckland"])
def test_a_day_without_a_time_is_that_day_for_every_reader(zone: str) -> None:
    t, day = translator("en"), NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    html = article_html(article(1, shown_at=day), t, zone, NOW)
    assert html.endswith(f"<i>Tidewater · {t.short_day(day.date())}</i>")
    older = article(1, shown_at=day - timedelta(days=400))
    assert article_html(older, t, zone, NOW).endswith(f"{t.short_day(older.shown_at.date())} {older.shown_at.year}</i>")
    timed = article(1, shown_at=day + timedelta(seconds=1))
    assert ":" in article_html(timed, t, zone, NOW).rpartition("·")[2]


def test_telegram_accepts_an_empty_digest_and_a_listing() -> None:
    for language in LANGUAGES:
        (part,) = DigestRenderer().render_empty(language)
        check_html(part.html)
        (page,) = listing(Html("<b>x</b>"), [article(1), article(2)], translator(language), "UTC", NOW)
        check_html(page)
