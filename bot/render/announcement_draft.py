"""Unconfirmed announcements in words: their parts, the card, the question whether to send (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.i18n import LANGUAGES, Translator
from bot.limits import MESSAGES_PER_STAR
from bot.render.shorten import shorten
from bot.text.markup import LINE_BREAK, Html, plain_text
from digests.model.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    AnnouncementState,
    Audience,
    AudienceKind,
    Content,
    Timing,
    When,
)
from digests.model.timezones import zone_label

_SHORT = 40


def language_label(language: str, t: Translator) -> str:
    """Return the name of a language, or of the default text."""
    return LANGUAGES.get(language, language) if language else t("Default text")


def active_label(days: int, t: Translator) -> str:
    """Return how recently chats must have been active; 0 means at any time."""
    if not days:
        return t("Active at any time")
    return t.count("Active in the last {n} day", "Active in the last {n} days", days)


def kind_label(kind: AudienceKind, t: Translator) -> str:
    """Return which kinds of chats an audience has."""
    match kind:
        case AudienceKind.PEOPLE:
            return t("People only")
        case AudienceKind.CHATS:
            return t("Groups and channels only")
        case _:
            return t("People, groups and channels")


def state_label(state: AnnouncementState, t: Translator) -> str:
    """Return the name of a state."""
    match state:
        case AnnouncementState.DRAFT:
            return t("draft")
        case AnnouncementState.SCHEDULED:
            return t("scheduled")
        case AnnouncementState.SENDING:
            return t("on its way")
        case AnnouncementState.PAUSED:
            return t("paused")
        case AnnouncementState.DONE:
            return t("done")
        case AnnouncementState.CANCELLED:
            return t("cancelled")


STATE_MARKS: Mapping[AnnouncementState, str] = {
    AnnouncementState.DRAFT: "📝",
    AnnouncementState.SCHEDULED: "🗓",
    AnnouncementState.SENDING: "📣",
    AnnouncementState.PAUSED: "⏸",
    AnnouncementState.DONE: "✅",
    AnnouncementState.CANCELLED: "⏹",
}


def announcement_title(announcement: Announcement, t: Translator) -> str:
    """Return how an announcement begins, or what it is if it has no text."""
    return content_title(announcement.first, t)


def content_title(content: Content, t: Translator) -> str:
    """Return how a content begins, or what it is if it has no text; empty if it is empty."""
    text = shorten(plain_text(content.html), _SHORT)
    if text:
        return text
    if content.copy_of is not None:
        return t("a copied message")
    if content.is_album:
        return t.count("an album of {n}", "an album of {n}", len(content.media))
    return t("a file without text") if content.media else ""


def stars_for(chats: int, messages: int) -> float:
    """Return the price of this many messages to each chat above the free rate, in Telegram's Stars."""
    return chats * messages / MESSAGES_PER_STAR


