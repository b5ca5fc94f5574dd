"""Quick fingers at Telegram's rates: every press ends its spinner at once, and the message keeps up with the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from time import monotonic, time

import pytest

from bot.callbacks import TICK, ToggleButton, unpack
from digests.model.ids import CategoryId
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader
from tests.stalls import Stalls, counted_stalls

NAMES = ("Science", "Arts", "Sports", "World", "Books", "Film", "Music", "Tech")
TAPS, SECONDS = 16, 5.0


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """Return a bot at the rates of Telegram, with a category to tick for each name."""
    async with open_harness(tmp_path, telegram={"chat_rate": 1, "group_rate": 20}) as opened:
        for name in NAMES:
            opened.write(f"News of {name}", categories=(name, "Paper"))
        await opened.app.scan()
        yield opened


class Taps:
    """Taps on one message at an even pace, each without waiting for the others' spinners."""

    def __init__(
        self, harness: BotHarness, stalls: Stalls, person: Reader, message: int, chat: int | None = None
    ) -> None:
        self._harness, self._person, self._message, self._chat = harness, person, message, chat
        self._stalls = stalls
        self.spins: list[float] = []
        self.alerts: list[bool] = []
        self.wanted: dict[int, int] = {}
        self.last = 0.0

    async def tap(self, choose: list[int]) -> None:
        """Tap these rows of the keyboard, each as it is shown at that moment."""
        began, tapping = monotonic(), []
        for number, row in enumerate(choose):
            await asyncio.sleep(max(0.0, began + number * SECONDS / len(choose) - monotonic()))
            shown = next(
                sent for sent in await self._person.messages(self._chat) if sent["message_id"] == self._message
            )
            rows = [keys[0]["data"] for keys in shown["buttons"] if keys[0]["data"].startswith("t|")]
            pressed = unpack(rows[row])
            assert isinstance(pressed, ToggleButton)
            self.wanted[pressed.category] = pressed.to
            self.last = time()
            tapping.append(asyncio.create_task(self._press(rows[row])))
        await asyncio.gather(*tapping)

    async def _press(self, data: str) -> None:
        began = monotonic()
        answer = await self._person.post(
            "/sim/press", user=self._person.id, chat=self._chat, message=self._message, data=data
        )
        assert answer["answered"]
        ended = monotonic()
        self.spins.append(ended - began - self._stalls.within(began, ended))
        self.alerts.append(answer["show_alert"])

    async def edits(self) -> list[float]:
        """Return when the message was edited, in seconds after the last tap, once it is edited no more."""
        await asyncio.sleep(2.5)
        calls = self._harness.simulator.world.ledger.calls
        return [call.at - self.last for call in calls if call.method.startswith("edit")]


async def followed(harness: BotHarness, chat: int) -> frozenset[CategoryId]:
    place = await harness.app.stores.places.find(chat)
    assert place is not None
    return await harness.app.stores.places.subscriptions(place.id)


# In a group each tick waits until Telegram has said that whoever tapped is an admin.
@pytest.mark.parametrize(("where", "latency"), [("/start", 0.0), ("/start", 0.4), ("group", 0.0), ("group", 0.15)])
async def test_16_ticks_in_5_seconds(harness: BotHarness, where: str, latency: float) -> None:
    robin, chat = await harness.reader(), None
    if where == "group":
        chat = await robin.found_group("Our group", "supergroup")
        await robin.add_bot(chat)
    await robin.say("/categories" if where == "group" else where, chat)
    message = await robin.wait_for("Tick what", chat=chat)
    if latency:
        await robin.fault("slow", seconds=latency, times=1000)
    # Each of eight is ticked, and four of them are unticked again, one is tapped thrice.
    order = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 4, 6, 4]
    began = monotonic()
    async with counted_stalls() as stalls:
        taps = Taps(harness, stalls, robin, message["message_id"], chat)
        await taps.tap(order)
        edits = await taps.edits()
        stalled = stalls.within(began, monotonic())
    assert max(taps.spins) < 0.3 + latency, taps.spins
    assert not any(taps.alerts)
    assert edits[-1] < 1.2 + latency + stalled, edits
    # The time of arrival varies a little.
    assert all(later - earlier > 0.9 - stalled for earlier, later in pairwise(edits)), edits
    shown = next(sent for sent in await robin.messages(chat) if sent["message_id"] == message["message_id"])
    ticked = {keys[0]["data"] for keys in shown["buttons"] if keys[0]["text"].startswith("✅ ") and len(keys) > 1}
    wanted = {category for category, to in taps.wanted.items() if to == TICK}
    assert {pressed.category for pressed in map(unpack, ticked) if isinstance(pressed, ToggleButton)} == wanted
    assert await followed(harness, chat or robin.id) == wanted


async def test_a_double_tap_does_nothing_twice_and_raises_no_alert(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/settings")
    await robin.wait_for("Your digest")
    for label, leads_to in (("Days", "On which days"), ("Mon", "On which days")):
        message, data = await robin.button_data(label)
        answers = await asyncio.gather(
            *(robin.post("/sim/press", user=robin.id, message=message, data=data) for _ in range(2))
        )
        assert all(answer["answered"] and not answer["show_alert"] for answer in answers)
        await robin.wait_for(leads_to, after={"seq": 0})
    assert (await harness.place(robin)).weekdays == "234567"


async def test_the_ticks_of_one_who_floods_slow_nobody_else(harness: BotHarness) -> None:
    flooder, other = await harness.reader("Flo"), await harness.reader("Kim")
    for person in (flooder, other):
        await person.say("/categories")
        await person.wait_for("Tick what")
    message, data = await flooder.button_data("Science")
    flooding = [
        asyncio.create_task(flooder.post("/sim/press", user=flooder.id, message=message, data=data)) for _ in range(60)
    ]
    async with counted_stalls() as stalls:
        began = monotonic()
        await other.press("Arts")
        ended = monotonic()
    assert ended - began - stalls.within(began, ended) < 0.5
    await asyncio.gather(*flooding)
    assert len(await followed(harness, other.id)) == 1
