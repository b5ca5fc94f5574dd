"""What the index stores of an article (pure): tokens of title, lead and text, and marks for filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digests.model.article import IndexEntry
from digests.search.marks import category_token, language_tokens, source_token, tag_token
from digests.search.tokens import BOUNDARY, fold, folded_characters, folded_tokens, further_tokens, is_dense

_MAX_WORD = 30


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """An article's tokens, joined by spaces; `words` are those of title and summary in scripts with spaces."""

    article: int
    shown_at: int
    title: str
    summary: str
    characters_of_title: str
    words_of_text: str
    characters: str
    marks: str
    words: frozenset[str]
    withdrawn: bool = False


def rows_of_entries(entries: Sequence[IndexEntry]) -> list[DocumentRows]:
    """Return the rows of several articles, as one call to another process."""
    return [rows_of(entry) for entry in entries]


def rows_of(entry: IndexEntry) -> DocumentRows:
    """Return the rows of an article; its tags count as a part of its summary."""
    title, summary, text = fold(entry.title), fold(entry.summary), fold(entry.text)
    title_tokens, summary_tokens = folded_tokens(title), folded_tokens(summary)
    body = " ".join(folded_tokens(text))
    # A text mostly contains its summary; indexing that twice would cost more and find nothing more.
    lead = [" ".join(title_tokens)]
    if f" {' '.join(summary_tokens)} " not in f" {body} ":
        lead.append(" ".join(summary_tokens))
    tags = [fold(tag) for tag in entry.tags]
    further = {field: further_tokens(field) for field in (title, summary, text)}
    behind_summary = [*further[summary], *(token for tag in tags for token in _tag_tokens(tag))]
    behind_text = dict.fromkeys([*further[title], *behind_summary, *further[text]])
    marks = [category_token(category) for category in entry.categories]
    marks.append(source_token(entry.source))
    marks.extend(language_tokens(entry.language))
    marks.extend(map(tag_token, entry.tags))
    words = {token for token in (*title_tokens, *summary_tokens, *further[title]) if _is_word(token)}
    return DocumentRows(
        article=entry.id,
        shown_at=int(entry.shown_at.timestamp()),
        title=_apart(" ".join(title_tokens), *further[title]),
        summary=_apart(" ".join(summary_tokens), *behind_summary),
        characters_of_title=_characters(title),
        words_of_text=_apart(*lead, body, *behind_text),
        characters=_characters(" ".join((title, summary, text, *tags))),
        marks=" ".join(marks),
        words=frozenset(words),
        withdrawn=entry.withdrawn,
    )


def _tag_tokens(folded: str) -> list[str]:
    """Return the runs of tokens by which a tag is found."""
    return [run for run in (" ".join(folded_tokens(folded)), *further_tokens(folded)) if run]


def _apart(*runs: str) -> str:
    """Join runs of tokens so that no phrase is found across two of them."""
    return f" {BOUNDARY} ".join(runs)


def _characters(folded: str) -> str:
    return " ".join(folded_characters(folded))


def _is_word(token: str) -> bool:
    return 3 < len(token) <= _MAX_WORD and token.isalpha() and not is_dense(token)
