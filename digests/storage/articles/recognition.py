"""Recognising which stored article a post is (`docs/identity.md`): by its file, its address, its title, its text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from digests.articles.identity import PAGE, WRITTEN, fold_title, is_telling_name
from digests.articles.likeness import LEAST_TEXT, compact, is_alike, is_edited_text, is_same_text
from digests.model.article import ParsedPost
from digests.model.ids import ArticleId
from digests.storage.articles.known import KnownArticle
from digests.storage.articles.post_files import ReadPost

_MOST_TITLES = 3
"""An address under more titles than this is no article's own: that of an app, a feed, a page to subscribe."""


@dataclass(frozen=True, slots=True)
class _Said:
    """A post with what is compared of it: its folded title and its compact text."""

    post: ReadPost
    parsed: ParsedPost
    text: str

    @property
    def name(self) -> str:
        return fold_title(self.parsed.title)


class KnownArticles:
    """The articles that the posts of a batch may be, the new ones of the batch with them."""

    def __init__(
        self,
        known: Iterable[KnownArticle],
        present: Collection[str] | None,
        batch: Iterable[ParsedPost] = (),
        origin: str = "",
    ) -> None:
        """Create it; `present` are the paths that the origin has now, None: all that were ever read."""
        self._titles: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        for parsed in batch:
            self._titles[parsed.address].add(parsed.identity)
            if parsed.link_key:
                self._names[parsed.link_key].add(fold_title(parsed.title))
        self._by_title: dict[str, list[KnownArticle]] = defaultdict(list)
        self._by_address: dict[str, list[KnownArticle]] = defaultdict(list)
        self._by_link: dict[str, list[KnownArticle]] = defaultdict(list)
        self._by_headline: dict[str, list[KnownArticle]] = defaultdict(list)
        self._by_file: dict[str, KnownArticle] = {}
        self._present = present
        self._origin = origin
        self.identities: set[str] = set()
        for article in known:
            self.add(article)

    def add(self, article: KnownArticle) -> None:
        """Add an article, to be recognised in the posts that follow."""
        self._by_title[article.title_key].append(article)
        if article.address:
            self._by_address[article.address].append(article)
            self._titles[article.address].add(article.title_key)
        if article.link_key:
            self._by_link[article.link_key].append(article)
            self._names[article.link_key].add(article.name)
        if article.headline_key:
            self._by_headline[article.headline_key].append(article)
        for path in article.files:
            self._by_file[path] = article
        self.identities.add(article.identity)

    def take_over(self, article: KnownArticle, parsed: ParsedPost) -> None:
        """Have an article recognised as a post says it, which had been said otherwise by a feed."""
        article.title_key, article.address, article.content_hash = parsed.identity, parsed.address, parsed.content_hash
        self._by_title[article.title_key].append(article)
        if article.address:
            self._by_address[article.address].append(article)
            self._titles[article.address].add(article.title_key)

    def begin(self, post: ReadPost, parsed: ParsedPost) -> KnownArticle:
        """Return a new article, which the posts that follow may be too."""
        article = KnownArticle(
            ArticleId(0),
            self.unique_identity(parsed),
            parsed.identity,
            parsed.address,
            parsed.content_hash,
            parsed.thumbnail,
            parsed.original_url,
            compact(parsed.text),
            {post.path},
            link_key=parsed.link_key,
            headline_key=parsed.headline_key,
            origin=self._origin,
            title=parsed.title,
            url=parsed.url,
        )
        self.add(article)
        return article

    def unique_identity(self, parsed: ParsedPost, article: KnownArticle | None = None) -> str:
        """Return what the article is stored under: its title's key, or another word where that is taken."""
        words = [parsed.identity, f"{parsed.identity}{parsed.address}"]
        number = 2
        while True:
            for word in words:
                if word not in self.identities or (article is not None and word == article.identity):
                    self.identities.add(word)
                    return word
            words = [f"{parsed.identity}{parsed.address}:{number}"]
            number += 1

    def find(self, post: ReadPost, parsed: ParsedPost) -> KnownArticle | None:
        """Return the article that the post is, or None for a new one."""
        said = _Said(post, parsed, compact(parsed.text))
        own = self._by_file.get(post.path)
        if own is not None and (post.reread or (post.is_item and _says_the_same(own, said))):
            return own
        if post.is_item:
            return self._at_link(said) or self._under_title(said) or self._under_headline(said)
        found = self._at_address(said) or self._under_title(said)
        if found is not None:
            return found
        # Only the title was changed, in the same file.
        if own is not None and own.text == said.text and len(said.text) >= LEAST_TEXT:
            return own
        return self._at_link(said) or self._under_headline(said)

    def _at_address(self, said: _Said) -> KnownArticle | None:
        """Return the article at the post's address, with the same title or one that was edited."""
        parsed = said.parsed
        same_address = self._by_address.get(parsed.address, ()) if parsed.address else ()
        is_own = len(self._titles[parsed.address]) <= _MOST_TITLES
        for known in same_address:
            if known.title_key == parsed.identity or (is_own and _is_edited(known, said)):
                return known
        return None

    def _at_link(self, said: _Said) -> KnownArticle | None:
        """Return the article whose link is that of the post, whatever their sources.

        Several items of a feed may have one link, as those of a live blog, a forum, a page of releases.
        """
        link = said.parsed.link_key
        known_there = self._comparable(self._by_link.get(link, ()) if link else (), said)
        for known in known_there:
            if said.name and known.name == said.name and not (self._is_beside(known, said) and _is_unlike(known, said)):
                return known
        if len(self._names[link]) > _MOST_TITLES:
            return None
        others = [known for known in known_there if not self._is_beside(known, said)]
        for known in others:
            if is_alike(known.text, said.text):
                return known
        if len(others) != 1 or len(known_there) != 1:
            return None
        # Another origin may tell it in its own words; the same one has only left its text out.
        known = others[0]
        if not known.files:
            return known
        has_no_text = not known.text and not said.text
        is_edited = _is_edited(known, said) and (not has_no_text or is_edited_text(known.name, said.name))
        return known if is_edited else None

    def _under_title(self, said: _Said) -> KnownArticle | None:
        """Return the article of the same source and title, unless something tells the two apart."""
        for known in self._by_title.get(said.parsed.identity, ()):
            if not self._tells_apart(known, said):
                return known
        return None

    def _under_headline(self, said: _Said) -> KnownArticle | None:
        """Return the article of another source that has the same title and the same text."""
        headline = said.parsed.headline_key
        for known in self._comparable(self._by_headline.get(headline, ()) if headline else (), said):
            if not self._is_other_item(known, said) and _is_same_news(known, said):
                return known
        return None

    def _comparable(self, found: Iterable[KnownArticle], said: _Said) -> list[KnownArticle]:
        """Return the articles that may be the post's though its source differs: feeds have to do with it."""
        return [known for known in found if said.post.is_item or known.is_of_feed]

    def _tells_apart(self, known: KnownArticle, said: _Said) -> bool:
        """Return whether the addresses and the contents say that two posts of one title are two articles."""
        parsed, text = said.parsed, said.text
        if self._is_other_item(known, said):
            return True
        if not parsed.is_telling or not parsed.address or not known.address or parsed.address == known.address:
            return False
        kinds = {parsed.address[0], known.address[0]}
        if kinds != {WRITTEN} and not (kinds == {PAGE} and self._has_other_file(known, said.post.path)):
            return False
        if text or known.text:
            return text != known.text
        return parsed.thumbnail != known.thumbnail

    def _is_other_item(self, known: KnownArticle, said: _Said) -> bool:
        """Return whether the feed gave another item of that title: where no link tells two apart, their keys do."""
        if not said.post.is_item or said.post.path in known.files or not known.files:
            return False
        if known.link_key and known.link_key == said.parsed.link_key and not self._is_beside(known, said):
            return False
        return bool(known.text and said.text) and _is_unlike(known, said)

    def _is_beside(self, known: KnownArticle, said: _Said) -> bool:
        """Return whether the feed has the article now as another item than this one."""
        return said.post.is_item and self._has_other_file(known, said.post.path)

    def _has_other_file(self, known: KnownArticle, path: str) -> bool:
        """Return whether the article has another file now: one that moved leads to another page, but is the same."""
        present = self._present
        return any(file != path and (present is None or file in present) for file in known.files)


