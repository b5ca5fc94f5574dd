"""What the index keeps of an article (pure): tokens of title, lead and text, and marks to narrow a search by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digests.model.article import IndexEntry
from digests.search.tokens import BOUNDARY, fold, folded_characters, folded_tokens, is_dense
from digests.storage.search.match import category_token, language_tokens, source_token

_LONGEST_WORD = 30


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """Tokens, joined by spaces; `words` are those of title and summary that spaces part."""

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


def rows_of_all(entries: Sequence[IndexEntry]) -> list[DocumentRows]:
    return [rows_of(one) for one in entries]


def rows_of(entry: IndexEntry) -> DocumentRows:
    title, summary, text = fold(entry.title), fold(entry.summary), fold(entry.text)
    title_tokens, summary_tokens = folded_tokens(title), folded_tokens(summary)
    text_tokens = folded_tokens(text)
    body = " ".join(text_tokens)
    # A text mostly holds its summary; to index that twice would cost and find nothing more.
    head = (
        title_tokens if f" {' '.join(summary_tokens)} " in f" {body} " else [*title_tokens, BOUNDARY, *summary_tokens]
    )
    marks = [category_token(one) for one in entry.categories]
    marks.append(source_token(entry.source))
    marks.extend(language_tokens(entry.language))
    words = {one for one in (*title_tokens, *summary_tokens) if _is_word(one)}
    return DocumentRows(
        article=entry.id,
        shown_at=int(entry.shown_at.timestamp()),
        title=" ".join(title_tokens),
        summary=" ".join(summary_tokens),
        characters_of_title=_characters(title),
        words_of_text=f"{' '.join(head)} {BOUNDARY} {body}",
        characters=_characters(f"{title} {summary} {text}"),
        marks=" ".join(marks),
        words=frozenset(words),
        withdrawn=entry.withdrawn,
    )


def _characters(folded: str) -> str:
    return " ".join(folded_characters(folded))


def _is_word(token: str) -> bool:
    return 3 < len(token) <= _LONGEST_WORD and not token.isdigit() and not is_dense(token)
