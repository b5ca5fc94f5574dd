"""The texts of articles, as they were stored, by the items of feeds that brought them."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles, posts


class ItemTextStore:
    """Reads the texts of items. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def texts_of(self, origin: str, keys: Collection[str]) -> dict[str, str]:
        """Return the texts of the articles that these items are, by the items' keys; of those that there are."""
        query = (
            sa.select(posts.c.path, articles.c.text)
            .join(articles, articles.c.id == posts.c.article_id)
            .where(posts.c.origin == origin)
        )

        def work(connection: sa.Connection) -> dict[str, str]:
            return {
                row.path: row.text
                for some in batches(keys)
                for row in connection.execute(query.where(posts.c.path.in_(some)))
            }

        return await self._database.run(work)