def _says_the_same(known: KnownArticle, said: _Said) -> bool:
    """Return whether anything of the item that had this key before is left: some feeds use a key again."""
    parsed = said.parsed
    if known.link_key and known.link_key == parsed.link_key:
        return True
    if (said.name and known.name == said.name) or is_alike(known.text, said.text):
        return True
    # Nothing but the title could be compared: there is no more than the feed's word for it.
    can_compare = (known.link_key and parsed.link_key) or (known.text and said.text)
    return not can_compare and is_edited_text(known.name, said.name)


def _is_unlike(known: KnownArticle, said: _Said) -> bool:
    """Return whether two items of one title, with no address of their own, are told apart by their texts."""
    if is_telling_name(said.name) and not (known.text and said.text):
        return False
    return not is_alike(known.text, said.text)


def _is_edited(known: KnownArticle, said: _Said) -> bool:
    """Return whether a post may be an edit of the article; a text that is missing may be, but no other picture."""
    if not known.text and not said.text:
        return _has_same_picture(known, said)
    return is_edited_text(known.text, said.text)


def _is_same_news(known: KnownArticle, said: _Said) -> bool:
    """Return whether an article of the same title, told by another source, is the post's."""
    if is_same_text(known.text, said.text):
        return True
    if known.link_key and said.parsed.link_key:
        return known.link_key == said.parsed.link_key
    if known.text and said.text:
        return is_alike(known.text, said.text)
    return not known.text and not said.text and _has_same_picture(known, said)


def _has_same_picture(known: KnownArticle, said: _Said) -> bool:
    return known.thumbnail is None or said.parsed.thumbnail is None or known.thumbnail == said.parsed.thumbnail
