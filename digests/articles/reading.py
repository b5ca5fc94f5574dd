"""Reading a post: from the bytes of its file to what it says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from digests.articles.dates.publication import publication_of
from digests.articles.decoding import decode
from digests.articles.fields.crawled import is_crawled
from digests.articles.fields.links import explicit_link
from digests.articles.fields.metadata import author_of, category_branches, placed_in, source_of, tags_of
from digests.articles.fields.originals import original_link
from digests.articles.fields.titles import title_of
from digests.articles.fields.unlisted import (
    is_protected,
    unlisted_article_because,
    unlisted_because,
    without_lock_note,
    without_secrets,
)
from digests.articles.heads.front_matter import FrontMatter
from digests.articles.heads.head import read_head, shorten_problem
from digests.articles.hexo.neighbours import Footprint, Neighbours
from digests.articles.hexo.permalink import footprint_of, permalink_of
from digests.articles.hexo.picture_places import PicturePlaces
from digests.articles.hexo.site import SiteRules
from digests.articles.identity import content_hash_of, recognition_keys
from digests.articles.language import detect_language
from digests.articles.markdown.convert import is_html, to_html
from digests.articles.markup.contents import Body
from digests.articles.markup.read import read_markup
from digests.articles.markup.unwrapping import unwrap
from digests.articles.options import DEFAULTS, LinkRule, PostOptions
from digests.articles.pictures.choose import PictureRules, pictures_of
from digests.articles.summary.choose import summary_of
from digests.model.article import ParsedPost, Unreadable
from digests.model.gaps import Gap, GapKind
from digests.model.post_folders import is_html_file

_FILE_VARIABLES = frozenset({"title", "name", "id", "slug"})
_MAX_BODY = 1_000_000


def read_post(
    data: bytes,
    path: str,
    options: PostOptions = DEFAULTS,
    *,
    neighbours: Neighbours | None = None,
    now: datetime | None = None,
    standing: Collection[str] = (),
) -> ParsedPost | Unreadable:
    """Read a post as a careful person would; never raises, whatever the bytes are.

    Args:
        data: The bytes of the file.
        path: Where the file is, relative to its origin, with "/" as the separator.
        options: How the posts of this origin are read.
        neighbours: What links of other posts of the site may depend on.
        now: The time by which posts dated in the future are recognised, which the site may not show yet.
        standing: The keys of pictures that stand with many posts of the origin (`pictures/standing.py`).

    Without `neighbours` or `now`, a link that depends on them is left out (`hexo/permalink.py`).
    """
    loaded = _load(data, path)
    if isinstance(loaded, Unreadable):
        unread = FrontMatter({}, "", "", problems=[loaded.cause], syntax="none")
        if not unlisted_because(unread, path, options):
            return loaded
        # A draft that was only begun, for one: nobody waits for it to be mended.
        loaded = "", unread
    text, front = loaded
    page = permalink_of(text, path, options.site, front, neighbours, now)
    because = unlisted_because(front, path, options)
    front = without_secrets(front) if is_protected(front, options) else without_lock_note(front)
    return _assemble(_LoadedPost(front, path, page, because), options, standing, now)


def survey(posts: Iterable[tuple[bytes, str]], site: SiteRules) -> Neighbours:
    """Collect from all posts of a site, given as (bytes, path), what their links may depend on in each other.

    Worth the time only if `site.needs_neighbours`.
    """
    return Neighbours(footprint_in(data, path, site) for data, path in posts)


def footprint_in(data: bytes, path: str, site: SiteRules) -> Footprint:
    """Return one post's part of a survey, for callers that store it with the post."""
    loaded = _load(data, path)
    return Footprint() if isinstance(loaded, Unreadable) else footprint_of(loaded[0], path, site, loaded[1])


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


@dataclass(frozen=True, slots=True)
class _LoadedPost:
    """What was found of a post before its fields are read: its page on the site, and why no reader may see it."""

    front: FrontMatter
    path: str
    page: str | Gap
    unlisted_because: str


