"""Serves the chat page; nothing from elsewhere runs in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.simulator.person.request import MissingError, PersonRequest

_FOLDER = Path(__file__).parents[1] / "page"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_PICTURES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' http: https: data:; style-src 'self'; script-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def index(_ask: PersonRequest) -> web.StreamResponse:
    return _page("index.html")


def page(request: PersonRequest) -> web.StreamResponse:
    return _page(request.request.match_info["name"])


def pictures_of(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Serves the pictures of one folder, and nothing below or beside it."""

    async def give(request: web.Request) -> web.StreamResponse:
        path = folder / Path(request.match_info["name"]).name
        if path.suffix not in _PICTURES or not path.is_file():
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff"}
        return web.Response(body=path.read_bytes(), content_type=_PICTURES[path.suffix], headers=headers)

    return give


def _page(name: str) -> web.StreamResponse:
    path = (_FOLDER / name).resolve()
    if not path.is_relative_to(_FOLDER.resolve()) or path.suffix not in _TYPES or not path.is_file():
        raise MissingError(f"there is no page {name}")
    # Small files, read from the disk's cache.
    return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8", headers=_HEADERS)
