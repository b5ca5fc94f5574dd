"""Pictures and previews by address: those of this machine are fetched and checked, as Telegram's servers do."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot, png


@pytest.fixture
async def site() -> AsyncIterator[tuple[str, list[str]]]:
    """A site with good and bad pictures; its address, and the paths that were asked for."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        match request.path:
            case "/good.png":
                return web.Response(body=png(640, 480), content_type="image/png")
            case "/moved.png":
                raise web.HTTPFound("/good.png")
            case "/away.png":
                raise web.HTTPFound("http://192.0.2.1/a.png")
            case "/circle.png":
                raise web.HTTPFound("/circle.png")
            case "/page.html":
                return web.Response(text="<title>x</title>", content_type="text/html")
            case "/lying.png":
                return web.Response(text="no picture", content_type="image/png")
            case "/text.png":
                return web.Response(body=png(9, 9), content_type="text/plain")
            case "/large.png":
                return web.Response(body=png(9, 9) + bytes(5 * 1024 * 1024), content_type="image/png")
            case "/huge.png":
                return web.Response(body=png(9_000, 1_001), content_type="image/png")
            case "/narrow.png":
                return web.Response(body=png(21, 1), content_type="image/png")
            case _:
                raise web.HTTPNotFound

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    await runner.cleanup()


NOT_FETCHED = "failed to get HTTP URL content"
WRONG_TYPE = "wrong type of the web page content"


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("missing.png", NOT_FETCHED),
        ("away.png", NOT_FETCHED),
        ("circle.png", NOT_FETCHED),
        ("large.png", NOT_FETCHED),
        ("page.html", WRONG_TYPE),
        ("lying.png", WRONG_TYPE),
        ("text.png", WRONG_TYPE),
        ("huge.png", WRONG_TYPE),
        ("narrow.png", WRONG_TYPE),
    ],
)
async def test_photos_that_cannot_be_had(
    bot: RawBot, ada: Person, site: tuple[str, list[str]], path: str, refusal: str
) -> None:
    url, asked = site
    for _ in range(2):
        said = await bot.refused("sendPhoto", chat_id=ada.id, photo=f"{url}/{path}")
        assert said == f"Bad Request: {refusal}"
    rich = {"html": f'<img src="{url}/{path}">'}
    said = await bot.refused("sendRichMessage", chat_id=ada.id, rich_message=rich)
    assert said == "Bad Request: RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"
    assert len(asked) == (5 if path == "circle.png" else 1), "a failure is remembered"
    (fetched,) = (await ada.get("/sim/fetches"))["fetches"]
    assert fetched["refusal"].lower() == refusal.lower()


async def test_photos_are_fetched_once(bot: RawBot, ada: Person, site: tuple[str, list[str]], sim: Simulator) -> None:
    url, asked = site
    sent = await bot.ok("sendPhoto", chat_id=ada.id, photo=f"{url}/good.png")
    assert sent["photo"][-1]["width"] == 640
    localhost = url.replace("127.0.0.1", "localhost")
    await bot.ok("sendPhoto", chat_id=ada.id, photo=f"{localhost}/moved.png")
    await bot.ok("sendRichMessage", chat_id=ada.id, rich_message={"html": f'<img src="{url}/good.png">'})
    assert asked == ["/good.png", "/moved.png", "/good.png"]
    again = await bot.ok("sendPhoto", chat_id=ada.id, photo=sent["photo"][-1]["file_id"])
    assert again["photo"] == sent["photo"]
    sim.world.web.clear()
    await bot.ok("sendPhoto", chat_id=ada.id, photo=f"{url}/good.png")
    assert asked[3:] == ["/good.png"]


async def test_nobody_listens(bot: RawBot, ada: Person) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/a.png"
        assert await bot.refused("sendPhoto", chat_id=ada.id, photo=url) == f"Bad Request: {NOT_FETCHED}"
        await bot.send(ada.id, "text", link_preview_options={"url": url})
    assert (await ada.last())["preview"] is None


async def test_previews_of_pages_that_cannot_be_had(bot: RawBot, ada: Person, site: tuple[str, list[str]]) -> None:
    url, asked = site
    options = {"prefer_large_media": True, "show_above_text": True}
    sent = await bot.send(ada.id, "x", link_preview_options={"url": f"{url}/good.png", **options})
    preview = (await ada.last())["preview"]
    assert preview.pop("photo_url").startswith("/sim/files/")
    assert preview == {"url": f"{url}/good.png", "large": True, "above": True, "width": 640, "height": 480}
    assert await ada.picture(await ada.last()) == png(640, 480)
    where = {"chat_id": ada.id, "message_id": sent["message_id"]}
    await bot.ok("editMessageText", **where, text="x", link_preview_options={"url": f"{url}/missing"})
    assert (await ada.last())["preview"] is None
    await bot.ok("editMessageText", **where, text=f"see {url}/page.html")
    assert (await ada.last())["preview"]["url"] == f"{url}/page.html"
    await ada.fault("bad_picture", url="example.com")
    await bot.send(ada.id, "see https://example.com/a")
    assert (await ada.last())["preview"] is None
    assert asked == ["/good.png", "/missing", "/page.html"]


async def test_a_forgotten_file_is_uploaded_again(bot: RawBot, ada: Person) -> None:
    content = png(64, 48)
    first = (await bot.ok("sendPhoto", chat_id=ada.id, photo=content))["photo"][-1]["file_id"]
    await ada.fault("forgotten_files")
    refused = "Bad Request: wrong file identifier/HTTP URL specified"
    assert await bot.refused("sendPhoto", chat_id=ada.id, photo=first) == refused
    rich = {"html": '<img src="tg://photo?id=a">', "media": [{"id": "a", "media": {"type": "photo", "media": first}}]}
    assert await bot.refused("sendRichMessage", chat_id=ada.id, rich_message=rich) == refused
    second = (await bot.ok("sendPhoto", chat_id=ada.id, photo=content))["photo"][-1]["file_id"]
    assert second != first
    await bot.ok("sendPhoto", chat_id=ada.id, photo=second)
    shown = [message for message in await ada.messages() if message["photo_url"]]
    assert [await ada.picture(message) for message in shown] == [content] * 3, "people still see the forgotten one"
    contents: dict[str, Any] = (await ada.ledger())["upload_contents"]
    assert list(contents.values()) == [2]


async def test_a_picture_that_telegram_will_not_take(bot: RawBot, ada: Person) -> None:
    content = png(64, 48)
    file_id = (await bot.ok("sendPhoto", chat_id=ada.id, photo=content))["photo"][-1]["file_id"]
    (digest,) = (await ada.ledger())["upload_contents"]
    await ada.fault("bad_picture", url=digest)
    assert await bot.refused("sendPhoto", chat_id=ada.id, photo=content) == "Bad Request: IMAGE_PROCESS_FAILED"
    await bot.ok("sendPhoto", chat_id=ada.id, photo=file_id)
    await ada.fault("bad_picture", url=file_id, description="PHOTO_INVALID")
    assert await bot.refused("sendPhoto", chat_id=ada.id, photo=file_id) == "Bad Request: PHOTO_INVALID"
    rich = {"html": '<img src="tg://photo?id=a">', "media": [{"id": "a", "media": {"type": "photo", "media": file_id}}]}
    said = await bot.refused("sendRichMessage", chat_id=ada.id, rich_message=rich)
    assert said == "Bad Request: RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"
