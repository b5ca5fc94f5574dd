"""Messages as a page of their own that shows them as a telephone would, for looking at digests (pure)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.text.markup import Html, escape
from digests.model.delivery import Part

WIDTH = 390
"""Of the page, in CSS pixels: that of a usual telephone."""
_PICTURE = re.compile(r'<img src="tg://photo\?id=p(\d+)"/>')
# Nothing is fetched, and no script runs.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --back: light-dark(#dfe8e4, #10191b); --paper: light-dark(#fff, #1d2a2d);
  --ink: light-dark(#17262a, #e6eeee); --soft: light-dark(#5c6f73, #93a6aa); --link: light-dark(#0b6f8a, #6cc4dc);
  --line: light-dark(#d3dcd9, #35474b); --quote: light-dark(#eef5f4, #24363a); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 480px; padding: 12px 10px; background: var(--back); color: var(--ink);
  font: 16px/1.38 -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
    system-ui, sans-serif; }
article { margin: 0 34px 8px 0; }
.bubble { background: var(--paper); border-radius: 16px 16px 16px 5px; overflow: hidden; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; padding: 8px 12px 10px; }
.picture { display: block; width: 100%; }
.missing { display: grid; place-items: center; min-height: 120px; padding: 10px; background: var(--quote);
  color: var(--soft); font-size: 13px; }
a { color: var(--link); text-decoration: none; }
blockquote { margin: 4px 0; padding: 4px 10px; border-left: 3px solid var(--link); border-radius: 4px 8px 8px 4px;
  background: var(--quote); }
blockquote[expandable] { max-height: 5.1em; overflow: hidden; }
blockquote[expandable]:is(:focus, :focus-within) { max-height: none; }
.rich { padding: 8px 12px 10px; }
.rich :is(h1, h2, p, .picture, .missing, details) { margin: 0 0 9px; }
.rich h1 { font-size: 23px; line-height: 1.25; } .rich h2 { font-size: 18px; line-height: 1.3; }
.rich p + h2, .rich details + a + h2, .rich p + a + h2 { margin-top: 18px; }
.rich .picture { border-radius: 10px; }
.rich details p:first-of-type { margin-top: 9px; } .rich summary { color: var(--link); font-weight: 600; }
.rows { display: grid; gap: 4px; margin-top: 4px; } .row { display: flex; gap: 4px; }
.row span { flex: 1; padding: 8px; border-radius: 9px; text-align: center; font-size: 15px; font-weight: 600;
  background: light-dark(#8fa7a0, #2b3d41); color: #fff; }
"""


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A part as it is looked at: the JPEG files of its picture and of those inside it, and the labels of its buttons.

    Pictures that are not there are shown as empty places.
    """

    part: Part
    picture: bytes | None = None
    kept: Mapping[str, bytes] = field(default_factory=dict)
    buttons: Sequence[Sequence[str]] = ()


def phone_page(messages: Sequence[ShownMessage], title: str, language: str) -> str:
    """Return an HTML document that needs nothing but itself."""
    shown = "\n".join([_message(message) for message in messages])
    return (
        f'<!doctype html>\n<html lang="{escape(language.replace("_", "-"))}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" '
        f'content="no-referrer">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n{shown}\n</body>\n</html>"
    )


def _message(message: ShownMessage) -> str:
    part = message.part
    if part.rich is not None:
        inside = f'<div class="rich">{_rich(message)}</div>'
    else:
        # A quote opens when it is given the focus.
        text = part.html.replace("<blockquote expandable>", '<blockquote expandable tabindex="0">')
        inside = f'{_above(message)}<div class="text" dir="auto">{text}</div>'
    rows = [
        f'<div class="row">{"".join([f"<span>{escape(label)}</span>" for label in row])}</div>'
        for row in message.buttons
    ]
    below = f'<div class="rows">{"".join(rows)}</div>' if rows else ""
    return f'<article><div class="bubble">{inside}</div>{below}</article>'


def _above(message: ShownMessage) -> Html:
    part = message.part
    if message.picture is not None:
        return _image(message.picture)
    if part.mosaic is not None:
        return _missing(" ".join([str(tile.number) for tile in part.mosaic.tiles if tile.number]))
    return _missing(part.picture) if part.picture else Html()


def _rich(message: ShownMessage) -> str:
    rich = message.part.rich
    assert rich is not None
    kept = [message.kept.get(key) for key in rich.pictures]

    def shown(found: re.Match[str]) -> str:
        data = kept[int(found[1]) - 1]
        return _missing(found[1]) if data is None else _image(data)

    # Anchors are named in Telegram's dialect as they were in old HTML, which browsers still follow.
    return _PICTURE.sub(shown, rich.html)


def _image(data: bytes) -> Html:
    encoded = base64.b64encode(data).decode()
    return Html(f'<img class="picture" alt="" src="data:image/jpeg;base64,{encoded}">')


def _missing(what: str) -> Html:
    return Html(f'<div class="missing">🖼 {escape(what)}</div>')
