"""Reading a post: from the bytes of its file to what it says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

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
from digests.articles.metadata import author_of, branches_of, source_of, tags_of, title_of
from digests.articles.options import DEFAULTS, PostOptions
from digests.articles.pictures import thumbnail_of
from digests.articles.salvage import salvage
from digests.articles.summary import summary_of
from digests.articles.text import one_line
from digests.articles.unwrapping import unwrap
from digests.model.article import ParsedPost, Unreadable

_DATES = ("date", "published", "published_at", "pubdate", "pub_date", "publish_date", "created", "created_at", "time")
_MAX_BODY = 1_000_000
_MAX_PROBLEM = 200


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
    loaded = _load(data)
    if isinstance(loaded, Unreadable):
        return loaded
    text, front = loaded
    link = permalink_of(text, path, options.site, front, neighbours, now) if options.site is not None else None
    return _assemble(front, link, options)


def survey(posts: Iterable[tuple[bytes, str]], site: SiteRules) -> Neighbours:
    """Collect from all posts of a site, given as (bytes, path), what their links may depend on in each other.

    Worth the time only if `site.needs_neighbours`.
    """
    return Neighbours(claim(data, path, site) for data, path in posts)


def claim(data: bytes, path: str, site: SiteRules) -> Claim:
    """Return one post's part of a survey, for callers that store it with the post."""
    loaded = _load(data)
    return Claim() if isinstance(loaded, Unreadable) else claim_of(loaded[0], path, site, loaded[1])


def _load(data: bytes) -> tuple[str, FrontMatter] | Unreadable:
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
    front = _parse_block(block, problems)
    return front if isinstance(front, Unreadable) else (text, front)


def _parse_block(block: FrontMatterBlock, problems: list[str]) -> FrontMatter | Unreadable:
    repaired = front_matter.repair(block.text)
    if repaired is not block.text:
        problems.append("the front matter holds control characters; they were left out")
    salvaged = False
    try:
        fields = front_matter.load(repaired)
    except InvalidYamlError as error:
        salvaged = True
        fields, notes = salvage(repaired, error, block.line)
        problems += notes
        if not fields:
            line = block.line + (error.line or 1) - 1
            return Unreadable(
                _shorten(f"the front matter is not valid YAML: {error.reason}"), "quote the value, or fix it", line
            )
    if not fields:
        return Unreadable("the front matter is empty", "write the fields between the two lines ---", block.line)
    front = FrontMatter({}, block.text, block.body, salvaged, problems)
    for entry in fields:
        _add_field(front, entry, block.line)
    return front


def _shorten(problem: str) -> str:
    """Return the problem on one line of bounded length; it may quote the post."""
    line = one_line(problem)
    return line if len(line) <= _MAX_PROBLEM else line[: _MAX_PROBLEM - 1] + "…"


def _add_field(front: FrontMatter, entry: Field, first_line: int) -> None:
    """Add a field; if it is given twice, the last one counts unless it is empty, as in most YAML parsers."""
    earlier = front.fields.get(entry.key)
    if earlier is not None:
        front.salvaged = True
        front.problems.append(f"line {first_line + entry.line - 1}: {entry.key} is given twice; the last one counts")
        if not entry.value:
            return
    front.fields[entry.key] = entry


def _assemble(front: FrontMatter, link: str | None, options: PostOptions) -> ParsedPost:
    body, site = _body(front), options.site
    title, author, tags = title_of(front), author_of(front), tags_of(front)
    branches = branches_of(front)
    categories = branches[0] if branches else ()
    moment = _moment(front, options.timezone)
    original = explicit_link(front) or original_link(body.links)
    base = original or (site.url + "/" if site is not None and site.url else None)
    thumbnail = thumbnail_of(front, body, base, options.default_pictures)
    summary, text = summary_of(front, body, title), body.text
    source = source_of(categories, author)
    # Code tells the language of a post that says nothing else.
    language = detect_language(title, body.prose or summary) or detect_language("", text) or options.language
    url = original or link
    placed = tuple((*options.category_prefix, *branch) for branch in branches or ((),))
    shown = (title, author, source, summary, thumbnail, url, original, language)
    return ParsedPost(
        title=title,
        categories=placed[0],
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
        content_hash=content_hash_of(shown, placed, moment.at if moment and moment.zoned else None, text),
        problems=tuple(_shorten(problem) for problem in front.problems),
        branches=tuple(branch for branch in placed if branch),
        tags=tags,
    )


def _body(front: FrontMatter) -> Body:
    markup = unwrap(front.body[:_MAX_BODY])
    body = read_markup(markup if is_html(markup) else to_html(markup))
    if body.truncated or len(front.body) > _MAX_BODY:
        front.problems.append(f"the body is longer than {_MAX_BODY:,} characters; the rest was not read")
    return body


def _moment(front: FrontMatter, timezone: tzinfo) -> ParsedDate | None:
    text = front.text(*_DATES)
    if not text:
        return None
    moment = read_date(text, timezone)
    if moment is None:
        front.problems.append(f'the date "{" ".join(text.split())[:60]}" can\'t be read')
    return moment
