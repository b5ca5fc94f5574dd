"""feedparser's handlers of texts, dates, people and categories, with each element kept apart.

feedparser's model merges elements (a second description becomes the content, the content a summary, dc:date the date of
change) and reads dates as it goes. The methods here come before its own: they write down what an element was under a
name of its own, as it is written.
"""

from __future__ import annotations

from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict

_MOST_TAGS = 200
_MOST_PEOPLE = 50


class ElementTexts(_FeedParserMixin):  # type: ignore[misc]
    """Comes before feedparser's handlers of the elements that hold an item's words."""

    # Dates are kept as they are written.

    def _start_published(self, attrs_d: dict[str, str]) -> None:
        self.push("published", 1)

    _start_issued = _start_pubdate = _start_dcterms_issued = _start_published

    def _end_published(self) -> None:
        self.pop("published")

    _end_issued = _end_pubdate = _end_dcterms_issued = _end_published

    def _start_updated(self, attrs_d: dict[str, str]) -> None:
        self.push("updated", 1)

    _start_modified = _start_lastbuilddate = _start_dcterms_modified = _start_updated

    def _end_updated(self) -> None:
        self.pop("updated")

    _end_modified = _end_lastbuilddate = _end_dcterms_modified = _end_updated

    def _start_created(self, attrs_d: dict[str, str]) -> None:
        self.push("created", 1)

    _start_dcterms_created = _start_created

    def _end_created(self) -> None:
        self.pop("created")

    _end_dcterms_created = _end_created

    def _start_dc_date(self, attrs_d: dict[str, str]) -> None:
        self.push("dc_date", 1)

    def _end_dc_date(self) -> None:
        self.pop("dc_date")

    def _end_expirationdate(self) -> None:
        self.pop("expired")

    # Texts: each element under its own name.

    def _start_description(self, attrs_d: dict[str, str]) -> None:
        self.push_content("item_description", attrs_d, "text/html", self.infeed or self.inentry or self.insource)

    def _end_description(self) -> None:
        self.pop_content("item_description")

    def _start_abstract(self, attrs_d: dict[str, str]) -> None:
        self.push_content("item_description", attrs_d, "text/plain", self.infeed or self.inentry or self.insource)

    _end_abstract = _end_description

    def _start_summary(self, attrs_d: dict[str, str]) -> None:
        self.push_content("summary", attrs_d, "text/plain", 1)

    def _end_summary(self) -> None:
        self.pop_content("summary")

    def _start_content(self, attrs_d: dict[str, str]) -> None:
        self.push_content("content", attrs_d, "text/plain", 1)
        if address := attrs_d.get("src"):
            self.contentparams["src"] = address

    def _end_content(self) -> None:
        self.pop_content("content")

    _end_body = _end_xhtml_body = _end_content_encoded = _end_fullitem = _end_content

    def _start_dc_description(self, attrs_d: dict[str, str]) -> None:
        self.push_content("dc_description", attrs_d, "text/html", 1)

    def _end_dc_description(self) -> None:
        self.pop_content("dc_description")

    def _start_dc_title(self, attrs_d: dict[str, str]) -> None:
        self.push_content("dc_title", attrs_d, "text/plain", 1)

    def _end_dc_title(self) -> None:
        self.pop_content("dc_title")

    def _start_media_description(self, attrs_d: dict[str, str]) -> None:
        self.push_content("media_description", attrs_d, "text/plain", 1)

    def _end_media_description(self) -> None:
        self.pop_content("media_description")

    def _start_media_title(self, attrs_d: dict[str, str]) -> None:
        self.push_content("media_title", attrs_d, "text/plain", 1)

    def _end_media_title(self) -> None:
        self.pop_content("media_title")

    def _start_itunes_summary(self, attrs_d: dict[str, str]) -> None:
        self.push_content("itunes_summary", attrs_d, "text/html", 1)

    def _end_itunes_summary(self) -> None:
        self.pop_content("itunes_summary")

    def _start_itunes_subtitle(self, attrs_d: dict[str, str]) -> None:
        self.push_content("itunes_subtitle", attrs_d, "text/plain", 1)

    def _end_itunes_subtitle(self) -> None:
        self.pop_content("itunes_subtitle")

    # People: feedparser's search for an address of mail takes the square of the text's length.

    def _start_author(self, attrs_d: dict[str, str]) -> None:
        self.inauthor = 1
        self.push("author", 1)
        people = self._get_context().setdefault("authors", [])
        if len(people) < _MOST_PEOPLE:
            people.append(FeedParserDict())

    _start_managingeditor = _start_dc_author = _start_dc_creator = _start_itunes_author = _start_author

    def _end_author(self) -> None:
        text = self.pop("author")
        self.inauthor = 0
        people = self._get_context().get("authors")
        if text and people and not people[-1].get("name"):
            people[-1]["text"] = text

    _end_managingeditor = _end_dc_author = _end_dc_creator = _end_itunes_author = _end_author

    def _sync_author_detail(self, key: str = "author") -> None:
        """Leave the text of an author as it is."""

    # Categories: feedparser compares each with all before it.

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._get_context().setdefault("tags", [])
        if (term or scheme or label) and len(tags) < _MOST_TAGS:
            tags.append({"term": term, "scheme": scheme, "label": label})
