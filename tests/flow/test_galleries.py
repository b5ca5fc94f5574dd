"""Galleries by the whole bot: sent, served to Telegram, and withdrawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa
from PIL import Image

from bot.errors import StartError
from bot.simulator.person.driver import ShownMessage
from digests.media.folder import LARGE, SMALL, mosaic_path, picture_path
from digests.model.mosaic import Mosaic
from digests.storage.media.mosaics import MosaicStore
from digests.storage.schema.article_tables import articles
from tests.factories.drawn_pictures import encoded, striped
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

MOSAIC = encoded(striped(640, 400))


async def planned(harness: BotHarness, *titles: str) -> Reader:
    """Plan a gallery of articles with pictures for a new reader, and make its mosaic."""
    reader = await harness.subscriber_of("Old news")
    await harness.publish(*titles, thumbnail="https://p.example/sky.jpg")
    async with harness.app.stores.database.write() as connection:
        await connection.execute(sa.update(articles).values(picture=sa.cast(articles.c.id, sa.Text)))
    moment = await harness.app.stores.places.next_moment()
    assert moment is not None
    harness.clock.move(moment - harness.clock.now())
    await harness.app.work.plan()
    return reader


async def make_wanted(harness: BotHarness) -> list[Mosaic]:
    """Make the mosaics that deliveries wait for."""
    store = MosaicStore(harness.app.stores.database)
    made = await store.wanted(9)
    for mosaic in made:
        file = mosaic_path(harness.settings.pictures_folder, mosaic.key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(MOSAIC)
        await store.made(mosaic, len(MOSAIC), harness.clock.now())
    return made


async def withdraw(harness: BotHarness, title: str) -> None:
    """Withdraw an article from the digests that were sent, too."""
    admin = await harness.admin()
    await admin.say(f"/withdraw {title}")
    await admin.wait_for("Withdraw it?")
    await admin.press("Withdraw, from")
    await admin.wait_for("has been withdrawn")
    await harness.app.work.recall()


async def message_of(reader: Reader, sent: ShownMessage) -> ShownMessage:
    """Return a message as it is now."""
    found = [message for message in await reader.messages() if message["message_id"] == sent["message_id"]]
    assert len(found) == 1
    return found[0]


async def test_a_gallery_is_a_photo_and_loses_a_withdrawn_article(harness: BotHarness) -> None:
    robin = await planned(harness, "The moon", "The sun")
    assert len(await make_wanted(harness)) == 1
    await harness.app.parts.delivery_worker.deliver_due()
    sent = await robin.wait_for("The moon")
    assert "1. " in sent["caption"]
    assert await robin.picture(sent) == MOSAIC
    await withdraw(harness, "The moon")
    edited = await message_of(robin, sent)
    assert "The moon" not in edited["caption"]
    assert "The sun" in edited["caption"]
    # Its new mosaic is not made here, so the photo shows the lead story's picture.
    shown = harness.simulator.world.chats[robin.id].messages[sent["message_id"]]
    assert shown.picture == "https://p.example/sky.jpg"


async def test_the_mosaic_without_the_article_is_drawn_for_the_edit(harness: BotHarness) -> None:
    robin = await planned(harness, "The moon", "The sun")
    for key in ("1", "2", "3"):
        for size in (LARGE, SMALL):
            file = picture_path(harness.settings.pictures_folder, key, size)
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (size, size * 2 // 3), (30 * int(key), 90, 160)).save(file)
    await harness.app.parts.media.mosaics.make_wanted()
    await harness.app.parts.delivery_worker.deliver_due()
    sent = await robin.wait_for("The moon")
    before = await robin.picture(sent)
    await withdraw(harness, "The moon")
    edited = await message_of(robin, sent)
    assert "The moon" not in edited["caption"]
    after = await robin.picture(edited)
    assert before[:3] == after[:3] == b"\xff\xd8\xff"
    assert before != after


async def test_a_gallery_whose_only_article_is_withdrawn_shows_nothing_of_it(harness: BotHarness) -> None:
    robin = await planned(harness, "The moon")
    await make_wanted(harness)
    await harness.app.parts.delivery_worker.deliver_due()
    sent = await robin.wait_for("The moon")
    await withdraw(harness, "The moon")
    edited = await message_of(robin, sent)
    assert edited["caption"] == "Nothing new in your categories today."
    assert await robin.picture(edited) != MOSAIC


class Site:
    """A bot from which Telegram fetches mosaics."""

    def __init__(self, harness: BotHarness, url: str) -> None:
        self.harness = harness
        self.url = url

    async def status(self, address: str) -> int:
        """Return the status of a request."""
        async with aiohttp.ClientSession() as session, session.get(address) as response:
            if response.status == 200:
                assert await response.read() == MOSAIC
            return response.status


@pytest.fixture
async def site(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Site]:
    url = f"http://127.0.0.1:{unused_tcp_port}/digest"
    web = {"public_url": url, "listen": f"127.0.0.1:{unused_tcp_port}"}
    async with open_harness(tmp_path, web=web) as harness:
        yield Site(harness, url)


async def test_a_mosaic_above_a_text_is_served_until_its_article_is_withdrawn(site: Site) -> None:
    harness = site.harness
    robin = await planned(harness, "The moon", "The sun")
    (mosaic,) = await make_wanted(harness)
    await harness.app.parts.delivery_worker.deliver_due()
    sent = await robin.wait_for("The moon")
    address = f"{site.url}/m/{mosaic.key}.jpg"
    assert (sent["preview"]["url"], sent["preview"]["large"], sent["preview"]["above"]) == (address, True, True)
    assert await robin.picture(sent) == MOSAIC, "Telegram fetched it"
    assert await site.status(address) == 200
    await withdraw(harness, "The moon")
    assert await site.status(address) == 404
    edited = await message_of(robin, sent)
    assert "The moon" not in edited["text"]
    assert edited["preview"]["url"] == "https://p.example/sky.jpg"
    assert await site.status(f"{site.url}/m/") == 404
    await harness.restart()
    assert await site.status(address) == 404
    admin = await harness.admin()
    await admin.say("/unwithdraw")
    await admin.press("The moon")
    await admin.wait_for("Readers find The moon again")
    assert await site.status(address) == 200


async def test_a_second_bot_says_that_the_port_is_taken(site: Site, tmp_path: Path) -> None:
    web = site.harness.settings.web
    other = BotHarness(
        tmp_path / "other", site.harness.simulator, web={"public_url": web.public_url, "listen": web.listen}
    )
    with pytest.raises(StartError, match=r"set web\.listen"):
        await other.start()
    await other.close()
