"""The posts of a batch, each with the article that it is, and what they change about the articles."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from digests.articles.identity import fold_title
from digests.articles.likeness import COMPARED, compact, is_beginning
from digests.model.article import ParsedPost
from digests.storage.articles.known import KnownArticle
from digests.storage.articles.post_files import ReadPost
from digests.storage.articles.recognition import KnownArticles


@dataclass(slots=True)
class FilledArticle:
    """A stored article with what it lacked and another origin brought: the values of columns, and its pictures."""

    article: KnownArticle
    values: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()


class RecognisedPosts:
    """The listed posts of a batch of an origin, each with the article that it is.

    An article belongs to the origin that brought it first, and says what that origin says; an item of a feed only fills
    in what an article of another origin lacks. A post takes over what a feed brought, since posts are fuller.
    """

    def __init__(self, known: KnownArticles, origin: str) -> None:
        self._known = known
        self._origin = origin
        self._last: dict[int, tuple[ParsedPost, KnownArticle]] = {}
        self._filled: dict[int, FilledArticle] = {}
        self._keys: dict[int, KnownArticle] = {}
        self.brought = 0
        """How many items are of articles that the feed has not had before, whoever else had."""
        self.all: list[tuple[ReadPost, ParsedPost, KnownArticle]] = []
        self.new: list[tuple[ReadPost, ParsedPost, KnownArticle]] = []

    def add(self, post: ReadPost, parsed: ParsedPost) -> None:
        """Find the post's article, or begin a new one."""
        article = self._known.find(post, parsed)
        # Not by the item's key: some feeds give each item another one at every look.
        self.brought += post.is_item and (article is None or not article.files)
        if article is None:
            article = self._known.begin(post, parsed)
            self.new.append((post, parsed, article))
        elif article.id:
            self._note_keys(article, parsed)
            if self._is_owner(article, post):
                self._take(article, parsed, is_item=post.is_item)
            elif values := _missing_values(article, parsed):
                self._fill(article, parsed, values)
        if post.is_item:
            # The items that follow may have its link too, and be others.
            article.files.add(post.path)
        self.all.append((post, parsed, article))

    @property
    def changed(self) -> list[tuple[ParsedPost, KnownArticle]]:
        """The stored articles that the batch changes, each with the last post that does."""
        return list(self._last.values())

    @property
    def filled(self) -> list[FilledArticle]:
        """The stored articles of other origins that the batch completes."""
        return list(self._filled.values())

    @property
    def with_other_keys(self) -> list[KnownArticle]:
        """The stored articles of which only what they are recognised by, or their origin, is to be stored anew."""
        return [article for number, article in self._keys.items() if number not in self._last]

    def keys_before(self, present: Collection[str], before: Collection[str]) -> set[str]:
        """Return the keys that articles had in the feed, which gives them others now.

        Args:
            present: The keys that the feed gives now.
            before: Those keys of the batch that were known.
        """
        renamed = [article for post, _, article in self.all if post.is_item and post.path not in before]
        return {key for article in renamed for key in article.files if key not in present}

    @property
    def thumbnails(self) -> list[str | None]:
        """The pictures that articles have by this batch for the first time."""
        filled = [filled.values.get("thumbnail") for filled in self._filled.values()]
        return [*(parsed.thumbnail for _, parsed, _ in self.new), *filled]

    def _is_owner(self, article: KnownArticle, post: ReadPost) -> bool:
        if not post.is_item or article.origin == self._origin:
            return True
        # Whoever brought it is gone: a feed that was removed, or posts whose files were.
        is_left = not article.origin or not article.is_of_feed
        return is_left and not article.has_posts

    def _take(self, article: KnownArticle, parsed: ParsedPost, *, is_item: bool) -> None:
        is_same = article.is_as(parsed)
        if article.origin != self._origin and (is_item or article.is_of_feed):
            article.origin = self._origin
            # A post without a link keeps that of the item.
            article.original_url = article.original_url or article.url
            self._keys[article.id] = article
            self._known.take_over(article, parsed)
        if not is_same:
            self._last[article.id] = (parsed, article)

    def _fill(self, article: KnownArticle, parsed: ParsedPost, values: dict[str, Any]) -> None:
        filled = self._filled.setdefault(article.id, FilledArticle(article))
        filled.values |= values
        filled.pictures = parsed.pictures if "thumbnail" in values else filled.pictures
        # The next item of the batch is to find it as it is then.
        article.lacks -= values.keys()
        article.title = values.get("title", article.title)
        article.thumbnail = values.get("thumbnail", article.thumbnail)
        article.url = values.get("url", article.url)
        if "text" in values:
            article.text, article.length = compact(parsed.text), len(parsed.text)

    def _note_keys(self, article: KnownArticle, parsed: ParsedPost) -> None:
        """Keep by what the article is recognised, whatever its source: a post without a link takes none away."""
        before = (article.link_key, article.headline_key)
        article.link_key = parsed.link_key or article.link_key
        article.headline_key = parsed.headline_key or article.headline_key
        if (article.link_key, article.headline_key) != before:
            self._keys[article.id] = article


def restored_title(known: str, given: str) -> str:
    """Return the better one of two titles: that in which the crawler has replaced fewer characters by `_`.

    It is the given one, unless both are the same but for that.
    """
    if known.count("_") < given.count("_") and fold_title(known) == fold_title(given):
        return known
    return given


def _missing_values(article: KnownArticle, parsed: ParsedPost) -> dict[str, Any]:
    """Return the values of the columns that are empty in the article and given by the post."""
    given = {"author": parsed.author, "summary": parsed.summary, "language": parsed.language}
    given["tags"] = "\x1f".join(parsed.tags)
    values: dict[str, Any] = {name: value for name, value in given.items() if value and name in article.lacks}
    if article.thumbnail is None and parsed.thumbnail:
        values["thumbnail"] = parsed.thumbnail
    if article.url is None and parsed.url:
        # As the original's address: the post, read again, still has none of its own.
        values |= {"url": parsed.url, "original_url": parsed.url}
    if article.length <= COMPARED and (parsed.text and _is_fuller(article.text, compact(parsed.text))):
        values["text"] = parsed.text
    title = restored_title(parsed.title, article.title)
    if title != article.title:
        values["title"] = title
    return values


def _is_fuller(known: str, given: str) -> bool:
    return not known or is_beginning(known, given)


def by_listing(
    batch: Sequence[ReadPost],
) -> tuple[list[tuple[ReadPost, ParsedPost]], list[tuple[ReadPost, ParsedPost]]]:
    """Return the posts that readers may see, and those that they may not."""
    readable = [(post, post.result) for post in batch if isinstance(post.result, ParsedPost)]
    listed = [(post, parsed) for post, parsed in readable if not parsed.unlisted_because]
    return listed, [(post, parsed) for post, parsed in readable if parsed.unlisted_because]
