"""Announcements in words, once they are confirmed: the report, edits and recalls, the list (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.i18n import Translator
from bot.markup import LINE_BREAK, Html
from bot.render.announcement_draft import (
    STATE_MARKS,
    announcement_title,
    audience_text,
    duration,
    state_label,
    timing_text,
)
from bot.render.reasons import reason_text
from digests.model.announcement import Announcement, AnnouncementState, Progress
from digests.model.copy_change import CopyChange, CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState

_BAR = 12


def report_text(
    one: Announcement,
    progress: Progress,
    t: Translator,
    *,
    rate: float = 0.0,
    left: float = 0.0,
    more: Html | None = None,
    taken_back: bool = False,
) -> Html:
    """A bar, and the counts by outcome; while it goes, how fast and how long still."""
    share = progress.done / progress.total if progress.total else 1.0
    lines = [
        t.html("↩️ <b>The announcement was taken back</b>") if taken_back else _heading(one.state, t),
        _name(one, t),
        _how_far(share),
        t.html("{done} of {total} chats", done=f"{progress.done:,}", total=f"{progress.total:,}"),
    ]
    if one.state is AnnouncementState.SENDING and rate:
        said = t.html("{rate} per second; about {time} left", rate=f"{rate:,.0f}", time=duration(left, t))
        lines.append(said)
    lines.extend(_outcomes(one, progress, t))
    if one.state is AnnouncementState.PAUSED and one.reason:
        lines.append(
            t.html("⚠️ Paused automatically because too many failed: {reason}", reason=reason_text(one.reason, t))
        )
    if more:
        lines.append(more)
    return LINE_BREAK.join(lines)


def as_of(text: Html, now: datetime, timezone: str, t: Translator) -> Html:
    """A report that is not kept up to date."""
    return text + "\n" + t.html("🕘 As of {at}.", at=t.moment(now, timezone))


def _outcomes(one: Announcement, progress: Progress, t: Translator) -> list[str]:
    not_sent = t("not sent") if one.state is AnnouncementState.CANCELLED else t("unsubscribed")
    shown = (
        (DeliveryState.SENT, t("sent")),
        (DeliveryState.FAILED, t("could not be reached")),
        (DeliveryState.UNCERTAIN, t("unconfirmed: no answer came")),
        (DeliveryState.CANCELLED, not_sent),
    )
    return [f"• {name}: {progress.of(state):,}" for state, name in shown if progress.of(state)]


def _heading(state: AnnouncementState, t: Translator) -> Html:
    match state:
        case AnnouncementState.SCHEDULED:
            return t.html("🗓 <b>Scheduled</b>")
        case AnnouncementState.SENDING:
            return t.html("📣 <b>On its way</b>")
        case AnnouncementState.PAUSED:
            return t.html("⏸ <b>Paused</b>")
        case AnnouncementState.CANCELLED:
            return t.html("⏹ <b>Cancelled</b>")
        case _:
            return t.html("✅ <b>The announcement is out</b>")


def copy_change_text(one: Announcement, change: CopyChange, counts: Mapping[CopyState, int], t: Translator) -> Html:
    """How far an edit or a recall has come."""
    total = sum(counts.values())
    done = total - counts.get(CopyState.PENDING, 0)
    is_edit = change.kind is CopyChangeKind.EDIT
    if change.finished_at is not None and counts.get(CopyState.CANCELLED):
        heading = t.html("⏹ <b>Stopped</b>")
    elif change.finished_at is None:
        heading = t.html("✏️ <b>Changing the copies</b>") if is_edit else t.html("↩️ <b>Taking it back</b>")
    else:
        heading = t.html("✏️ <b>The copies are changed</b>") if is_edit else t.html("↩️ <b>Taken back</b>")
    share = done / total if total else 1.0
    lines = [
        heading,
        _name(one, t),
        _how_far(share),
        t.html("{done} of {total} copies", done=f"{done:,}", total=f"{total:,}"),
    ]
    edited = t("changed") if is_edit else t("now say “withdrawn”")
    shown = (
        (CopyState.DELETED, t("deleted")),
        (CopyState.EDITED, edited),
        (CopyState.FAILED, t("could not be changed")),
        (CopyState.CANCELLED, t("left unchanged")),
    )
    lines.extend(f"• {name}: {counts[state]:,}" for state, name in shown if counts.get(state))
    return LINE_BREAK.join(lines)


def scheduled_text(one: Announcement, chats: int, categories: Sequence[str], timezone: str, t: Translator) -> Html:
    return LINE_BREAK.join(
        [
            t.html("🗓 <b>Scheduled</b>"),
            _name(one, t),
            t.html("To: <b>{audience}</b>", audience=audience_text(one.audience, categories, t)),
            t.html("When: <b>{when}</b>", when=timing_text(one.timing, timezone, t)),
            t.count_html("Currently {n} chat.", "Currently {n} chats.", chats),
        ]
    )


def list_line(one: Announcement, progress: Progress, timezone: str, t: Translator, *, taken_back: bool = False) -> Html:
    at = one.send_at or one.created_at
    line = t.html(
        "{mark} № {n} · {at} · {state}",
        mark=STATE_MARKS[one.state], n=one.id, at=t.moment(at, timezone), state=state_label(one.state, t),
    )  # fmt: skip
    if progress.total:
        sent = f"{progress.of(DeliveryState.SENT):,}"
        line += " · " + t.html("{sent} of {total} sent", sent=sent, total=f"{progress.total:,}")
    if taken_back:
        line += " · " + t.html("taken back")
    return line + "\n" + t.html("“{title}”", title=announcement_title(one, t))


def _name(one: Announcement, t: Translator) -> Html:
    return t.html("№ {n} · “{title}”", n=one.id, title=announcement_title(one, t))


def bar(share: float) -> str:
    return "▓" * int(share * _BAR) + "░" * (_BAR - int(share * _BAR))


def _how_far(share: float) -> str:
    """A bar and its percentage: 100 % only when it is all."""
    return f"{bar(share)} {int(share * 100)}%"
