"""Rate limits and injected faults."""

from __future__ import annotations

import asyncio
import socket
import time

import aiohttp
import pytest

from bot.simulator.person.driver import Person, SimulatorError
from bot.simulator.refusal import Refusal
from bot.simulator.server import Simulator
from bot.simulator.state.rates import RateLimiter, RateLimits
from tests.unit.simulator.conftest import RawBot
from tests.waiting import until

GONE = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def _passes(rates: RateLimiter, chat: int, now: float, *, paid: bool = False) -> bool:
    try:
        rates.check(chat, now, paid=paid)
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(("paid", "rate"), [(False, 30), (True, 1000)])
def test_a_steady_sender_at_the_rate_is_never_refused(paid: bool, rate: int) -> None:
    rates = RateLimiter(RateLimits(strict_rates=True))
    assert all(_passes(rates, at, at / rate, paid=paid) for at in range(rate * 10))


@pytest.mark.parametrize(("paid", "rate"), [(False, 30), (True, 1000)])
def test_no_second_and_no_minute_holds_much_more_than_the_rate(paid: bool, rate: int) -> None:
    rates = RateLimiter(RateLimits(strict_rates=True))
    times = [at / (rate * 3) for at in range(rate * 3 * 20)]
    passed = [now for number, now in enumerate(times) if _passes(rates, number + 1, now, paid=paid)]
    assert max(sum(1 for moment in passed if at <= moment < at + 1) for at in range(20)) <= rate * 1.1
    assert len(passed) <= rate * 20 + rate * 1.1


def test_a_chat_takes_a_short_burst_and_then_one_message_a_second() -> None:
    rates = RateLimiter(RateLimits(strict_rates=True))
    assert [_passes(rates, 1, 0.01 * at) for at in range(7)] == [True] * 5 + [False] * 2
    assert _passes(rates, 2, 0.1)
    assert _passes(rates, 1, 1.1)
    assert not _passes(rates, 1, 1.2)


def test_a_group_takes_twenty_in_any_minute() -> None:
    rates = RateLimiter(RateLimits(strict_rates=True))
    assert all(_passes(rates, -1, at * 0.5) for at in range(20))
    assert not _passes(rates, -1, 30)
    assert not _passes(rates, -1, 59.9)
    assert _passes(rates, -1, 60)
    assert not _passes(rates, -1, 60.1)


async def test_strict_rates_over_http(bot: RawBot, ada: Person) -> None:
    for _ in range(8):
        await bot.send(ada.id)
    await ada.post("/sim/settings", strict_rates=True)
    answers = [await bot.call("sendMessage", chat_id=ada.id, text="x") for _ in range(8)]
    floods = [answer for answer in answers if not answer["ok"]]
    assert len(floods) == 3
    assert floods[0]["error_code"] == 429
    assert floods[0]["parameters"] == {"retry_after": 1}
    ledger = await ada.ledger()
    assert ledger["floods"] == 3
    assert ledger["refusals"] == {"Too Many Requests": 3}
    assert ledger["messages"] == 13
    await bot.ok("getMe")
    await bot.ok("sendChatAction", chat_id=ada.id, action="typing")


async def test_paid_messages_have_their_own_rate(bot: RawBot, sim: Simulator) -> None:
    sim.world.limits.strict_rates = True
    for number in range(2000, 2100):
        sim.world.add_user("X", user_id=number, started=True)
    answers = [
        await bot.call("sendMessage", chat_id=number, text="x", allow_paid_broadcast=True)
        for number in range(2000, 2100)
    ]
    assert all(answer["ok"] for answer in answers)
    assert sim.world.ledger.paid == 100


async def test_injected_refusals(bot: RawBot, ada: Person) -> None:
    await ada.fault("refuse", method="sendMessage", chat=ada.id)
    await ada.fault("refuse", method="sendMessage", description="Bad Request: have no write access to the chat")
    await ada.fault("error", code=503)
    await ada.fault("flood", seconds=7)
    assert await bot.refused("sendMessage", chat_id=ada.id, text="x") == "Forbidden: bot was blocked by the user"
    refused = await bot.refused("sendMessage", chat_id=ada.id, text="x")
    assert refused == "Bad Request: have no write access to the chat"
    answer = await bot.call("sendMessage", chat_id=ada.id, text="x")
    assert (answer["error_code"], answer["description"]) == (503, "Service Unavailable")
    answer = await bot.call("sendMessage", chat_id=ada.id, text="x")
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 7})
    await bot.send(ada.id)
    ledger = await ada.ledger()
    assert ledger["faults"] == {"refuse": 2, "error": 1, "flood": 1}
    assert ledger["messages"] == 1


async def test_cut_before_and_after(bot: RawBot, ada: Person) -> None:
    await ada.fault("cut_before", method="sendMessage")
    with pytest.raises(GONE):
        await bot.call("sendMessage", chat_id=ada.id, text="lost")
    await ada.fault("cut_after", method="sendMessage")
    with pytest.raises(GONE):
        await bot.call("sendMessage", chat_id=ada.id, text="arrived")
    await bot.send(ada.id, "third")
    assert [message["text"] for message in await ada.messages() if not message["outgoing"]] == ["arrived", "third"]
    calls = (await ada.get("/sim/ledger/calls"))["calls"]
    sends = [call for call in calls if call["method"] == "sendMessage"]
    assert [(call["ok"], call.get("fault"), "message_id" in call) for call in sends] == [
        (False, "cut_before", False),
        (True, "cut_after", True),
        (True, None, True),
    ]
    assert sends[0]["parameters"] == {"chat_id": str(ada.id), "text": "lost"}
    assert (await ada.get("/sim/ledger/calls", after=sends[1]["n"]))["calls"][0] == sends[2]


