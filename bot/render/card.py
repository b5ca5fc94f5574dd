"""An article's card: all that readers may know of it, in the caption of its picture (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.i18n import Translator
from bot.limits import CAPTION
from bot.render.article import also_in, short_title, source_and_time
from bot.render.lead import beyond_title
from bot.render.shorten import shorten
from bot.text.inert import inert
from bot.text.markup import Html, escape, link, visible_length
from digests.model.article import Article

_TITLE_LENGTH = 300
_LEAST_SUMMARY = 40
"""Characters of a summary; fewer say nothing."""


def card_html(article: Article, t: Translator, timezone: str, now: datetime, also: Sequence[Article] = ()) -> Html:
    """Return the text of a card, short enough for the caption of a photo: its summary is whole where it can be.

    `also` are the other articles of its story.
    """
    title = short_title(article, t, _TITLE_LENGTH)
    head = [Html(f"<b>{link(inert(title), article.url)}</b>" if article.url else link(inert(title), None))]
    if when := source_and_time(article, t, timezone, now):
        head.append(Html(f"<i>{when}</i>"))
    names = also_in(article, also, t)
    room = CAPTION - sum(visible_length(line) + 2 for line in (*head, names))
    summary = _summary(article, title, room)
    return escape("\n\n").join([text for text in (escape("\n").join(head), summary, names) if text])


def _summary(article: Article, title: str, room: int) -> Html:
    """Return what the summary says beyond the title in at most `room` characters; empty if that is too little."""
    summary = beyond_title(article.summary, title) if article.title else ""
    most = room
    while most >= _LEAST_SUMMARY:
        # Signs that keep it from being tapped take room too.
        shown = inert(shorten(summary, most))
        if visible_length(shown) <= room:
            return shown
        most -= visible_length(shown) - room
    return Html()


def gone_text(t: Translator) -> str:
    """Return what is said of an article that no reader sees any more."""
    return t("This article is gone: it was taken back, or it is no longer shown here. /latest shows the newest.")
