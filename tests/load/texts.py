"""Made-up news texts, the same in every run: words by Zipf's law, each with preferred followers."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate

_FOLLOWS = 0.5
_HAN = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3000))
_SYLLABLES = ("ta", "ro", "min", "el", "kar", "so", "vi", "an", "tre", "lo", "dis", "per", "qua", "ne", "sti", "or")


class Writer:
    """Draws words from a vocabulary whose n-th word is 1/n as frequent as its first; half depend on the word before.

    Words drawn independently would make almost every pair of words a new one, which no language does.
    """

    def __init__(self, seed: int, chinese: int = 30_000, english: int = 30_000) -> None:
        self._dice = random.Random(seed)
        dice = random.Random(7)
        weights = [1 / (rank + 3) for rank in range(len(_HAN))]
        characters = dice.choices(_HAN, weights, k=chinese * 3)
        self.chinese = ["".join(characters[at * 3 : at * 3 + dice.choice((1, 2, 2, 2, 3))]) for at in range(chinese)]
        self.english = ["".join(dice.choices(_SYLLABLES, k=dice.choice((1, 2, 2, 3)))) for _ in range(english)]
        self._sums = list(accumulate(1 / (rank + 5) for rank in range(max(chinese, english))))

    def words(self, vocabulary: list[str], number: int) -> list[str]:
        """Draw words."""
        dice, size = self._dice.random, len(vocabulary)
        top = self._sums[size - 1]
        at = 0
        drawn: list[str] = []
        for _ in range(number):
            rank = bisect(self._sums, dice() * top)
            # A follower: one of the few words next to a position that belongs to the word before.
            at = (at * 7919 + min(rank, 40)) % size if drawn and dice() < _FOLLOWS else rank
            drawn.append(vocabulary[at])
        return drawn

    def text(self, characters: int) -> str:
        """Return a text of about this length in one language, in sentences."""
        chinese = self._dice.random() < 0.7
        parts: list[str] = []
        length = 0
        while length < characters:
            words = self.words(self.chinese if chinese else self.english, self._dice.randint(5, 14))
            parts.append(("" if chinese else " ").join(words) + ("。" if chinese else ". "))
            length += len(parts[-1])
        return "".join(parts)

    def length(self) -> int:
        """Draw the length of a text in characters: mostly some 6 KB in Chinese, 60 KB at most."""
        return min(20_000, int(self._dice.lognormvariate(7.55, 0.8)))

    def article(self) -> tuple[str, str]:
        """Return a title and a text."""
        text = self.text(self.length())
        return self.text(20)[:60], text

    def articles(self, number: int) -> Iterator[tuple[str, str]]:
        """Yield titles and texts."""
        return (self.article() for _ in range(number))
