"""Every layout: complete, within every limit whatever articles hold, and with nothing to tap by chance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, translator
from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from bot.text.markup import plain_text, visible_length
from digests.compose.build import build_digest
from digests.model.article import Article
from digests.model.delivery import Part
from digests.model.digest import Digest, Span
from digests.model.layout import DigestStyle, Layout
from digests.model.mosaic import Tile
from tests.factories.any_articles import ARTICLES
from tests.factories.articles import article
from tests.factories.times import NOW
from tests.telegram_markup import check_html, found_entities

CLASSIC = (Layout.GALLERY, Layout.LIST, Layout.HEADLINES)
PREVIEWS = LayoutOptions(has_previews=True)
OPTIONS = st.builds(LayoutOptions, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.just(b"secret"))


def rendered(
    digest: Digest,
    layout: Layout,
    language: str = "en",
    options: LayoutOptions = LayoutOptions(),  # noqa: B008 - it is frozen
    *,
    has_cover: bool = False,
    offers_magazine: bool = False,
) -> tuple[Part, ...]:
    style = DigestStyle(layout, language, "Asia/Shanghai", has_cover, offers_magazine)
    parts = DigestRenderer(options).render(digest, style, NOW)
    assert parts == DigestRenderer(options).render(digest, style, NOW)
    return parts


def text_of(parts: tuple[Part, ...]) -> str:
    return "\n".join(plain_text(part.html) for part in parts)


def picture(number: int) -> str:
    return f"{number:040x}"


def news(*numbers: int, **changes: object) -> list[Article]:
    return [
        article(number, picture=picture(number), thumbnail=f"https://p.example/{number}.jpg", **changes)
        for number in numbers
    ]


@pytest.mark.parametrize("layout", CLASSIC)
@settings(deadline=None)
@given(
    st.lists(ARTICLES, min_size=1, max_size=24),
    st.lists(ARTICLES, max_size=9).map(tuple),
    st.sampled_from(sorted(LANGUAGES)),
    OPTIONS,
    st.booleans(),
    st.booleans(),
)
def test_telegram_accepts_a_digest_of_any_articles(
    layout: Layout,
    articles: list[Article],
    others: tuple[Article, ...],
    language: str,
    options: LayoutOptions,
    late: bool,
    special: bool,
) -> None:
    span = Span(NOW - timedelta(days=3), NOW) if late else None
    also = {item.id: others for item in articles[::2]}
    watched = [(item.id, (item.title, item.source)) for item in articles[1::3]]
    digest = build_digest(articles, [item.id for item in articles], span, also=also, watched=watched)
    parts = rendered(digest, layout, language, options, has_cover=special, offers_magazine=special)
    for part in parts:
        seen = check_html(part.html)
        assert seen["text"].strip() == plain_text(part.html).strip()
        assert visible_length(part.html) >= len(seen["text"])
        assert len(part.html.encode()) <= 1 << 15
        assert found_entities(plain_text(part.html)) == []
        assert not part.is_caption or (part.mosaic is not None and visible_length(part.html) <= 1024)
    assert all(part.picture is None and part.mosaic is None for part in parts[1:])
    assert [part.offers_magazine for part in parts] == [False] * (len(parts) - 1) + [special]


@pytest.mark.parametrize("layout", Layout)
def test_what_a_watch_found_is_marked_with_its_words(layout: Layout) -> None:
    watched = [(article(2).id, ("moon landing", "/start @you <b>", "x" * 99, "fourth"))]
    plain, marked = (
        rendered(build_digest(news(1, 2, 3), watched=found), layout, language="zh_CN") for found in ((), watched)
    )
    assert plain != marked
    html = "".join(part.rich.html if part.rich else part.html for part in marked)
    assert "👁" not in "".join(part.rich.html if part.rich else part.html for part in plain)
    assert html.count("👁 moon landing · ") == 1
    assert html.index("Title 2") < html.index("👁") < html.index("Title 3")
    assert "fourth" not in html
    assert "+1" in html
    assert "<b>·" not in html
    assert "&lt;b&gt;" in html
    if layout is not Layout.MAGAZINE:
        assert found_entities(text_of(marked)) == []


@pytest.mark.parametrize("layout", CLASSIC)
def test_a_mark_stays_with_its_item(layout: Layout) -> None:
    articles = news(*range(1, 40), summary="Some words of it. " * 9)
    digest = build_digest(articles, watched=[(item.id, ("moon",)) for item in articles])
    parts = rendered(digest, layout, options=PREVIEWS)
    assert sum(part.html.count("👁 moon") for part in parts) == len(articles)
    for part in parts:
        assert not plain_text(part.html).lstrip().startswith("👁")
        assert part.html.count("👁") == part.html.count("Title ")


@pytest.mark.parametrize("layout", CLASSIC)
@pytest.mark.parametrize("letters", ["long ", "@a", "字", "/b $C ", "👩‍👩‍👧", "&<"])
def test_texts_of_ten_thousand_characters_are_cut_and_markup_is_not(layout: Layout, letters: str) -> None:
    text = letters * 10_000
    others = tuple(article(n, source=text + str(n), url="https://a.example/" + "&" * 490) for n in range(100, 120))
    address = "https://a.example/" + "&" * 2000
    articles = news(*range(1, 13), title=text, summary=text[1:], source=text, categories=(text,), url=address)
    parts = rendered(build_digest(articles, also={item.id: others for item in articles}), layout)
    for part in parts:
        check_html(part.html)
        assert found_entities(plain_text(part.html)) == []
        assert len(part.html.encode()) <= 1 << 15


@pytest.mark.parametrize("layout", CLASSIC)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_item_is_there_once_in_both_languages(layout: Layout, language: str) -> None:
    articles = [
        item for number in range(1, 51) for item in news(number, title=f"№{number}!", categories=(f"C{number % 7}",))
    ]
    text = text_of(rendered(build_digest(articles), layout, language))
    for number in range(1, 51):
        assert text.count(f"№{number}!") == 1
    for number in range(7):
        assert f"▍C{number}" in text
    assert translator(language)("Your digest") in text


def test_the_tiles_of_a_gallery_have_the_numbers_of_the_items() -> None:
    articles = [article(1), *news(2, 3), article(4), *news(*range(5, 15))]
    part, *_ = rendered(build_digest(articles), Layout.GALLERY, options=PREVIEWS)
    assert part.mosaic is not None
    assert part.mosaic.tiles == tuple(Tile(number, picture(number)) for number in (2, 3, *range(5, 12)))
    assert part.picture == "https://p.example/2.jpg"
    for number in (1, 4, 14):
        assert f'\n{number}. <a href="https://news.example/{number}">Title {number}</a>' in part.html


def test_numbers_follow_the_text_though_groups_change_the_order() -> None:
    first, second, third = news(1, 2, 3)
    digest = build_digest([first, article(9, categories=("Z",), picture=picture(9)), second, third])
    part, *_ = rendered(digest, Layout.GALLERY, options=PREVIEWS)
    assert part.mosaic is not None
    assert [(tile.number, tile.picture) for tile in part.mosaic.tiles] == [
        (1, picture(1)), (2, picture(2)), (3, picture(3)), (4, picture(9)),
    ]  # fmt: skip
    assert part.html.index("2. ") < part.html.index("Title 2") < part.html.index("4. ") < part.html.index("Title 9")


def test_items_without_a_picture_may_have_a_drawn_tile() -> None:
    articles = [article(1), *news(2), article(3, categories=())]
    options = LayoutOptions(draws_categories=True, has_previews=True)
    part, *_ = rendered(build_digest(articles), Layout.GALLERY, options=options)
    assert part.mosaic is not None
    assert part.mosaic.tiles == (Tile(2, picture(2)), Tile(1, "", "Science")), "the lead story has the large tile"
    part, *_ = rendered(build_digest([article(1)]), Layout.GALLERY, options=options)
    assert part.mosaic is None, "drawn tiles alone are no picture"


def test_a_gallery_below_a_preview_is_one_message_and_as_a_caption_it_goes_on_in_the_next() -> None:
    digest = build_digest(news(*range(1, 9), summary="word " * 30))
    whole, *more = rendered(digest, Layout.GALLERY, options=PREVIEWS)
    assert not more
    assert not whole.is_caption
    caption, rest = rendered(digest, Layout.GALLERY)
    assert caption.is_caption
    assert caption.mosaic == whole.mosaic
    assert (rest.mosaic, rest.picture, rest.is_caption) == (None, None, False)
    text = plain_text(caption.html) + "\n\n" + plain_text(rest.html)
    assert text.replace("\n\n▍Science\n6. ", "\n\n6. ") == plain_text(whole.html)
    assert "Your digest" not in rest.html
    assert visible_length(caption.html) + len("\n\n6. ") + 200 > 1024, "it holds as many as fit"


def test_an_item_that_fits_no_caption_comes_in_the_next_message() -> None:
    others = tuple(article(n, source="@" * 40 + f"{n}") for n in range(20, 30))
    sized = news(1, title="@a" * 5000, summary="/b" * 500, source="#c" * 50, categories=("$D" * 60,))
    parts = rendered(build_digest(sized, also={sized[0].id: others}), Layout.GALLERY)
    for part in parts:
        check_html(part.html)
    assert parts[0].is_caption
    assert "Your digest" in parts[0].html


def test_without_pictures_a_gallery_is_a_text_with_the_lead_picture_above() -> None:
    shown = [article(1), article(2, thumbnail="https://p.example/2.jpg")]
    for options in (LayoutOptions(), LayoutOptions(has_mosaics=False)):
        (part,) = rendered(build_digest(shown), Layout.GALLERY, options=options)
        assert (part.mosaic, part.is_caption, part.picture) == (None, False, "https://p.example/2.jpg")
    (part,) = rendered(build_digest(news(1)), Layout.GALLERY, options=LayoutOptions(has_mosaics=False))
    assert (part.mosaic, part.picture) == (None, "https://p.example/1.jpg")
    none = LayoutOptions(has_pictures=False)
    (part,) = rendered(build_digest(news(1), with_picture=False), Layout.GALLERY, options=none)
    assert (part.mosaic, part.picture) == (None, None)


def test_the_key_of_a_mosaic_depends_on_the_secret_and_on_what_it_shows() -> None:
    digest = build_digest(news(1, 2))
    keys = {
        part.mosaic.key
        for options in (LayoutOptions(secret=b"a"), LayoutOptions(secret=b"b"))
        for has_cover in (False, True)
        for part in rendered(digest, Layout.GALLERY, options=options, has_cover=has_cover)
        if part.mosaic
    }
    assert len(keys) == 4


def test_a_cover_has_the_day_and_three_headlines_as_plain_text() -> None:
    digest = build_digest([*news(1, title="Fish & chips @sea"), *news(2, 3, 4)])
    part, *_ = rendered(digest, Layout.GALLERY, "zh_CN", has_cover=True)
    assert part.mosaic is not None
    cover = part.mosaic.cover
    assert cover is not None
    assert (cover.title, cover.day) == ("今日摘要", "6月6日星期六")
    assert cover.headlines == ("Fish & chips @sea", "Title 2", "Title 3")


def test_galleries_share_the_lines_of_an_article_wherever_it_stands() -> None:
    first, shared, last = news(1, 2, 3)
    made = [
        rendered(build_digest(articles), Layout.GALLERY, options=PREVIEWS)
        for articles in ([first, shared], [last, first, shared])
    ]
    one_place, other_place = ({id(piece) for part in parts for piece in part.text if len(piece) > 20} for parts in made)
    assert len(one_place & other_place) == 3, "the title and two items"


def test_many_headlines_are_on_a_screen_and_more_in_a_quote() -> None:
    articles = [
        article(n, title=f"A title of some length, number {n}", categories=(f"C{n % 4}",)) for n in range(1, 51)
    ]
    (part,) = rendered(build_digest(articles), Layout.HEADLINES)
    shown, _, quoted = part.html.partition("<blockquote expandable>")
    assert (shown.count("• "), quoted.count("• ")) == (15, 35)
    assert quoted.endswith("</blockquote>")
    assert quoted.startswith("▍<b>C2</b>\n• "), "the category goes on inside"
    assert (part.picture, part.mosaic) == (None, None)
    assert len(check_html(part.html)["entities"]) == 50 + 5 + 2
    (few,) = rendered(build_digest(articles[:17]), Layout.HEADLINES)
    assert "blockquote" not in few.html, "two more are not worth a tap"


def test_more_headlines_than_a_message_has_links_go_on_in_further_ones() -> None:
    articles = [article(n, title=f"№{n}!") for n in range(1, 251)]
    parts = rendered(build_digest(articles), Layout.HEADLINES, offers_magazine=True)
    assert len(parts) == 3
    for part in parts:
        assert part.html.count("<blockquote expandable>") == part.html.count("</blockquote>") == 1
        check_html(part.html)
    assert all(text_of(parts).count(f"№{number}!") == 1 for number in range(1, 251))


def test_a_headline_is_short_in_every_script_and_tells_how_many_sources_there_are() -> None:
    latin = article(1, title="word " * 40, source="The Tidewater Quarterly Review of Harbours")
    han = article(2, title="字" * 100, source="潮汐")
    also = {latin.id: (article(3, source="A"), article(4, source="A"), article(5, source="B"))}
    lines = plain_text(rendered(build_digest([latin, han], also=also), Layout.HEADLINES)[0].html).splitlines()
    assert lines[-2] == "• " + ("word " * 15).strip() + "… · The Tidewater Quarterly… +2"
    assert lines[-1] == "• " + "字" * 37 + "… · 潮汐"


def test_a_line_with_text_from_right_to_left_keeps_its_order() -> None:
    shown = news(1, title="שלום עולם", source="حريات", categories=("أخبار",))
    html = rendered(build_digest(shown), Layout.GALLERY, options=PREVIEWS)[0].html
    assert '1. <a href="https://news.example/1">\u2068שלום עולם\u2069</a>' in html
    assert "<i>\u2068حريات\u2069 · " in html
    assert "▍<b>\u2068أخبار\u2069</b>" in html
    assert "\u2068" not in rendered(build_digest(news(1)), Layout.GALLERY)[0].html
    assert '• <a href="https://news.example/1">\u2068שלום' in rendered(build_digest(shown), Layout.HEADLINES)[0].html


@pytest.mark.parametrize("layout", CLASSIC)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_magazine_is_offered_in_the_last_line(layout: Layout, language: str) -> None:
    parts = rendered(build_digest(news(*range(1, 9))), layout, language, offers_magazine=True)
    assert plain_text(parts[-1].html).splitlines()[-1].startswith("✨ ")
    assert parts[-1].offers_magazine
    assert "✨" not in text_of(rendered(build_digest(news(1)), layout, language))
