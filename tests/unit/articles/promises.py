"""What holds for every post that was read, and for every refusal."""

from __future__ import annotations

import unicodedata
from datetime import UTC
from urllib.parse import urlsplit

from digests.model.article import ParsedPost, Unreadable

FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_promises(result: ParsedPost | Unreadable) -> None:
    """Assert what the model promises of every field."""
    if isinstance(result, Unreadable):
        assert result.cause
        assert not any(unicodedata.category(letter) in FORBIDDEN for letter in result.cause), repr(result.cause)
        assert result.fix
        assert result.line is None or result.line >= 1
        return
    lines = [
        result.title,
        result.author,
        result.source,
        result.summary,
        result.text,
        *result.categories,
        *result.problems,
    ]
    for line in lines:
        assert not any(unicodedata.category(letter) in FORBIDDEN for letter in line), repr(line)
        assert not BIDI & set(line)
        assert line == line.strip()
    for url in (result.thumbnail, result.url, result.original_url):
        if url is not None:
            assert url.startswith(("http://", "https://"))
            assert len(url) <= 2048
            assert not any(letter.isspace() or unicodedata.category(letter) in FORBIDDEN for letter in url)
            assert urlsplit(url).hostname
            assert urlsplit(url).username is None
    assert all(result.categories)
    assert len(set(result.categories)) == len(result.categories)
    assert result.published_at is None or result.published_at.tzinfo is UTC
    assert len(result.identity) == len(result.content_hash) == 32
