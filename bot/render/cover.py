"""The cover that greets new readers: the pictures and headlines of the latest articles (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.i18n import Translator, has_dense_script
from bot.render.article import short_title
from bot.render.shorten import DENSE
from digests.model.article import Article
from digests.model.mosaic import MOST_TILES, CoverText, Mosaic, Tile, compose_mosaic

_MOST_HEADLINES = 3
_HEADLINE_LENGTH = 80


def cover_of(articles: Sequence[Article], today: date, secret: bytes, t: Translator) -> Mosaic | None:
    """Return the cover of a day with the first of these articles that have pictures; None if none has.

    A story and a picture are shown once, whoever else has them. Headlines in the script of the language come first.
    """
    shown: dict[str, Article] = {}
    stories = set[int]()
    for article in articles:
        if article.picture and article.picture not in shown and article.story not in stories:
            shown[article.picture] = article
            if article.story is not None:
                stories.add(article.story)
    if not shown:
        return None
    tiles = [Tile(0, picture) for picture in list(shown)[:MOST_TILES]]
    # A stable sort: titles that the reader can read come first, where a site has several languages.
    readable = sorted(shown.values(), key=lambda article: _is_dense(article.title) != has_dense_script(t.language))
    return compose_mosaic(tiles, secret, cover_text(t("In the news"), today, readable, t))


def cover_text(title: str, day: date, articles: Sequence[Article], t: Translator) -> CoverText:
    """Return the words on a cover, with the headlines of the first articles."""
    headlines = [short_title(article, t, _HEADLINE_LENGTH) for article in articles[:_MOST_HEADLINES]]
    return CoverText(title, t.day(day), tuple(headlines), t.language.replace("_", "-"))


def _is_dense(title: str) -> bool:
    return DENSE.search(title) is not None
