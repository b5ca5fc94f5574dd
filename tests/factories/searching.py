"""Made-up articles and queries of every kind, which meet often."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from digests.model.article import IndexEntry
from digests.model.ids import ArticleId, CategoryId
from digests.search.query import Query
from tests.factories.times import DAY, NOW

WORDS = ("moon", "mars", "the", "sky", "deep", "a", "C++", "c", ".NET", "net", "covid-19", "COVID19", "e-mail", "email")
DENSE = (
    "新闻",
    "新闻联播",
    "联播",
    "月",
    "月球",
    "闻联",
    "甲乙",
    "乙丙",
    "甲乙丙",
    "東京",
    "东京",
    "アニメ",
    "の",
    "10,000",
    "10000",
)
JOINTS = (" ", "", ", ", "。", "\n", "-", ".")
CATEGORIES = {"tech": 1, "tech/ai": 2, "world": 3}
SOURCES = ("36kr", "New York-Times", "日报")
TAGS = ("k8s", "C++", "C#", "新闻")
LANGUAGES = ("en", "zh-Hans", "zh", "ja")


def random_text(random: Random, most: int) -> str:
    words = [random.choice((*WORDS, *DENSE)) + random.choice(JOINTS) for _ in range(random.randint(0, most))]
    return "".join(words)


def random_entry(random: Random, number: int) -> IndexEntry:
    categories = random.choice([(), (CategoryId(1),), (CategoryId(1), CategoryId(2)), (CategoryId(3),)])
    return IndexEntry(
        ArticleId(number),
        number,
        random_text(random, 4),
        random_text(random, 6),
        random_text(random, 20),
        random.choice(SOURCES),
        random.choice(LANGUAGES),
        NOW - timedelta(hours=random.randint(0, 240)),
        categories,
        tuple(random.sample(TAGS, random.randint(0, 2))),
    )


def random_query(random: Random) -> str:
    parts = []
    for _ in range(random.randint(1, 4)):
        word = random.choice((*WORDS, *DENSE))
        kind = random.random()
        if kind < 0.4:
            parts.append(word)
        elif kind < 0.55:
            parts.append(f'"{word}{random.choice((" ", ""))}{random.choice((*WORDS, *DENSE))}"')
        elif kind < 0.7:
            parts.append(f"-{word}")
        else:
            day = (NOW - random.randint(0, 10) * DAY).date()
            parts.append(
                random.choice(
                    [
                        f"cat:{random.choice([*CATEGORIES, 'unknown'])}",
                        f'source:"{random.choice(SOURCES).lower()}"',
                        f"tag:{random.choice(TAGS)}",
                        f"lang:{random.choice(LANGUAGES)}",
                        f"after:{day}",
                        f"before:{day}",
                    ]
                )
            )
    return " ".join(parts)


def named(query: Query) -> frozenset[CategoryId] | None:
    if not query.categories:
        return None
    return frozenset(CategoryId(CATEGORIES[name]) for name in query.categories if name in CATEGORIES)
