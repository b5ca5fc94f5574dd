"""The texts that the articles of a feed's items have."""

from __future__ import annotations

from digests.storage.articles.item_texts import ItemTextStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW


async def test_texts_by_the_keys_of_an_origin(database: Database) -> None:
    store = ItemTextStore(database)
    batch = [read_post(key, parsed_post(f"Title {key}", text=f"The text of {key}.")) for key in ("a", "b")]
    await IngestStore(database).write("feed:1", batch, NOW)
    await IngestStore(database).write("feed:2", [read_post("c", parsed_post("Other", text="Of another feed."))], NOW)
    assert await store.texts_of("feed:1", ["a", "b", "c", "none"]) == {
        "a": "The text of a.",
        "b": "The text of b.",
    }
    assert await store.texts_of("feed:1", []) == {}
    assert len(await store.texts_of("feed:1", [f"{number}" for number in range(3000)] + ["a"])) == 1
