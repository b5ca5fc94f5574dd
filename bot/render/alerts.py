"""Messages to admins about trouble with the bot, when it begins and when it is over (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.i18n import Translator
from bot.render.feeds import past_text, span_in_words
from bot.render.shorten import shorten
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html
from digests.alerts.model import Alert, AlertKind

MOST_SOURCES = 5
"""The most sources that are named in one message; others are counted."""
_NAME = 60
_GIGABYTE_MB = 1000


@dataclass(frozen=True, slots=True)
class _Recipient:
    """For whom the lines are: their words, their clock, and the time."""

    t: Translator
    timezone: str
    now: datetime


def alerts_html(alerts: Sequence[Alert], now: datetime, timezone: str, t: Translator) -> Html:
    """Return one message for all of these alerts: what is wrong comes first, then what is over."""
    recipient = _Recipient(t, timezone, now)
    begun = [_BEGUN[alert.kind](alert, recipient) for alert in alerts if not alert.is_over]
    over = [_OVER[alert.kind](alert, recipient) for alert in alerts if alert.is_over]
    blocks = list[Html]()
    if begun:
        blocks += [t.html("🛎 <b>Something needs looking after</b>"), *begun]
        last = t.html("I tell you of each of these once a day at most, and when it is over. /doctor shows more.")
        blocks += [] if over else [last]
    if over:
        blocks += [t.html("✅ <b>All right again</b>"), *over]
    return Html("\n\n").join(blocks)


def _no_articles(alert: Alert, recipient: _Recipient) -> Html:
    time = span_in_words(timedelta(hours=alert.number), recipient.t)
    return recipient.t.html("📰 No new article has come for {time}. Is what writes the posts still running?", time=time)


def _articles_again(_alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html("📰 New articles are coming in again.")


def _silent_sources(alert: Alert, recipient: _Recipient) -> Html:
    said = recipient.t.html("🔇 Nothing new for much longer than usual from:")
    return said + LINE_BREAK + _names(alert.names, recipient.t)


def _sources_again(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html("🔇 These bring something new again:") + LINE_BREAK + _names(alert.names, recipient.t)


def _names(names: Sequence[str], t: Translator) -> Html:
    lines = [Html("• ") + inert_in_line(shorten(name, _NAME)) for name in names[:MOST_SOURCES]]
    if (more := len(names) - MOST_SOURCES) > 0:
        lines.append(t.count_html("… and {n} more", "… and {n} more", more))
    return LINE_BREAK.join(lines)


def _failures(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html(
        "📮 {percent}% of the last hour's messages could not be delivered. The log says why.",
        percent=recipient.t.number(round(alert.number)),
    )


def _delivered_again(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html("📮 Messages are delivered as usual again, after {time}.", time=_lasted(alert, recipient))


def _disk(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html(
        "💾 Only {size} are free on my disk. Please make room: once it is full, I can't send anything.",
        size=_size(alert.number, recipient.t),
    )


def _room_again(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html("💾 There is room on my disk again: {size}.", size=_size(alert.number, recipient.t))


def _telegram(alert: Alert, recipient: _Recipient) -> Html:
    # Nobody reads it before it is over.
    return recipient.t.html("📡 I can't reach Telegram.")


def _telegram_again(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html(
        "📡 I could not reach Telegram for {time}, since {when}. What was due meanwhile is on its way.",
        time=_lasted(alert, recipient),
        when=past_text(alert.since, recipient.now, recipient.timezone, recipient.t),
    )


def _clock(alert: Alert, recipient: _Recipient) -> Html:
    time = _seconds(abs(alert.number), recipient.t)
    if alert.number > 0:
        return recipient.t.html("🕰 My machine's clock is {time} fast. Please have it set by itself (NTP).", time=time)
    return recipient.t.html("🕰 My machine's clock is {time} slow. Please have it set by itself (NTP).", time=time)


def _clock_right_again(_alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html("🕰 My machine's clock is right again.")


def _queue(alert: Alert, recipient: _Recipient) -> Html:
    time = span_in_words(timedelta(minutes=alert.number), recipient.t)
    return recipient.t.html("🐢 Digests are late by {time}. They will all come, but not on time.", time=time)


def _on_time_again(alert: Alert, recipient: _Recipient) -> Html:
    return recipient.t.html("🐢 Digests are on time again, after {time}.", time=_lasted(alert, recipient))


def _lasted(alert: Alert, recipient: _Recipient) -> str:
    return span_in_words((alert.ended_at or recipient.now) - alert.since, recipient.t)


def _seconds(seconds: float, t: Translator) -> str:
    whole = round(seconds)
    return t.count("{n} second", "{n} seconds", whole) if whole < 120 else span_in_words(timedelta(seconds=whole), t)


def _size(megabytes: float, t: Translator) -> str:
    whole = round(megabytes)
    if whole < _GIGABYTE_MB:
        return t("{number} MB", number=t.number(whole))
    return t("{number} GB", number=t.number(round(whole / _GIGABYTE_MB)))


_Line = Callable[[Alert, _Recipient], Html]
_BEGUN: Mapping[AlertKind, _Line] = {
    AlertKind.NO_ARTICLES: _no_articles,
    AlertKind.SILENT_SOURCES: _silent_sources,
    AlertKind.FAILURES: _failures,
    AlertKind.DISK: _disk,
    AlertKind.TELEGRAM: _telegram,
    AlertKind.CLOCK: _clock,
    AlertKind.QUEUE: _queue,
}
_OVER: Mapping[AlertKind, _Line] = {
    AlertKind.NO_ARTICLES: _articles_again,
    AlertKind.SILENT_SOURCES: _sources_again,
    AlertKind.FAILURES: _delivered_again,
    AlertKind.DISK: _room_again,
    AlertKind.TELEGRAM: _telegram_again,
    AlertKind.CLOCK: _clock_right_again,
    AlertKind.QUEUE: _on_time_again,
}
