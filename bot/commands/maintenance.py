"""`digestbot doctor`, `stats` and `config`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.output import print_json, print_table
from bot.telegram.checks import telegram_checks
from bot.wiring.stores import build_health, open_stores
from config.load import load_settings
from config.settings import Settings
from config.showing import describe
from digests.doctor.health import in_order
from digests.doctor.posts import explain
from digests.doctor.processes import BOT
from digests.errors import StorageError
from digests.model.check import Check
from digests.storage.articles.gaps import FlawedPost
from digests.storage.cluster.server_clock import ServerClock

_MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


def show_checks(config: Path | None, *, as_json: bool, must_run: bool) -> None:
    """Print what doctor checks; exit with 1 when something must be fixed, or (`must_run`) when no bot is running."""
    checks = in_order(asyncio.run(_run_checks(load_settings(config), asks_telegram=not must_run)))
    silent = any(check.what == BOT and check.level != "ok" for check in checks)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        print_table([(f"{_MARKS[check.level]} {check.what}", check.text) for check in checks])
    if any(check.level == "error" for check in checks) or (must_run and silent):
        sys.exit(1)


async def _run_checks(settings: Settings, *, asks_telegram: bool) -> list[Check]:
    """Check everything; health checks, every few seconds, are no reason to ask Telegram."""
    checks = await _own_checks(settings)
    return [*checks, *await telegram_checks(settings)] if asks_telegram else checks


async def _own_checks(settings: Settings) -> list[Check]:
    try:
        async with open_stores(settings) as stores:
            clock = ServerClock(stores.database)
            await clock.refresh()
            return await build_health(settings, stores).checks(clock.now())
    except StorageError as error:
        return [Check("error", "database", str(error))]


def show_flawed_posts(config: Path | None, *, as_json: bool) -> None:
    """Print each post that lacks something, or that no reader may see, with why and how to fix it."""
    posts = asyncio.run(_flawed_posts(load_settings(config)))
    if as_json:
        print_json([_as_data(post) for post in posts])
        return
    for post in posts:
        where = f"{post.origin}: {post.path}"
        if post.unlisted_because:
            print(f"{where}: not for readers ({post.unlisted_because})")
            continue
        for gap in post.gaps:
            sentence, fix = explain(gap)
            print(f"{where}: no {gap.kind} ({sentence}). Fix: {fix}")
    if not posts:
        print("No post lacks anything.")


def _as_data(post: FlawedPost) -> dict[str, Any]:
    gaps = [
        {
            "kind": gap.kind,
            "cause": gap.cause,
            "detail": gap.detail,
            "sentence": explain(gap)[0],
            "fix": explain(gap)[1],
        }
        for gap in post.gaps
    ]
    return {
        "origin": post.origin,
        "path": post.path,
        "listed": not post.unlisted_because,
        "unlisted_because": post.unlisted_because,
        "gaps": gaps,
    }


async def _flawed_posts(settings: Settings) -> tuple[FlawedPost, ...]:
    async with open_stores(settings) as stores:
        return await build_health(settings, stores).flawed_posts()


def show_stats(config: Path | None, *, as_json: bool) -> None:
    """Print the numbers of readers, articles and messages."""
    stats = asyncio.run(_stats(load_settings(config)))
    if as_json:
        print_json(stats)
        return
    print_table([(f"{area}: {name}", f"{value:,}") for area, counts in stats.items() for name, value in counts.items()])


async def _stats(settings: Settings) -> dict[str, dict[str, int]]:
    async with open_stores(settings) as stores:
        counts = await build_health(settings, stores).statistics(datetime.now(UTC))
    feeds = {str(health): number for health, number in counts.feeds.items()}
    return {
        "readers": counts.places,
        "articles": {"stored": counts.articles, "put aside": counts.quarantined, "categories": counts.categories},
        **({"feeds": feeds} if feeds else {}),
        "deliveries of the last day": {str(state): number for state, number in counts.messages.items()},
    }


def show_config(config: Path | None, *, as_json: bool) -> None:
    """Print all settings in force, with secrets masked."""
    shown: dict[str, Any] = describe(load_settings(config))
    if as_json:
        print_json(shown)
        return
    print_table(list(_flat(shown)))


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows.extend(_flat(value, f"{prefix}{name}."))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, item in enumerate(value, 1):
                rows.extend(_flat(item, f"{prefix}{name}[{number}]."))
        else:
            rows.append((f"{prefix}{name}", str(value)))
    return rows
