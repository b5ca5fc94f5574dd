"""Readers who press buttons: how soon a tap shows on an idle bot, and what a screen of 2,000 categories costs."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles
from time import monotonic
from typing import Any

from bot.callbacks import (
    TICK,
    BrowseButton,
    Button,
    CategorySourcesButton,
    FilteredButton,
    ToggleButton,
    ToggleFoundButton,
    unpack,
)
from bot.handlers.readers import choosing
from bot.simulator.person import actions
from bot.simulator.state.chats import Message
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from tests.load.asking import AskingHarness, asking_harness
from tests.load.database import add_articles, make_database
from tests.load.figures import Figure
from tests.queries import counting
from tests.unit.handlers.harness import HandlerHarness, open_harness

_PEOPLE = 50
_ROUNDS = 6
_TOPS, _BELOW = 40, 49
_FAST = {"telegram__rate": 1000, "telegram__chat_rate": 1000}
"""Settings with which the bot is measured, rather than Telegram's rates."""

Screen = tuple[str, Callable[..., Awaitable[None]], Button]


async def measure_tapping(articles: int) -> list[Figure]:
    """Measure taps over HTTP, and screens of the tree by themselves."""
    return [*await _taps(), *await _screens(articles)]


async def _ensure_2000(database: Database) -> None:
    await CategoryStore(database).ensure(
        [(f"Topic {top}", f"Source {source}") for top in range(_TOPS) for source in range(_BELOW)]
    )


async def _taps() -> list[Figure]:
    """Measure ticks, pages and settings, each from the press to the edited message, one after the other."""
    async with asking_harness(_PEOPLE, **_FAST) as found:
        database = Database(f"sqlite:///{found.database}")
        await _ensure_2000(database)
        await database.close()
        edited = _note_edits(found)
        waits: dict[str, list[float]] = {"a tick": [], "a page of the tree": [], "a setting": []}
        for chat in range(1, _PEOPLE + 1):
            for command, kinds in (("/categories", ("a tick", "a page of the tree")), ("/settings", ("a setting",))):
                await found.ask(chat, command)
                message = found.watch.latest[chat]
                message.chat.messages[message.id] = message
                for number in range(_ROUNDS):
                    kind = kinds[number % len(kinds)]
                    waits[kind].append(await _tap(found, edited, message, kind, number))
                del message.chat.messages[message.id]
    return [
        Figure(f"{kind}, 2,000 categories, idle bot: the message is edited, p95", 1000 * _p95(times), "ms", 100)
        for kind, times in waits.items()
    ]


def _note_edits(found: AskingHarness) -> dict[int, int]:
    """Return how often each message was edited, by its id, kept up to date."""
    edited: dict[int, int] = {}
    events, add = found.simulator.world.events, found.simulator.world.events.add

    def added(kind: str, chat_id: int, message: Message | None = None, **more: Any) -> int:
        seq = add(kind, chat_id, message, **more)
        if kind == "edited" and message is not None:
            edited[message.id] = edited.get(message.id, 0) + 1
            found.watch.change.set()
        return seq

    events.add = added  # type: ignore[method-assign]
    return edited


async def _tap(found: AskingHarness, edited: dict[int, int], message: Message, kind: str, number: int) -> float:
    """Press a button of this kind, and return the seconds until the message is edited."""
    wanted = {"a tick": ToggleButton, "a page of the tree": BrowseButton}.get(kind)
    if wanted is None:
        # To a screen and back, whatever else the settings are edited for meanwhile.
        data, shows = (("tu|times", "tu|"), ("tu|", "tu|times"))[number % 2]
    else:
        fitting = [data for data in _data(message) if isinstance(unpack(data), wanted)]
        data, shows = fitting[-1 if wanted is BrowseButton else 0], ""
    before, began = edited.get(message.id, 0), monotonic()
    world = found.simulator.world
    actions.press_button(world, world.users[message.chat.id], message.chat, message.id, data)
    await found.until(
        lambda: edited.get(message.id, 0) > before and (not shows or shows in _data(message)),
        20,
    )
    return monotonic() - began


def _data(message: Message) -> list[str]:
    return [str(key["callback_data"]) for row in message.inline_keyboard for key in row if "callback_data" in key]


async def _screens(articles: int) -> list[Figure]:
    """Measure each screen of the tree by a plain call, with a tree that was just read and with one that was not."""
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(make_database, f"sqlite:///{folder}/digestbot.db")
        async with open_harness(Path(folder), telegram={"rate": 1000}) as harness:
            await _ensure_2000(harness.stores.database)
            tree = await harness.stores.categories.tree()
            ids = sorted(category.id for category in tree if category.parent_id is not None)
            await add_articles(harness.stores.database, ids, articles, random.Random(1), harness.clock.now(), 1000)
            top = tree.children(None)[0]
            screens: list[Screen] = [
                ("top", choosing.browse, BrowseButton(0, 3)),
                ("level", choosing.browse, BrowseButton(top.id)),
                ("filter", choosing.filtered, FilteredButton("our", 4)),
                ("sources", choosing.show_sources, CategorySourcesButton(top.id)),
                ("tick", choosing.toggle, ToggleButton(ids[0], top.id, 0, 0, TICK)),
                ("tick in a filter", choosing.toggle_found, ToggleFoundButton(ids[1], "our", 0, 0, TICK)),
            ]
            figures = []
            for name, handler, pressed in screens:
                figures.extend(await _screen(harness, name, handler, pressed, articles))
            return figures


async def _screen(
    harness: HandlerHarness, name: str, handler: Callable[..., Awaitable[None]], pressed: Button, articles: int
) -> list[Figure]:
    cold, reads, times = 0.0, 0, []
    for number in range(21):
        if number == 0:
            harness.stores.categories.forget_readers_tree()
        context = await harness.pressed(pressed)
        began = monotonic()
        with counting() as statements:
            await handler(context, harness.readers, pressed)
        times.append(monotonic() - began)
        reads = max(reads, sum(statement.startswith(("SELECT", "WITH")) for statement in statements))
        if number == 0:
            cold = times.pop()
        await harness.parts.chats.screens.settle()
    of = f"2,000 categories, {articles:,} articles: {name}"
    return [
        Figure(f"{of}, most queries", reads, "", 3),
        Figure(f"{of}, p95", 1000 * _p95(times), "ms", 100),
        Figure(f"{of}, with the tree read anew", 1000 * cold, "ms", 1000),
    ]


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18]
