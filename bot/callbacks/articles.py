"""Buttons about one article: its card, what is kept of it, and what leads on from it (pure)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.callbacks.button import Button, button_type
from digests.model.ids import CategoryId


@button_type("ar")
@dataclass(frozen=True, slots=True)
class ArticleButton(Button):
    """Show an article's card in a message of its own."""

    article: int


@button_type("ai")
@dataclass(frozen=True, slots=True)
class DigestItemsButton(Button):
    """Show below a digest a button for each of its items (`open` 1), or put them away again (0)."""

    delivery: int
    open: int = 1


@button_type("as")
@dataclass(frozen=True, slots=True)
class SaveButton(Button):
    """Keep an article to read later for whoever presses (`to` is TICK), or keep it no longer (UNTICK)."""

    article: int
    to: int


@button_type("av")
@dataclass(frozen=True, slots=True)
class SavedButton(Button):
    """Show a page, counted from 0, of what the presser keeps; with `removes` 1 to be removed.

    Only what is in a `category` (0: any) and has the words that are stored under the token `words` ("": any).
    """

    page: int = 0
    category: int = 0
    words: str = ""
    removes: int = 0


@button_type("ae")
@dataclass(frozen=True, slots=True)
class RemoveSavedButton(Button):
    """Keep an article no longer, and show the list again; its other fields are those of `SavedButton`."""

    article: int
    page: int = 0
    category: int = 0
    words: str = ""


@button_type("at")
@dataclass(frozen=True, slots=True)
class RestoreSavedButton(Button):
    """Undo a removal: keep an article that was saved `at`, in seconds since 1970, and show the list again."""

    article: int
    at: int
    page: int = 0
    category: int = 0
    words: str = ""


@button_type("aw")
@dataclass(frozen=True, slots=True)
class SearchSavedButton(Button):
    """Ask for words to look for in what the presser keeps."""


@button_type("ax")
@dataclass(frozen=True, slots=True)
class ExportSavedButton(Button):
    """Send what the presser keeps as a file: "md" or "json"; "" asks which."""

    form: str = ""


@button_type("am")
@dataclass(frozen=True, slots=True)
class SimilarButton(Button):
    """Show articles like this one: `page` 0 in a message of its own, else that page, counted from 1, in its message."""

    article: int
    page: int = 0


@button_type("ao")
@dataclass(frozen=True, slots=True)
class StoryButton(Button):
    """Show who else reports what an article tells."""

    article: int


@button_type("ag")
@dataclass(frozen=True, slots=True)
class OpenCategoryButton(Button):
    """Show the newest articles of a category in a message of their own."""

    category: int


@button_type("ah")
@dataclass(frozen=True, slots=True)
class DeepLinkButton(Button):
    """Show the link, with its QR code, that opens an article (kind "a") or subscribes to a category (kind "c")."""

    kind: str
    key: int


_FORMER_LENGTH = 36
"""Characters of the ids in a button to undo."""


@button_type("af")
@dataclass(frozen=True, slots=True)
class UnfollowButton(Button):
    """Undo following a category by a link; `former` are ids, joined by points, whose place its subscription took."""

    category: int
    former: str = ""

    @classmethod
    def of(cls, category: CategoryId, former: Collection[CategoryId]) -> UnfollowButton:
        """Return the button, which holds as many of the former categories as it has room for."""
        kept = ""
        for category_id in sorted(former):
            longer = f"{kept}.{category_id}" if kept else str(category_id)
            if len(longer) > _FORMER_LENGTH:
                break
            kept = longer
        return cls(category, kept)

    @property
    def former_ids(self) -> tuple[CategoryId, ...]:
        """The former categories; () for what no button of ours holds."""
        parts = self.former.split(".") if self.former else []
        is_ours = all(part.isascii() and part.isdigit() for part in parts) and len(self.former) <= _FORMER_LENGTH
        return tuple(CategoryId(int(part)) for part in parts) if is_ours else ()
