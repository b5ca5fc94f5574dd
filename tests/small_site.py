"""A small site on this machine, in a thread of its own: for commands that run in the test's own loop, or process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title><link>https://news.example/</link>
<language>en</language>{items}</channel></rss>"""
ITEM = """<item><title>Title {number}</title><link>https://news.example/{number}</link><guid>{number}</guid>
<description>A line about number {number}.</description>
<pubDate>Sat, 0{number} Aug 2026 10:00:00 GMT</pubDate></item>"""


def rss(title: str = "Tidings", items: int = 4) -> str:
    """Return a feed with this many items, each a day newer than the one before."""
    return RSS.format(title=title, items="".join(ITEM.format(number=number) for number in range(1, items + 1)))


class SmallSite:
    """A site on this machine: what each path answers, with its headers, and which paths were asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], str]] = {}
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def name(self) -> str:
        """The site as `fetch.allow_hosts` names it."""
        return f"127.0.0.1:{self.server.server_port}"

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://{self.name}"

    def put(self, path: str, body: str, status: int = 200, **headers: str) -> str:
        """Answer a path so; return its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"Content-Type": "text/html; charset=utf-8"} | named, body)
        return f"{self.url}{path}"

    def put_feed(self, path: str = "/feed.xml", title: str = "Tidings", **headers: str) -> str:
        """Answer a path with a feed; return its address."""
        return self.put(path, rss(title), 200, **{"Content_Type": "application/rss+xml", **headers})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, headers, body = site.pages.get(self.path, (404, {}, "nothing here"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Write nothing."""

        return Handler


@contextmanager
def serving_site() -> Iterator[SmallSite]:
    """Serve a site until the block ends."""
    site = SmallSite()
    threading.Thread(target=site.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
