"""Files of the web that the demo's bot reads, such as feeds, with the headers by which they are asked for again."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web


@dataclass(frozen=True, slots=True)
class _ServedFile:
    content_type: str
    body: bytes
    changed_at: datetime

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class ServedFiles:
    """Files by name, which may be replaced at any time; `answers` counts what was answered, by status."""

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        self._files: dict[str, _ServedFile] = {}

    def put(self, name: str, content_type: str, body: bytes, now: datetime) -> None:
        """Serve these bytes under that name from now on; the same bytes again change nothing."""
        if (file := self._files.get(name)) is None or file.body != body:
            self._files[name] = _ServedFile(content_type, body, now.replace(microsecond=0))

    def remove(self, name: str) -> None:
        """Serve nothing under that name any more."""
        self._files.pop(name, None)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the file that the address names, or with 304 if the asker has it already (RFC 9110, 13)."""
        response = self._answer(request)
        self.answers[response.status] += 1
        return response

    def _answer(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        headers = {"ETag": file.etag, "Last-Modified": format_datetime(file.changed_at, usegmt=True)}
        if _has_it(request, file):
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.body, headers=headers | {"Content-Type": file.content_type})


def _has_it(request: web.Request, file: _ServedFile) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return not tags.isdisjoint({file.etag, "*"})
    try:
        since = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
        return file.changed_at <= since
    except (TypeError, ValueError):
        return False
