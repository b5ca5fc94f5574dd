"""Announcements in words, once they are confirmed: the report, edits and recalls, the list (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.i18n import Speech
from bot.markup import Html
from bot.render.announcement_draft import STATE_MARKS, audience_text, duration, state_label, timing_text, title_of
from bot.render.reasons import reason_text
from digests.model.announcement import Act, ActKind, Announcement, AnnouncementState, CopyState, Progress
from digests.model.delivery import DeliveryState

_BAR = 12


def report_text(
    one: Announcement,
    progress: Progress,
    words: Speech,
    *,
    rate: float = 0.0,
    left: float = 0.0,
    more: str = "",
    taken_back: bool = False,
) -> Html:
    """A bar, and the counts by outcome; while it goes, how fast and how long still."""
    share = progress.done / progress.total if progress.total else 1.0
    lines = [
        words.html("↩️ <b>The announcement was taken back</b>") if taken_back else _heading(one.state, words),
        _name(one, words),
        _how_far(share),
        words.html("{done} of {total} chats", done=f"{progress.done:,}", total=f"{progress.total:,}"),
    ]
    if one.state is AnnouncementState.SENDING and rate:
        said = words.html("{rate} a second; about {time} left", rate=f"{rate:,.0f}", time=duration(left, words))
        lines.append(said)
    lines.extend(_outcomes(one, progress, words))
    if one.state is AnnouncementState.PAUSED and one.reason:
        lines.append(
            words.html("⚠️ It paused itself, since too many failed: {reason}", reason=reason_text(one.reason, words))
        )
    if more:
        lines.append(more)
    return Html("\n".join(lines))


def as_of(text: Html, now: datetime, timezone: str, words: Speech) -> Html:
    """A report that is not kept up to date."""
    return Html(text + "\n" + words.html("🕘 As it stood on {at}.", at=words.moment(now, timezone)))


def _outcomes(one: Announcement, progress: Progress, words: Speech) -> list[str]:
    not_sent = words.html("not sent") if one.state is AnnouncementState.CANCELLED else words.html("had left")
    shown = (
        (DeliveryState.SENT, words.html("sent")),
        (DeliveryState.FAILED, words.html("could not be reached")),
        (DeliveryState.UNCERTAIN, words.html("uncertain: no answer came")),
        (DeliveryState.CANCELLED, not_sent),
    )
    return [f"• {name}: {progress.of(state):,}" for state, name in shown if progress.of(state)]


def _heading(state: AnnouncementState, words: Speech) -> Html:
    match state:
        case AnnouncementState.SCHEDULED:
            return words.html("🗓 <b>Scheduled</b>")
        case AnnouncementState.SENDING:
            return words.html("📣 <b>On its way</b>")
        case AnnouncementState.PAUSED:
            return words.html("⏸ <b>Paused</b>")
        case AnnouncementState.CANCELLED:
            return words.html("⏹ <b>Cancelled</b>")
        case _:
            return words.html("✅ <b>The announcement is out</b>")


def act_text(one: Announcement, act: Act, counts: Mapping[CopyState, int], words: Speech) -> Html:
    """How far an edit or a recall has come."""
    total = sum(counts.values())
    done = total - counts.get(CopyState.PENDING, 0)
    is_edit = act.kind is ActKind.EDIT
    if act.finished_at is not None and counts.get(CopyState.CANCELLED):
        heading = words.html("⏹ <b>Stopped</b>")
    elif act.finished_at is None:
        heading = words.html("✏️ <b>Changing the copies</b>") if is_edit else words.html("↩️ <b>Taking it back</b>")
    else:
        heading = words.html("✏️ <b>The copies are changed</b>") if is_edit else words.html("↩️ <b>Taken back</b>")
    share = done / total if total else 1.0
    lines = [
        heading,
        _name(one, words),
        _how_far(share),
        words.html("{done} of {total} copies", done=f"{done:,}", total=f"{total:,}"),
    ]
    edited = words.html("changed") if is_edit else words.html("now say “withdrawn”")
    shown = (
        (CopyState.DELETED, words.html("deleted")),
        (CopyState.EDITED, edited),
        (CopyState.FAILED, words.html("could not be changed")),
        (CopyState.CANCELLED, words.html("left as they were")),
    )
    lines.extend(f"• {name}: {counts[state]:,}" for state, name in shown if counts.get(state))
    return Html("\n".join(lines))


def scheduled_text(one: Announcement, chats: int, categories: Sequence[str], timezone: str, words: Speech) -> Html:
    return Html(
        "\n".join(
            [
                words.html("🗓 <b>Scheduled</b>"),
                _name(one, words),
                words.html("To: <b>{audience}</b>", audience=audience_text(one.audience, categories, words)),
                words.html("When: <b>{when}</b>", when=timing_text(one.timing, timezone, words)),
                words.count_html("As of now that is {n} chat.", "As of now that is {n} chats.", chats),
            ]
        )
    )


def list_line(one: Announcement, progress: Progress, timezone: str, words: Speech, *, taken_back: bool = False) -> Html:
    at = one.send_at or one.created_at
    line = words.html(
        "{mark} № {n} · {at} · {state}",
        mark=STATE_MARKS[one.state], n=one.id, at=words.moment(at, timezone), state=state_label(one.state, words),
    )  # fmt: skip
    if progress.total:
        sent = f"{progress.of(DeliveryState.SENT):,}"
        line = Html(line + " · " + words.html("{sent} of {total} sent", sent=sent, total=f"{progress.total:,}"))
    if taken_back:
        line = Html(line + " · " + words.html("taken back"))
    return Html(line + "\n" + words.html("“{title}”", title=title_of(one, words)))


def _name(one: Announcement, words: Speech) -> Html:
    return words.html("№ {n} · “{title}”", n=one.id, title=title_of(one, words))


def bar(share: float) -> str:
    return "▓" * int(share * _BAR) + "░" * (_BAR - int(share * _BAR))


def _how_far(share: float) -> str:
    """A bar and its percentage: 100 % only when it is all."""
    return f"{bar(share)} {int(share * 100)}%"
