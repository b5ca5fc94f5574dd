"""When a post was published, by its head or its file's name."""

from __future__ import annotations

from datetime import datetime

from digests.articles.dates.parse import ParsedDate, day_alone, read_date
from digests.articles.heads.file_names import date_in_name
from digests.articles.heads.front_matter import FrontMatter
from digests.articles.options import PostOptions
from digests.model.gaps import Gap, GapKind

_FIELDS = ("date", "published", "published_at", "pubdate", "pub_date", "publish_date", "created", "created_at", "time")
_FLAGS = frozenset({"true", "false", "yes", "no", "on", "off", "1", "0"})


def publication_of(
    front: FrontMatter, path: str, options: PostOptions, language: str, now: datetime | None
) -> tuple[ParsedDate | None, Gap | None]:
    """Return when the post was published, and what is missing if nobody can tell.

    When a post was changed (`updated`, `lastmod`) is not its date. `language` is the post's own, which counts where the
    origin's is not known.
    """
    unreadable = ""
    for key in _FIELDS:
        text = front.text(key)
        if not text or text.lower() in _FLAGS:
            continue
        found = read_date(
            text, options.timezone, now=now, month_first=options.month_first, language=options.language or language
        )
        if found is not None:
            return found, None
        unreadable = unreadable or " ".join(text.split())[:60]
    if unreadable:
        front.problems.append(f'the date "{unreadable}" can\'t be read')
    named = date_in_name(path, options.site.new_post_name if options.site is not None else "")
    if named is not None:
        return day_alone(named.year, named.month, named.day), None
    return None, Gap(GapKind.DATE, "unreadable", unreadable) if unreadable else Gap(GapKind.DATE, "none")
