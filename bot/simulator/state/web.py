"""What Telegram's servers know of the web: the addresses that they fetched, and those that they could not."""

from __future__ import annotations

from dataclasses import dataclass

from bot.simulator.text.formatted import Json


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What an address gave; `refusal` is Telegram's words for a photo from there, "" when it can be one."""

    url: str
    status: int = 0
    mime: str = ""
    content: bytes = b""
    width: int = 0
    height: int = 0
    refusal: str = ""

    @property
    def is_reachable(self) -> bool:
        """Whether there is a page, of which a preview can be shown."""
        return self.status == 200

    def as_json(self) -> Json:
        """Return a FETCH, as `person.routes` describes it."""
        return {
            "url": self.url,
            "status": self.status,
            "mime": self.mime,
            "bytes": len(self.content),
            "width": self.width,
            "height": self.height,
            "refusal": self.refusal,
        }


class WebMemory:
    """The pages by address: each is fetched once, and Telegram remembers for days what it could not fetch."""

    def __init__(self) -> None:
        self._pages: dict[str, FetchedPage] = {}

    def get(self, url: str) -> FetchedPage | None:
        """Return what the address gave; None when it was not fetched."""
        return self._pages.get(url)

    def add(self, page: FetchedPage) -> None:
        """Remember a page."""
        self._pages[page.url] = page

    def clear(self) -> None:
        """Forget all pages, as Telegram does after some days."""
        self._pages.clear()

    def as_json(self) -> list[Json]:
        """Return the pages in the order in which they were fetched first."""
        return [page.as_json() for page in self._pages.values()]
