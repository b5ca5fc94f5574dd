"""How an announcement's parts lie in its row, as JSON (pure)."""

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
    return asdict(content)


def content_of(stored: Mapping[str, Any]) -> Content:
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
    return asdict(audience)


def audience_of(stored: Mapping[str, Any]) -> Audience:
    return Audience(
        categories=tuple(CategoryId(one) for one in stored.get("categories", ())),
        languages=tuple(stored.get("languages", ())),
        active_days=int(stored.get("active_days", 0)),
        kind=AudienceKind(stored.get("kind", "")),
        ids=tuple(int(one) for one in stored.get("ids", ())),
    )


def timing_json(timing: Timing) -> dict[str, Any]:
    return {
        "kind": str(timing.kind),
        "at": timing.at.astimezone(UTC).isoformat() if timing.at else None,
        "time": timing.time,
        "day": timing.day.isoformat() if timing.day else None,
    }


def timing_of(stored: Mapping[str, Any]) -> Timing:
    at, day = stored.get("at"), stored.get("day")
    return Timing(
        When(stored.get("kind", "now")),
        datetime.fromisoformat(at) if at else None,
        stored.get("time", ""),
        date.fromisoformat(day) if day else None,
    )


def contents_json(contents: Mapping[str, Content]) -> dict[str, Any]:
    return {language: content_json(one) for language, one in contents.items()}


def report_of(chat_id: int | None, message_id: int | None) -> MessageRef | None:
    """Return the message that shows how an announcement, or a change of its copies, goes on."""
    return MessageRef(chat_id, message_id) if chat_id and message_id else None


def announcement_of(row: Mapping[Any, Any]) -> Announcement:
    values = dict(row)
    report = report_of(values.pop("report_chat"), values.pop("report_message"))
    values["state"] = AnnouncementState(values["state"])
    values["contents"] = {language: content_of(one) for language, one in values["contents"].items()}
    values["buttons"] = tuple(LinkButton(label, url) for label, url in values["buttons"])
    values["audience"] = audience_of(values["audience"])
    values["timing"] = timing_of(values["timing"])
    values["previews"] = tuple(values["previews"])
    return Announcement(**values, report=report)
