"""feedparser's handlers of elements, with bounds on what a hostile feed can cost.

The methods here come before feedparser's own, for its parser of XML and for the one of what is no XML alike.
"""

from __future__ import annotations

from typing import Any, ClassVar

from digests.origins.feed.addresses import is_web_address
from digests.origins.feed.contents import FeedBounds
from digests.origins.feed.element_texts import ElementTexts

_MOST_NAMESPACES = 64
_LONGEST_BASE = 2_048
_SHORT_TEXT = 4_096
"""Characters of whatever is not text for readers: names, dates, addresses."""
_LONG_TEXTS = frozenset({
    "content", "summary", "item_description", "media_description", "itunes_summary", "dc_description",
    "itunes_subtitle", "title", "media_title", "dc_title", "subtitle", "info", "rights", "tagline",
})  # fmt: skip
_PLAIN_ELEMENTS = frozenset({"author", "category", "id"})
"""Elements of plain text in which some write markup, and the markup that they do."""
_INLINE = frozenset({"p", "b", "i", "a", "em", "strong", "span", "br", "u", "font", "div"})
_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "channel"})
_RELATIONS = "http://www.iana.org/assignments/relation/"
"""What may stand before a registered relation (RFC 4287, 4.2.7.2)."""
_PUBLISHING = dict.fromkeys(("http://www.w3.org/2007/app", "http://purl.org/atom/app#"), "app")
"""The namespace of the Atom Publishing Protocol and that of its drafts (RFC 5023)."""
_HANDLER_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class TooManyItemsError(Exception):
    """The feed has more items than are read."""


class TooDeepFeedError(Exception):
    """The feed's elements lie in each other more deeply than is read."""


class TooManyElementsError(Exception):
    """The feed has more elements than are read."""


