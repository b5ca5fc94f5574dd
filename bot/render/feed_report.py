"""What admins are told of feeds that bring nothing any more (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.i18n import Translator, gettext_noop
from bot.markup import LINE_BREAK, Html
from bot.render.shorten import shorten
from digests.feeds.health import silent_since
from digests.feeds.reports import FeedConcern
from digests.feeds.schedule import rhythm_of
from digests.model.feed import Feed, FeedHealth, FeedTrouble

MOST_NAMED = 6
_TITLE = 60
_MANY = 5
"""From so many on that can't be reached at once, the bot's own network is more likely to be broken."""

_REASONS: Mapping[FeedTrouble, str] = MappingProxyType(
    {
        FeedTrouble.UNREACHABLE: gettext_noop("its server does not answer"),
        FeedTrouble.FORBIDDEN: gettext_noop("it leads to an address that I may not ask"),
        FeedTrouble.GONE: gettext_noop("it is gone for good"),
        FeedTrouble.NOT_FOUND: gettext_noop("there is nothing at its address any more"),
        FeedTrouble.REFUSED: gettext_noop("its site does not let me in"),
        FeedTrouble.BUSY: gettext_noop("its server asks me to wait again and again"),
        FeedTrouble.SERVER: gettext_noop("its server reports an error of its own"),
        FeedTrouble.TOO_LARGE: gettext_noop("it has become too large"),
        FeedTrouble.NOT_A_FEED: gettext_noop("what comes from its address is no feed any more"),
    }
)


def feed_report_html(concerns: Sequence[FeedConcern], now: datetime, t: Translator) -> Html:
    """Return the message about these feeds, the gravest first; beyond MOST_NAMED they are only counted."""
    lines = [t.html("📡 <b>Feeds that bring nothing any more</b>"), Html("")]
    lines.extend(_line(concern, now, t) for concern in concerns[:MOST_NAMED])
    if (more := len(concerns) - MOST_NAMED) > 0:
        lines.append(t.count_html("… and {n} more.", "… and {n} more.", more))
    lines.append(Html(""))
    if _looks_like_our_network(concerns):
        lines.append(t.html("None of them answers, so perhaps it is my own connection: please check that first."))
    lines.append(
        t.html(
            "Open one to look again, change its address, pause it or remove it; what it has brought stays. "
            "/feeds lists them all. I won’t mention these again."
        )
    )
    return LINE_BREAK.join(lines)


def _looks_like_our_network(concerns: Sequence[FeedConcern]) -> bool:
    faults = [concern.feed.state.fault for concern in concerns]
    return len(faults) >= _MANY and all(
        fault is not None and fault.trouble is FeedTrouble.UNREACHABLE for fault in faults
    )


def _line(concern: FeedConcern, now: datetime, t: Translator) -> Html:
    feed = concern.feed
    title = shorten(feed.title or feed.url, _TITLE)
    if concern.health is FeedHealth.GONE:
        return t.html(
            "🪦 <b>{title}</b>: its server says that it is gone for good, so I don’t ask it any more.", title=title
        )
    if concern.health is FeedHealth.FAILING:
        return t.html(
            "⚠️ <b>{title}</b>: nothing to be had for {time}; {reason}.",
            title=title,
            time=span_in_words(now - (feed.state.failing_since or now), t),
            reason=_reason(feed, t),
        )
    return t.html(
        "🔇 <b>{title}</b>: nothing new for {time}; usually something comes every {rhythm}.",
        title=title,
        time=span_in_words(now - (silent_since(feed.state) or now), t),
        rhythm=span_in_words(rhythm_of(feed.state.brought) or timedelta(), t),
    )


def _reason(feed: Feed, t: Translator) -> str:
    fault = feed.state.fault
    return t(_REASONS[fault.trouble if fault is not None else FeedTrouble.UNREACHABLE])


def span_in_words(span: timedelta, t: Translator) -> str:
    """Return a span of time roughly, in the largest unit of which there are two or more: "3 days", "20 hours"."""
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes < 120:
        return t.count("{n} minute", "{n} minutes", minutes)
    hours = round(minutes / 60)
    if hours < 48:
        return t.count("{n} hour", "{n} hours", hours)
    return t.count("{n} day", "{n} days", round(hours / 24))
