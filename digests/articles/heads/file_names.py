"""What the name of a post's file says: its title and its date, where the post itself does not."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import unquote

from digests.articles.heads.new_post_name import name_variables
from digests.articles.heads.salvage import unquote as unquote_title
from digests.articles.text import one_line
from digests.model.post_folders import DRAFTS_FOLDER, POSTS_FOLDER, split_at_posts

_DOCUMENTATION = re.compile(
    r"readme|changelog|licen[cs]e|copying|contributing|code[_-]of[_-]conduct|(?:issue|pull_request)_template"
    r"|_(?:sidebar|navbar|coverpage)",
    re.IGNORECASE,
)
# In small letters these may well be posts.
_DOCUMENTATION_IN_CAPITALS = re.compile(
    r"AUTHORS|CHANGES|CONTRIBUTORS|HISTORY|MAINTAINERS|NEWS|NOTICE|SECURITY|SUMMARY|SUPPORT|TODO"
)
_EXTENSION = re.compile(r"\.[A-Za-z]{2,8}$")
_LANGUAGE = re.compile(r"[._-](?:[A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)$")
# `2014-06-14-name` is Jekyll's rule; `20140614 name`, `2014_6_14` and `2014年6月14日` are people's.
_DATED = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})(?:(?P<mark>[-_.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
    r"|(?P<month2>[0-9]{2})(?P<day2>[0-9]{2})|年(?P<month3>[0-9]{1,2})月(?P<day3>[0-9]{1,2})日)"
    r"(?![0-9])[-_.\s]*+(?P<rest>.*)",
    re.DOTALL,
)
_NUMBER = re.compile(r"[0-9]{1,3}(?:[-_.、)]++\s*+|\s++)(?=\D)")
_INDEX = frozenset({"index", "_index", "readme"})
# Numbers, checksums, and what editors call a file that nobody named.
_TELLS_NOTHING = re.compile(
    r"[\W\d_]*+|[A-Za-z]|(?=[a-f]*+[0-9])[0-9a-f]{6,64}|[0-9a-f]{8}(?:[- ][0-9a-f]{4}){3}[- ][0-9a-f]{12}"
    r"|(?:untitled|new[- _]?post|post|draft|article|blog|temp|tmp|test|未命名|无标题|無標題|新建文本文档)[\s\d()_-]*+",
    re.IGNORECASE,
)
_MAX_LENGTH = 300


def is_documentation(path: str) -> bool:
    """Return whether the file is about the repository it is in, such as README or LICENSE."""
    stem = _LANGUAGE.sub("", _stem(path))
    return bool(_DOCUMENTATION.fullmatch(stem) or _DOCUMENTATION_IN_CAPITALS.fullmatch(stem))


def has_dated_name(path: str) -> bool:
    """Return whether the file's name begins with a date."""
    return date_in_name(path) is not None


def date_in_name(path: str, new_post_name: str = "") -> date | None:
    """Return the date in the file's name, by the site's rule for names or by the usual ones."""
    if new_post_name:
        parts = name_variables(_below_posts(path), new_post_name)
        month, day = parts.get("month") or parts.get("i_month"), parts.get("day") or parts.get("i_day")
        if (year := parts.get("year")) and month and day:
            return _day(year, month, day)
    match = _DATED.match(_stem(path).strip())
    if match is None:
        return None
    month = match["month"] or match["month2"] or match["month3"]
    return _day(match["year"], month, match["day"] or match["day2"] or match["day3"])


def slug_of(path: str, new_post_name: str) -> str:
    """Return the file's name as Hexo has it, which `use_slug_as_post_title` makes the title."""
    stem = _below_posts(path)
    return name_variables(stem, new_post_name).get("title", stem)


def title_in_name(path: str, new_post_name: str = "") -> str:
    """Return the title in the file's name, without date, number and extension; '' where the name tells nothing."""
    stem = _stem(path)
    if new_post_name:
        stem = name_variables(_below_posts(path), new_post_name).get("title", stem).rpartition("/")[2]
    if stem.lower() in _INDEX and "/" in path:
        stem = path.split("/")[-2].removeprefix(POSTS_FOLDER).removeprefix(DRAFTS_FOLDER)
    # The crawler's oldest files have the quote marks of their titles in their names.
    stem = unquote_title(stem[:_MAX_LENGTH])
    if "%" in stem:
        stem = unquote(stem)
    if (dated := _DATED.match(stem)) is not None and date_in_name(stem):
        stem = dated["rest"]
    elif (number := _NUMBER.match(stem)) is not None:
        stem = stem[number.end() :]
    # Where words are parted by blanks, a hyphen is the author's.
    name = one_line(stem if " " in stem.strip() else re.sub(r"[-_]+", " ", stem))
    return "" if _TELLS_NOTHING.fullmatch(name) else name


def _stem(path: str) -> str:
    return _EXTENSION.sub("", path.rpartition("/")[2])


def _below_posts(path: str) -> str:
    """Return the path below `_posts`, without the extension."""
    return _EXTENSION.sub("", split_at_posts(path)[1])


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
