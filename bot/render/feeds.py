"""Feeds, for admins: the list of them, and a feed by itself (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.i18n import Translator
from bot.render.article import article_html, zone
from bot.render.feed_trouble import brief_trouble, trouble_html
from bot.render.shorten import shorten
from bot.render.soon import soon_text
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html, escape, link
from digests.feeds.health import health_of
from digests.model.article import Article
from digests.model.category_tree import SEPARATOR
from digests.model.feed import ENDED, Feed, FeedHealth, FeedKind

SayMoment = Callable[[datetime, datetime, str, Translator], str]
"""Puts a moment in words, given the time now, a time zone and a language."""
FEEDS_PAGE = 8
"""Feeds on a page."""
_ADDRESS = 60
_LINK_BYTES = 4_000
_NAME = 60
_LISTED = 36
"""Characters of a name in the list, where it shares its line with a sign."""
_PATH = 80
_KINDS = {
    FeedKind.RSS: "RSS",
    FeedKind.ATOM: "Atom",
    FeedKind.JSON: "JSON Feed",
    FeedKind.RDF: "RSS",
    FeedKind.CDF: "CDF",
}


def brief_address(url: str) -> str:
    """Return an address for people: short, without its scheme, and without what may be secret in it.

    That is a user and a password, and what stands behind a question mark.
    """
    try:
        parts = urlsplit(url)
        # What has no port that is a number may have a password with a slash in it.
        host = parts.netloc.rpartition("@")[2] if parts.port is None or parts.port else ""
    except ValueError:
        return "…"
    if not host:
        return "…"
    if parts.scheme == "rsshub":
        host = f"rsshub://{host}"
    return shorten(f"{host}{parts.path.rstrip('/')}{'?…' if parts.query else ''}", _ADDRESS)


def with_short_link(article: Article) -> Article:
    """Return an article that shares a message with others: without its link, if that takes too many bytes.

    Telegram limits the bytes of a message with its addresses.
    """
    return replace(article, url=None) if article.url and len(escape(article.url).encode()) > _LINK_BYTES else article


def feed_name(feed: Feed, limit: int = _NAME) -> str:
    """Return what a feed is called: by its title, or else by its address."""
    return shorten(feed.title, limit) or shorten(brief_address(feed.url), limit)


def kind_name(kind: FeedKind) -> str:
    """Return what people call a kind of feed; "" where it is not known yet."""
    return _KINDS.get(kind, "")


def category_name(path: Sequence[str], title: str, t: Translator) -> str:
    """Return the name of a category in which articles of a feed are; () stands for one of the feed's title."""
    if path:
        return shorten(f" {SEPARATOR} ".join(path), _PATH)
    return shorten(title, _PATH) or t("the title of the feed")


def health_mark(feed: Feed, now: datetime) -> str:
    """Return the sign for how a feed is."""
    match health_of(feed, now):
        case FeedHealth.NEW:
            return "⏳" if feed.state.fault else "🆕"
        case FeedHealth.FINE:
            return "⏳" if feed.state.fault else "✅"
        case FeedHealth.SILENT:
            return "💤"
        case FeedHealth.FAILING:
            return "⚠️"
        case FeedHealth.GONE | FeedHealth.DUPLICATE:
            return "🚫"
        case FeedHealth.PAUSED:
            return "⏸"


def health_text(feed: Feed, t: Translator, timezone: str, now: datetime, say: SayMoment) -> str:
    """Return how a feed is in a few words; `say` puts moments in words."""
    state, health = feed.state, health_of(feed, now)
    if health is FeedHealth.PAUSED:
        return t("paused")
    if health is FeedHealth.FAILING and state.fault is not None and state.failing_since is not None:
        wrong = brief_trouble(state.fault.trouble, t)
        return t("{wrong} since {day}", wrong=wrong, day=say(state.failing_since, now, timezone, t))
    if state.fault is not None:
        return brief_trouble(state.fault.trouble, t)
    if health is FeedHealth.NEW:
        return t("not read yet")
    if state.news_at is None:
        return t("nothing new yet")
    when = say(state.news_at, now, timezone, t)
    if health is FeedHealth.SILENT:
        return t("nothing new since {when}", when=when)
    return t("something new {when}", when=when)


