"""Announcements in words, until they are confirmed: what they are, the card, the question (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.i18n import LANGUAGES, Speech
from bot.limits import MESSAGES_PER_STAR
from bot.markup import Html, plain_text
from bot.render.shorten import cut
from digests.model.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    AnnouncementState,
    Audience,
    Content,
    Kind,
    Moment,
    Timing,
)
from digests.model.timezones import zone_label

_SHORT = 40


def language_label(language: str, words: Speech) -> str:
    return LANGUAGES.get(language, language) if language else words.say("Default text")


def active_label(days: int, words: Speech) -> str:
    if not days:
        return words.say("Active at any time")
    return words.count("Active in the last {n} day", "Active in the last {n} days", days)


def kind_label(kind: Kind, words: Speech) -> str:
    match kind:
        case Kind.PEOPLE:
            return words.say("People only")
        case Kind.CHATS:
            return words.say("Groups and channels only")
        case _:
            return words.say("People, groups and channels")


def state_label(state: AnnouncementState, words: Speech) -> str:
    match state:
        case AnnouncementState.DRAFT:
            return words.say("draft")
        case AnnouncementState.SCHEDULED:
            return words.say("scheduled")
        case AnnouncementState.SENDING:
            return words.say("on its way")
        case AnnouncementState.PAUSED:
            return words.say("paused")
        case AnnouncementState.DONE:
            return words.say("done")
        case AnnouncementState.CANCELLED:
            return words.say("cancelled")


STATE_MARKS: Mapping[AnnouncementState, str] = {
    AnnouncementState.DRAFT: "📝",
    AnnouncementState.SCHEDULED: "🗓",
    AnnouncementState.SENDING: "📣",
    AnnouncementState.PAUSED: "⏸",
    AnnouncementState.DONE: "✅",
    AnnouncementState.CANCELLED: "⏹",
}


def title_of(one: Announcement, words: Speech) -> str:
    """What it begins with, or what it is where it has no words."""
    return content_title(one.first, words)


def content_title(content: Content, words: Speech) -> str:
    text = cut(plain_text(content.html), _SHORT)
    if text:
        return text
    if content.copy_of is not None:
        return words.say("a copied message")
    if content.is_album:
        return words.count("an album of {n}", "an album of {n}", len(content.media))
    return words.say("a file without words") if content.media else ""


def stars_for(chats: int, messages: int) -> float:
    """Return what that many messages to each chat cost above the free rate, in Telegram's Stars."""
    return chats * messages / MESSAGES_PER_STAR


