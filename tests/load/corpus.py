"""A corpus for measuring: the same posts in every run, as the crawler writes them, in Chinese and English, mostly 6 KB.

Words are drawn by their rank as in natural texts (Zipf), and follow each other in loose phrases, so that an index of
them has about the size that one of real texts has.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from math import exp
from pathlib import Path

from tests.factories.times import NOW

MEDIAN_BYTES = 6_000
MOST_BYTES = 60_000
_AREAS = ("新媒体", "编程", "Science", "Books", "财经", "游戏", "设计", "Travel")
_SYLLABLES = re.findall("..?.?", "anberxcordenelxfingarhelinxjorkelxlumxmornarolxperquiranxsolxterunxverxwenxxixyorzen")
_FIRST_CHARACTER, _CHARACTERS = 0x4E00, 3500


class Corpus:
    """Posts by their number; the same seed gives the same posts."""

    def __init__(self, seed: int = 7) -> None:
        chance = random.Random(seed)
        self._seed = seed
        characters = [chr(_FIRST_CHARACTER + offset) for offset in chance.sample(range(12_000), _CHARACTERS)]
        common = list(accumulate(1 / (rank + 8) for rank in range(_CHARACTERS)))
        self._chinese = [
            "".join(chance.choices(characters, cum_weights=common, k=chance.choice((1, 2, 2, 2, 3))))
            for _ in range(20_000)
        ]
        self._english = list(
            dict.fromkeys("".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3)))) for _ in range(9_000))
        )
        self._chinese_weights = list(accumulate(1 / (rank + 3) for rank in range(len(self._chinese))))
        self._english_weights = list(accumulate(1 / (rank + 3) for rank in range(len(self._english))))
        self._sources = [(area, f"{area}源{number}", f"频道{number % 5}") for area in _AREAS for number in range(12)]

    def post(self, number: int) -> tuple[str, str]:
        """Return the path and the text of the post with this number."""
        chance = random.Random(self._seed * 1_000_003 + number)
        chinese = chance.random() < 0.7
        size = min(MOST_BYTES, int(MEDIAN_BYTES * exp(chance.gauss(0, 0.75))))
        area, source, channel = chance.choice(self._sources)
        title = f"{self._sentence(chance, 6, chinese=chinese)} {number}"
        moment = NOW - timedelta(minutes=number % 500_000)
        picture = f"https://img.example/{source}/{number}.jpg"
        body = "\n".join(self._paragraphs(chance, size, number, picture, chinese=chinese))
        text = (
            f"\n---\ntitle: '{title}'\ncategories: \n - {area}\n - {source}\n - {channel}\nheadimg: '{picture}'\n"
            f"author: {source}\ncomments: false\ndate: {moment:%Y-%m-%d %H:%M:%S}\nthumbnail: '{picture}'\n---\n"
            f"\n<div>   \n{body}\n</div>\n            "
        )
        return f"{area}/{source}/{channel}/{number}.md", text

    def _paragraphs(
        self, chance: random.Random, size: int, number: int, picture: str, *, chinese: bool
    ) -> Iterator[str]:
        yield f'<p><img src="{picture}" referrerpolicy="no-referrer"></p>'
        left = size
        while left > 0:
            paragraph = self._marked_up(chance, self._sentence(chance, chance.randint(10, 80), chinese=chinese), number)
            yield paragraph
            left -= len(paragraph.encode())
        yield f'<p><a href="https://news.example/{number}">原文链接</a></p>'

    @staticmethod
    def _marked_up(chance: random.Random, words: str, number: int) -> str:
        """Mark words up as feeds do: short posts have some 17 tags per kilobyte, long ones 10."""
        kind = chance.random()
        half = len(words) // 2
        if kind < 0.25:
            return f"<p><strong>{words[:12]}</strong>{words[12:]}</p>"
        if kind < 0.45:
            style = "font-size: 16px; color: rgb(51, 51, 51);"
            return f'<p><span style="{style}">{words[:half]}<br>{words[half:]}</span></p>'
        if kind < 0.6:
            link = f'<a href="https://more.example/{number}?from=feed" target="_blank">{words[:8]}</a>'
            return f"<p>{link}{words[8:half]}<em>{words[half:]}</em></p>"
        if kind < 0.7:
            picture = f"https://img.example/{number}/{half}.jpg"
            return f'<p>{words}</p>\n<figure><img src="{picture}" width="640" height="360" alt=""></figure>'
        if kind < 0.78:
            return f"<ul><li>{words[:half]}</li><li>{words[half:]}</li></ul>"
        return f"<p>{words}</p>"

    def _sentence(self, chance: random.Random, words: int, *, chinese: bool) -> str:
        if not chinese:
            return " ".join(chance.choices(self._english, cum_weights=self._english_weights, k=words)).capitalize()
        drawn = chance.choices(self._chinese, cum_weights=self._chinese_weights, k=words)
        return "".join(word + "，" if at % 9 == 8 else word for at, word in enumerate(drawn))

    def write(self, folder: Path, numbers: range) -> list[Path]:
        """Write the posts with these numbers below the folder."""
        written = []
        made: set[Path] = set()
        for number in numbers:
            path, text = self.post(number)
            file = folder / path
            if file.parent not in made:
                file.parent.mkdir(parents=True, exist_ok=True)
                made.add(file.parent)
            file.write_text(text, encoding="utf-8")
            written.append(file)
        return written
