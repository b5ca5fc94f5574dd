"""Cutting the line around the first match out of a text, with the matches marked (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digests.search.query import Terms
from digests.search.tokens import BOUNDARY, Run, Spelling, fold, is_dense, runs, spellings

# A character with the marks that combine with it; they are folded together.
_CLUSTER = re.compile("[\\s\\S][\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")
_ELLIPSIS = "…"
_SENTENCE_END = "。！？!?；\n"
_MAX_MATCHES = 50

Match = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of the line, and whether it matches the query."""

    text: str
    is_match: bool


def snippet(text: str, terms: Terms, width: int = 120) -> tuple[Fragment, ...]:
    """Return the line of about `width` characters around the first match; () if nothing matches."""
    matches = find_matches(text, terms)
    if not matches:
        return ()
    start, end = _bounds(text, matches[0], width)
    return tuple(_fragments(text, [match for match in matches if match[0] >= start and match[1] <= end], start, end))


def find_matches(text: str, terms: Terms) -> list[Match]:
    """Return (start, end) of each match of the terms, in order, without overlaps."""
    folded, starts, ends = _fold_with_positions(text)
    found = [match for character in terms.characters for match in _occurrences(folded, character)]
    token_runs: list[Run] | None = None
    further: list[Spelling] | None = None
    for spelling in (spelling for phrase in terms.phrases for spelling in terms.spellings(phrase)):
        segments = segments_of(spelling)
        if len(segments) == 1 and is_dense(segments[0]) and len(segments[0]) > 1:
            found.extend(_occurrences(folded, segments[0]))
            continue
        if len(segments) == 1:
            further = further if further is not None else list(spellings(folded))
            found.extend((start, end) for start, end, token, _ in further if token == segments[0])
            if not segments[0].isdigit():
                found.extend(_words(folded, segments[0]))
                continue
        token_runs = token_runs if token_runs is not None else list(runs(folded))
        found.extend(_adjacent(token_runs, segments))
    return _merge_overlaps([(starts[start], ends[end - 1]) for start, end in found])


def _fold_with_positions(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the folded text, and for each of its characters where that begins and ends in `text` which it came from.

    Several may come from one: ¼ folds to 1⁄4.
    """
    folded = fold(text)
    if len(folded) == len(text):
        return folded, range(len(text)), range(1, len(text) + 1)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        part = fold(cluster[0])
        parts.append(part)
        starts.extend([cluster.start()] * len(part))
        ends.extend([cluster.end()] * len(part))
    return "".join(parts), starts, ends


def _occurrences(folded: str, wanted: str) -> list[Match]:
    return [match.span() for match, _ in zip(re.finditer(re.escape(wanted), folded), range(_MAX_MATCHES), strict=False)]


def _words(folded: str, word: str) -> list[Match]:
    """Return the matches of a word that is no number, which is spelt in only one way.

    Only what stands around it is split, since splitting a whole text takes most of a search's time.
    """
    found: list[Match] = []
    at = folded.find(word)
    while at >= 0 and len(found) < _MAX_MATCHES:
        start = max(folded.rfind(space, 0, at) for space in " \n") + 1
        end = min((place for space in " \n" if (place := folded.find(space, at)) >= 0), default=len(folded))
        found += [(start + first, start + last) for first, last, text, _ in runs(folded[start:end]) if text == word]
        at = folded.find(word, end)
    return found


def segments_of(phrase: tuple[str, ...]) -> list[str]:
    """Return the runs from which a phrase's tokens were made: 新闻 闻联 联播 come from 新闻联播."""
    segments: list[str] = []
    continues = False
    for token in phrase:
        if token == BOUNDARY:
            continues = False
        elif continues and len(token) == 2 and is_dense(token) and segments[-1][-1] == token[0]:
            segments[-1] += token[1]
        else:
            segments.append(token)
            continues = len(token) == 2 and is_dense(token)
    return segments


def _adjacent(token_runs: Sequence[Run], segments: Sequence[str]) -> list[Match]:
    """Return the matches of segments in adjacent runs.

    The inner segments must be whole runs; the first and last, if dense, may be the end and the start of one.
    """
    found: list[Match] = []
    last = len(segments) - 1
    for at in range(len(token_runs) - last):
        spans = [_span(token_runs[at + number], segments[number], number, last) for number in range(last + 1)]
        if None not in spans:
            first, final = spans[0], spans[-1]
            assert first is not None
            assert final is not None
            found.append((first[0], final[1]))
            if len(found) == _MAX_MATCHES:
                break
    return found


def _span(run: Run, segment: str, number: int, last: int) -> Match | None:
    start, end, text, dense = run
    if dense and len(segment) > 1 and number == 0 < last:
        return (end - len(segment), end) if text.endswith(segment) else None
    if dense and len(segment) > 1 and number == last > 0:
        return (start, start + len(segment)) if text.startswith(segment) else None
    return (start, end) if text == segment else None


def _merge_overlaps(matches: Sequence[Match]) -> list[Match]:
    merged: list[Match] = []
    for match in sorted(matches):
        if merged and match[0] < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], match[1]))
        elif match[1] > match[0]:
            merged.append(match)
    return merged


def _bounds(text: str, match: Match, width: int) -> Match:
    """Return the stretch to show: from the start of the match's sentence if near, else of a word before the match."""
    earliest = max(0, match[0] - width // 3)
    start = max(text.rfind(mark, earliest, match[0]) for mark in _SENTENCE_END) + 1
    if not start and earliest:
        space = text.find(" ", earliest, match[0])
        start = space + 1 if space >= 0 else earliest
    while start < match[0] and text[start].isspace():
        start += 1
    end = min(len(text), max(start + width, match[1]))
    if end < len(text) and not is_dense(fold(text[end])):
        space = text.rfind(" ", match[1], end)
        end = space if space > 0 else end
    return start, end


def _fragments(text: str, matches: Sequence[Match], start: int, end: int) -> Iterator[Fragment]:
    at = start
    if start:
        yield Fragment(_ELLIPSIS, is_match=False)
    for first, last in matches:
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
