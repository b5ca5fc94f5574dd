"""Messages with pictures that tests of the page send: a rich one with every block, and photos with captions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from bot.simulator.server import Simulator

PICTURES = Path(__file__).parents[2] / "bot" / "demo" / "pictures"
MAGAZINE = """
<a name="top"></a><h1>Digest · 24 November</h1>
<p>Six stories on <a href="#space">Space</a> and <a href="#local">Around town</a>, and <a href="#rest">the rest</a>.</p>
<a name="space"></a><h2>Space</h2>
<figure><img src="tg://photo?id=comet"/>
<figcaption>The comet over the harbour<cite>Sky Daily</cite></figcaption></figure>
<p><a href="https://news.example/comet"><b>A comet is visible to the naked eye this week</b></a><br>
It rises before dawn in the east, a hand above the horizon. The best view is away from street lamps, and no telescope
is needed.<br><i>Sky Daily</i> · <tg-time unix="1795504800" format="t">07:20</tg-time></p>
<tg-collage><img src="tg://photo?id=moon"/>
<img src="tg://photo?id=deep"/><figcaption>Also seen</figcaption></tg-collage>
<ul><li><a href="https://news.example/moon">The moon base gets a second greenhouse</a></li>
<li><input type="checkbox" checked>A probe has landed</li></ul>
<hr>
<a name="local"></a><h2>Around town</h2>
<img src="tg://photo?id=ferry"/>
<p><a href="https://news.example/ferry"><b>渡轮今年冬天照常开行</b></a><br>新的时刻表从十二月起生效，末班船延后到二十三点。</p>
<table bordered striped><caption>Departures</caption><tr><th>From</th><th>To</th><th align="right">Time</th></tr>
<tr><td>Harbour</td><td>Island</td><td align="right">07:30</td></tr>
<tr><td>Island</td><td>Harbour</td><td align="right">23:00</td></tr></table>
<blockquote>We will not leave anybody on the island.<cite>The captain</cite></blockquote>
<a name="rest"></a>
<details><summary>Two more</summary><p>A quiet day for <mark>bread</mark>. <tg-spoiler>It sold out</tg-spoiler>.</p>
<p><a href="#top">Back to the top</a></p></details>
<p>Liked it? <tg-button type="callback_data" style="link" data="more">More like this</tg-button></p>
<tg-button-row><tg-button type="callback_data" style="primary" data="save">Save</tg-button>
<tg-button type="url" url="https://news.example/settings">Settings</tg-button></tg-button-row>
<footer>Sent daily at 08:00</footer>
"""


async def upload(simulator: Simulator, method: str, files: Mapping[str, bytes], **parameters: Any) -> dict[str, Any]:
    """Call a method with JPEG files, which the parameters name as attach://NAME, and return the message."""
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in parameters.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, content in files.items():
        form.add_field(name, content, filename=f"{name}.jpg")
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{simulator.url}/bot{simulator.token}/{method}", data=form) as response,
    ):
        answer: dict[str, Any] = await response.json()
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result


async def send_magazine(simulator: Simulator, chat: int) -> dict[str, Any]:
    """Send the rich message."""
    names = ["comet", "moon", "deep", "ferry"]
    media = [{"id": name, "media": {"type": "photo", "media": f"attach://{name}"}} for name in names]
    return await upload(
        simulator, "sendRichMessage", _read(*names), chat_id=chat, rich_message={"html": MAGAZINE, "media": media}
    )


async def send_photo(simulator: Simulator, chat: int, picture: str, caption: str, **more: Any) -> dict[str, Any]:
    """Send a photo with a caption in HTML."""
    return await upload(
        simulator, "sendPhoto", _read(picture), chat_id=chat, photo=f"attach://{picture}", caption=caption,
        parse_mode="HTML", **more,
    )  # fmt: skip


def _read(*names: str) -> dict[str, bytes]:
    """Return pictures of the demo by their names."""
    return {name: (PICTURES / f"{name}.jpg").read_bytes() for name in names}
