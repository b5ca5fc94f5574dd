"""Telegram's rich HTML as its documentation describes it, read without the bot's code: the oracle for magazines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "hr", "footer", "details", "img"}
_INLINE = {"b", "i", "a", "br", "summary"}
_VOID = {"img", "br", "hr"}
_TEXT_OF = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "footer", "summary"}


class RichReading(HTMLParser):
    """What a rich message shows; reading fails for what Telegram may not accept.

    `text` is what Telegram counts, `lines` has the ends of blocks and lines too.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text = self.lines = ""
        self.blocks = self.media = self.depth = 0
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.pictures: list[int] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, self._open
        assert self.pictures == list(range(1, len(self.pictures) + 1))
        inner = [link.removeprefix("#") for link in self.links if link.startswith("#")]
        assert set(inner) <= set(self.anchors), "a link into the message that leads nowhere"
        assert len(set(self.anchors)) == len(self.anchors)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        assert tag in _BLOCKS | _INLINE, tag
        if tag == "br":
            self.text += "\n"
        if tag in _BLOCKS | {"br", "summary"}:
            self.lines += "\n"
        if tag in _BLOCKS or "name" in values:
            assert set(self._open) <= {"details"}, f"<{tag}> inside {self._open}"
            self.blocks += 1
        if tag == "img":
            self.media += 1
            found = re.fullmatch(r"tg://photo\?id=p(\d+)", values["src"] or "")
            assert found
            self.pictures.append(int(found[1]))
        if tag == "a" and "name" in values:
            self.anchors.append(values["name"] or "")
        elif tag == "a":
            assert "a" not in self._open
            self.links.append(values["href"] or "")
        self.depth = max(self.depth, len(self._open) + 1)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert any(tag in _TEXT_OF for tag in self._open), f"text outside of a block: {data}"
        self.text += data
        self.lines += data

    def handle_entityref(self, name: str) -> None:
        self.handle_data({"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name])

    def handle_charref(self, name: str) -> None:
        raise AssertionError(f"&#{name};")


def check_rich(html: str) -> RichReading:
    """Return what a rich message shows, and assert that it is within Telegram's limits."""
    seen = RichReading(html)
    assert 0 < len(seen.text) <= 32768
    assert seen.blocks <= 500
    assert seen.media <= 50
    assert seen.depth <= 16
    return seen