def brief_moment(moment: datetime, now: datetime, timezone: str, t: Translator) -> str:
    """Return a moment on a reader's clock as short as it can be: "08:00" today, else "6 Jun", or "6 Jun 2025"."""
    local, today = moment.astimezone(zone(timezone)), now.astimezone(zone(timezone))
    if local.date() == today.date():
        return t.clock(local.time())
    return t.short_day(local.date()) if local.year == today.year else t.day_of_year(local.date())


def exact_moment(moment: datetime, now: datetime, timezone: str, t: Translator) -> str:
    """Return a moment on a reader's clock with its time: "08:00" today, else "6 Jun 08:00"."""
    local, today = moment.astimezone(zone(timezone)), now.astimezone(zone(timezone))
    return t.clock(local.time()) if local.date() == today.date() else t.moment(moment, timezone)


def past_text(moment: datetime, now: datetime, timezone: str, t: Translator) -> str:
    """Return a moment that has passed on a reader's clock: "today 08:00", "6 Jun 08:00" or "6 Jun 2025"."""
    local, today = moment.astimezone(zone(timezone)), now.astimezone(zone(timezone))
    return t.day_of_year(local.date()) if local.year != today.year else soon_text(moment, now, timezone, t)


def next_look_text(feed: Feed, t: Translator, timezone: str, now: datetime, say: SayMoment) -> str:
    """Return when a feed is looked at next; "" where that is never. `say` puts moments in words."""
    if health_of(feed, now) in (FeedHealth.PAUSED, *ENDED.values()):
        return ""
    if feed.state.next_look_at <= now:
        return t("next look in a moment")
    return t("next look {when}", when=say(feed.state.next_look_at, now, timezone, t))


def feeds_html(
    feeds: Sequence[Feed],
    t: Translator,
    timezone: str,
    now: datetime,
    *,
    total: int,
    words: str = "",
    is_narrowed: bool = False,
) -> Html:
    """Return a page of the list; `total` are those that pass its filter."""
    heading = t.html("🛰 <b>Feeds</b> · {n}", n=t.number(total))
    if words:
        heading = heading + " · " + t.html("“{words}”", words=words[:100])
    if not feeds and not is_narrowed:
        return (
            heading
            + "\n\n"
            + t.html(
                "None yet. Add one by the address of a site that you like to read: <code>/feeds example.org</code>, "
                "or send me the OPML file of your feed reader."
            )
        )
    if not feeds:
        return heading + "\n\n" + t.html("No feed matches that.")
    names = Counter(feed_name(feed, _LISTED) for feed in feeds)
    lines = [
        _feed_line(number, feed, t, timezone, now, with_address=names[feed_name(feed, _LISTED)] > 1)
        for number, feed in enumerate(feeds, 1)
    ]
    return LINE_BREAK.join([heading, Html(""), *lines])


def _feed_line(
    number: int, feed: Feed, t: Translator, timezone: str, now: datetime, *, with_address: bool = False
) -> Html:
    """Return a feed's lines in the list, `with_address` where another one has the same name."""
    name = inert_in_line(feed_name(feed, _LISTED))
    mark = Html(" ⚙️") if feed.is_configured else Html("")
    first = Html(f"{number}. {health_mark(feed, now)} <b>{name}</b>") + mark
    details = [health_text(feed, t, timezone, now, brief_moment), next_look_text(feed, t, timezone, now, brief_moment)]
    if with_address:
        first = first + LINE_BREAK + inert_in_line(brief_address(feed.url))
    return first + LINE_BREAK + Html("<i>{}</i>").format(inert_in_line(" · ".join(filter(None, details))))


