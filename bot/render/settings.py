"""The settings in words: what each leads to, a line for each (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n import Translator
from bot.render.layout_words import layout_name
from bot.text.markup import LINE_BREAK, Html
from digests.model.digest import DigestOrder
from digests.model.place import Place, PlaceState

_CAPS = 3
"""Caps that are named; of more, the number is said."""


@dataclass(frozen=True, slots=True)
class DigestDefaults:
    """What the operator set for all places that chose nothing else."""

    max_items: int
    says_empty: bool


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What the screen of the settings shows beside the place itself.

    `schedule` and `next_slot` are in words; `items` is how many articles the next digest would have now, None where
    that is not known. `caps` are names of categories with the most articles of each.
    """

    schedule: Html
    next_slot: str
    items: int | None
    caps: Sequence[tuple[str, int]]
    defaults: DigestDefaults


def settings_html(place: Place, view: SettingsView, t: Translator) -> Html:
    """Return all settings, the effect of them all first."""
    is_on = place.state is PlaceState.ACTIVE
    quiet = place.quiet.replace("-", "–") if place.quiet else t("none")
    says_empty = view.defaults.says_empty if place.says_empty is None else place.says_empty
    lines = [
        t.html("⚙️ <b>Your digest</b>"),
        _next(view, t) if is_on else _rests(place, t),
        Html(""),
        t.html("⏰ Arrives {schedule}", schedule=view.schedule)
        if is_on
        else t.html("⏰ Time: {schedule}", schedule=view.schedule),
        t.html("🌙 Quiet hours: {quiet}", quiet=quiet),
        items_html(place, view.defaults, t),
        t.html("↕️ Order: {order}", order=order_name(place.digest_order, t)),
        *_caps(view.caps, t),
        t.html("📭 When nothing is new: {empty}", empty=_what_empty_does(says_empty, t)),
        t.count_html(
            "📏 Sent when there is at least {n} new article",
            "📏 Sent when there are at least {n} new articles",
            place.least_items,
        ),
        t.html("🔕 Arrives silently") if place.silent else t.html("🔔 Arrives with a sound"),
        t.html("🖼 Layout: {layout}", layout=layout_name(place.layout, t)),
    ]
    return LINE_BREAK.join(lines)


def _next(view: SettingsView, t: Translator) -> Html:
    if view.items is None:
        return t.html("Next digest: <b>{next}</b>", next=view.next_slot)
    if not view.items:
        return t.html("Next digest: <b>{next}</b>. Nothing new yet.", next=view.next_slot)
    return t.count_html(
        "Next digest: <b>{next}</b>, {n} article so far",
        "Next digest: <b>{next}</b>, {n} articles so far",
        view.items,
        next=view.next_slot,
    )


def _rests(place: Place, t: Translator) -> Html:
    """Return why no digest comes, and what brings it back."""
    match place.state:
        case PlaceState.NEW:
            return t.html("💤 Starts once you have chosen what you want: /start")
        case PlaceState.PAUSED if place.resume_at is not None:
            return t.html("⏸ Paused until {until}", until=t.moment(place.resume_at, place.timezone))
        case PlaceState.PAUSED:
            return t.html("⏸ Paused. /resume turns it back on.")
        case _:
            return t.html("⏹ Stopped. /start turns it back on.")


def items_html(place: Place, defaults: DigestDefaults, t: Translator) -> Html:
    """Return how many articles a digest has at most."""
    most = place.max_items or defaults.max_items
    return t.count_html(
        "🔢 At most {n} article; a button has the rest", "🔢 At most {n} articles; a button has the rest", most
    )


def order_name(order: DigestOrder, t: Translator) -> str:
    """Return the name of an order."""
    match order:
        case DigestOrder.NEWEST:
            return t("Newest first")
        case DigestOrder.CATEGORY:
            return t("By category")
        case DigestOrder.MOST_TOLD:
            return t("Most covered first")


def empty_name(says_empty: bool | None, defaults: DigestDefaults, t: Translator) -> str:
    """Return what happens when nothing is new; None is what the operator set for all."""
    does = _what_empty_does(defaults.says_empty if says_empty is None else says_empty, t)
    return t("{does} (the default here)", does=does) if says_empty is None else does


def _what_empty_does(says_empty: bool, t: Translator) -> str:
    return t("I say so") if says_empty else t("I send nothing")


def _caps(caps: Sequence[tuple[str, int]], t: Translator) -> list[Html]:
    if not caps:
        return []
    if len(caps) > _CAPS:
        return [t.count_html("✂️ {n} category has a limit", "✂️ {n} categories have a limit", len(caps))]
    shown = t.joined(t("at most {most} of {name}", most=most, name=name) for name, most in caps)
    return [t.html("✂️ Limits: {caps}", caps=shown)]
