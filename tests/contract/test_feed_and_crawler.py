"""The real posts of the crawler and the feeds that they were made of: each article once, whichever comes first."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping

import pytest

from digests.articles.markup.read import read_markup
from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from digests.model.feed import FeedItem
from digests.storage.database import Database
from tests.contract.newsroom import Newsroom
from tests.factories.feed_items import feed_item
from tests.unit.articles.shared import unpack

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    root = unpack("corpus", tmp_path_factory.mktemp("corpus"))
    shutil.rmtree(root / "_recrawl", ignore_errors=True)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.name.endswith(".md")}


def item_of(path: str, data: bytes) -> FeedItem:
    """Return the item of a feed that the crawler made the post of: with its link, its own name, and no `_`."""
    post = read_post(data, path)
    assert isinstance(post, ParsedPost)
    body = read_markup(data.decode("utf-8").split("\n---\n", 2)[-1].split("---\n")[-1])
    told = hashlib.sha256((post.title + post.source + body.text).encode()).hexdigest()[:12]
    link = post.original_url or f"https://original.example/{told}"
    title = post.title.replace("_", ":")
    source = f"RSS of {post.categories[0]}"
    return feed_item(
        title, link, body.text, key=told, source=source, categories=[("RSS", *post.categories[:1])], body=body
    )


@pytest.mark.parametrize("feed_is_first", [True, False], ids=["the feed first", "the crawler first"])
async def test_each_article_comes_once(database: Database, posts: Mapping[str, bytes], feed_is_first: bool) -> None:
    room = Newsroom(database)
    items = [item_of(path, data) for path, data in posts.items()]
    files: dict[str, str | bytes] = dict(posts)
    # A blank post, and one that says no more than its title "1.0.0": nothing of them could be the feed's.
    blank = {item.key for item in items if not item.post.headline_key}
    assert len(blank) == 2
    if feed_is_first:
        assert (await room.look(*items))[0] == len({item.key for item in items})
        assert (await room.scan(files)).new == len(blank)
    else:
        assert (await room.scan(files)).new == len({item.key for item in items})
        assert (await room.look(*items))[0] == len(blank)
    rows = await room.rows()
    assert sum(row.origin != "memory" for row in rows) == len(blank)
    assert sum(not row.url for row in rows) == len(blank)
    assert (await room.look(*items))[:2] == (0, 0)
    assert await room.rows() == rows