def _assemble(post: _LoadedPost, options: PostOptions, standing: Collection[str], now: datetime | None) -> ParsedPost:
    front, path = post.front, post.path
    page = post.page if isinstance(post.page, str) else None
    body, is_markdown = _body(front, path)
    title, untitled = title_of(front, body, path, options.site)
    author, tags = author_of(front), tags_of(front)
    branches = category_branches(front)
    categories = branches[0] if branches else ()
    placed = placed_in(branches, tags, options)
    explicit, crawled = explicit_link(front), is_crawled(categories, author)
    original = explicit or original_link(body, is_markdown=is_markdown)
    # What people write in Markdown is their own, whatever it leads to: its pictures are on their site.
    copied = None if options.site is not None and is_markdown else original
    places = PicturePlaces.of(copied, page, options.site, path)
    rules = PictureRules(places, options.default_pictures, standing, options.picture_hosts)
    pictures = pictures_of(front, body, rules)
    thumbnail = pictures[0] if pictures else None
    summary, text = summary_of(front, body, title), body.text
    source = source_of(categories, author, options)
    # Code tells the language of a post that says nothing else.
    language = detect_language(title, body.prose or summary) or detect_language("", text) or options.language
    moment, undated = publication_of(front, path, options, language, now)
    published_at = moment.at if moment else None
    url = _address(original, page, options.link, original_first=explicit is not None or crawled)
    unlinked = post.page if url is None and isinstance(post.page, Gap) else None
    own_page = None if crawled else _own_page(post, options)
    keys = recognition_keys(title, source or options.origin, categories, body, text, original, own_page)
    shown = (title, author, source, summary, thumbnail, url, original, language, *tags)
    return ParsedPost(
        title=title,
        categories=placed[0] if placed else (),
        author=author,
        source=source,
        published_at=published_at,
        summary=summary,
        thumbnail=thumbnail,
        pictures=pictures,
        url=url,
        original_url=original,
        text=text,
        language=language,
        identity=keys.title,
        address=keys.address,
        is_telling=keys.is_telling,
        link_key=keys.link,
        headline_key=keys.headline,
        content_hash=content_hash_of(shown, placed, published_at if moment and moment.zoned else None, text),
        problems=tuple(shorten_problem(problem) for problem in front.problems),
        branches=placed,
        tags=tags,
        unlisted_because=post.unlisted_because or unlisted_article_because(title, published_at, now, options),
        gaps=(
            *(gap for gap in (untitled, undated, unlinked) if gap),
            *_empty_fields(branches, thumbnail, summary),
        ),
    )


def _address(original: str | None, page: str | None, rule: LinkRule, *, original_first: bool) -> str | None:
    """Return where an article leads to: what the setting says, failing that the other.

    By default the original's address is for the crawler's posts and for those that write it in their front matter.
    """
    if rule == "original" or (rule == "auto" and original_first):
        return original or page
    return page or original


def _own_page(post: _LoadedPost, options: PostOptions) -> str | None:
    """Return the post's page where that is named after its file, and so tells two posts apart.

    A page whose address is not known stands under the file's path: two files have two pages. A number that is computed
    from the title says no more than the title.
    """
    if options.site is None:
        return None
    page = post.page if isinstance(post.page, str) else None
    if options.site.variables & _FILE_VARIABLES:
        return page or f"file://{quote(post.path, errors='surrogatepass')}"
    return page if post.front.text("permalink", "abbrlink") else None


def _empty_fields(branches: tuple[tuple[str, ...], ...], thumbnail: str | None, summary: str) -> Iterator[Gap]:
    fields = ((GapKind.CATEGORY, branches), (GapKind.PICTURE, thumbnail), (GapKind.SUMMARY, summary))
    return (Gap(kind, "none") for kind, value in fields if not value)


def _body(front: FrontMatter, path: str) -> tuple[Body, bool]:
    """Return the body, and whether it is written in Markdown."""
    whole = unwrap(front.body)
    markup = whole[:_MAX_BODY]
    is_markdown = not is_html_file(path) and not is_html(whole)
    body = read_markup(to_html(markup) if is_markdown else markup)
    if body.truncated or len(front.body) > _MAX_BODY:
        front.problems.append(f"the body is longer than {_MAX_BODY:,} characters; the rest was not read")
    return body, is_markdown
