"""Pictures of several processes: whoever draws a mosaic, all of them send it, from a shared folder or from a store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from digests.media.files import FolderFiles, PictureFiles
from digests.media.folder import LARGE, SMALL, mosaic_name, picture_name
from digests.media.object_store import PictureBucket, StoreOptions
from digests.media.stored_files import ObjectStoreFiles
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import kept_pictures, mosaics
from digests.storage.schema.place_tables import places
from tests.cluster.harness import Cluster, open_cluster
from tests.contract.object_stores import BUCKET, make_bucket, serving_objects
from tests.factories.drawn_pictures import keep_pictures, scene
from tests.factories.times import NOW
from tests.load.faults import until_settled

READERS = 30


async def illustrate(cluster: Cluster, files: PictureFiles) -> None:
    """Give every article a kept picture, and everybody a layout that shows them."""
    async with cluster.database.read() as connection:
        ids = list((await connection.execute(sa.select(articles.c.id).order_by(articles.c.id))).scalars())
    drawn = cluster.folder / "drawn"
    keys = keep_pictures(drawn, *[scene(number) for number in range(len(ids))])
    for key in keys:
        for size in (LARGE, SMALL):
            await files.put(picture_name(key, size), (drawn / picture_name(key, size)).read_bytes())
    row = {"likeness": "0", "width": 640, "height": 360, "bytes": 1000, "used_at": NOW}
    async with cluster.database.write() as connection:
        await connection.execute(sa.insert(kept_pictures), [{"key": key, **row} for key in sorted(set(keys))])
        for article, key in zip(ids, keys, strict=True):
            await connection.execute(sa.update(articles).where(articles.c.id == article).values(picture=key))
        await connection.execute(sa.update(places).values(layout="gallery"))


@pytest.mark.parametrize("place", ["folder", "store"])
async def test_all_that_send_show_what_one_of_them_drew(tmp_path: Path, place: str) -> None:
    with serving_objects() as address:
        await make_bucket(address)
        shared = tmp_path / "shared"
        shared.mkdir()
        files: PictureFiles = FolderFiles(shared, is_shared=True)
        options: dict[str, object] = {"media__folder": shared}
        if place == "store":
            bucket = PictureBucket(StoreOptions(BUCKET, "bot", address, "", "key", "secret"))
            files = ObjectStoreFiles(bucket, tmp_path / "copies", 50_000_000)
            options = {"media__store": f"s3://{BUCKET}/bot", "media__store_endpoint": address}
            options |= {"media__store_key": "key", "media__store_secret": "secret"}
        async with open_cluster(tmp_path, READERS) as cluster:
            options["media__pictures"] = "mosaic"
            jobs = cluster.program("jobs", "worker", "--jobs", **options)
            senders = [cluster.program(f"sender{number}", "worker", "--deliveries", **options) for number in (1, 2)]
            await asyncio.gather(*[program.start() for program in senders])
            await cluster.news()
            await illustrate(cluster, files)
            await jobs.start()
            await until_settled(cluster.database, 60)
            async with cluster.database.read() as connection:
                made = (await connection.execute(sa.select(mosaics.c.key, mosaics.c.state, mosaics.c.file_id))).all()
            assert [row.state for row in made] == ["made"]
            assert made[0].file_id
            assert await files.has(mosaic_name(made[0].key))
            chats = [cluster.simulator.world.chats[number] for number in range(1, READERS + 1)]
            shown = [[message for message in chat.messages.values() if "photo" in message.media] for chat in chats]
            assert [len(messages) for messages in shown] == [1] * READERS
            for program in (jobs, *senders):
                assert not [line for line in program.troubles() if line["level"] == "error"], program.tail()
                assert await program.stop() == 0
            await files.close()
