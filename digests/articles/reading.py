"""A post's bytes to what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo

from digests.articles import front_matter
from digests.articles.dates import ParsedDate, read_date
from digests.articles.decoding import decode
from digests.articles.front_matter import Field, FrontMatter, FrontMatterBlock, InvalidYamlError
from digests.articles.hexo.neighbours import Claim, Neighbours
from digests.articles.hexo.permalink import claim_of, permalink_of
from digests.articles.hexo.site import SiteRules
from digests.articles.identity import content_hash_of, identity_of
from digests.articles.language import detect_language
from digests.articles.links import explicit_link, original_link
from digests.articles.markdown import is_html, to_html
from digests.articles.markup import Body, read_markup
from digests.articles.metadata import author_of, categories_of, source_of, title_of
from digests.articles.pictures import thumbnail_of
from digests.articles.salvage import salvage
from digests.articles.summary import summary_of
from digests.articles.text import one_line
from digests.model.article import ParsedPost, Unreadable

_DATES = ("date", "published", "published_at", "pubdate", "pub_date", "publish_date", "created", "created_at", "time")
_LONGEST_BODY = 1_000_000
_LONGEST_NOTE = 200


def read_post(
    data: bytes,
    path: str,
    *,
    site: SiteRules | None = None,
    timezone: tzinfo = UTC,
    default_pictures: Sequence[str] = (),
    neighbours: Neighbours | None = None,
    now: datetime | None = None,
) -> ParsedPost | Unreadable:
    """Reads one post as a careful person would. Pure; never raises, whatever the bytes are.

    `path` is relative to the origin, with "/" between its parts. A date without a zone is read in `timezone`.
    `default_pictures` are parts of addresses of pictures that stand for no article. `neighbours` tells which links
    other posts of the site may claim, `now` which posts it may not show yet: without them, a link that depends on
    them is left out (permalink.py).
    """
    opened = _open(data)
    if isinstance(opened, Unreadable):
        return opened
    text, front = opened
    link = permalink_of(text, path, site, front, neighbours, now) if site is not None else None
    return _assemble(front, link, site, timezone, default_pictures)


def survey(posts: Iterable[tuple[bytes, str]], site: SiteRules) -> Neighbours:
    """Looks through all posts of a site (their bytes and paths) for what their links can depend on in each other.

    Worth its time only where `site.needs_neighbours`.
    """
    return Neighbours(claim(data, path, site) for data, path in posts)


def claim(data: bytes, path: str, site: SiteRules) -> Claim:
    """One post's part of a survey, for callers who keep it with the post."""
    opened = _open(data)
    return Claim() if isinstance(opened, Unreadable) else claim_of(opened[0], path, site, opened[1])


def _open(data: bytes) -> tuple[str, FrontMatter] | Unreadable:
    text = decode(data)
    if isinstance(text, Unreadable):
        return text
    problems: list[str] = []
    if "\0" in text:
        problems.append("it holds NUL characters; they were left out")
        text = text.replace("\0", "")
    block = front_matter.split_front_matter(text)
    if isinstance(block, Unreadable):
        return block
    front = _front(block, problems)
    return front if isinstance(front, Unreadable) else (text, front)


def _front(block: FrontMatterBlock, problems: list[str]) -> FrontMatter | Unreadable:
    mended = front_matter.repair(block.text)
    if mended is not block.text:
        problems.append("the front matter holds control characters; they were left out")
    salvaged = False
    try:
        fields = front_matter.load(mended)
    except InvalidYamlError as error:
        salvaged = True
        fields, notes = salvage(mended, error, block.line)
        problems += notes
        if not fields:
            line = block.line + (error.line or 1) - 1
            return Unreadable(
                _noted(f"the front matter is not valid YAML: {error.reason}"), "quote the value, or mend it", line
            )
    if not fields:
        return Unreadable("the front matter is empty", "write the fields between the two lines ---", block.line)
    front = FrontMatter({}, block.text, block.body, salvaged, problems)
    for one in fields:
        _keep(front, one, block.line)
    return front


def _noted(problem: str) -> str:
    """Problems quote the post: they are shown on one line, too."""
    line = one_line(problem)
    return line if len(line) <= _LONGEST_NOTE else line[: _LONGEST_NOTE - 1] + "…"


def _keep(front: FrontMatter, one: Field, first_line: int) -> None:
    """Of a field that is given twice the last one counts, unless it is empty: so most readers of YAML have it."""
    before = front.fields.get(one.key)
    if before is not None:
        front.salvaged = True
        front.problems.append(f"line {first_line + one.line - 1}: {one.key} is given twice; the last one counts")
        if not one.value:
            return
    front.fields[one.key] = one


def _assemble(
    front: FrontMatter, link: str | None, site: SiteRules | None, timezone: tzinfo, default_pictures: Sequence[str]
) -> ParsedPost:
    body = _body(front)
    title, categories, author = title_of(front), categories_of(front), author_of(front)
    moment = _moment(front, timezone)
    original = explicit_link(front) or original_link(body.links)
    base = original or (site.url + "/" if site is not None and site.url else None)
    thumbnail = thumbnail_of(front, body, base, default_pictures)
    summary, text = summary_of(front, body, title), body.text
    source, language = source_of(categories, author), detect_language(title, text)
    url = original or link
    shown = (title, author, source, summary, thumbnail, url, original, language)
    return ParsedPost(
        title=title,
        categories=categories,
        author=author,
        source=source,
        published_at=moment.at if moment else None,
        summary=summary,
        thumbnail=thumbnail,
        url=url,
        original_url=original,
        text=text,
        language=language,
        identity=identity_of(title, categories, author, body, text, original),
        content_hash=content_hash_of(shown, categories, moment.at if moment and moment.zoned else None, text),
        problems=tuple(_noted(one) for one in front.problems),
    )


def _body(front: FrontMatter) -> Body:
    markup = front.body[:_LONGEST_BODY]
    body = read_markup(markup if is_html(markup) else to_html(markup))
    if body.cut or len(front.body) > _LONGEST_BODY:
        front.problems.append(f"the body is longer than {_LONGEST_BODY:,} characters; the rest was not read")
    return body


def _moment(front: FrontMatter, timezone: tzinfo) -> ParsedDate | None:
    text = front.text(*_DATES)
    if not text:
        return None
    moment = read_date(text, timezone)
    if moment is None:
        front.problems.append(f'the date "{" ".join(text.split())[:60]}" can\'t be read')
    return moment