def duration(seconds: float, t: Translator) -> str:
    """Return a duration in words: seconds, else minutes rounded up, else hours and minutes."""
    if seconds < 60:
        return t("{n} s", n=max(1, round(seconds)))
    minutes = -(-int(seconds) // 60)
    if minutes < 60:
        return t("{n} min", n=minutes)
    hours, minutes = divmod(minutes, 60)
    return t("{hours} h {minutes} min", hours=hours, minutes=minutes)


def audience_text(audience: Audience, categories: Sequence[str], t: Translator) -> str:
    """Return the conditions of an audience, or "everybody"."""
    said: list[str] = []
    if categories:
        said.append(t("followers of {names}", names=t.joined(categories)))
    if audience.languages:
        names = t.joined(LANGUAGES.get(language, language) for language in audience.languages)
        said.append(t("speakers of {names}", names=names))
    if audience.active_days:
        said.append(t.count("active in the last {n} day", "active in the last {n} days", audience.active_days))
    if audience.kind is AudienceKind.PEOPLE:
        said.append(t("people"))
    elif audience.kind is AudienceKind.CHATS:
        said.append(t("groups and channels"))
    if audience.ids:
        said.append(t.count("{n} chat from a list", "{n} chats from a list", len(audience.ids)))
    return t("; ").join(said) if said else t("everybody")


def timing_text(timing: Timing, timezone: str, t: Translator) -> str:
    """Return when an announcement is sent, with a fixed time in this zone."""
    if timing.kind is When.AT and timing.at is not None:
        return f"{t.dated_moment(timing.at, timezone)} ({zone_label(timezone)})"
    if timing.kind is When.LOCAL:
        if timing.day is not None:
            return t("{day}, {time} local time", day=t.day(timing.day), time=timing.time)
        return t("the next {time}, each chat’s local time", time=timing.time)
    return t("right away")


@dataclass(frozen=True, slots=True)
class SendEstimate:
    """What sending will take.

    It reaches this many chats in this many seconds, for at most this many Stars (0: free); `waiting` of the chats will
    be in quiet hours then.
    """

    chats: int
    seconds: float
    stars: float = 0.0
    waiting: int = 0


def quiet_text(announcement: Announcement, t: Translator) -> Html:
    """Return what happens in chats with quiet hours."""
    if announcement.despite_quiet:
        return t.html("🌙 Chats in quiet hours get it silently.")
    return t.html("🌙 Chats in quiet hours get it when those end.")


def card_text(
    announcement: Announcement, estimate: SendEstimate, categories: Sequence[str], timezone: str, t: Translator
) -> Html:
    """Return the card of a draft. `categories` are the names of those in the audience."""
    lines = [
        t.html("📝 <b>Announcement {n}</b> · draft", n=announcement.id),
        t.html("☝️ This is what readers will see.") if announcement.previews else t.html("Press “Text” to write it."),
        "",
        t.html("To: <b>{audience}</b>", audience=audience_text(announcement.audience, categories, t)),
        t.html("When: <b>{when}</b>", when=timing_text(announcement.timing, timezone, t)),
    ]
    if len(announcement.contents) > 1:
        names = t.joined(language_label(language, t) for language in announcement.contents)
        lines.append(t.html("Texts: {names}", names=names))
    if announcement.buttons:
        lines.append(t.html("Buttons: {names}", names=t.joined(button.label for button in announcement.buttons)))
    if announcement.buttons and announcement.has_album:
        lines.append(t.html("⚠️ Telegram albums can't have buttons, so they are left out."))
    if announcement.despite_quiet:
        lines.append(quiet_text(announcement, t))
    lines.append(reach_text(estimate, t))
    return LINE_BREAK.join(lines)


def reach_text(estimate: SendEstimate, t: Translator) -> Html:
    """Return how many chats an announcement reaches, how long that takes, and what it costs."""
    if not estimate.chats:
        return t.html("⚠️ This would reach nobody.")
    time = duration(estimate.seconds, t)
    reaches = t.count_html(
        "Reaches {n} chat, in about {time}.", "Reaches {n} chats, in about {time}.", estimate.chats, time=time
    )
    return LINE_BREAK.join([reaches, *_conditions(estimate, t)])


def _conditions(estimate: SendEstimate, t: Translator) -> list[Html]:
    """Return how many chats get it later, and what it costs."""
    said = []
    if estimate.waiting:
        said.append(
            t.count_html(
                "🌙 {n} chat will be in quiet hours then and gets it when they end.",
                "🌙 {n} chats will be in quiet hours then and get it when they end.",
                estimate.waiting,
            )
        )
    if estimate.stars:
        said.append(t.html("⭐ It costs up to {stars} Stars.", stars=f"{estimate.stars:,.1f}"))
    return said


def confirm_text(
    announcement: Announcement,
    languages: Mapping[str, int],
    estimate: SendEstimate,
    categories: Sequence[str],
    timezone: str,
    t: Translator,
    others: Sequence[Html] = (),
) -> Html:
    """Return the question whether to send.

    `languages` counts the chats by language, `categories` are the names of those in the audience, and `others` are
    lines to add.
    """
    chats = sum(languages.values())
    lines: list[str] = [
        t.count_html("📣 <b>Send to {n} chat?</b>", "📣 <b>Send to {n} chats?</b>", chats),
        t.html("To: <b>{audience}</b>", audience=audience_text(announcement.audience, categories, t)),
        t.html("When: <b>{when}</b>", when=timing_text(announcement.timing, timezone, t)),
    ]
    if len(announcement.contents) > 1:
        got: dict[str, int] = {}
        for language, number in languages.items():
            own = language if language in announcement.own_languages else EVERY_LANGUAGE
            got[own] = got.get(own, 0) + number
        lines.extend(f"• {language_label(own, t)}: {t.number(number)}" for own, number in sorted(got.items()))
    lines.append(t.html("It takes about {time}.", time=duration(estimate.seconds, t)))
    lines.extend(_conditions(estimate, t))
    lines.extend(others)
    return LINE_BREAK.join(lines)
