"""Wishes in words: what each is about, what comes of it, and why one can't be had (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.render.article import short_title
from bot.render.shorten import shorten
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html, escape, linked
from digests.model.article import Article
from digests.model.category_tree import SEPARATOR, CategoryTree
from digests.model.wish import Matter, Subject, Wish, WishKind
from digests.model.wish_text import EndedWish
from digests.search.query import MAX_CHARACTERS
from digests.wishes.canonical import WishRefusal

COUNTED = 1000
"""Beyond this, matches are not counted."""
_NAME = 100
_TITLE = 90
_MARKS = {WishKind.WATCH: "👁", WishKind.MUTE: "🔇", WishKind.MORE: "🔼", WishKind.LESS: "🔽", WishKind.CAP: "✂️"}
AT_ONCE = "⚡"


def wish_mark(wish: Wish | EndedWish) -> str:
    """Return the sign of a wish: that of its kind, or of a source that is followed."""
    is_source = wish.kind is WishKind.WATCH and wish.subject.matter is Matter.SOURCE
    return "📌" if is_source else _MARKS[wish.kind]


def subject_name(subject: Subject, tree: CategoryTree, t: Translator) -> str:
    """Return the name of what a wish is about: words, a source, or the path of a category."""
    if subject.matter is Matter.WORDS:
        return shorten(_bare(subject.value), _NAME)
    if subject.category is None:
        return shorten(subject.value, _NAME)
    category = tree.get(subject.category)
    if category is None:
        return t("(a category that is gone)")
    return shorten(f" {SEPARATOR} ".join(category.path), _NAME)


def _bare(words: str) -> str:
    """Return words without the quotation marks around a single phrase, which say nothing more about it."""
    inner = words[1:-1]
    return inner if words[:1] == words[-1:] == '"' and '"' not in inner and inner else words


def matter_name(subject: Subject, tree: CategoryTree, t: Translator) -> str:
    """Return what a wish is about with the kind of thing that it is, such as "the source 36kr"."""
    name = subject_name(subject, tree, t)
    match subject.matter:
        case Matter.WORDS:
            return t("the words “{name}”", name=name)
        case Matter.SOURCE:
            return t("the source {name}", name=name)
        case Matter.CATEGORY:
            return t("the category {name}", name=name)


def wish_label(wish: Wish, tree: CategoryTree, t: Translator, timezone: str, limit: int) -> str:
    """Return a wish in a line for a button: its sign, its name shortened, and how far it goes."""
    name = f"{wish_mark(wish)} {shorten(subject_name(wish.subject, tree, t), limit)}"
    if wish.kind is WishKind.CAP:
        return t("{name} · at most {n}", name=name, n=wish.most)
    if wish.kind is WishKind.MUTE and wish.until is not None:
        return t("{name} · until {moment}", name=name, moment=t.moment(wish.until, timezone))
    return f"{name} {AT_ONCE}" if wish.at_once else name


def wish_html(wish: Wish, tree: CategoryTree, t: Translator, timezone: str) -> Html:
    """Return what a wish does, in a sentence or two."""
    name = subject_name(wish.subject, tree, t)
    match wish.kind:
        case WishKind.WATCH if wish.at_once:
            return t.html(
                "⚡ <b>{name}</b>\nYou are told at once, outside your quiet hours. When a day brings very many, the "
                "rest waits for your digest.",
                name=name,
            )
        case WishKind.WATCH if wish.subject.matter is Matter.SOURCE:
            return t.html(
                "📌 <b>{name}</b>\nArticles of this source come in your digest, whatever their category.", name=name
            )
        case WishKind.WATCH:
            return t.html(
                "👁 <b>{name}</b>\nArticles with these words come in your digest, marked, even from categories that you "
                "don't follow.",
                name=name,
            )
        case WishKind.MUTE if wish.until is not None:
            until = t.moment(wish.until, timezone)
            return t.html("🔇 <b>{name}</b>\nStays out of your digest until {until}.", name=name, until=until)
        case WishKind.MUTE:
            return t.html("🔇 <b>{name}</b>\nStays out of your digest for good.", name=name)
        case WishKind.MORE:
            return t.html("🔼 <b>{name}</b>\nComes first in your digest.", name=name)
        case WishKind.LESS:
            return t.html("🔽 <b>{name}</b>\nComes last in your digest.", name=name)
        case WishKind.CAP:
            return t.count_html(
                "✂️ <b>{name}</b>\nAt most {n} article in a digest; more is behind its button.",
                "✂️ <b>{name}</b>\nAt most {n} articles in a digest; more are behind its button.",
                wish.most,
                name=name,
            )


def ended_html(wish: Wish | EndedWish, tree: CategoryTree, t: Translator) -> Html:
    """Return that a wish is over."""
    name = subject_name(wish.subject, tree, t)
    match wish.kind:
        case WishKind.WATCH if wish.subject.matter is Matter.SOURCE:
            return t.html("You no longer follow the source <b>{name}</b>.", name=name)
        case WishKind.WATCH:
            return t.html("You no longer watch <b>{name}</b>.", name=name)
        case WishKind.MUTE:
            return t.html("<b>{name}</b> is no longer muted.", name=name)
        case WishKind.MORE | WishKind.LESS:
            return t.html("<b>{name}</b> is in its usual place again.", name=name)
        case WishKind.CAP:
            return t.html("<b>{name}</b> has no limit any more.", name=name)


def counts_html(categories: int, wishes: Sequence[Wish], t: Translator) -> Html:
    """Return how many parts of each sort a digest is made of, with the signs by which a list shows them."""
    watches = [wish for wish in wishes if wish.kind is WishKind.WATCH]
    sources = sum(wish.subject.matter is Matter.SOURCE for wish in watches)
    mutes, caps = (sum(wish.kind is kind for wish in wishes) for kind in (WishKind.MUTE, WishKind.CAP))
    counts = [
        (categories, t.count("🗂 {n} category", "🗂 {n} categories", categories)),
        (sources, t.count("📌 {n} source", "📌 {n} sources", sources)),
        (len(watches) - sources, t.count("👁 {n} watch", "👁 {n} watches", len(watches) - sources)),
        (mutes, t.count("🔇 {n} mute", "🔇 {n} mutes", mutes)),
        (caps, t.count("✂️ {n} limit", "✂️ {n} limits", caps)),
    ]
    return escape(" · ".join(text for number, text in counts if number))


def matches_html(total: int, articles: Sequence[Article], t: Translator) -> Html:
    """Return how many articles of the last week match, with the titles of the latest."""
    if total > COUNTED:
        line = t.html("Matches more than {n} articles of the last week:", n=t.number(COUNTED))
    elif not total:
        return t.html("No article of the last week matches; I keep looking.")
    else:
        line = t.count_html("Matches {n} article of the last week:", "Matches {n} articles of the last week:", total)
    return _with_titles(line, articles, t)


def kept_away_html(total: int, articles: Sequence[Article], t: Translator) -> Html:
    """Return how many articles of the last week a mute would have kept away, with the titles of the latest."""
    if total > COUNTED:
        line = t.html("It would have kept more than {n} articles of the last week away.", n=t.number(COUNTED))
    elif not total:
        return t.html("There was none of it in the last week.")
    else:
        line = t.count_html(
            "It would have kept {n} article of the last week away.",
            "It would have kept {n} articles of the last week away.",
            total,
        )
    return _with_titles(line, articles, t)


def _with_titles(line: Html, articles: Sequence[Article], t: Translator) -> Html:
    titles = [Html(f"• {linked(inert_in_line(short_title(article, t, _TITLE)), article.url)}") for article in articles]
    return LINE_BREAK.join([line, *titles])


def refusal_html(reason: WishRefusal, what: str, most: int, t: Translator) -> Html:
    """Return why a wish can't be had, and what to do instead; a place may have `most` wishes."""
    match reason:
        case WishRefusal.NOTHING_READABLE:
            return t.html("I find no word in that. Write one or more, such as <code>moon landing</code>.")
        case WishRefusal.MATCHES_EVERYTHING:
            return t.html("Nearly every article matches that. Add a word or two that make it narrower.")
        case WishRefusal.MATCHES_NOTHING:
            return t.html("No article can match that: it asks for something and excludes it again.")
        case WishRefusal.TOO_LONG:
            return t.html("That is too long for me: a few words find more. At most {n} characters.", n=MAX_CHARACTERS)
        case WishRefusal.TOO_MANY:
            return t.html(
                "That would be more than the {n} watches, mutes and the like that I can keep for a chat. "
                "/subscriptions shows them all; end one that you no longer need.",
                n=most,
            )
        case WishRefusal.UNKNOWN_FILTER:
            return t.html(
                "I don't understand “{what}”. Days are written like <code>after:2026-05-01</code>.", what=what[:_NAME]
            )
        case WishRefusal.UNKNOWN_CATEGORY:
            return t.html("I don't know the category “{what}”. /categories shows all of them.", what=what[:_NAME])
