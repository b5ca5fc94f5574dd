"""Lists and searches: pages of articles under a heading (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from bot.i18n import Translator
from bot.render.article import TITLE_LENGTH, article_html
from bot.render.split import Block, split
from bot.text.markup import Html
from digests.compose.build import NO_OTHERS, Also
from digests.model.article import Article
from digests.model.ids import ArticleId
from digests.search.snippet import Fragment

_NO_LINES: Mapping[ArticleId, Sequence[Fragment]] = MappingProxyType({})


class _PageDetail(NamedTuple):
    """How much is said of each article."""

    has_others: bool
    has_summary: bool
    title_length: int


# A page of very long articles says less of each, so that it stays one message with its buttons below.
_DETAILS = (
    _PageDetail(has_others=True, has_summary=True, title_length=TITLE_LENGTH),
    _PageDetail(has_others=False, has_summary=True, title_length=TITLE_LENGTH),
    _PageDetail(has_others=False, has_summary=False, title_length=TITLE_LENGTH),
    _PageDetail(has_others=False, has_summary=False, title_length=80),
)


def listing(
    heading: Html,
    articles: Sequence[Article],
    t: Translator,
    timezone: str,
    now: datetime,
    lines: Mapping[ArticleId, Sequence[Fragment]] = _NO_LINES,
    also: Also = NO_OTHERS,
    *,
    is_numbered: bool = False,
) -> tuple[Html, ...]:
    """Return articles under a heading, in one message if they are a page.

    `lines` are those around what was searched for, `also` are the other sources' articles; both by article. The
    articles of a page that `is_numbered` are so from 1 on, as the buttons below it are.
    """
    made: tuple[Html, ...] = ()
    for detail in _DETAILS:
        blocks = [Block(heading, keep=bool(articles))]
        for number, article in enumerate(articles, 1):
            html = article_html(
                article,
                t,
                timezone,
                now,
                lines.get(article.id, ()),
                also.get(article.id, ()) if detail.has_others else (),
                is_numbered=is_numbered,
                title_length=detail.title_length,
                has_summary=detail.has_summary,
            )
            blocks.append(Block(Html(f"{number}. ") + html if is_numbered else html))
        made = split(blocks)
        if len(made) == 1 or not is_numbered:
            break
    return made
