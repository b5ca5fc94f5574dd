"""The cover for new readers: distinct pictures and stories, and three headlines at most."""

from __future__ import annotations

from datetime import date

from bot.i18n import LANGUAGES, translator
from bot.render.cover import cover_of
from digests.media.fonts import find_font
from digests.model.ids import StoryId
from digests.model.mosaic import MOST_TILES
from tests.factories.articles import article

TODAY = date(2026, 6, 6)
EN = translator("en")


def test_a_cover_has_the_first_articles_with_pictures() -> None:
    shown = [article(number, picture=f"p{number}" if number % 2 else "") for number in range(1, 40)]
    cover = cover_of(shown, TODAY, b"secret", EN)
    assert cover is not None
    assert [tile.picture for tile in cover.tiles] == [f"p{number}" for number in range(1, 2 * MOST_TILES, 2)]
    assert {tile.number for tile in cover.tiles} == {0}
    assert cover.cover is not None
    assert cover.cover.headlines == ("Title 1", "Title 3", "Title 5")


def test_a_story_and_a_picture_are_shown_once() -> None:
    shown = [
        article(1, picture="a", story=StoryId(5)),
        article(2, picture="b", story=StoryId(5)),
        article(3, picture="a"),
        article(4, picture="c"),
        article(5, picture="d"),
    ]
    cover = cover_of(shown, TODAY, b"secret", EN)
    assert cover is not None
    assert [tile.picture for tile in cover.tiles] == ["a", "c", "d"]


def test_without_pictures_there_is_no_cover() -> None:
    assert cover_of([], TODAY, b"secret", EN) is None
    assert cover_of([article(1)], TODAY, b"secret", EN) is None


def test_languages_have_covers_of_their_own_and_long_titles_are_shortened() -> None:
    shown = [article(1, picture="a", title="长" * 500)]
    english, chinese = (cover_of(shown, TODAY, b"secret", translator(language)) for language in ("en", "zh_CN"))
    assert english is not None
    assert chinese is not None
    assert english.key != chinese.key
    assert chinese.cover is not None
    assert (chinese.cover.title, chinese.cover.day) == ("今日新闻", "6月6日星期六")
    assert len(chinese.cover.headlines[0]) <= 80


def test_characters_have_the_forms_of_the_readers_language() -> None:
    covers = [cover_of([article(1, picture="a")], TODAY, b"secret", translator(language)) for language in LANGUAGES]
    assert [cover and cover.cover and cover.cover.language for cover in covers] == ["en", "zh-CN", "zh-TW"]
    faces = {name: font.face for name in ("zh-CN", "zh-TW", "en", "de") if (font := find_font(name)) is not None}
    assert not faces or faces["zh-TW"] != faces["zh-CN"] == faces["en"] == faces["de"]


def test_headlines_that_the_reader_can_read_come_first() -> None:
    titles = ["The moon", "月亮", "The sun", "太阳", "A star", "星星"]
    shown = [article(number, picture=f"p{number}", title=title) for number, title in enumerate(titles, 1)]
    english, chinese = (cover_of(shown, TODAY, b"secret", translator(language)) for language in ("en", "zh_CN"))
    assert english is not None
    assert english.cover is not None
    assert english.cover.headlines == ("The moon", "The sun", "A star")
    assert chinese is not None
    assert chinese.cover is not None
    assert chinese.cover.headlines == ("月亮", "太阳", "星星")
    assert [tile.picture for tile in chinese.tiles] == [f"p{number}" for number in range(1, 7)]
