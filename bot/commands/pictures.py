"""`digestbot pictures`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.commands.output import print_json, print_table
from bot.wiring.stores import fetches_pictures, open_stores
from config.load import load_settings
from config.settings import Settings
from digests.media.reasons import picture_fix
from digests.storage.articles.wanted_pictures import NONE, WAITING
from digests.storage.media.progress import DROPPED, EVICTED, FAILED, KEPT
from digests.storage.media.report import OLD, PictureReport, PictureReportStore

_WORDS = {
    KEPT: "with a picture",
    WAITING: "still waiting for theirs",
    NONE: "without one in the post",
    DROPPED: "without one that represents them",
    FAILED: "without one that could be fetched",
    EVICTED: "whose picture made room for newer ones",
    OLD: "that were no news when they came in: nothing is fetched for them",
}
_MOST_HOSTS = 20


def show_pictures(config: Path | None, *, as_json: bool) -> None:
    """Print the articles by the state of their picture, by host, and why some have none."""
    settings = load_settings(config)
    report = asyncio.run(_report(settings))
    if as_json:
        print_json(_as_data(report, settings))
        return
    if not fetches_pictures(settings):
        print("No pictures are fetched: media.pictures is not mosaic, or digest.picture is false.")
    print("Articles:")
    print_table([(f"{report.states[state]:,}", words) for state, words in _WORDS.items()])
    if report.hosts:
        print("\nBy host:")
        print_table(
            [
                (host.host, f"{host.kept:,} kept, {host.waiting:,} waiting, {host.without:,} without")
                for host in report.hosts[:_MOST_HOSTS]
            ]
        )
    if report.reasons:
        print("\nWhy not:")
        print_table([_reason_line(reason) for reason in _as_data(report, settings)["reasons"]])
    use = report.folder
    print(f"\nThe folder holds {use.pictures:,} pictures and {use.mosaics:,} mosaics: {_size(report, settings)}.")


def _reason_line(reason: dict[str, Any]) -> tuple[str, str]:
    example = f"for example “{reason['example']['title']}” {reason['example']['address']}".strip()
    return f"{reason['articles']:,}", f"{reason['reason']}; {example}. Fix: {reason['fix']}"


def _size(report: PictureReport, settings: Settings) -> str:
    return f"{report.folder.bytes / 1e6:,.1f} of {settings.media.folder_mb:,} MB"


async def _report(settings: Settings) -> PictureReport:
    async with open_stores(settings) as stores:
        return await PictureReportStore(stores.database).report()


def _as_data(report: PictureReport, settings: Settings) -> dict[str, Any]:
    """Return what `--json` prints: these fields are for scripts, and stay."""
    return {
        "pictures": settings.media.pictures if settings.digest.picture else "none",
        "articles": report.articles,
        "states": dict(report.states),
        "hosts": [asdict(host) for host in report.hosts],
        "reasons": [
            {
                "state": reason.state,
                "reason": reason.reason,
                "articles": reason.articles,
                "example": {"article": reason.article, "title": reason.title, "address": reason.address},
                "fix": picture_fix(reason.reason)[0],
            }
            for reason in report.reasons
        ],
        "folder": {**report.folder._asdict(), "bytes": report.folder.bytes, "limit_mb": settings.media.folder_mb},
    }
