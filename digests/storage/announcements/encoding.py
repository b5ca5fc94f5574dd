"""How an announcement is stored in its row, some of it as JSON (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from digests.model.announcement import (
    Announcement,
    AnnouncementState,
    Audience,
    AudienceKind,
    Content,
    LinkButton,
    Timing,
    When,
)
from digests.model.ids import CategoryId, MessageRef


def content_json(content: Content) -> dict[str, Any]:
    """Return a text as JSON."""
    return asdict(content)


def content_of(stored: Mapping[str, Any]) -> Content:
    """Return a text that was stored; what an older version did not know is as it is by default."""
    copy_of = stored.get("copy_of")
    return Content(
        html=stored.get("html", ""),
        media=tuple((kind, file) for kind, file in stored.get("media", ())),
        copy_of=MessageRef(*map(int, copy_of)) if copy_of else None,
        group=stored.get("group", ""),
        spoilers=tuple(int(number) for number in stored.get("spoilers", ())),
        caption_above=bool(stored.get("caption_above", False)),
    )


def audience_json(audience: Audience) -> dict[str, Any]:
    """Return an audience as JSON."""
    return asdict(audience)


def audience_of(stored: Mapping[str, Any]) -> Audience:
    """Return an audience that was stored."""
    return Audience(
        categories=tuple(CategoryId(category) for category in stored.get("categories", ())),
        languages=tuple(stored.get("languages", ())),
        active_days=int(stored.get("active_days", 0)),
        kind=AudienceKind(stored.get("kind", "")),
        ids=tuple(int(chat) for chat in stored.get("ids", ())),
    )


def timing_json(timing: Timing) -> dict[str, Any]:
    """Return a timing as JSON; its moment in UTC, as ISO 8601."""
    return {
        "kind": str(timing.kind),
        "at": timing.at.astimezone(UTC).isoformat() if timing.at else None,
        "time": timing.time,
        "day": timing.day.isoformat() if timing.day else None,
    }


def timing_of(stored: Mapping[str, Any]) -> Timing:
    """Return a timing that was stored."""
    at, day = stored.get("at"), stored.get("day")
    return Timing(
        When(stored.get("kind", "now")),
        datetime.fromisoformat(at) if at else None,
        stored.get("time", ""),
        date.fromisoformat(day) if day else None,
    )


def contents_json(contents: Mapping[str, Content]) -> dict[str, Any]:
    """Return the texts by language as JSON."""
    return {language: content_json(content) for language, content in contents.items()}


def report_of(chat_id: int | None, message_id: int | None) -> MessageRef | None:
    """Return the message that shows how an announcement, or a change of its copies, goes on."""
    return MessageRef(chat_id, message_id) if chat_id and message_id else None


def announcement_of(row: Mapping[Any, Any]) -> Announcement:
    """Return the announcement of a row."""
    values = dict(row)
    report = report_of(values.pop("report_chat"), values.pop("report_message"))
    values["state"] = AnnouncementState(values["state"])
    values["contents"] = {language: content_of(content) for language, content in values["contents"].items()}
    values["buttons"] = tuple(LinkButton(label, url) for label, url in values["buttons"])
    values["audience"] = audience_of(values["audience"])
    values["timing"] = timing_of(values["timing"])
    values["previews"] = tuple(values["previews"])
    return Announcement(**values, report=report)
