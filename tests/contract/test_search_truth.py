"""The index against a reading of every text: it misses nothing and finds nothing else."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from digests.search.query import Terms, parse_query
from digests.search.snippet import find_matches
from digests.search.tokens import tokens
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.search.port import ArticleIndex
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW

HAN = "月球背面新闻联播发布会议海底光缆龙"
KANA = "アニメのひかり"
WORDS = ("moon", "probe", "firefox", "café", "Kubernetes", "87", "3.15.2", "don't", "AI", "x")
MARKS = ("，", "。", " ", "、", "\n", "——", ". ", " (", ") ", "「", "」")


def text_of(dice: random.Random, pieces: int) -> str:
    made = []
    for _ in range(pieces):
        kind = dice.random()
        if kind < 0.55:
            made.append("".join(dice.choices(HAN, k=dice.randint(1, 6))))
        elif kind < 0.65:
            made.append("".join(dice.choices(KANA, k=dice.randint(1, 4))))
        else:
            made.append(dice.choice(WORDS))
        made.append(dice.choice(MARKS) if dice.random() < 0.6 else " ")
    return "".join(made)


def queries(dice: random.Random, texts: list[str]) -> list[str]:
    asked = ["".join(dice.choices(HAN, k=size)) for size in (1, 1, 2, 2, 2, 3, 3) for _ in range(6)]
    asked += list(WORDS)
    for _ in range(60):
        text = dice.choice(texts)
        start = dice.randrange(len(text))
        cut = text[start : start + dice.randint(2, 9)].replace('"', "").strip()
        asked += [f'"{cut}"', cut.split()[0] if cut.split() else "月"]
    asked += [f"{dice.choice(asked)} {dice.choice(asked)}" for _ in range(40)]
    asked += [f"{dice.choice(asked[:60])} -{dice.choice(asked[:60])}" for _ in range(20)]
    return asked


def has(stored: list[list[str]], terms: Terms) -> list[bool]:
    """Return for each term whether a field of the article has it, as consecutive tokens or as a character."""
    found = [any(_contains(field, list(phrase)) for field in stored) for phrase in terms.phrases]
    found.extend(any(character in token for field in stored for token in field) for character in terms.characters)
    return found


def _contains(field: list[str], phrase: list[str]) -> bool:
    size = len(phrase)
    return any(field[at : at + size] == phrase for at in range(len(field) - size + 1))


@pytest.mark.parametrize("seed", range(3))
async def test_recall_and_precision_are_perfect(database: Database, index: ArticleIndex, seed: int) -> None:
    dice = random.Random(seed)
    texts = [text_of(dice, dice.randint(1, 30)) for _ in range(120)]
    titles = [text_of(dice, 3) + f" №{number}" for number in range(120)]
    batch = [
        read_post(f"{number}.md", parsed_post(title, summary=text[:20], text=text), age=number)
        for number, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]
    await IngestStore(database).write("folder", batch, NOW + timedelta())
    articles = ArticleStore(database)
    await index.update(articles)
    latest, total = await articles.latest(None, 500)
    assert total == 120
    bodies = await articles.texts([article.id for article in latest])
    stored = {
        article.id: [tokens(article.title), tokens(article.summary), tokens(bodies[article.id])] for article in latest
    }
    for asked in queries(dice, texts):
        query = parse_query(asked)
        if not query.wanted:
            continue
        expected = {
            article_id
            for article_id, fields in stored.items()
            if all(has(fields, query.wanted)) and not any(has(fields, query.unwanted))
        }
        found = await index.find(query, 500)
        assert set(found.ids) == expected, asked
        assert found.total == len(expected)
        assert len(found.ids) == len(set(found.ids))
        for article_id in list(expected)[:5]:
            shown = next(article for article in latest if article.id == article_id)
            assert any(
                find_matches(field, query.wanted) for field in (shown.title, shown.summary, bodies[article_id])
            ), asked