def feed_html(
    feed: Feed, latest: Sequence[Article], t: Translator, timezone: str, now: datetime, note: Html | None = None
) -> Html:
    """Return a feed with what is known of it, and its `latest` articles as readers see them."""
    state = feed.state
    heading = Html(f"{health_mark(feed, now)} ") + link(inert_in_line(feed_name(feed, 120)), feed.link or None)
    kind = kind_name(feed.kind)
    address = inert_in_line(brief_address(feed.url))
    lines = [
        heading,
        Html(f"{kind} · ") + address if kind else address,
        t.html("📂 {category}", category=category_name(feed.options.category, feed.title, t)),
    ]
    if feed.options.full_text:
        lines.append(t.html("📄 With the full text of its articles"))
    lines.extend(_looks(feed, t, timezone, now))
    if state.fault is not None and not feed.is_paused:
        lines.append(Html("⚠️ ") + trouble_html(state.fault.trouble, t, is_kept=True))
    elif health_of(feed, now) is FeedHealth.SILENT:
        lines.append(t.html("💤 It has been silent for much longer than usual. Perhaps the site has another feed."))
    if state.moved_to and feed.is_configured:
        lines.append(t.html("➡️ It is moving to {address}.", address=brief_address(state.moved_to)))
    elif state.moved_to:
        lines.append(t.html("➡️ It is moving to {address}; I follow by myself.", address=brief_address(state.moved_to)))
    if feed.is_configured:
        lines.append(t.html("⚙️ It is in the settings: whoever runs me can change it there."))
    blocks = [LINE_BREAK.join(lines)]
    if latest:
        blocks.append(t.html("<b>Its latest articles</b>"))
        blocks.extend(article_html(with_short_link(article), t, timezone, now, title_length=100) for article in latest)
    return Html("\n\n").join(([note] if note is not None else []) + blocks)


def _looks(feed: Feed, t: Translator, timezone: str, now: datetime) -> list[Html]:
    state, lines = feed.state, []
    lines.append(t.html("📰 {details}", details=health_text(feed, t, timezone, now, past_text)))
    details = []
    if state.looked_at is not None:
        details.append(t("last look {when}", when=exact_moment(state.looked_at, now, timezone, t)))
    details.append(next_look_text(feed, t, timezone, now, exact_moment))
    if said := " · ".join(filter(None, details)):
        lines.append(t.html("🕐 {details}", details=said))
    if often := how_often(feed, t, now):
        lines.append(t.html("🔁 {often}", often=often))
    return lines


def how_often(feed: Feed, t: Translator, now: datetime) -> str:
    """Return how often a feed is looked at; "" while that is not known."""
    if feed.is_paused:
        return ""
    if feed.options.every:
        return t("looked at every {span}", span=span_in_words(timedelta(minutes=feed.options.every), t))
    state = feed.state
    if state.looked_at is None or state.failures or state.next_look_at <= max(now, state.looked_at):
        # A look that is due, or overdue, says nothing of the rhythm.
        return ""
    return t("looked at about every {span}", span=span_in_words(_rounded(state.next_look_at - state.looked_at), t))


def _rounded(span: timedelta) -> timedelta:
    """Return a span in whole 5 minutes, or 10 of a longer one: the rest of it is chance."""
    step = timedelta(minutes=10 if span >= timedelta(minutes=30) else 5)
    return max(step, span // step * step)


def span_in_words(span: timedelta, t: Translator) -> str:
    """Return a span of time roughly, in the largest unit of which there are two or more: "3 days", "20 hours"."""
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes < 120:
        return t.count("{n} minute", "{n} minutes", minutes)
    hours = round(minutes / 60)
    if hours < 48:
        return t.count("{n} hour", "{n} hours", hours)
    return t.count("{n} day", "{n} days", round(hours / 24))
