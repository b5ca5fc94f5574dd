"""Why an article came in a digest or did not, in words (pure)."""

from __future__ import annotations

from datetime import datetime

from bot.i18n import Translator
from bot.render.article import short_title, source_and_time, source_name
from bot.render.shorten import shorten
from bot.render.soon import soon_text
from bot.render.wishes import subject_name, wish_mark
from bot.text.inert import inert, inert_in_line
from bot.text.markup import LINE_BREAK, Html, link, linked
from digests.model.category_tree import SEPARATOR, CategoryTree
from digests.model.explanation import Explanation, Reason
from digests.model.wish import Matter, WishKind

_NAME = 60
_MOST_NAMED = 4
_MOST_LINES = 12


def why_html(explained: Explanation, tree: CategoryTree, t: Translator, timezone: str, now: datetime) -> Html:
    """Return the article, what became of it, and what of the reader's choices it has to do with."""
    article = explained.article
    head = [Html("<b>{}</b>").format(link(inert(short_title(article, t)), article.url))]
    if when := source_and_time(article, t, timezone, now):
        head.append(Html(f"<i>{when}</i>"))
    lines = [LINE_BREAK.join(head), _verdict(explained, tree, t, timezone, now)]
    if about := _about(explained, tree, t):
        lines.append(LINE_BREAK.join(about))
    return (LINE_BREAK + LINE_BREAK).join(lines)


def _verdict(explained: Explanation, tree: CategoryTree, t: Translator, timezone: str, now: datetime) -> Html:
    """Return what became of the article, in a sentence or two."""
    match explained.reason:
        case Reason.COMES | Reason.CUT | Reason.CAPPED | Reason.WAITS:
            return _coming(explained, tree, t, timezone, now)
        case Reason.SENT | Reason.SENT_BEHIND | Reason.ON_ITS_WAY | Reason.NOT_ARRIVED | Reason.SENT_AT_ONCE:
            return _sent(explained, t, timezone)
        case Reason.SAME_STORY | Reason.STORY_SENT:
            return _story(explained, t)
        case Reason.UNWANTED:
            return t.html(
                "➖ It is in no category or source that you follow, and has none of the words that you watch."
            )
        case Reason.MUTED:
            named = _names(explained, tree, t, WishKind.MUTE)
            return t.html("🔇 You mute {named}, so it stays out of your digest.", named=named)
        case Reason.IN_TOPIC:
            return t.html("💬 It comes in the topic of its category, so it stays out of this digest.")
        case Reason.TOO_OLD:
            return t.html("🕰 It was old already when I first saw it. Digests bring what is new; searches find it.")
        case Reason.LATE:
            return t.html("🕰 Your digest was off for so long that it is old by now.")
        case Reason.BEFORE:
            return t.html("🕰 It came before you began with your digest.")
        case Reason.PASSED:
            return t.html(
                "🕰 It came before your last digest and was in none, as things were then: perhaps you have followed "
                "this, or ended a mute, since."
            )


def _coming(explained: Explanation, tree: CategoryTree, t: Translator, timezone: str, now: datetime) -> Html:
    if explained.reason is Reason.WAITS:
        return t.html(
            "⏳ It waits: your digest comes when there are {least} articles, and so far there are {came}.",
            least=explained.least,
            came=explained.came,
        )
    if explained.reason is Reason.CUT:
        said = t.count_html(
            "🔽 It will be behind the button of your next digest, which shows {n} article.",
            "🔽 It will be behind the button of your next digest, which shows {n} articles.",
            explained.items,
        )
    elif explained.reason is Reason.CAPPED:
        named = _names(explained, tree, t, WishKind.CAP)
        said = t.html("✂️ It will be behind the button of your next digest: there is a limit for {named}.", named=named)
    else:
        said = t.html("✅ It comes in your next digest.")
    if explained.at is None:
        return said + " " + t.html("But your digest is off now; /resume turns it on.")
    return said + " " + t.html("That is due {moment}.", moment=soon_text(explained.at, now, timezone, t))


def _sent(explained: Explanation, t: Translator, timezone: str) -> Html:
    moment = t.moment(explained.at, timezone) if explained.at is not None else ""
    match explained.reason:
        case Reason.SENT_BEHIND:
            return t.html("🔽 It is behind the button of your digest from {moment}.", moment=moment)
        case Reason.ON_ITS_WAY:
            return t.html("🚀 It is on its way to you right now.")
        case Reason.NOT_ARRIVED:
            return t.html("⚠️ It was in your digest from {moment}, which may not have arrived.", moment=moment)
        case Reason.SENT_AT_ONCE:
            return t.html("⚡ It came at once, {moment}, so your digest does not bring it again.", moment=moment)
        case _:
            return t.html("✅ It came in your digest from {moment}.", moment=moment)


def _story(explained: Explanation, t: Translator) -> Html:
    is_sent = explained.reason is Reason.STORY_SENT
    other = explained.other
    if other is None:
        if is_sent:
            return t.html("🗞 Its story was in an earlier digest of yours, from another source.")
        return t.html("🗞 Its story comes in your next digest, from another source.")
    title = linked(inert_in_line(short_title(other, t, 100)), other.url)
    source = inert_in_line(source_name(other)) or Html("–")
    if is_sent:
        return t.html(
            "🗞 Its story was in an earlier digest of yours, from {source}: {title}", source=source, title=title
        )
    return t.html("🗞 Its story comes in your next digest, from {source}: {title}", source=source, title=title)


def _about(explained: Explanation, tree: CategoryTree, t: Translator) -> list[Html]:
    """Return what the reader follows and wishes that has to do with the article, a line each."""
    lines = []
    if explained.followed:
        paths = [shorten(f" {SEPARATOR} ".join(category.path), _NAME) for category in explained.followed[:_MOST_NAMED]]
        lines.append(t.html("🗂 You follow: {named}", named=t.joined(paths)))
    by_kind = {
        WishKind.WATCH: t("You watch"),
        WishKind.MUTE: t("You mute"),
        WishKind.MORE: t("Comes first"),
        WishKind.LESS: t("Comes last"),
        WishKind.CAP: t("Limit"),
    }
    for wish in explained.wishes:
        is_source = wish.kind is WishKind.WATCH and wish.subject.matter is Matter.SOURCE
        said = t("You follow the source") if is_source else by_kind[wish.kind]
        name = inert_in_line(shorten(subject_name(wish.subject, tree, t), _NAME))
        line = t.html("{mark} {said}: {name}", mark=wish_mark(wish), said=said, name=name)
        lines.append(t.html("{line} · at most {n}", line=line, n=wish.most) if wish.kind is WishKind.CAP else line)
    return lines[:_MOST_LINES]


def _names(explained: Explanation, tree: CategoryTree, t: Translator, kind: WishKind) -> Html:
    """Return what the wishes of a kind are about."""
    names = [shorten(subject_name(wish.subject, tree, t), _NAME) for wish in explained.wishes if wish.kind is kind]
    return Html("<b>{}</b>").format(inert_in_line(t.joined(names[:_MOST_NAMED])))
