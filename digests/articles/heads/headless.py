"""Posts without front matter: their title is a heading or the file's name, their date is in that name or nowhere.

What is below `_posts` or `_drafts` is a post, as for Hexo. Elsewhere a file without front matter may be anything: a
list, a licence, a note. There it is a post if it has a heading, or if its name begins with a date.
"""

from __future__ import annotations

import re

from digests.articles.heads.file_names import has_dated_name, is_documentation
from digests.articles.heads.front_matter import NO_FRONT_MATTER, FrontMatter
from digests.model.article import Unreadable
from digests.model.post_folders import is_in_posts

_HEADING = re.compile(
    # `##现象` is one too, as people write it; `#todo` is a tag.
    r"^ {0,3}(?:#{1,6}(?:[ \t]++\S|[^\x00-\x7f])|#{2,6}\w)|^ {0,3}\S.*+\n {0,3}(?:={2,}+|-{2,}+)[ \t]*+$|<h[1-6]\b",
    re.MULTILINE,
)
_TITLE_TAG = re.compile(r"<title(?:\s[^<>]*+)?>[^<]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*+>")
_WORD = re.compile(r"[^\W\d_]{2}")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Data and programs: JSON, scripts, XML, PHP, pictures, keys, pointers to large files.
_NO_PROSE = re.compile(r"\{(?![{%#])|\[\s*+[{\[\"]|#!|<\?|<svg\b|%PDF|-----BEGIN|version https://git-lfs")
_LOOKED_AT = 20_000


def read_headless(text: str, path: str) -> FrontMatter | Unreadable:
    """Return the post without fields, or why the file is none."""
    beginning = text[:_LOOKED_AT]
    if len(_CONTROL.findall(beginning)) * 20 > len(beginning):
        return Unreadable("the file is not text", "take it out of the folder, or save it as UTF-8", 1)
    if _NO_PROSE.match(beginning.lstrip()) or not _WORD.search(_TAG.sub(" ", beginning)):
        return NO_FRONT_MATTER
    is_post = is_in_posts(path) or (
        not is_documentation(path) and (has_dated_name(path) or has_heading(text) or bool(_TITLE_TAG.search(beginning)))
    )
    return FrontMatter({}, "", text, syntax="none") if is_post else NO_FRONT_MATTER


def has_heading(text: str) -> bool:
    """Return whether a heading in Markdown or HTML is in the first part of a text."""
    return _HEADING.search(text[:_LOOKED_AT]) is not None
