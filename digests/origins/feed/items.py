"""Reading an entry as a post is read: from what its feed wrote to what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from digests.articles.fields.metadata import MAX_NAME, MAX_TAGS, NO_CATEGORY, name_of, person_name
from digests.articles.fields.originals import original_link
from digests.articles.fields.unlisted import unlisted_article_because
from digests.articles.hexo.picture_places import PicturePlaces
from digests.articles.identity import content_hash_of, recognition_keys
from digests.articles.language import detect_language
from digests.articles.markup.contents import Body
from digests.articles.options import PostOptions
from digests.articles.pictures.choose import PictureRules, choose_pictures
from digests.articles.pictures.standing import picture_key
from digests.articles.summary.boilerplate import is_counter
from digests.articles.summary.choose import choose_summary, summary_line
from digests.articles.text import letters
from digests.model.article import ParsedPost
from digests.model.feed import FeedItem, FeedKind, FeedOptions
from digests.model.gaps import Gap, GapKind
from digests.origins.feed.contents import FeedEntry
from digests.origins.feed.declared_language import plain_language
from digests.origins.feed.item_dates import ItemDates, dates_of_entry
from digests.origins.feed.item_texts import ItemText, text_of_entry
from digests.origins.feed.links import ItemLink, clean_link, link_of_entry
from digests.origins.feed.titles import ItemTitle, title_of_entry

_NOBODYS_MAIL = ("noreply@", "no-reply@", "donotreply@", "nobody@", "webmaster@", "postmaster@")
_SHORT = 120
"""Characters of a paragraph that may be a counter."""
_MAX_AUTHORS, _MAX_PICTURES = 20, 50
_LOGIN = re.compile(r"//[^/?#]*@")
_MAX_SHOWN = 100
# What arXiv writes before each abstract.
_ARXIV = re.compile(r"arXiv:\S{1,40} Announce Type: [\w-]{1,20} Abstract: (?=\S)")


class FeedFrame(NamedTuple):
    """What a feed says of all its items, and how they are read.

    `source` and `category` are its title, else its host. `standing` are the keys of pictures that represent no item.
    """

    kind: FeedKind
    source: str
    category: tuple[str, ...]
    language: str
    standing: frozenset[str]
    options: FeedOptions
    reading: PostOptions
    now: datetime


class _EntryContents(NamedTuple):
    """An entry whose texts are read."""

    text: ItemText
    title: ItemTitle
    summary: str
    link: ItemLink
    pictures: tuple[str, ...]
    language: str
    dates: ItemDates


def read_entry(entry: FeedEntry, frame: FeedFrame) -> FeedItem:
    """Return what an entry says; its key is that of its guid alone until those of all items are known."""
    said = _read(entry, frame)
    body, title = said.text.body, said.title.text
    text, author, tags = body.text, author_of_entry(entry), tags_of_entry(entry)
    source = name_of(entry.source_title[: 10 * MAX_NAME]) or frame.source
    branches = _branches(frame, tags)
    thumbnail = said.pictures[0] if said.pictures else None
    url = said.link.url
    # Recognised by an address that leads nowhere, too.
    address = url or (said.link.written and clean_link(said.link.written))
    keys = recognition_keys(title, source, branches[0] if branches else (), body, text, address, None)
    # A picture's address may hold a token of the day, and what is counted changes by the minute.
    shown = (title, author, source, said.summary, picture_key(thumbnail or ""), url, said.language, *tags)
    content_hash = content_hash_of(shown, branches, None, _lasting(body))
    post = ParsedPost(
        title=title,
        categories=branches[0] if branches else (),
        author=author,
        source=source,
        published_at=said.dates.published_at,
        summary=said.summary,
        thumbnail=thumbnail,
        pictures=said.pictures,
        url=url,
        original_url=url,
        text=text,
        language=said.language,
        identity=keys.title,
        address=keys.address,
        is_telling=keys.is_telling,
        link_key=keys.link,
        headline_key=keys.headline,
        content_hash=content_hash,
        problems=tuple(_problems(entry, said)),
        branches=branches,
        tags=tags,
        unlisted_because=unlisted_article_because(title, said.dates.published_at, None, frame.reading),
        gaps=tuple(_gaps(said)),
    )
    return FeedItem(entry.guid, entry.guid, post, said.link.written, said.dates.updated_at, content_hash)


def author_of_entry(entry: FeedEntry) -> str:
    """Return the authors, joined by commas, without their addresses; '' if none is named."""
    names = (name_of(person_name(author)) for author in entry.authors[:_MAX_AUTHORS])
    given = dict.fromkeys(name for name in names if name and not name.lower().startswith(_NOBODYS_MAIL))
    return ", ".join(given)[: 2 * MAX_NAME].strip()


def tags_of_entry(entry: FeedEntry) -> tuple[str, ...]:
    """Return an entry's categories, cleaned, each once."""
    given: dict[str, str] = {}
    for category in entry.categories[: 4 * MAX_TAGS]:
        name = name_of(category.strip().lstrip("#＃"))
        if name.casefold() not in NO_CATEGORY:
            given.setdefault(name.casefold(), name)
    return tuple(given.values())[:MAX_TAGS]


