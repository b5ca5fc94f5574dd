"""Confirmed announcements in words: the report, edits and recalls, the list (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.i18n import Translator
from bot.render.announcement_draft import (
    STATE_MARKS,
    announcement_title,
    audience_text,
    duration,
    state_label,
    timing_text,
)
from bot.render.reasons import reason_text
from bot.text.markup import LINE_BREAK, Html
from digests.model.announcement import Announcement, AnnouncementState, Progress
from digests.model.copy_change import CopyChange, CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState

_BAR = 12


def report_text(
    announcement: Announcement,
    progress: Progress,
    t: Translator,
    *,
    rate: float = 0.0,
    left: float = 0.0,
    more: Html | None = None,
    taken_back: bool = False,
) -> Html:
    """Return the report: a bar, and the counts by outcome.

    While the announcement is sent, `rate` is how many messages leave per second, and `left` how many seconds remain.
    """
    share = progress.done / progress.total if progress.total else 1.0
    lines = [
        t.html("↩️ <b>The announcement was taken back</b>") if taken_back else _heading(announcement.state, t),
        _name(announcement, t),
        _how_far(share),
        t.html("{done} of {total} chats", done=t.number(progress.done), total=t.number(progress.total)),
    ]
    if announcement.state is AnnouncementState.SENDING and rate:
        said = t.html("{rate} per second; about {time} left", rate=f"{rate:,.0f}", time=duration(left, t))
        lines.append(said)
    lines.extend(_outcomes(announcement, progress, t))
    if announcement.state is AnnouncementState.PAUSED and announcement.reason:
        lines.append(
            t.html(
                "⚠️ Paused automatically because too many failed: {reason}", reason=reason_text(announcement.reason, t)
            )
        )
    if more:
        lines.append(more)
    return LINE_BREAK.join(lines)


def as_of(text: Html, now: datetime, timezone: str, t: Translator) -> Html:
    """Return a report with the time it is from, for a message that is not updated."""
    return text + "\n" + t.html("🕘 As of {at}.", at=t.moment(now, timezone))


def _outcomes(announcement: Announcement, progress: Progress, t: Translator) -> list[str]:
    not_sent = t("not sent") if announcement.state is AnnouncementState.CANCELLED else t("unsubscribed")
    shown = (
        (DeliveryState.SENT, t("sent")),
        (DeliveryState.FAILED, t("could not be reached")),
        (DeliveryState.UNCERTAIN, t("unconfirmed: no answer came")),
        (DeliveryState.CANCELLED, not_sent),
    )
    return [f"• {name}: {t.number(progress.of(state))}" for state, name in shown if progress.of(state)]


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


def copy_change_text(
    announcement: Announcement, change: CopyChange, counts: Mapping[CopyState, int], t: Translator
) -> Html:
    """Return the progress of an edit or a recall; `counts` are its copies."""
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
        _name(announcement, t),
        _how_far(share),
        t.html("{done} of {total} copies", done=t.number(done), total=t.number(total)),
    ]
    edited = t("changed") if is_edit else t("now say “withdrawn”")
    shown = (
        (CopyState.DELETED, t("deleted")),
        (CopyState.EDITED, edited),
        (CopyState.FAILED, t("could not be changed")),
        (CopyState.CANCELLED, t("left unchanged")),
    )
    lines.extend(f"• {name}: {t.number(counts[state])}" for state, name in shown if counts.get(state))
    return LINE_BREAK.join(lines)


def scheduled_text(
    announcement: Announcement, chats: int, categories: Sequence[str], timezone: str, t: Translator
) -> Html:
    """Return what a scheduled announcement is, and how many chats it would reach now."""
    return LINE_BREAK.join(
        [
            t.html("🗓 <b>Scheduled</b>"),
            _name(announcement, t),
            t.html("To: <b>{audience}</b>", audience=audience_text(announcement.audience, categories, t)),
            t.html("When: <b>{when}</b>", when=timing_text(announcement.timing, timezone, t)),
            t.count_html("Currently {n} chat.", "Currently {n} chats.", chats),
        ]
    )


def list_line(
    announcement: Announcement, progress: Progress, timezone: str, t: Translator, *, taken_back: bool = False
) -> Html:
    """Return the two lines of an announcement in the list."""
    at = announcement.send_at or announcement.created_at
    line = t.html(
        "{mark} № {n} · {at} · {state}",
        mark=STATE_MARKS[announcement.state],
        n=announcement.id,
        at=t.moment(at, timezone),
        state=state_label(announcement.state, t),
    )
    if progress.total:
        sent = t.number(progress.of(DeliveryState.SENT))
        line += " · " + t.html("{sent} of {total} sent", sent=sent, total=t.number(progress.total))
    if taken_back:
        line += " · " + t.html("taken back")
    return line + "\n" + t.html("“{title}”", title=announcement_title(announcement, t))


def _name(announcement: Announcement, t: Translator) -> Html:
    return t.html("№ {n} · “{title}”", n=announcement.id, title=announcement_title(announcement, t))


def bar(share: float) -> str:
    """Return a progress bar."""
    return "▓" * int(share * _BAR) + "░" * (_BAR - int(share * _BAR))


def _how_far(share: float) -> str:
    """Return a bar and a percentage, which is 100 only when everything is done."""
    return f"{bar(share)} {int(share * 100)}%"
