"""`digestbot search`: what a query finds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.commands.output import print_json
from bot.i18n import translator
from bot.render.article import shown_title
from bot.text.moments import iso
from bot.wiring.stores import open_stores
from config.load import load_settings
from config.settings import Settings
from digests.errors import InvalidInput
from digests.model.article import Article
from digests.model.category_tree import SEPARATOR, CategoryTree
from digests.model.ids import CategoryId
from digests.readers.lookup import Lookup, Page
from digests.search.ranking import Order

_DAY = timedelta(days=1)


def search_articles(config: Path | None, query: str, limit: int, *, newest: bool, as_json: bool) -> None:
    """Print the articles that a query finds, or what it may have meant."""
    query = query.encode(errors="replace").decode()
    page, meant = asyncio.run(_search(load_settings(config), query, limit, Order.NEWEST if newest else Order.BEST))
    for name in page.unknown:
        print(f"“{name}” means nothing here.", file=sys.stderr)
    if as_json:
        print_json([_found(hit.article) for hit in page.hits])
        return
    t = translator("en")
    for hit in page.hits:
        article = hit.article
        day = f"{article.shown_at:%Y-%m-%d}" if article.is_dated else "no date   "
        print(f"{day}  {shown_title(article, t)}  [{SEPARATOR.join(article.categories)}]")
        if hit.line:
            print(f"            {''.join(f'*{piece.text}*' if piece.is_match else piece.text for piece in hit.line)}")
        if article.url:
            print(f"            {article.url}")
    if not page.hits:
        print("Nothing found." + (f" Did you mean: {meant}" if meant else ""))


def _found(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "url": article.url,
        "published_at": iso(article.published_at),
        "categories": list(article.categories),
    }


async def _search(settings: Settings, query: str, limit: int, order: Order) -> tuple[Page, str | None]:
    async with open_stores(settings) as stores:
        await stores.index.update(stores.articles)
        tree = await stores.categories.readers_tree()
        lookup = Lookup(stores.index, stores.articles, stores.hidden)
        page = await lookup.find(query, tree, limit, order=order)
        return page, None if page.hits else await lookup.suggest(query, tree)


def find_categories(tree: CategoryTree, names: Sequence[str]) -> list[CategoryId]:
    """Return the categories that an operator named.

    Raises:
        InvalidInput: for a name that is unknown or ambiguous, or when there is none.
    """
    found: list[CategoryId] = []
    for name in filter(None, map(str.strip, names)):
        hits = tree.find(name)
        if len(hits) == 1:
            found.append(hits[0].id)
            continue
        near = hits or tree.near(name)
        shown = ", ".join(SEPARATOR.join(category.path) for category in near[:8])
        if hits:
            raise InvalidInput(f"The category “{name}” may mean: {shown}. Write one of these.")
        raise InvalidInput(f"There is no category “{name}”." + (f" Did you mean: {shown}?" if shown else ""))
    if not found:
        raise InvalidInput("Name at least one category.")
    return found
