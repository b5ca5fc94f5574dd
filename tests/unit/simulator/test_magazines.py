"""The bot's magazines, read by the simulator as Telegram reads them: valid, within the limits, with links that jump."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n import LANGUAGES
from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from bot.render.rich import measure
from bot.simulator.rich.blocks import parse_rich_html
from bot.simulator.rich.limits import check_rich_limits
from digests.compose.build import build_digest
from digests.model.article import Article
from digests.model.digest import Span
from digests.model.layout import DigestStyle, Layout
from tests.factories.any_articles import ARTICLES
from tests.factories.articles import article
from tests.factories.times import HOUR, NOW


def judge(articles: list[Article], language: str) -> None:
    digest = build_digest(articles, (), Span(NOW - 72 * HOUR, NOW))
    for part in DigestRenderer(LayoutOptions()).render(digest, DigestStyle(Layout.MAGAZINE, language, "UTC"), NOW):
        assert part.rich is not None
        parsed = parse_rich_html(part.rich.html)
        size = check_rich_limits(parsed.blocks)
        assert parsed.dangling == []
        assert [photo["src"] for photo in parsed.photos] == [
            f"tg://photo?id=p{number}" for number in range(1, len(part.rich.pictures) + 1)
        ]
        measured = measure(part.rich.html)
        # The bot may count more than Telegram does, but never less.
        assert size.characters <= measured.text
        assert size.blocks <= measured.blocks
        assert size.media == measured.media


@settings(deadline=None, max_examples=40)
@given(st.lists(ARTICLES, min_size=1, max_size=30), st.sampled_from(sorted(LANGUAGES)))
def test_any_magazine_is_accepted(articles: list[Article], language: str) -> None:
    judge(articles, language)


def test_a_magazine_of_very_much_is_accepted() -> None:
    judge(
        [
            article(n, title="字" * 300, summary="摘要。" * 400, picture=f"{n:040x}", categories=(f"c{n % 40}",))
            for n in range(1, 161)
        ],
        "zh_CN",
    )