class FeedRecorder(ElementTexts):
    """Comes before feedparser's handlers of elements; `entries` and `feeddata` are theirs."""

    resolve_relative_uris = False
    sanitize_html = False

    # Only these are resolved where they are met, and only against xml:base.
    can_be_relative_uri = frozenset({"href", "link", "url"})
    namespaces: ClassVar[dict[str, str]] = {**ElementTexts.namespaces, **_PUBLISHING}

    bounds: FeedBounds
    address: str
    root: str
    is_feed: bool
    finished: int
    failed_elements: set[str]
    is_bounded_by_depth: bool
    elements_left: int
    first_channel: dict[str, Any]

    def prepare(self, bounds: FeedBounds, address: str, *, is_bounded_by_depth: bool) -> None:
        """Set up the reading of one feed; `address` is its own, against which a relative xml:base is resolved."""
        self.bounds = bounds
        self.address = address
        self.root = ""
        self.is_feed = False
        self.finished = 0
        self.failed_elements = set()
        self.is_bounded_by_depth = is_bounded_by_depth
        self.elements_left = bounds.elements
        self.first_channel = {}

    # Elements, before they are told apart.

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        """Begin an element, unless it lies too deep."""
        if self.depth <= 2:
            self.root = self.root or tag.lower()
            self.is_feed = self.is_feed or tag.lower() in _ROOTS
        if self.is_bounded_by_depth and self.depth >= self.bounds.depth:
            raise TooDeepFeedError
        self.elements_left -= 1
        if self.elements_left < 0:
            raise TooManyElementsError
        if attrs:
            attrs = self._with_safe_base(attrs)
        if self._is_markup_in_plain_text(tag):
            self.handle_data(f"<{tag}{self.strattrs(attrs)}>", 0)
            self.basestack.append(self.baseuri)
            self.langstack.append(self.lang)
            self.depth += 1
            return
        try:
            super().unknown_starttag(tag, attrs)
        except _HANDLER_ERRORS:
            self.failed_elements.add(tag[:60])

    def unknown_endtag(self, tag: str) -> None:
        """End an element."""
        stack = self.basestack
        height = len(stack)
        if self._is_markup_in_plain_text(tag):
            self.handle_data(f"</{tag}>", 0)
            self.depth -= 1
            del stack[-1:], self.langstack[-1:]
        else:
            try:
                super().unknown_endtag(tag)
            except _HANDLER_ERRORS:
                self.failed_elements.add(tag[:60])
                if len(stack) == height and stack:
                    stack.pop()
                    self.langstack.pop()
                    self.depth -= 1
        # feedparser goes back to an outer base only if there is one; the inner one would stay for all that follows.
        self.baseuri = stack[-1] if stack else ""

    def _with_safe_base(self, attrs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        for name, value in attrs:
            if name in ("xml:base", "base"):
                if len(value) > _LONGEST_BASE:
                    return [(key, text) for key, text in attrs if key not in ("xml:base", "base")]
                self.baseuri = self.baseuri or self.address
        return attrs

    def _is_markup_in_plain_text(self, tag: str) -> bool:
        return (
            not self.incontent
            and bool(self.elementstack)
            and self.elementstack[-1][0] in _PLAIN_ELEMENTS
            and tag in _INLINE
        )

    def resolve_uri(self, uri: str) -> str:
        """Resolve an address against xml:base; without one, it waits for the end of the feed."""
        return super().resolve_uri(uri) if self.baseuri else uri

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        """Note a namespace; feedparser looks through all of them at each element."""
        if len(self.namespaces_in_use) < _MOST_NAMESPACES:
            super().track_namespace(prefix, uri)

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """End an element's text: bounded, and an empty one takes nothing from one that was there."""
        stack = self.elementstack
        if not stack or stack[-1][0] != element:
            return None
        pieces = stack[-1][2]
        most = self.bounds.text if element in _LONG_TEXTS else _SHORT_TEXT
        size = sum(map(len, pieces))
        if size > most:
            # A piece may be bytes of a reference in the parser of what is no XML.
            text = "".join(piece.decode("utf-8", "replace") if isinstance(piece, bytes) else piece for piece in pieces)
            stack[-1][2] = [text[:most]]
        elif size < 64 and element in self._get_context() and not b"".join(map(_bytes, pieces)).strip():
            stack.pop()
            return ""
        return super().pop(element, strip_whitespace)

    def _start_channel(self, attrs_d: dict[str, str]) -> None:
        # Of several channels the first one names the feed.
        self.first_channel = {**self.feeddata, **self.first_channel}
        super()._start_channel(attrs_d)

    # Items.

    def _start_item(self, attrs_d: dict[str, str]) -> None:
        if len(self.entries) >= self.bounds.items:
            raise TooManyItemsError
        super()._start_item(attrs_d)
        entry = self.entries[-1]
        entry["_base"] = self.baseuri
        entry["_language"] = self.lang or ""

    _start_entry = _start_item

    def _end_item(self) -> None:
        super()._end_item()
        self.finished = len(self.entries)

    _end_entry = _end_item

    def _start_guid(self, attrs_d: dict[str, str]) -> None:
        self._get_context()["_guid_is_link"] = attrs_d.get("ispermalink", "true").strip().lower() == "true"
        self.push("id", 1)

    def _start_id(self, attrs_d: dict[str, str]) -> None:
        self.push("id", 1)

    def _end_guid(self) -> None:
        self.pop("id")

    _end_id = _end_guid

    def _start_link(self, attrs_d: dict[str, str]) -> None:
        if "rel" in attrs_d:
            relation = attrs_d["rel"].strip().lower().removeprefix(_RELATIONS)
            attrs_d = {**attrs_d, "rel": relation or "alternate"}
        if "href" not in attrs_d:
            # Not of any standard; where they are no addresses of the web, the element's text is the link.
            attrs_d = {
                name: value
                for name, value in attrs_d.items()
                if name not in ("url", "uri") or is_web_address(value.strip())
            }
        super()._start_link(attrs_d)

    def _start_app_draft(self, attrs_d: dict[str, str]) -> None:
        self.push("_draft", 1)

    def _end_app_draft(self) -> None:
        if (self.pop("_draft") or "").strip().lower() == "yes" and self.inentry:
            self.entries[-1]["_is_draft"] = True

    def _end_link(self) -> None:
        text = self.pop("link")
        if text:
            self._get_context().setdefault("_text_link", text)

    # Pictures of an item that are elements of their own.

    def _end_image(self) -> None:
        text = self.pop("image")
        self.inimage = 0
        if text and self.inentry:
            self.entries[-1].setdefault("_image", text)

    def _end_url(self) -> None:
        value = self.pop("href")
        if self.inauthor:
            self._save_author("href", value)
        elif self.incontributor:
            self._save_contributor("href", value)
        elif value and self.inentry and self.inimage:
            self.entries[-1].setdefault("_image", value)

    _end_homepage = _end_uri = _end_url


def _bytes(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "replace")
