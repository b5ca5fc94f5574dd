"""Files of feeds (OPML): what would be imported, how far that is, and what came of it (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from bot.i18n import Translator, gettext_noop
from bot.render.announcement_report import bar
from bot.render.feeds import brief_address
from bot.render.shorten import shorten
from bot.text.markup import LINE_BREAK, Html
from digests.feeds.results import ImportedFeeds, OpmlPreview
from digests.model.category_tree import SEPARATOR
from digests.model.feed_refusal import FeedRefusal

_NAMED = 6
_NAME = 40

_REASONS: Mapping[FeedRefusal, str] = MappingProxyType(
    {
        FeedRefusal.NOT_WEB: gettext_noop("not a web address"),
        FeedRefusal.HAS_PASSWORD: gettext_noop("with a password in the address"),
        FeedRefusal.TOO_LONG: gettext_noop("the address is too long"),
        FeedRefusal.NOT_PUBLIC: gettext_noop("not a public address"),
        FeedRefusal.BAD_CATEGORY: gettext_noop("the folder can't be a category"),
        FeedRefusal.NO_FEED: gettext_noop("a page without a feed"),
        FeedRefusal.OTHER_LIST: gettext_noop("another list of feeds"),
    }
)


def opml_html(preview: OpmlPreview, t: Translator) -> Html:
    """Return what an import would do, before anything is done."""
    known, refused, new = len(preview.known), len(preview.refused), preview.new
    lines = [t.html("📥 <b>Feeds in your file</b>")]
    lines.append(t.count_html("✅ {n} new feed", "✅ {n} new feeds", len(new)))
    if known:
        lines.append(t.count_html("☑️ {n} is there already", "☑️ {n} are there already", known))
    if preview.doubles:
        lines.append(t.count_html("☑️ {n} is in the file twice", "☑️ {n} are in the file twice", preview.doubles))
    if refused:
        counted = Counter(_reason(outline.reason, t) for outline in preview.refused)
        reasons = t.joined(
            t("{reason} ({n})", reason=reason, n=t.number(n)) if len(counted) > 1 else reason
            for reason, n in counted.most_common()
        )
        lines.append(
            t.count_html("🚫 {n} can't be used: {reasons}", "🚫 {n} can't be used: {reasons}", refused, reasons=reasons)
        )
    if new:
        names = [shorten(feed.title, _NAME) or shorten(brief_address(feed.url), _NAME) for feed in new[:_NAMED]]
        lines.append(Html("\n") + t.html("New: {names}", names=_some(names, len(new), t)))
    if categories := preview.categories:
        shown = [shorten(f" {SEPARATOR} ".join(path), _NAME) for path in categories[:_NAMED]]
        lines.append(t.html("📂 Folders become categories: {names}", names=_some(shown, len(categories), t)))
    return LINE_BREAK.join(lines)


def _reason(reason: FeedRefusal, t: Translator) -> str:
    return t(_REASONS[reason]) if reason in _REASONS else t("not understood")


def _some(names: list[str], total: int, t: Translator) -> str:
    """Return names as a list; that there are more of them is said."""
    listed, left = t.joined(names), total - len(names)
    return t.count("{names} and {n} more", "{names} and {n} more", left, names=listed) if left > 0 else listed


def importing_html(done: int, total: int, t: Translator) -> Html:
    """Return how far an import is."""
    share = done / total if total else 1.0
    return t.html(
        "📥 <b>Adding feeds …</b>\n{bar} {done} of {total}",
        bar=bar(share),
        done=t.number(done),
        total=t.number(total),
    )


def imported_html(result: ImportedFeeds, t: Translator) -> Html:
    """Return what came of an import."""
    lines = [t.count_html("✅ {n} feed added.", "✅ {n} feeds added.", result.added)]
    if result.known:
        lines.append(t.count_html("{n} was there already.", "{n} were there already.", result.known))
    if result.refused:
        lines.append(t.count_html("{n} could not be used.", "{n} could not be used.", result.refused))
    if result.added:
        lines.append(t.html("I am reading them one after the other; their articles will follow."))
    return LINE_BREAK.join(lines)
