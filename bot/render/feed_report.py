"""Messages to admins about feeds that bring nothing any more (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.i18n import Translator
from bot.render.feed_trouble import trouble_html
from bot.render.feeds import feed_name, health_mark, past_text, span_in_words
from bot.text.markup import LINE_BREAK, Html
from digests.feeds.health import silent_since
from digests.feeds.reports import FeedConcern
from digests.feeds.schedule import rhythm_of
from digests.model.feed import ENDED, FeedHealth, FeedTrouble

MOST_NAMED = 6
_MANY = 5
"""From so many on that can't be reached at once, the bot's own network is more likely to be broken."""


def feed_report_html(concerns: Sequence[FeedConcern], now: datetime, timezone: str, t: Translator) -> Html:
    """Return the message about these feeds, the gravest first; beyond MOST_NAMED they are only counted."""
    blocks = [t.html("🛰 <b>Feeds that bring nothing any more</b>")]
    blocks.extend(_line(concern, now, timezone, t) for concern in concerns[:MOST_NAMED])
    if (more := len(concerns) - MOST_NAMED) > 0:
        blocks.append(t.count_html("… and {n} more", "… and {n} more", more))
    last = [t.html("I tell you of each only once. /feeds lists them all.")]
    if _looks_like_our_network(concerns):
        last.insert(0, t.html("None of them answers, so perhaps it is my own connection: please check that first."))
    return Html("\n\n").join([*blocks, LINE_BREAK.join(last)])


def _looks_like_our_network(concerns: Sequence[FeedConcern]) -> bool:
    faults = [concern.feed.state.fault for concern in concerns]
    return len(faults) >= _MANY and all(
        fault is not None and fault.trouble is FeedTrouble.UNREACHABLE for fault in faults
    )


def _line(concern: FeedConcern, now: datetime, timezone: str, t: Translator) -> Html:
    feed, state = concern.feed, concern.feed.state
    mark, name = health_mark(feed, now), feed_name(feed)
    if concern.health is FeedHealth.SILENT:
        return t.html(
            "{mark} <b>{name}</b>: nothing new for {time}; usually something comes every {rhythm}. "
            "Perhaps the site has another feed.",
            mark=mark,
            name=name,
            time=span_in_words(now - (silent_since(state) or now), t),
            rhythm=span_in_words(rhythm_of(state.brought) or timedelta(), t),
        )
    said = trouble_html(state.fault.trouble if state.fault else FeedTrouble.UNREACHABLE, t, is_kept=True)
    if concern.health in ENDED.values() or state.failing_since is None:
        return t.html("{mark} <b>{name}</b>: {said}", mark=mark, name=name, said=said)
    since = past_text(state.failing_since, now, timezone, t)
    return t.html("{mark} <b>{name}</b> (since {since}): {said}", mark=mark, name=name, since=since, said=said)
