"""Endpoints that serve the chat page and pictures; the page may run nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.simulator.person.request import NotFoundError, PersonRequest

_FOLDER = Path(__file__).parents[2] / "page"
_PAGE_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_PICTURE_TYPES = {
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


def get_index(_request: PersonRequest) -> web.StreamResponse:
    """Serve the chat page."""
    return _serve("index.html")


def get_page_file(request: PersonRequest) -> web.StreamResponse:
    """Serve a script, style sheet or image of the page; files outside its folder don't exist."""
    return _serve(request.http_request.match_info["name"])


def picture_handler(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler that serves the pictures in a folder, and nothing below or beside it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        path = folder / Path(request.match_info["name"]).name
        if path.suffix not in _PICTURE_TYPES or not path.is_file():
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff"}
        return web.Response(body=path.read_bytes(), content_type=_PICTURE_TYPES[path.suffix], headers=headers)

    return handle


def _serve(name: str) -> web.StreamResponse:
    path = (_FOLDER / name).resolve()
    if not path.is_relative_to(_FOLDER.resolve()) or path.suffix not in _PAGE_TYPES or not path.is_file():
        raise NotFoundError(f"there is no page {name}")
    # The files are small and in the disk's cache.
    content_type = _PAGE_TYPES[path.suffix]
    return web.Response(body=path.read_bytes(), content_type=content_type, charset="utf-8", headers=_HEADERS)
