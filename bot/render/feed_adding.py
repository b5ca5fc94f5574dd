"""Feeds that somebody is about to add: what was found at an address, and how readers would see it (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.i18n import Translator
from bot.render.article import article_html
from bot.render.feed_trouble import trouble_html
from bot.render.feeds import brief_address, kind_name, with_short_link
from bot.render.shorten import shorten
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html, link
from digests.feeds.results import FoundFeed, TriedFeed, TriedItem
from digests.model.article import Article
from digests.model.feed import FeedFault, FeedTrouble
from digests.model.ids import ArticleId, IngestNumber

_NAME = 60
_TITLE = 100
_SEARCHED = (FeedTrouble.NOT_A_FEED, FeedTrouble.NOT_FOUND)
"""Where feeds were looked for beyond the address itself."""


def looking_html(address: str, t: Translator) -> Html:
    """Return what is shown while an address is fetched."""
    return t.html("🔎 <b>{address}</b>\nOne moment, I am looking at it …", address=brief_address(address))


def by_http_html(t: Translator) -> Html:
    """Return that an address was taken by http, since nothing answers by https."""
    return t.html("🔓 It doesn't answer by https, so I took it by http: others on the way could change what comes.")


def found_html(address: str, feeds: Sequence[FoundFeed], t: Translator) -> Html:
    """Return the question which of the feeds of a page is meant."""
    return t.count_html(
        "🔎 <b>{address}</b>\nThat is a page, and it has a feed. Press it to see what comes of it:",
        "🔎 <b>{address}</b>\nThat is a page with {n} feeds. Press one to see what comes of it:",
        len(feeds),
        address=brief_address(address),
    )


def found_label(feed: FoundFeed) -> str:
    """Return the label of a feed that was found: its title, or else its address."""
    kind, title = kind_name(feed.kind), shorten(feed.title, _NAME)
    name = title or shorten(brief_address(feed.url), _NAME)
    return f"{name} · {kind}" if kind else name


def not_found_html(address: str, fault: FeedFault, t: Translator) -> Html:
    """Return why there is no feed at an address, what was tried, and what to do."""
    lines = [t.html("🤷 <b>{address}</b>", address=brief_address(address))]
    lines.append(trouble_html(fault.trouble, t, is_kept=False))
    if fault.trouble in _SEARCHED:
        lines.append(
            t.html("I looked for a feed in the page itself and in the usual places, such as <code>/feed</code>.")
        )
    return LINE_BREAK.join(lines)


def no_feed_but_route_html(address: str, t: Translator) -> Html:
    """Return that a page has no feed, and that RSSHub makes one of it."""
    return t.html(
        "🤷 <b>{address}</b>\nThis site has no feeds, but RSSHub, a public service, makes one of this page. Press it "
        "to see what comes of it:",
        address=brief_address(address),
    )


def tried_html(tried: TriedFeed, t: Translator, timezone: str, now: datetime) -> Html:
    """Return a feed as it would be added, with its latest articles as readers would see them."""
    read = tried.read
    name = shorten(read.title, _TITLE) or brief_address(tried.url)
    kind, address = kind_name(read.kind), inert_in_line(brief_address(tried.url))
    heading = Html("🛰 ") + link(inert_in_line(name), read.link)
    details = Html(f"{kind} · ") + address if kind else address
    blocks = [LINE_BREAK.join([heading, details, _what_comes(tried, t)])]
    articles = [with_short_link(tried_article(item, now)) for item in tried.latest]
    blocks.extend(article_html(article, t, timezone, now, title_length=_TITLE) for article in articles)
    blocks.append(t.html("📂 Which category should its articles go in?"))
    return Html("\n\n").join(blocks)


def _what_comes(tried: TriedFeed, t: Translator) -> Html:
    number = len(tried.read.items)
    if not number:
        return t.html("It is empty just now.")
    has = t.count_html("It has {n} article.", "It has {n} articles.", number)
    if not tried.news:
        return t.html("{has} None is recent enough for a digest, but new ones will be. The latest:", has=has)
    return t.html("{has} The latest, as readers will see them:", has=has)


def tried_article(tried: TriedItem, now: datetime) -> Article:
    """Return an item as the article that it would become."""
    post = tried.item.post
    published = post.published_at if post.published_at is not None and post.published_at <= now else None
    return Article(
        id=ArticleId(0),
        ingest=IngestNumber(0),
        title=post.title,
        categories=post.categories,
        category_id=None,
        author=post.author,
        source=post.source,
        published_at=published,
        first_seen_at=now,
        shown_at=published or now,
        summary=post.summary,
        thumbnail=post.thumbnail,
        url=post.url,
        original_url=post.original_url,
        language=post.language,
    )


def proposal_html(title: str, url: str, category: str, t: Translator) -> Html:
    """Return what somebody said of a feed to add; it stays when they choose another category by buttons."""
    name = shorten(title, _TITLE) or brief_address(url)
    return t.html("🛰 <b>{name}</b>\nYou said: 📂 <b>{category}</b>", name=name, category=category)
