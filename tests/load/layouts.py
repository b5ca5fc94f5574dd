"""Rendering digests, each layout in a process of its own: `python -m tests.load.layouts LAYOUT NUMBER ARTICLES`."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice
from time import process_time

from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from digests.compose.build import build_digest
from digests.model.article import Article
from digests.model.digest import Digest
from digests.model.layout import DigestStyle, Layout
from tests.factories.articles import article
from tests.factories.times import NOW
from tests.load.figures import Figure
from tests.load.harness import ROOT
from tests.load.texts import Writer

_ITEMS = 12
_CATEGORIES = 40
_SECONDS = {Layout.GALLERY: 5.0, Layout.LIST: 5.0, Layout.HEADLINES: 5.0, Layout.MAGAZINE: 10.0}


def measure_layouts(digests: int) -> list[Figure]:
    """Measure the rendering of so many digests of 12 items, on one core.

    Once their articles are those of a day, which thousands of digests share, and once no two digests have an article in
    common, so that nothing is rendered twice.
    """
    figures: list[Figure] = []
    alone: dict[Layout, float] = {}
    for layout, seconds in _SECONDS.items():
        # The names of months and days are read once, for few digests as for many.
        goal = 0.25 + (seconds - 0.25) * digests / 10_000
        for articles, name in ((2000, "of a day's 2,000 articles"), (digests * _ITEMS, "that share no article")):
            alone[layout] = _seconds(layout, digests, articles)
            figures.append(Figure(f"rendering {digests:,} digests {name}, {layout}", alone[layout], "s", goal))
    name = f"rendering {digests:,} digests that share no article"
    for layout, most in ((Layout.GALLERY, 1.3), (Layout.HEADLINES, 1.0), (Layout.MAGAZINE, 2.0)):
        figures.append(Figure(f"{name}, {layout} beside list", alone[layout] / alone[Layout.LIST], "x", most))
    return figures


def _seconds(layout: Layout, digests: int, articles: int) -> float:
    command = [sys.executable, "-m", "tests.load.layouts", layout, str(digests), str(articles)]
    return float(json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout))


def render(layout: Layout, digests: int, articles: int) -> float:
    """Render digests, and return the seconds of processor time that it took."""
    made = _digests(digests, _articles(articles))
    renderer = DigestRenderer(LayoutOptions(has_previews=False, secret=b"secret"))
    styles = [DigestStyle(layout, language, "Asia/Shanghai") for language in ("zh_CN", "en")]
    began = process_time()
    for number, digest in enumerate(made):
        renderer.render(digest, styles[number % 10 == 0], NOW)
    return process_time() - began


def _articles(number: int) -> list[Article]:
    """Return articles of which four in five have a picture, and each tenth is in three sources."""
    writer, chance = Writer(1), random.Random(1)  # the same in every run
    texts = [(writer.text(chance.randint(12, 60))[:90], writer.text(160)) for _ in range(min(number, 5000))]
    return [
        article(
            n,
            title=f"{texts[n % len(texts)][0]} {n}",
            summary=texts[n % len(texts)][1],
            source=f"来源 {n % 300}",
            categories=(f"分类 {chance.randrange(_CATEGORIES)}", f"来源 {n % 300}"),
            thumbnail=f"https://pictures.example/{n}.jpg",
            picture=f"{n:040x}" if chance.random() < 0.8 else "",
        )
        for n in range(1, number + 1)
    ]


def _digests(number: int, articles: Sequence[Article]) -> list[Digest]:
    chance = random.Random(2)
    others = {item.id: tuple(articles[:2]) for item in articles[10::10]}
    if len(articles) == number * _ITEMS:
        rest = iter(articles)
        return [build_digest(list(islice(rest, _ITEMS)), also=others) for _ in range(number)]
    return [build_digest(chance.sample(articles, _ITEMS), also=others) for _ in range(number)]


if __name__ == "__main__":
    name, digests, number = sys.argv[1:]
    print(json.dumps(render(Layout(name), int(digests), int(number))))
