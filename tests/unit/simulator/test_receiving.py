"""getUpdates and webhooks."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from aiohttp import web

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot
from tests.waiting import until


async def test_offset_limit_and_confirming(bot: RawBot, ada: Person) -> None:
    for number in range(5):
        await ada.say(str(number))
    first = await bot.ok("getUpdates", limit=2)
    assert [update["message"]["text"] for update in first] == ["0", "1"]
    assert [update["update_id"] for update in first] == [first[0]["update_id"], first[0]["update_id"] + 1]
    assert await bot.ok("getUpdates", limit=2) == first
    rest = await bot.ok("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["2", "3", "4"]
    assert [update["message"]["text"] for update in await bot.ok("getUpdates", offset=-1)] == ["4"]
    assert await bot.ok("getUpdates", offset=rest[-1]["update_id"] + 1) == []


async def test_long_poll(bot: RawBot, ada: Person, sim: Simulator) -> None:
    started = time.monotonic()
    assert await bot.ok("getUpdates", timeout=1) == []
    assert 0.9 < time.monotonic() - started < 3
    polling = asyncio.create_task(bot.ok("getUpdates", timeout=30))
    await until(lambda: sim.world.updates.is_polled)
    await ada.say("now")
    assert (await polling)[0]["message"]["text"] == "now"


async def test_allowed_updates(bot: RawBot, ada: Person) -> None:
    await bot.ok("getUpdates", allowed_updates=["callback_query", "nonsense"])
    await ada.say("not wanted")
    await ada.block()
    assert await bot.ok("getUpdates") == []
    await bot.ok("getUpdates", allowed_updates=[])
    await ada.unblock()
    assert [list(update)[1] for update in await bot.updates()] == ["my_chat_member"]


async def test_a_second_poller(bot: RawBot, ada: Person, sim: Simulator) -> None:
    first = asyncio.create_task(bot.call("getUpdates", timeout=30))
    await until(lambda: sim.world.updates.is_polled)
    second = asyncio.create_task(bot.call("getUpdates", timeout=30))
    assert await first == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
        "running",
    }
    await ada.say("hello")
    assert (await second)["result"][0]["message"]["text"] == "hello"


async def test_a_poller_that_hung_up_causes_no_conflict(bot: RawBot, ada: Person, sim: Simulator) -> None:
    async with aiohttp.ClientSession() as other:
        hung_up = asyncio.create_task(RawBot(other, sim).call("getUpdates", timeout=30))
        await until(lambda: sim.world.updates.is_polled)
        hung_up.cancel()
        await asyncio.gather(hung_up, return_exceptions=True)
    await until(lambda: not sim.world.updates.is_polled)
    assert await bot.ok("getUpdates") == []
    assert (await ada.ledger())["refusals"] == {}


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"url": "http://example.com/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.com:5000/x"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://example.com/x", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://example.com/x", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_webhooks_that_telegram_refuses(bot: RawBot, parameters: dict[str, str], refusal: str) -> None:
    assert await bot.refused("setWebhook", **parameters) == f"Bad Request: {refusal}"
    assert (await bot.ok("getWebhookInfo"))["url"] == ""


async def test_no_polling_beside_a_webhook(bot: RawBot, ada: Person, sim: Simulator) -> None:
    polling = asyncio.create_task(bot.refused("getUpdates", timeout=30))
    await until(lambda: sim.world.updates.is_polled)
    await bot.ok("setWebhook", url="https://example.com/hook", allowed_updates=["message"])
    assert await polling == "Conflict: terminated by setWebhook request"
    assert await bot.refused("getUpdates") == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    await ada.say("waits")
    info = await bot.ok("getWebhookInfo")
    assert (info["pending_update_count"], info["allowed_updates"]) == (1, ["message"])
    await bot.ok("deleteWebhook")
    assert len(await bot.ok("getUpdates")) == 1
    await bot.ok("deleteWebhook", drop_pending_updates=True)
    assert await bot.ok("getUpdates") == []


async def test_delivery_with_secret_and_retries(bot: RawBot, ada: Person, sim: Simulator) -> None:
    heard: list[tuple[str, str]] = []
    answers = [500, 503, 200, 200]

    async def receive(request: web.Request) -> web.Response:
        update = await request.json()
        heard.append((request.headers["X-Telegram-Bot-Api-Secret-Token"], update["message"]["text"]))
        return web.Response(status=answers.pop(0))

    app = web.Application()
    app.router.add_post("/hook/{rest}", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sim.webhook_targets["https://bot.example/"] = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await bot.ok("setWebhook", url="https://bot.example/abc", secret_token="s3cret-_")
    await ada.say("one")
    await ada.say("two")
    await until(lambda: len(heard) == 4)
    assert heard == [("s3cret-_", "one")] * 3 + [("s3cret-_", "two")]
    await until(lambda: not sim.world.updates.waiting)
    assert (await bot.ok("getWebhookInfo"))["last_error_message"].startswith("Wrong response from the webhook: 503")
    await runner.cleanup()
    await ada.say("three")
    await until(lambda: sim.world.webhook.last_error == "Connection refused")


async def test_stopping_with_open_polls(session: aiohttp.ClientSession) -> None:
    sim = Simulator()
    await sim.start()
    async with await Person.arrive(sim.url) as ada:
        polls = [
            asyncio.create_task(RawBot(session, sim).call("getUpdates", timeout=50)),
            asyncio.create_task(ada.get("/sim/events", user=ada.id, after=1000000)),
            asyncio.create_task(ada.get("/sim/events", user=ada.id, after=sim.world.events.seq)),
        ]
        await until(lambda: sim.world.updates.is_polled and sim.world.events.is_awaited)
        started = time.monotonic()
        await sim.stop()
        assert time.monotonic() - started < 1
        await asyncio.gather(*polls, return_exceptions=True)


async def test_a_port_in_use() -> None:
    first = Simulator()
    await first.start()
    second = Simulator(port=int(first.url.rpartition(":")[2]))
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await second.stop()
    await first.stop()