def _read(entry: FeedEntry, frame: FeedFrame) -> _EntryContents:
    text = text_of_entry(entry)
    body = text.body
    title = title_of_entry(entry, body)
    link = _link(entry, body, frame)
    rules = PictureRules(
        PicturePlaces(entry.base or link.url),
        frame.reading.default_pictures,
        frame.standing,
        frame.reading.picture_hosts,
    )
    pictures = choose_pictures(entry.pictures[:_MAX_PICTURES], body, rules)
    summary = _summary(entry, text, title)
    # As of a post: code tells the language of one that says nothing else.
    language = (
        detect_language(title.text, body.prose or summary)
        or detect_language("", body.text)
        or frame.options.language
        or plain_language(entry.language)
        or frame.language
    )
    # Programs leave `en-us` in feeds of every language; Chinese is nobody's default.
    declared = frame.options.language or plain_language(entry.language) or frame.language
    own = language if language.startswith("zh") else declared or language
    return _EntryContents(
        text, title, summary, link, pictures, language, dates_of_entry(entry, frame.reading, own, frame.now)
    )


def _link(entry: FeedEntry, body: Body, frame: FeedFrame) -> ItemLink:
    link = link_of_entry(entry, frame.kind, frame.reading.picture_hosts)
    if link.url is None and (marked := original_link(body, is_markdown=False)):
        # A line such as 原文链接 in the text.
        return ItemLink(marked, None)
    return link


def _summary(entry: FeedEntry, text: ItemText, title: ItemTitle) -> str:
    body = text.body
    marked = [*([summary_line(text.summary, title.text)] if text.summary is not None else []), *body.excerpts]
    if not title.is_given and not title.is_cut and title.text:
        # The sentence that became the title is not said again.
        body = _without_beginning(body, title.text)
    elif entry.source_title:
        # Google News has nothing but title and source in an item's description.
        body = _without_line(
            body, letters(f"{entry.title}{entry.source_title}"), letters(title.text + entry.source_title)
        )
    return _ARXIV.sub("", choose_summary(marked, body, title.text))


def _without_beginning(body: Body, title: str) -> Body:
    paragraphs = list(body.paragraphs)
    for number, paragraph in enumerate(paragraphs):
        if paragraph.text.startswith(title):
            rest = paragraph.text[len(title) :].strip()
            paragraphs[number : number + 1] = [paragraph._replace(text=rest, broken="")] if rest else []
            break
    return Body(paragraphs)


def _without_line(body: Body, *lines: str) -> Body:
    return Body([paragraph for paragraph in body.paragraphs if letters(paragraph.text) not in lines], more=body.more)


def _branches(frame: FeedFrame, tags: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    main = (frame.category,) if frame.category else ()
    if not frame.options.tags_as_categories:
        return main
    return (*main, *((*frame.category, tag) for tag in tags))


def _lasting(body: Body) -> str:
    """Return the text without what only counts, as "57 points" and "12 comments" do."""
    return " ".join(
        [
            paragraph.text
            for paragraph in body.paragraphs
            if len(paragraph.text) > _SHORT or not is_counter(paragraph.text)
        ]
    )


def _problems(entry: FeedEntry, said: _EntryContents) -> Iterator[str]:
    if not said.title.is_given:
        yield "it has no title; the beginning of its text stands for it" if said.title.text else "it has no title"
    if said.link.url is None:
        if written := entry.link or entry.original_link:
            shown = _LOGIN.sub("//***@", " ".join(written.split()))[:_MAX_SHOWN]
            yield f'its link "{shown}" is no address of the web'
        else:
            yield "it has no link"
    yield from said.dates.problems
    if said.text.is_cut:
        yield "its text is longer than 1,000,000 characters; the rest was not read"


def _gaps(said: _EntryContents) -> Iterator[Gap]:
    if not said.title.is_given:
        yield Gap(GapKind.TITLE, "feed text" if said.title.text else "feed")
    if said.dates.gap is not None:
        yield said.dates.gap
    fields = ((GapKind.LINK, said.link.url), (GapKind.PICTURE, said.pictures), (GapKind.SUMMARY, said.summary))
    yield from (Gap(kind, "feed") for kind, value in fields if not value)
