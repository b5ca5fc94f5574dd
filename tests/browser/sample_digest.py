"""A digest of fixed stories in each language, with the demo's pictures, sent to the simulator in any layout.

The bot's own renderer and drawing make it, so that its screenshots show what readers get.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from bot.simulator.server import Simulator
from digests.compose.build import build_digest
from digests.media.folder import LARGE, SMALL, picture_path
from digests.media.judged import Judged
from digests.media.work import draw_mosaic, judge_picture
from digests.model.article import Article
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle, Layout
from tests.browser.sample_messages import PICTURES, upload
from tests.factories.articles import article
from tests.factories.times import NOW

# Each story: its picture, category, title, summary and source.
_STORIES = {
    "en": (
        ("comet", "Space", "How to see the green comet this week",
         "Comet Anwen is at its brightest: look north an hour after sunset, two fists above the horizon.",
         "Perihelion Post"),
        ("moon", "Space", "Little Heron touches down on a ringed giant's moon",
         "The lander bounced twice, apologised by telemetry, and stands on four legs.", "Perihelion Post"),
        ("tide", "Science", "The harbour that keeps time with the moon",
         "Port Ellery has rebuilt its tide organ: eleven copper pipes play another chord at every state of the sea.",
         "Tidewater Journal"),
        ("deep", "Science", "A squid writes its second word",
         "Nobody can read it yet, but it is spelled the same way every time.", "Tidewater Journal"),
        ("ferry", "Travel", "The night ferry to Orrin has eleven beds and one violin", "Book early, and bring a tune.",
         "Ferryman's Almanac"),
        ("bread", "Cooking", "A loaf that takes three days and ten minutes", "Most of the work is leaving it alone.",
         "The Slow Ladle"),
    ),
    "zh_CN": (
        ("chip", "科技", "一枚靠体温醒来的芯片，把手表的电池省掉了",
         "澜州大学的一支小组用指尖三度的温差点亮了一枚心率芯片，连续跑了四十一天没有充电。", "晨星周刊"),
        ("robot", "科技", "送信机器人在旧城学会了敲门",
         "六台叫“小雀”的送信机器人终于不再按门铃了：旧城一半的人家没有门铃。", "海雀实验室"),
        ("terminal", "编程", "用三百行代码写一个会道歉的编译器",
         "报错之前先说对不起，读者的火气小了一半。", "夜航代码"),
        ("books", "读书", "下雪之前读完的五本书", "都不厚，正好一晚一本。", "夜读"),
        ("rowing", "体育", "澜州女子八人艇追回两秒，赢在最后十一桨",
         "落后了一千八百米之后，舵手只说了一句话。", "白鹭体育"),
        ("noodles", "美食", "一碗面的四十年：巷口老店的第三代", "汤头没有变，价钱只变过两次。", "慢火"),
    ),
}  # fmt: skip


SAMPLE_LANGUAGES = tuple(_STORIES)


class SampleDigest:
    """The digest in one language; its pictures are kept in a folder of their own."""

    def __init__(self, language: str, folder: Path) -> None:
        self._language = language
        self._folder = folder
        self._keys = {story[0]: _keep(folder, story[0]) for story in _STORIES[language]}

    def digest(self) -> Digest:
        """Return the digest, newest story first."""
        return build_digest([self._article(number) for number in range(len(_STORIES[self._language]))])

    def _article(self, number: int) -> Article:
        picture, category, title, summary, source = _STORIES[self._language][number]
        return article(
            number + 1, title=title, summary=summary, source=source, author=source, categories=(category,),
            thumbnail=f"https://pictures.example/{picture}.jpg", picture=self._keys[picture],
        )  # fmt: skip

    async def send(self, simulator: Simulator, chat: int, layout: Layout) -> list[dict[str, Any]]:
        """Send the digest in a layout, as the bot would, and return its messages."""
        renderer = DigestRenderer(LayoutOptions(secret=b"samples"))
        parts = renderer.render(self.digest(), DigestStyle(layout, self._language, "UTC"), NOW)
        return [await self._send_part(simulator, chat, part) for part in parts]

    async def _send_part(self, simulator: Simulator, chat: int, part: Part) -> dict[str, Any]:
        if part.rich is not None:
            names = {f"p{number}": key for number, key in enumerate(part.rich.pictures, 1)}
            media = [{"id": name, "media": {"type": "photo", "media": f"attach://{name}"}} for name in names]
            files = {name: picture_path(self._folder, key, LARGE).read_bytes() for name, key in names.items()}
            rich = {"html": part.rich.html, "media": media}
            return await upload(simulator, "sendRichMessage", files, chat_id=chat, rich_message=rich)
        text = {"chat_id": chat, "parse_mode": "HTML"}
        if part.mosaic is not None and part.is_caption:
            files = {"mosaic": draw_mosaic(part.mosaic, self._folder)}
            return await upload(simulator, "sendPhoto", files, photo="attach://mosaic", caption=part.html, **text)
        preview: dict[str, Any] = {"is_disabled": True}
        if part.picture:
            address = part.picture.replace("https://pictures.example", f"{simulator.url}/pictures")
            preview = {"url": address, "prefer_large_media": True, "show_above_text": True}
        return await upload(simulator, "sendMessage", {}, text=part.html, link_preview_options=preview, **text)


def _keep(folder: Path, name: str) -> str:
    """Keep a picture of the demo as the bot keeps those of articles, and return its key."""
    judged = judge_picture((PICTURES / f"{name}.jpg").read_bytes())
    assert isinstance(judged, Judged), judged
    for size, content in ((LARGE, judged.large), (SMALL, judged.small)):
        file = picture_path(folder, judged.key, size)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return judged.key
