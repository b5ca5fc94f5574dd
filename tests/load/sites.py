"""A Hexo site for measuring, as people publish them: the same in every run, in Chinese, English and Japanese.

Its heads are those of seven themes in turn (butterfly, fluid, next, matery, icarus, volantis, stellar), its bodies the
Markdown of `tests.load.site_bodies`. Some of its files are no readers' business: drafts, protected and unlisted posts,
pages.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from pathlib import Path
from zlib import crc32

from tests.factories.times import NOW
from tests.load.site_bodies import Bodies, Prose, Tongue

MEAN_BYTES = 6_000
MOST_BYTES = 60_000
_SPREAD = 0.75
_MEDIAN_BYTES = MEAN_BYTES / exp(_SPREAD**2 / 2)
_LONGEST_EVERY = 250
_TONGUES: tuple[Tongue, ...] = ("zh", "zh", "zh", "zh", "zh", "zh", "en", "en", "en", "ja")
_BRANCHES = {
    "zh": (("技术", "后端", "数据库"), ("技术", "前端"), ("生活", "旅行"), ("读书",), ("运维", "Linux")),
    "en": (("Engineering", "Storage"), ("Engineering", "Web"), ("Notes",), ("Life", "Travel"), ("C/C++",)),
    "ja": (("技術", "フロントエンド"), ("日記",), ("読書", "小説")),
}
_TAGS = ("Java", "Docker", "kubernetes", "算法", "随笔", "Vue", "Rust", "读书笔记", "C++", "Linux", "メモ", "Web开发")

CONFIG = """\
# Hexo Configuration
title: 山脚下的笔记
subtitle: '写给以后的自己'
description: 一个人的技术与生活
author: {nick: 山脚, github_name: foothill}
language: zh-CN
timezone: Asia/Shanghai
url: https://foothill.example
root: /
permalink: :year/:month/:day/:title/
source_dir: source
new_post_name: :title.md
post_asset_folder: true
default_category: uncategorized
skip_render:
  - '*.js'
  - 'demo/**'
exclude:
  - 'private/**'
highlight:
  enable: true
theme: butterfly
"""
PACKAGE = """\
{
  "name": "hexo-site",
  "private": true,
  "hexo": {"version": "7.3.0"},
  "dependencies": {
    "hexo": "^7.3.0",
    "hexo-abbrlink": "^2.2.1",
    "hexo-generator-archive": "^2.0.0",
    "hexo-generator-feed": "^3.0.0",
    "hexo-renderer-marked": "^6.3.0"
  }
}
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a post's head is made of."""

    number: int
    title: str
    at: datetime
    branch: tuple[str, ...]
    tags: tuple[str, ...]
    line: str
    """A sentence about it."""

    @property
    def dated(self) -> str:
        """The date as Hexo's scaffold writes it."""
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def abbrlink(self) -> str:
        """The identifier that hexo-abbrlink writes into the head."""
        return f"{crc32(self.title.encode()):x}"

    def listed(self, name: str, values: tuple[str, ...]) -> str:
        """Return a list in YAML's block style."""
        return f"{name}:\n" + "".join(f"  - {value}\n" for value in values)

    def flow(self, name: str, values: tuple[str, ...]) -> str:
        """Return a list in YAML's flow style."""
        return f"{name}: [{', '.join(values)}]\n"


def _butterfly(post: _Entry) -> str:
    return (
        f"title: {post.title}\n{post.flow('tags', post.tags)}{post.listed('categories', post.branch)}"
        f"cover: https://cdn.foothill.example/cover/{post.number}.jpg\ntop_img: /img/top.png\n"
        f"abbrlink: {post.abbrlink}\ndate: {post.dated}\nupdated: {post.dated}\n"
        f"keywords:\ndescription: {post.line}\nmathjax: true\naside: true\n"
    )


def _fluid(post: _Entry) -> str:
    return (
        f"title: {post.title}\ndate: {post.dated}\n"
        f"{post.flow('categories', post.branch)}{post.listed('tags', post.tags)}"
        f"index_img: /img/post/{post.number}.png\nbanner_img: /img/banner.png\nexcerpt: {post.line}\nsticky: 0\n"
    )


def _next(post: _Entry) -> str:
    return (
        f"title: '{post.title}'\n{post.listed('categories', post.branch)}{post.flow('tags', post.tags)}"
        f"date: {post.dated}\ncomments: true\ntoc: true\nmathjax: false\n"
    )