def duration(seconds: float, words: Speech) -> str:
    """Rounded up, as one says it."""
    if seconds < 60:
        return words.say("{n} s", n=max(1, round(seconds)))
    minutes = -(-int(seconds) // 60)
    if minutes < 60:
        return words.say("{n} min", n=minutes)
    hours, minutes = divmod(minutes, 60)
    return words.say("{hours} h {minutes} min", hours=hours, minutes=minutes)


def audience_text(audience: Audience, categories: Sequence[str], words: Speech) -> str:
    """ "everybody", or its conditions."""
    said: list[str] = []
    if categories:
        said.append(words.say("who follow {names}", names=words.joined(categories)))
    if audience.languages:
        names = words.joined(LANGUAGES.get(one, one) for one in audience.languages)
        said.append(words.say("who speak {names}", names=names))
    if audience.active_days:
        said.append(words.count("active in the last {n} day", "active in the last {n} days", audience.active_days))
    if audience.kind is Kind.PEOPLE:
        said.append(words.say("people"))
    elif audience.kind is Kind.CHATS:
        said.append(words.say("groups and channels"))
    if audience.ids:
        said.append(words.count("{n} chat of a list", "{n} chats of a list", len(audience.ids)))
    return words.say("; ").join(said) if said else words.say("everybody")


def timing_text(timing: Timing, timezone: str, words: Speech) -> str:
    if timing.kind is Moment.AT and timing.at is not None:
        return f"{words.dated_moment(timing.at, timezone)} ({zone_label(timezone)})"
    if timing.kind is Moment.LOCAL:
        if timing.day is not None:
            return words.say("{day}, {time} local time", day=words.day(timing.day), time=timing.time)
        return words.say("the next {time}, each chat’s local time", time=timing.time)
    return words.say("at once")


@dataclass(frozen=True, slots=True)
class Terms:
    """What sending comes to: how many chats, how long, at most how many Stars (0: free), and how many of the chats have
    quiet hours then."""

    chats: int
    seconds: float
    stars: float = 0.0
    waiting: int = 0


def quiet_text(one: Announcement, words: Speech) -> Html:
    if one.despite_quiet:
        return words.html("🌙 Chats with quiet hours get it without a sound.")
    return words.html("🌙 Chats with quiet hours get it when those end.")


def card_text(one: Announcement, terms: Terms, categories: Sequence[str], timezone: str, words: Speech) -> Html:
    lines = [
        words.html("📝 <b>Announcement {n}</b> · draft", n=one.id),
        words.html("☝️ This is what readers will see.") if one.previews else words.html("Press “Text” to write it."),
        "",
        words.html("To: <b>{audience}</b>", audience=audience_text(one.audience, categories, words)),
        words.html("When: <b>{when}</b>", when=timing_text(one.timing, timezone, words)),
    ]
    if len(one.contents) > 1:
        names = words.joined(language_label(language, words) for language in one.contents)
        lines.append(words.html("Texts: {names}", names=names))
    if one.buttons:
        lines.append(words.html("Buttons: {names}", names=words.joined(button.label for button in one.buttons)))
    if one.buttons and one.has_album:
        lines.append(words.html("⚠️ Telegram gives albums no buttons: theirs are left out."))
    if one.despite_quiet:
        lines.append(quiet_text(one, words))
    lines.append(reach_text(terms, words))
    return Html("\n".join(lines))


def reach_text(terms: Terms, words: Speech) -> Html:
    if not terms.chats:
        return words.html("⚠️ That reaches nobody.")
    reaches = words.count_html(
        "Reaches {n} chat, in about {time}.",
        "Reaches {n} chats, in about {time}.",
        terms.chats,
        time=duration(terms.seconds, words),
    )
    return Html("\n".join([reaches, *_conditions(terms, words)]))


def _conditions(terms: Terms, words: Speech) -> list[Html]:
    """Who gets it later, and what it costs."""
    said = []
    if terms.waiting:
        said.append(
            words.count_html(
                "🌙 {n} chat has quiet hours then and gets it when they end.",
                "🌙 {n} chats have quiet hours then and get it when they end.",
                terms.waiting,
            )
        )
    if terms.stars:
        said.append(words.html("⭐ It costs up to {stars} Stars.", stars=f"{terms.stars:,.1f}"))
    return said


def confirm_text(
    one: Announcement, languages: Mapping[str, int], terms: Terms, categories: Sequence[str], timezone: str,
    words: Speech, others: Sequence[Html] = (),
) -> Html:  # fmt: skip
    chats = sum(languages.values())
    lines = [
        words.count_html("📣 <b>Send to {n} chat?</b>", "📣 <b>Send to {n} chats?</b>", chats),
        words.html("To: <b>{audience}</b>", audience=audience_text(one.audience, categories, words)),
        words.html("When: <b>{when}</b>", when=timing_text(one.timing, timezone, words)),
    ]
    if len(one.contents) > 1:
        got: dict[str, int] = {}
        for language, number in languages.items():
            own = language if language in one.own_languages else EVERY_LANGUAGE
            got[own] = got.get(own, 0) + number
        lines.extend(Html(f"• {language_label(own, words)}: {number:,}") for own, number in sorted(got.items()))
    lines.append(words.html("It takes about {time}.", time=duration(terms.seconds, words)))
    lines.extend(_conditions(terms, words))
    lines.extend(others)
    return Html("\n".join(lines))
