"""A line of text around the first match, with the matches marked (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digests.search.query import Terms
from digests.search.tokens import BOUNDARY, fold, is_dense, runs

# A character with the marks that combine with it: it is folded as one.
_CLUSTER = re.compile("[\\s\\S][\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")
_ELLIPSIS = "…"
_SENTENCE_END = "。！？!?；\n"
_MOST_HITS = 50

Match = tuple[int, int]
TokenRun = tuple[int, int, bool]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of the line; `hit` says that it was looked for."""

    text: str
    is_match: bool


def snippet(text: str, terms: Terms, width: int = 120) -> tuple[Fragment, ...]:
    """The line of about `width` characters around the first match; () where nothing of the terms is found."""
    hits = find_matches(text, terms)
    if not hits:
        return ()
    start, end = _window(text, hits[0], width)
    return tuple(_pieces(text, [hit for hit in hits if hit[0] >= start and hit[1] <= end], start, end))


def find_matches(text: str, terms: Terms) -> list[Match]:
    """(start, end) of what the terms match, in order, without overlaps."""
    folded, places = _folded(text)
    found = [hit for character in terms.characters for hit in _occurrences(folded, character)]
    listed: list[TokenRun] | None = None
    for phrase in terms.phrases:
        segments = _segments(phrase)
        if len(segments) == 1 and is_dense(segments[0]) and len(segments[0]) > 1:
            found.extend(_occurrences(folded, segments[0]))
            continue
        listed = listed if listed is not None else list(runs(folded))
        found.extend(_in_a_row(folded, listed, segments))
    return _apart([(places[start], places[end]) for start, end in found])


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters (and its end) the place in `text` that it came from."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, range(len(text) + 1)
    parts: list[str] = []
    places: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        part = fold(cluster[0])
        parts.append(part)
        places.extend([cluster.start()] * len(part))
    return "".join(parts), [*places, len(text)]


def _occurrences(folded: str, wanted: str) -> list[Match]:
    return [match.span() for match, _ in zip(re.finditer(re.escape(wanted), folded), range(_MOST_HITS), strict=False)]


def _segments(phrase: tuple[str, ...]) -> list[str]:
    """The runs that a phrase's tokens came from: 新闻 闻联 联播 is 新闻联播."""
    segments: list[str] = []
    reads_on = False
    for token in phrase:
        if token == BOUNDARY:
            reads_on = False
        elif reads_on and len(token) == 2 and is_dense(token) and segments[-1][-1] == token[0]:
            segments[-1] += token[1]
        else:
            segments.append(token)
            reads_on = len(token) == 2 and is_dense(token)
    return segments


def _in_a_row(folded: str, listed: Sequence[TokenRun], segments: Sequence[str]) -> list[Match]:
    """Where the segments are neighbouring runs. Inside they are whole runs; dense ones may begin or end one."""
    found: list[Match] = []
    last = len(segments) - 1
    for at in range(len(listed) - last):
        spans = [_span(folded, listed[at + number], segments[number], number, last) for number in range(last + 1)]
        if None not in spans:
            first, final = spans[0], spans[-1]
            assert first is not None
            assert final is not None
            found.append((first[0], final[1]))
            if len(found) == _MOST_HITS:
                break
    return found


def _span(folded: str, run: TokenRun, segment: str, number: int, last: int) -> Match | None:
    start, end, dense = run
    if dense and len(segment) > 1 and number == 0 < last:
        return (end - len(segment), end) if folded.endswith(segment, start, end) else None
    if dense and len(segment) > 1 and number == last > 0:
        return (start, start + len(segment)) if folded.startswith(segment, start, end) else None
    return (start, end) if folded[start:end] == segment else None


def _apart(hits: Sequence[Match]) -> list[Match]:
    apart: list[Match] = []
    for hit in sorted(hits):
        if apart and hit[0] < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], hit[1]))
        elif hit[1] > hit[0]:
            apart.append(hit)
    return apart


def _window(text: str, hit: Match, width: int) -> Match:
    """From the beginning of the hit's sentence where that is near, else from a word's beginning before the hit."""
    earliest = max(0, hit[0] - width // 3)
    start = max(text.rfind(mark, earliest, hit[0]) for mark in _SENTENCE_END) + 1
    if not start and earliest:
        space = text.find(" ", earliest, hit[0])
        start = space + 1 if space >= 0 else earliest
    while start < hit[0] and text[start].isspace():
        start += 1
    end = min(len(text), max(start + width, hit[1]))
    if end < len(text) and not is_dense(fold(text[end])):
        space = text.rfind(" ", hit[1], end)
        end = space if space > 0 else end
    return start, end


def _pieces(text: str, hits: Sequence[Match], start: int, end: int) -> Iterator[Fragment]:
    at = start
    if start:
        yield Fragment(_ELLIPSIS, is_match=False)
    for first, last in hits:
        if first > at:
            yield Fragment(_one_line(text[at:first]), is_match=False)
        yield Fragment(_one_line(text[first:last]), is_match=True)
        at = last
    if at < end:
        yield Fragment(_one_line(text[at:end]), is_match=False)
    if end < len(text):
        yield Fragment(_ELLIPSIS, is_match=False)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