async def test_a_refused_call_is_not_cut_after(bot: RawBot, ada: Person) -> None:
    await ada.fault("cut_after", method="sendMessage")
    assert await bot.refused("sendMessage", chat_id=4711, text="x") == "Bad Request: chat not found"


async def test_slow_answers(bot: RawBot, ada: Person) -> None:
    await ada.fault("slow", seconds=0.3)
    await ada.fault("cut_after")
    started = time.monotonic()
    with pytest.raises(GONE):
        await bot.call("sendMessage", chat_id=ada.id, text="x")
    assert time.monotonic() - started > 0.28
    assert (await ada.ledger())["messages"] == 1


async def test_offline_until_switched_off(bot: RawBot, ada: Person) -> None:
    await ada.fault("offline")
    for _ in range(2):
        with pytest.raises(GONE):
            await bot.call("getMe")
    url = f"{bot.base.rpartition('/')[0]}/sim/faults"
    async with aiohttp.ClientSession() as session, session.delete(url) as response:
        assert await response.json() == {"faults": []}
    assert (await bot.ok("getMe"))["is_bot"] is True


async def test_a_closed_port_refuses_connections(sim: Simulator) -> None:
    await sim.close_port()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(sim.url)
        await sim.open_port()
        async with session.get(f"{sim.url}/bot{sim.token}/getMe") as response:
            assert response.status == 200


async def test_nobody_else_is_given_a_closed_port(sim: Simulator) -> None:
    port = int(sim.url.rpartition(":")[2])
    await sim.close_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    await sim.close_port()
    await sim.open_port()
    with socket.socket() as caller:
        caller.connect(("127.0.0.1", port))


async def test_a_fault_hits_its_share_of_calls(bot: RawBot, ada: Person) -> None:
    await ada.fault("refuse", times=0, share=0.3)
    answers = [await bot.call("sendMessage", chat_id=ada.id, text="x") for _ in range(100)]
    assert 15 < sum(1 for answer in answers if not answer["ok"]) < 45


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [({"kind": "magic"}, "kind must be one of"), ({"kind": "bad_picture"}, "needs a url")],
)
async def test_invalid_faults(ada: Person, fault: dict[str, str], sentence: str) -> None:
    with pytest.raises(SimulatorError, match=sentence):
        await ada.post("/sim/faults", **fault)


async def test_settings(ada: Person, sim: Simulator) -> None:
    changed = await ada.post("/sim/settings", rate=100, chat_burst=2, hold_calls=False)
    assert (changed["rate"], changed["chat_burst"], changed["strict_rates"]) == (100, 2, False)
    assert sim.world.ledger.hold_calls is False
    with pytest.raises(SimulatorError, match="no such setting"):
        await ada.post("/sim/settings", speed=1)


async def test_many_people_at_once(bot: RawBot, ada: Person, sim: Simulator) -> None:
    made = await ada.post("/sim/people", count=200, first_id=5000)
    assert made == {"first_id": 5000, "count": 200}
    await asyncio.gather(*(bot.send(number) for number in range(5000, 5200)))
    ledger = await ada.ledger()
    assert ledger["messages"] == 200
    assert set(ledger["accepted"].values()) == {1}
    assert 0 < ledger["largest_second"] <= 200


async def test_an_outage(bot: RawBot, ada: Person, sim: Simulator) -> None:
    await ada.fault("gone", seconds=0.3)
    async with aiohttp.ClientSession() as fresh:
        with pytest.raises(aiohttp.ClientConnectorError):
            await RawBot(fresh, sim).call("getMe")
    with pytest.raises(GONE):
        await bot.call("getMe")

    async def is_back() -> bool:
        try:
            return bool((await bot.call("getMe"))["ok"])
        except aiohttp.ClientError:
            return False

    await until(is_back)


def test_large_uploads_of_the_same_size_wait_for_each_other() -> None:
    uploads = RateLimiter(RateLimits(strict_rates=True)).uploads
    assert uploads.delay(100_000, 10.0) == 0
    waits = [uploads.delay(9_000_000, 10.0) for _ in range(8)]
    assert waits == pytest.approx([0, 0, 0.8, 1.7, 2.6, 3.5, 4.4, 5.3])
    with pytest.raises(Refusal, match="Too Many Requests"):
        uploads.delay(9_000_000, 10.0)
    assert uploads.delay(9_000_001, 10.0) == 0


async def test_strict_uploads_over_http(bot: RawBot, ada: Person, sim: Simulator) -> None:
    sim.world.limits.strict_rates = True
    started = time.monotonic()
    for _ in range(4):
        await bot.ok("sendDocument", chat_id=ada.id, document=b"x" * 9_000_000)
    assert time.monotonic() - started > 1.5


async def test_start_links_that_lose_their_parameter(bot: RawBot, ada: Person) -> None:
    bad, good = "https://t.me/digest_demo_bot?start=a b", "https://t.me/digest_demo_bot?start=a-b"
    keyboard = {"inline_keyboard": [[{"text": "x", "url": bad}, {"text": "y", "url": good}]]}
    await bot.send(ada.id, f'<a href="{good}">x</a>', parse_mode="HTML", reply_markup=keyboard)
    assert (await ada.ledger())["bad_start_links"] == {bad: 1}
