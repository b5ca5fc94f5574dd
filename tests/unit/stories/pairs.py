"""Pairs of articles that somebody judged: `pairs.jsonl`, a pair a line.

`same` says whether both tell one story, `kind` what makes the pair hard. The texts are written for this test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from digests.articles.language import detect_language
from digests.stories.features import StoryFeatures, telling
from tests.factories.times import NOW


@dataclass(frozen=True)
class Pair:
    same: bool
    kind: str
    one: StoryFeatures
    other: StoryFeatures

    @property
    def titles(self) -> str:
        return f"{self.kind}: {self.one.title} | {self.other.title}"


def read_pairs() -> list[Pair]:
    lines = Path(__file__).with_name("pairs.jsonl").read_text(encoding="utf-8").splitlines()
    return [_pair(json.loads(line)) for line in lines]


def _pair(row: dict[str, object]) -> Pair:
    assert isinstance(row["titles"], list)
    assert isinstance(row["texts"], list)
    one, other = (
        features_of(title, text, f"source {n}")
        for n, (title, text) in enumerate(zip(row["titles"], row["texts"], strict=True))
    )
    return Pair(bool(row["same"]), str(row["kind"]), one, other)


def features_of(title: str, text: str = "", source: str = "A") -> StoryFeatures:
    return telling(title, text, "", source, detect_language(title, text), NOW)
