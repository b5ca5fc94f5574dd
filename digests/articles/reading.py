"""Reading a post: from the bytes of its file to what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from digests.articles.decoding import decode
from digests.articles.front_matter import FrontMatter
from digests.articles.heads import read_head, shorten_problem
from digests.articles.hexo.neighbours import Claim, Neighbours
from digests.articles.hexo.permalink import claim_of, permalink_of
from digests.articles.hexo.site import SiteRules
from digests.articles.identity import content_hash_of, identity_of
from digests.articles.language import detect_language
from digests.articles.links import explicit_link, original_link
from digests.articles.markdown import is_html, to_html
from digests.articles.markup import Body, read_markup
from digests.articles.metadata import author_of, branches_of, source_of, tags_of
from digests.articles.options import DEFAULTS, PostOptions
from digests.articles.pictures import thumbnail_of
from digests.articles.publication import publication_of
from digests.articles.summary import summary_of
from digests.articles.titles import title_of
from digests.articles.unlisted import (
    is_protected,
    unlisted_article_because,
    unlisted_because,
    without_secrets,
)
from digests.model.article import ParsedPost, Unreadable
from digests.model.gaps import Gap, GapKind

_MAX_BODY = 1_000_000


def read_post(
    data: bytes,
    path: str,
    options: PostOptions = DEFAULTS,
    *,
    neighbours: Neighbours | None = None,
    now: datetime | None = None,
) -> ParsedPost | Unreadable:
    """Read a post as a careful person would; never raises, whatever the bytes are.

    Args:
        data: The bytes of the file.
        path: Where the file is, relative to its origin, with "/" as the separator.
        options: How the posts of this origin are read.
        neighbours: Which links other posts of the site may claim.
        now: The time by which posts dated in the future are recognised, which the site may not show yet.

    Without `neighbours` or `now`, a link that depends on them is left out (`hexo/permalink.py`).
    """
    loaded = _load(data, path)
    if isinstance(loaded, Unreadable):
        return loaded
    text, front = loaded
    link = permalink_of(text, path, options.site, front, neighbours, now) if options.site is not None else None
    because = unlisted_because(front, path, options)
    if is_protected(front, options):
        front = without_secrets(front)
    return _assemble(front, path, link, because, options, now)


def survey(posts: Iterable[tuple[bytes, str]], site: SiteRules) -> Neighbours:
    """Collect from all posts of a site, given as (bytes, path), what their links may depend on in each other.

    Worth the time only if `site.needs_neighbours`.
    """
    return Neighbours(claim(data, path, site) for data, path in posts)


def claim(data: bytes, path: str, site: SiteRules) -> Claim:
    """Return one post's part of a survey, for callers that store it with the post."""
    loaded = _load(data, path)
    return Claim() if isinstance(loaded, Unreadable) else claim_of(loaded[0], path, site, loaded[1])


def _load(data: bytes, path: str) -> tuple[str, FrontMatter] | Unreadable:
    text = decode(data)
    if isinstance(text, Unreadable):
        return text
    problems: list[str] = []
    if "\0" in text:
        problems.append("it holds NUL characters; they were left out")
        text = text.replace("\0", "")
    front = read_head(text, path)
    if isinstance(front, Unreadable):
        return front
    front.problems[:0] = problems
    return text, front


def _assemble(
    front: FrontMatter, path: str, link: str | None, because: str, options: PostOptions, now: datetime | None
) -> ParsedPost:
    body, site = _body(front, path), options.site
    title, untitled = title_of(front, body, path, site)
    author, tags = author_of(front), tags_of(front)
    branches = branches_of(front)
    categories = branches[0] if branches else ()
    original = explicit_link(front) or original_link(body.links)
    base = original or (site.url + "/" if site is not None and site.url else None)
    thumbnail = thumbnail_of(front, body, base, options.default_pictures)
    summary, text = summary_of(front, body, title), body.text
    source, language = source_of(categories, author), detect_language(title, text) or options.language
    moment, undated = publication_of(front, path, options, language, now)
    published_at = moment.at if moment else None
    url = original or link
    placed = tuple((*options.category_prefix, *branch) for branch in branches or ((),))
    shown = (title, author, source, summary, thumbnail, url, original, language)
    return ParsedPost(
        title=title,
        categories=placed[0],
        author=author,
        source=source,
        published_at=published_at,
        summary=summary,
        thumbnail=thumbnail,
        url=url,
        original_url=original,
        text=text,
        language=language,
        identity=identity_of(title, categories, author, body, text, original),
        content_hash=content_hash_of(shown, placed, published_at if moment and moment.zoned else None, text),
        problems=tuple(shorten_problem(problem) for problem in front.problems),
        branches=tuple(branch for branch in placed if branch),
        tags=tags,
        unlisted_because=because or unlisted_article_because(title, published_at, now, options),
        gaps=(*(gap for gap in (untitled, undated) if gap), *_empty_fields(branches, thumbnail, summary)),
    )


def _empty_fields(branches: tuple[tuple[str, ...], ...], thumbnail: str | None, summary: str) -> Iterator[Gap]:
    fields = ((GapKind.CATEGORY, branches), (GapKind.PICTURE, thumbnail), (GapKind.SUMMARY, summary))
    return (Gap(kind, "none") for kind, value in fields if not value)


def _body(front: FrontMatter, path: str) -> Body:
    markup = front.body[:_MAX_BODY]
    html = path.lower().endswith((".html", ".htm")) or is_html(markup)
    body = read_markup(markup if html else to_html(markup))
    if body.truncated or len(front.body) > _MAX_BODY:
        front.problems.append(f"the body is longer than {_MAX_BODY:,} characters; the rest was not read")
    return body
