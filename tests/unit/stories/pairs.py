"""Pairs of articles that were judged by hand: `pairs.jsonl` has one per line.

`same` says whether both tell the same story, `kind` what makes the pair hard. The texts are written for this test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from digests.articles.language import detect_language
from digests.stories.features import StoryFeatures, features_of
from tests.factories.times import NOW


@dataclass(frozen=True)
class Pair:
    same: bool
    kind: str
    left: StoryFeatures
    right: StoryFeatures

    @property
    def titles(self) -> str:
        return f"{self.kind}: {self.left.title} | {self.right.title}"


def read_pairs() -> list[Pair]:
    lines = Path(__file__).with_name("pairs.jsonl").read_text(encoding="utf-8").splitlines()
    return [_pair(json.loads(line)) for line in lines]


def _pair(row: dict[str, object]) -> Pair:
    assert isinstance(row["titles"], list)
    assert isinstance(row["texts"], list)
    left, right = (
        make_features(title, text, f"source {n}")
        for n, (title, text) in enumerate(zip(row["titles"], row["texts"], strict=True))
    )
    return Pair(bool(row["same"]), str(row["kind"]), left, right)


def make_features(title: str, text: str = "", source: str = "A") -> StoryFeatures:
    return features_of(title, text, "", source, detect_language(title, text), NOW)
