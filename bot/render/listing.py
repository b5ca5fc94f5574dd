"""Lists and searches: pages of articles under a heading (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from bot.i18n import Translator
from bot.markup import Html
from bot.render.article import article_html
from bot.render.split import Block, split
from digests.compose.build import NO_OTHERS, Also
from digests.model.article import Article
from digests.model.ids import ArticleId
from digests.search.snippet import Fragment

_NO_LINES: Mapping[ArticleId, Sequence[Fragment]] = MappingProxyType({})


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
    """Return a page of articles under a heading. A page is short enough to be one message.

    `lines` are those around what was searched for, `also` are the other sources' articles; both by article. The
    articles of a page that `is_numbered` are so from 1 on, as the buttons below it are.
    """
    blocks = [Block(heading, keep=bool(articles))]
    for number, article in enumerate(articles, 1):
        line, others = lines.get(article.id, ()), also.get(article.id, ())
        html = article_html(article, t, timezone, now, line, others, is_numbered=is_numbered)
        blocks.append(Block(Html(f"{number}. ") + html if is_numbered else html))
    return split(blocks)