def _matery(post: _Entry) -> str:
    return (
        f"title: {post.title}\ntop: false\ncover: false\ntoc: true\nmathjax: false\ndate: {post.dated}\nauthor: 山脚\n"
        f"img: /medias/featureimages/{post.number % 24}.jpg\ncoverImg:\nsummary: {post.line}\n"
        f"categories: {post.branch[0]}\n{post.listed('tags', post.tags)}reprintPolicy: cc_by\n"
    )


def _icarus(post: _Entry) -> str:
    branches = f"categories:\n  - [{', '.join(post.branch)}]\n  - [Archive, '{post.at:%Y}']\n"
    return (
        f"title: {post.title}\ndate: {post.at:%Y/%m/%d %H:%M}\nthumbnail: /gallery/{post.number}-thumb.jpg\n"
        f"cover: /gallery/{post.number}.jpg\ntoc: true\n{branches}{post.listed('tags', post.tags)}lang: zh-CN\n"
    )


def _volantis(post: _Entry) -> str:
    return (
        f"layout: post\ntitle: {post.title}\n{post.flow('categories', post.branch)}tags: {post.tags[0]}\n"
        f"headimg: https://cdn.foothill.example/head/{post.number}.webp\ndate: {post.at:%Y-%m-%d}\n"
        f"updated: {post.dated}\nauthor: foothill\ndescription: {post.line}\nbackup:\n"
    )


def _stellar(post: _Entry) -> str:
    return (
        f"title: {post.title}\ndate: '{post.dated}'\nupdated: '{post.dated}'\nexcerpt: >-\n  {post.line}\n"
        f"{post.listed('tags', post.tags)}{post.listed('categories', post.branch)}"
        f"cover: /assets/{post.number}.jpg\nposter:\n  topic: 笔记\n  headline: {post.title}\ntoc: true\n"
    )


_THEMES: tuple[Callable[[_Entry], str], ...] = (_butterfly, _fluid, _next, _matery, _icarus, _volantis, _stellar)


class HexoSite:
    """A site by its seed; the same seed gives the same files."""

    def __init__(self, seed: int = 13) -> None:
        self._seed = seed
        self._prose = Prose(random.Random(seed))
        self._bodies = Bodies(self._prose)

    def post(self, number: int) -> tuple[str, str]:
        """Return the path below the site, and the text, of the post with this number."""
        chance = random.Random(self._seed * 1_000_003 + number)
        tongue = chance.choice(_TONGUES)
        size = min(MOST_BYTES, int(_MEDIAN_BYTES * exp(chance.gauss(0, _SPREAD))))
        if number % _LONGEST_EVERY == _LONGEST_EVERY - 1:
            size = MOST_BYTES
        entry = _Entry(
            number,
            f"{self._prose.title(chance, tongue)} {number}",
            NOW - timedelta(hours=7 * number, minutes=chance.randrange(60)),
            chance.choice(_BRANCHES[tongue]),
            tuple(chance.sample(_TAGS, chance.randint(1, 4))),
            self._prose.sentence(chance, tongue),
        )
        head = _THEMES[number % len(_THEMES)](entry) + self._unlisted(number)
        body = self._bodies.markdown(chance, tongue, size - len(head.encode()), f"post-{number}")
        folder = "_drafts" if number % 41 == 40 else f"_posts/{entry.at:%Y}"
        return f"source/{folder}/post-{number}.md", f"---\n{head}---\n\n{body}"

    @staticmethod
    def _unlisted(number: int) -> str:
        """Return the fields by which some posts are kept from readers."""
        if number % 29 == 28:
            return "password: a-long-word\nabstract: 这篇文章需要密码。\nmessage: 请输入密码。\n"
        if number % 37 == 36:
            return "published: false\n"
        return "hidden: true\n" if number % 53 == 52 else ""

    def write(self, folder: Path, posts: int = 500) -> int:
        """Write the site with so many posts into a folder; return how large its posts are together, in bytes."""
        written = 0
        for number in range(posts):
            path, text = self.post(number)
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            written += file.write_bytes(text.encode())
            if number % 5 == 0:
                # The pictures of `post_asset_folder`, which no reading opens.
                assets = file.with_suffix("")
                assets.mkdir()
                (assets / "figure.png").write_bytes(b"")
        (folder / "_config.yml").write_text(CONFIG, encoding="utf-8")
        (folder / "package.json").write_text(PACKAGE, encoding="utf-8")
        (folder / "source/about").mkdir(exist_ok=True)
        (folder / "source/about/index.md").write_text(
            "---\ntitle: 关于\nlayout: about\n---\n\n关于我。\n", encoding="utf-8"
        )
        return written
