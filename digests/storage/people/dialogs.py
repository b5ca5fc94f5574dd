"""How a dialog is stored: as a step, and JSON that says more of it (pure)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, assert_never

from digests.model.dialogs import (
    AwaitedAlbum,
    AwaitedAnnouncement,
    AwaitedEdit,
    AwaitedOption,
    AwaitedReply,
    AwaitedText,
    Dialog,
    Question,
    TypedOption,
    UnconfirmedEdit,
)
from digests.model.ids import AnnouncementId, PlaceId

_WRITING = "announcement"
_ASKED = "question"


def dialog_row(dialog: Dialog) -> tuple[str, dict[str, Any]]:
    """Return the step and the data that a dialog is stored as."""
    match dialog:
        case AwaitedReply(question, about, place):
            return _ASKED, {"question": str(question), "about": about, "place": place}
        case AwaitedAnnouncement():
            data: dict[str, Any] = {}
        case AwaitedText(number, language):
            data = {"announcement": number, "field": "text", "language": language}
        case AwaitedAlbum(number, language, group):
            data = {"announcement": number, "field": "album", "language": language, "group": group}
        case AwaitedOption(number, option):
            data = {"announcement": number, "field": str(option)}
        case AwaitedEdit(number, language, message):
            data = {"announcement": number, "field": "edit", "language": language, "message": message}
        case UnconfirmedEdit(number, language, html):
            data = {"announcement": number, "field": "edited", "language": language, "html": html}
        case _:
            assert_never(dialog)
    return _WRITING, data


def dialog_of(step: str, data: Mapping[str, Any]) -> Dialog | None:
    """Return the dialog that was stored so; None for one that this version of the program does not know."""
    if step == _ASKED:
        with contextlib.suppress(ValueError):
            place = data.get("place")
            return AwaitedReply(
                Question(str(data.get("question"))),
                str(data.get("about", "")),
                PlaceId(place) if isinstance(place, int) else None,
            )
        return None
    if step != _WRITING:
        return None
    if "announcement" not in data:
        return AwaitedAnnouncement()
    number, language = AnnouncementId(int(data["announcement"])), str(data.get("language", ""))
    match data.get("field", "text"):
        case "text":
            return AwaitedText(number, language)
        case "album":
            return AwaitedAlbum(number, language, str(data.get("group")))
        case "edit":
            return AwaitedEdit(number, language, data.get("message"))
        case "edited":
            return UnconfirmedEdit(number, language, str(data["html"]))
        case field:
            with contextlib.suppress(ValueError):
                return AwaitedOption(number, TypedOption(field))
    return None
