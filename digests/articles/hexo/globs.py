"""Glob patterns of a `_config.yml`, as Hexo's micromatch (minimatch before Hexo 4) takes them.

Checked against micromatch 4.0.8 and minimatch 3.1.5. A pattern is matched letter by letter against all places where it
may stand, so that no pattern makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

_BRACES = re.compile(r"\{([^{}\\]*,[^{}\\]*)\}")
_GLOBSTAR_FOLDERS = re.compile(r"(?:\*\*/)+")
_SPECIAL = re.compile(r"[*?\[\]{}()!+@|\\]")
# What is not followed: classes, groups, ranges of numbers, escapes, nested braces, and all that Hexo's two matchers
# take differently.
_UNFOLLOWED = re.compile(r"[\[\]()\\|]|\{[^{}]*\.\.|\{[^{},]*\}|\{[^{}]*\{|\*{3}|[^/{,]\*\*|\*\*[^/},]|\{[^{}]*/|//")
# Of these not even the beginning and the end are certain.
_ODD = re.compile(r"^[ !]*\./|^ | $|\*{3}|//|^!+\(|\\")
_MAX_ALTERNATIVES = 64
_MAX_PATTERN = 500
_MAX_TOKENS = 500
"""In all alternatives of a pattern: each is held against every post."""

_Token = str
_ANY, _STAR, _FOLDERS, _REST = "\x01", "\x02", "\x03", "\x04"


@dataclass(frozen=True, slots=True)
class _Glob:
    """A pattern: the token lists of its alternatives; None where it is not followed. It may match `doubtful` ones."""

    alternatives: tuple[tuple[_Token, ...], ...] | None
    doubtful: tuple[tuple[_Token, ...], ...]
    negated: bool
    prefix: str
    suffix: str


def matches(pattern: str, path: str) -> bool | None:
    """Return whether the pattern matches the path, which has no empty parts; None where that is not certain."""
    glob = _parse(pattern)
    if glob.alternatives is None:
        might = path.startswith(glob.prefix) and path.endswith(glob.suffix)
        return None if might or glob.negated else False
    if any(_stands(tokens, path) for tokens in glob.alternatives):
        return not glob.negated
    return None if any(_stands(tokens, path) for tokens in glob.doubtful) else glob.negated


@lru_cache(maxsize=256)
def _parse(pattern: str) -> _Glob:
    negated = False
    while pattern.startswith("!") and not pattern.startswith("!("):
        negated, pattern = not negated, pattern[1:]
    if _ODD.search(pattern):
        return _Glob(None, (), negated, "", "")
    specials = list(_SPECIAL.finditer(pattern))
    prefix = pattern[: specials[0].start()] if specials else pattern
    suffix = pattern[specials[-1].end() :] if specials else pattern
    if len(pattern) > _MAX_PATTERN or _UNFOLLOWED.search(pattern):
        return _Glob(None, (), negated, prefix, suffix)
    alternatives = _expand(pattern)
    if alternatives is None or sum(map(len, alternatives)) > max(_MAX_TOKENS, len(pattern)):
        return _Glob(None, (), negated, prefix, suffix)
    # Whether `a*/**` is also `ab` itself, as `a/**` is `a`, depends on the rest of the pattern.
    doubtful = [text.removesuffix("/**") for text in alternatives if text.endswith("*/**")]
    certain = [text + "/*" if text.endswith("*/**") else text for text in alternatives]
    return _Glob(_all_tokens(certain), _all_tokens(doubtful), negated, prefix, suffix)


def _all_tokens(patterns: Iterable[str]) -> tuple[tuple[_Token, ...], ...]:
    return tuple(tuple(_tokens(pattern)) for pattern in patterns)


def _expand(pattern: str) -> list[str] | None:
    """Return the patterns that one with braces stands for; None for too many."""
    parts = _BRACES.split(pattern)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    count = 1
    for choice in choices:
        count *= len(choice)
    return ["".join(texts) for texts in product(*choices)] if count <= _MAX_ALTERNATIVES else None


def _tokens(pattern: str) -> Iterator[_Token]:
    at = 0
    while at < len(pattern):
        if (match := _GLOBSTAR_FOLDERS.match(pattern, at)) is not None:
            yield _FOLDERS
            at = match.end()
        elif pattern.startswith("/**", at) and at + 3 == len(pattern):
            # `a/**` is also `a` itself.
            yield _REST
            at += 3
        elif pattern.startswith("**", at):
            yield from (_FOLDERS, _STAR)
            at += 2
        else:
            yield {"*": _STAR, "?": _ANY}.get(pattern[at], pattern[at])
            at += 1


def _stands(tokens: tuple[_Token, ...], path: str) -> bool:
    """Return whether the tokens match the whole path: each turns the places reached so far into the next ones.

    A set of places is a number, with a bit for each.
    """
    letters = _letters(path)
    slashes, end = letters.get("/", 0), len(path)
    others = ((1 << end) - 1) ^ slashes
    places = 1
    for token in tokens:
        if token == _STAR:
            # The sum carries each place to the end of its folder's name.
            places |= ((places & others) + others) ^ others
        elif token == _ANY:
            places = (places & others) << 1
        elif token == _FOLDERS:
            lowest = places & -places
            places |= (slashes & ~(lowest - 1)) << 1
        elif token == _REST:
            places = 1 << end if places >> end or places & slashes else 0
        else:
            places = (places & letters.get(token, 0)) << 1
        if not places:
            return False
    return bool(places >> end)


@lru_cache(maxsize=64)
def _letters(path: str) -> dict[str, int]:
    """Return at which places of the path each of its letters is."""
    letters: dict[str, int] = {}
    for place, letter in enumerate(path):
        letters[letter] = letters.get(letter, 0) | 1 << place
    return letters
