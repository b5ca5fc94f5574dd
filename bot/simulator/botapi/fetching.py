"""Pages and pictures of this machine, really fetched; those of other hosts are assumed to be fine.

Nothing leaves the machine: only loopback addresses are asked, and only redirects to such are followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
from functools import lru_cache
from urllib.parse import urljoin

import aiohttp

from bot.simulator.pictures import PictureError, identify_picture
from bot.simulator.state.web import FetchedPage
from bot.simulator.state.world import World
from bot.simulator.text.links import LinkError, parse_url

MAX_SIDES_SUM = 10_000
MAX_SIDES_RATIO = 20
_MAX_BYTES = 5 * 1024 * 1024
_MAX_REDIRECTS = 5
_SECONDS = 5.0
_USER_AGENT = "TelegramBot (like TwitterBot)"
NOT_FETCHED = "Failed to get HTTP URL content"
WRONG_TYPE = "Wrong type of the web page content"


# A broadcast has one preview for very many messages.
@lru_cache(maxsize=4096)
def is_on_this_machine(url: str) -> bool:
    """Return whether an address is one that the simulator fetches: a loopback address, or localhost with a port."""
    try:
        parsed = parse_url(url)
    except LinkError:
        return False
    if parsed.host == "localhost":
        return parsed.port > 0
    try:
        return ipaddress.ip_address(parsed.host.strip("[]")).is_loopback
    except ValueError:
        return False


async def fetch_page(world: World, url: str) -> FetchedPage:
    """Return what an address of this machine gives, fetched unless it is remembered."""
    known = world.web.get(url)
    if known is None:
        known = await _fetch(url)
        world.web.add(known)
    return known


def has_photo_sides(width: int, height: int) -> bool:
    """Return whether Telegram takes a photo of this size."""
    if not width or not height or width + height > MAX_SIDES_SUM:
        return False
    return max(width, height) <= MAX_SIDES_RATIO * min(width, height)


async def _fetch(url: str) -> FetchedPage:
    try:
        async with asyncio.timeout(_SECONDS), aiohttp.ClientSession(trust_env=False) as session:
            status, mime, content = await _get(session, url)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return FetchedPage(url, refusal=NOT_FETCHED)
    if status != 200 or len(content) > _MAX_BYTES:
        return FetchedPage(url, status, mime, refusal=NOT_FETCHED)
    try:
        found, width, height = identify_picture(content)
    except PictureError:
        return FetchedPage(url, status, mime, refusal=WRONG_TYPE)
    if not mime.startswith("image/") or not has_photo_sides(width, height):
        return FetchedPage(url, status, mime, refusal=WRONG_TYPE, width=width, height=height)
    return FetchedPage(url, status, found, content, width, height)


async def _get(session: aiohttp.ClientSession, url: str) -> tuple[int, str, bytes]:
    """Return status, content type and body, of which at most a byte too many is read."""
    for _ in range(_MAX_REDIRECTS):
        async with session.get(url, headers={"User-Agent": _USER_AGENT}, allow_redirects=False) as response:
            target = response.headers.get("Location")
            if not 300 <= response.status < 400 or target is None:
                body = bytearray()
                async for piece in response.content.iter_chunked(65_536):
                    body += piece
                    if len(body) > _MAX_BYTES:
                        break
                return response.status, response.content_type, bytes(body)
            url = urljoin(url, target)
        if not is_on_this_machine(url):
            raise ValueError("a redirect leaves this machine")
    raise ValueError("too many redirects")
