"""The magazine: one rich message, complete, with pictures, and within Telegram's limits whatever it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import LANGUAGES
from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from bot.render.rich import RichSize, measure
from digests.compose.build import build_digest
from digests.model.article import Article
from digests.model.delivery import RichText
from digests.model.digest import Digest, Span
from digests.model.layout import DigestStyle, Layout
from tests.factories.any_articles import ARTICLES
from tests.factories.articles import article
from tests.factories.times import HOUR, NOW
from tests.rich_markup import RichReading, check_rich
from tests.telegram_markup import found_entities


def magazines(digest: Digest, language: str = "en", options: LayoutOptions | None = None) -> list[RichText]:
    renderer = DigestRenderer(options or LayoutOptions())
    parts = renderer.render(digest, DigestStyle(Layout.MAGAZINE, language, "UTC"), NOW)
    assert [(part.html, part.picture, part.mosaic) for part in parts] == [("", None, None)] * len(parts)
    return [part.rich for part in parts if part.rich is not None]


def magazine(digest: Digest, language: str = "en", options: LayoutOptions | None = None) -> tuple[str, RichReading]:
    (rich,) = magazines(digest, language, options)
    seen = check_rich(rich.html)
    assert len(rich.pictures) == seen.media
    return rich.html, seen


def illustrated(number: int, **changes: object) -> Article:
    return article(number, **{"picture": f"{number:040x}", "thumbnail": f"https://p.example/{number}.jpg", **changes})


@settings(deadline=None)
@given(
    st.lists(ARTICLES, min_size=1, max_size=30),
    st.lists(ARTICLES, max_size=9).map(tuple),
    st.sampled_from(sorted(LANGUAGES)),
    st.booleans(),
)
def test_telegram_accepts_a_magazine_of_any_articles(
    articles: list[Article], others: tuple[Article, ...], language: str, late: bool
) -> None:
    span = Span(NOW - 72 * HOUR, NOW) if late else None
    digest = build_digest(articles, (), span, also={item.id: others for item in articles[::2]})
    for rich in magazines(digest, language):
        seen = check_rich(rich.html)
        assert measure(rich.html) == RichSize(len(seen.text), seen.blocks, seen.media, seen.depth)
        assert len(rich.pictures) == seen.media
        assert found_entities(seen.lines) == []


@pytest.mark.parametrize(
    ("each", "count"),
    [
        ({"title": "@a" * 5000, "summary": "/b" * 3000, "source": "#c" * 50}, 50),
        ({"title": "字" * 10_000, "summary": "摘要。" * 500, "source": "潮汐" * 50}, 50),
        ({"title": "t" * 140, "summary": "word " * 100, "url": "https://a.example/?" + "&" * 2000}, 60),
        ({"title": "short"}, 60),
    ],
)
@pytest.mark.parametrize("spread", [1, 7, 60])
def test_what_is_too_much_is_left_out_summaries_first(each: dict[str, str], count: int, spread: int) -> None:
    others = tuple(article(n, source=f"{n}" + "@x" * 30, url="https://a.example/" + "x" * 480) for n in range(900, 908))
    articles = [
        illustrated(n, **{**each, "title": f"№{n}!" + each["title"], "categories": ("c#" * 40 + str(n % spread),)})
        for n in range(1, count + 1)
    ]
    digest = build_digest(articles, also={item.id: others for item in articles})
    _, seen = magazine(digest)
    assert seen.media > 0
    for number in range(1, count + 1):
        assert seen.text.count(f"№{number}!") == 1


def test_very_many_items_make_further_messages() -> None:
    articles = [illustrated(n, title=f"№{n}!") for n in range(1, 151)]
    riches = magazines(build_digest(articles))
    assert len(riches) == 3
    text = "".join(check_rich(rich.html).text for rich in riches)
    assert all(text.count(f"№{number}!") == 1 for number in range(1, 151))


def test_how_a_magazine_reads() -> None:
    articles = [
        article(1, title="First", categories=("Science",)),
        illustrated(2, title="Lead", categories=("Science",), source="Gull"),
        illustrated(3, title="Third", categories=("Games",)),
        *[illustrated(n, title=f"Item {n}", categories=("Games",)) for n in range(4, 11)],
    ]
    also = {articles[2].id: (article(99, source="Other"),)}
    html, seen = magazine(build_digest(articles, also=also))
    assert seen.text.startswith("Your digestSaturday, 6 June · 10 stories from 3 sources")
    assert seen.anchors == ["top", "c1", "c2"]
    assert '<p><a href="#c1">Science</a> 1 · <a href="#c2">Games</a> 8</p>' in html
    assert '<img src="tg://photo?id=p1"/><h2><a href="https://news.example/2">Lead</a></h2>' in html
    assert seen.text.count("Lead") == 1
    assert "<i>Science · Gull · 05:30</i>" in html
    assert 'also in: <a href="https://news.example/99">Other</a>' in html
    assert "<details><summary>3 more stories</summary>" in html
    assert seen.media == 1 + 5
    (rich,) = magazines(build_digest(articles))
    assert rich.pictures[:2] == (f"{2:040x}", f"{3:040x}")


def test_the_operator_decides_which_pictures_a_magazine_has() -> None:
    articles = [illustrated(n) for n in range(1, 4)]
    for options, shown in ((LayoutOptions(), 3), (LayoutOptions(has_mosaics=False), 1)):
        assert magazine(build_digest(articles), options=options)[1].media == shown
    none = build_digest([article(4), *articles], with_picture=False)
    html, seen = magazine(none, options=LayoutOptions(has_pictures=False))
    assert seen.media == 0
    assert html.index("Title 4") < html.index("Title 1"), "without pictures the first story leads"


def test_a_magazine_of_one_item_has_no_contents() -> None:
    html, seen = magazine(build_digest([article(1, source="", author="", summary="", categories=())]), "zh_CN")
    assert seen.anchors == ["top"]
    assert "#" not in html
    assert "<details>" not in html


def test_nothing_that_clients_fail_at_is_in_it() -> None:
    html, _ = magazine(build_digest([illustrated(n, categories=(f"C{n % 3}",)) for n in range(1, 40)]))
    assert not re.search("blockquote|tg-math|<li|<table", html)


def test_a_rich_text_is_measured_in_every_respect() -> None:
    html = (
        '<a name="x"></a><h1>a &amp; b</h1><details><summary>c</summary><p><b><i>d</i></b></p>'
        '<img src="tg://photo?id=p1"/></details><hr/>'
    )
    assert measure(html) == RichSize(7, 6, 1, 4)
    assert measure("<p>" + "x" * 32768 + "</p>").fits
    assert not measure("<p>" + "x" * 32769 + "</p>").fits
    assert not measure("<p></p>" * 501).fits
    assert not measure('<img src="tg://photo?id=p1"/>' * 51).fits
    assert not measure("<details>" * 17 + "</details>" * 17).fits
