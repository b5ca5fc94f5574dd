"""Write the traditional Chinese catalogue from the simplified one, by OpenCC and a table of corrections.

`make messages` runs it. The table, traditional.toml beside it, has what OpenCC leaves as people on the mainland say it,
or turns into something wrong; it was made by reading the catalogue.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from opencc import OpenCC

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "bot" / "locales"
TABLE = Path(__file__).with_name("traditional.toml")
# Placeholders, markup, entities and addresses, which have to stay as they are.
_KEPT = re.compile(r"(\{\w+\}|<[^<>]+>|&\w+;|https?://\S+)")


class Converter:
    """Turns simplified Chinese as it is written on the mainland into traditional as it is written in Taiwan."""

    def __init__(self) -> None:
        self._opencc = OpenCC("s2twp")
        self._corrections: dict[str, str] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["corrections"]
        longest_first = sorted(self._corrections, key=len, reverse=True)
        self._wrong = re.compile("|".join(map(re.escape, longest_first)))

    def convert(self, text: str) -> str:
        """Return the text in traditional characters."""
        pieces = _KEPT.split(text)
        pieces[::2] = [self._corrected(self._opencc.convert(piece)) for piece in pieces[::2]]
        return "".join(pieces)

    def _corrected(self, piece: str) -> str:
        return self._wrong.sub(lambda found: self._corrections[found[0]], piece)


def traditional_catalogue(simplified: Path) -> bytes:
    """Return the catalogue in traditional Chinese, as a file."""
    with simplified.open("rb") as file:
        source = read_po(file, locale="zh_CN")
    converter = Converter()
    made = Catalog(
        locale="zh_TW",
        domain=source.domain,
        project=source.project,
        version=source.version,
        creation_date=source.creation_date,
        revision_date=source.revision_date,
        last_translator=source.last_translator,
        language_team="zh_TW",
        charset="utf-8",
        header_comment="# What the bot says, in traditional Chinese. `make messages` makes it\n"
        "# from zh_CN: correct that, or .ci/traditional.toml, and not this file.",
        fuzzy=False,
    )
    for message in source:
        if message.id:
            made[message.id] = Message(message.id, _converted(message.string, converter))
    written = io.BytesIO()
    write_po(written, made, ignore_obsolete=True)
    return written.getvalue()


def _converted(string: str | Sequence[str] | None, converter: Converter) -> str | tuple[str, ...]:
    """Return a message's text, or its texts for each form of its plural."""
    return tuple(map(converter.convert, string or "")) if not isinstance(string, str) else converter.convert(string)


if __name__ == "__main__":
    target = LOCALES / "zh_TW" / "LC_MESSAGES" / "digestbot.po"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(traditional_catalogue(LOCALES / "zh_CN" / "LC_MESSAGES" / "digestbot.po"))
