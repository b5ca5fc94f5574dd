from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.callbacks as callbacks
from bot.callbacks import (
    BUTTONS,
    ActionButton,
    BrowseButton,
    Button,
    CardButton,
    ClockButton,
    ClocksButton,
    FilteredButton,
    ListingButton,
    MissedButton,
    MoreButton,
    SeenMagazineButton,
    SetZoneButton,
    SourcesButton,
    ToggleButton,
    TryMagazineButton,
    WishButton,
    at_place,
    pack,
    unpack,
)
from bot.callbacks.card_actions import CardAction
from bot.i18n import LANGUAGES, translator
from bot.keyboards.announcements import category_choice
from bot.keyboards.base import without_button
from bot.keyboards.categories import filter_keyboard, level_keyboard, tick_of
from bot.keyboards.digest import delivery_keyboard
from bot.keyboards.schedule import time_keyboard
from bot.keyboards.search import listing_keyboard
from bot.keyboards.wishes import subscriptions_keyboard
from bot.keyboards.zones import cities_keyboard, clocks_keyboard, languages_keyboard, zone_choice
from digests.model.category_activity import CategoryActivity, CategoryView
from digests.model.category_tree import CategoryTree
from digests.model.delivery import Part, RichText
from digests.model.ids import CategoryId, DeliveryId
from digests.model.timezones import ZoneChoice, all_zones, offsets_of_day, places_at
from tests.factories.categories import category
from tests.factories.times import NOW

KINDS: list[Any] = list(BUTTONS.values())
WIDE = CategoryTree([category(number, f"Category {number} " + "长" * 200, count=number) for number in range(1, 100)])
VIEW = CategoryView.of(WIDE, CategoryActivity({}, {CategoryId(number): 10**6 for number in range(1, 100)}))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_button_survives_packing(kind: type) -> None:
    small = {"newest": 1, "page": 99_999, "tier": 3, "back": 1, "setup": 1}
    of_type = {"str": "Europe/Berlin", "CardAction": max(CardAction, key=len)}
    largest = kind(
        *[small.get(field.name, 2**40) if field.type == "int" else of_type[str(field.type)] for field in fields(kind)]
    )
    assert unpack(pack(largest)) == largest
    assert len(pack(largest).encode()) <= 64


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_button_can_name_its_place(kind: type) -> None:
    """With ids as large as a busy bot's: a million chats, a billion articles."""
    small = {"newest": 1, "page": 9_999, "tier": 3, "back": 1, "setup": 1}
    texts = {"str": "Europe/Berlin", "CardAction": max(CardAction, key=len)}
    values = [small.get(field.name, 10**9) if field.type == "int" else texts[str(field.type)] for field in fields(kind)]
    assert len(at_place(pack(kind(*values)), 10**6).encode()) <= 64


WIRE = {
    "b": "parent page setup", "t": "category parent page setup to", "f": "", "ts": "setup", "st": "time setup",
    "zs": "page setup", "sz": "zone setup", "tu": "what", "wd": "days to", "qh": "hours", "so": "on", "li": "items",
    "l": "kind key offset", "q": "search newest page tier document back", "m": "delivery offset", "o": "delivery",
    "mi": "delivery", "re": "", "s": "category", "u": "category page", "ss": "page", "d": "what",
    "a": "announcement category page", "ap": "announcement page", "ac": "announcement", "ad": "announcement",
    "hi": "kind key source", "sh": "kind key source", "w": "article step", "an": "announcement what value",
    "al": "page", "au": "page",
}  # fmt: skip
"""As it was at the first release: a button in a chat lives as long as its message."""


def test_what_was_on_the_wire_once_stays_what_it_is() -> None:
    for letters, names in WIRE.items():
        now = fields(BUTTONS[letters])
        assert [field.name for field in now][: len(names.split())] == names.split()
        assert all(field.default is not MISSING for field in now[len(names.split()) :])


CARD_ACTIONS = {
    "card", "text", "language", "show", "drop", "buttons", "nobuttons", "audience", "everybody", "speaking", "active",
    "kind", "ids", "when", "now", "at", "local", "quiet", "paid", "sound", "pin", "test", "test!", "ready", "discard",
    "go", "open", "take", "unschedule", "pause", "resume", "cancel", "cancel!", "edit", "edit!", "recall", "recall!",
    "resend", "resend!", "halt", "csv",
}  # fmt: skip


def test_what_a_card_was_asked_for_once_stays_what_it_is() -> None:
    assert {str(action) for action in CardAction} >= CARD_ACTIONS
    assert unpack("an|1|test!|me") == CardButton(1, CardAction.SEND_TEST, "me")
    assert unpack("an|1|nonsense") is None


def test_every_kind_of_button_has_letters() -> None:
    named = {kind for name, kind in vars(callbacks).items() if name.endswith("Button") and kind is not Button}
    assert named == set(BUTTONS.values())


def test_every_zone_fits_into_a_button() -> None:
    for name in all_zones():
        assert unpack(pack(SetZoneButton(name, 1))) == SetZoneButton(name, 1)


@given(st.text(max_size=64))
def test_unknown_data_never_raises(data: str) -> None:
    found = unpack(data)
    assert found is None or unpack(pack(found)) == found


@pytest.mark.parametrize("data", ["", "x", "b|-1", "b|1|2|3|4", "t", "b|٣", "t|" + "9" * 30])
def test_malformed_data_is_ignored(data: str) -> None:
    assert unpack(data) is None


def test_older_buttons_lack_newer_fields() -> None:
    assert unpack("t|5") == ToggleButton(5)
    assert unpack("b") == BrowseButton()


def test_data_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 64"):
        pack(ActionButton("x" * 70))
    with pytest.raises(ValueError, match="can't carry"):
        pack(ActionButton("a|b"))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_keyboards_are_within_telegrams_limits(language: str) -> None:
    t = translator(language)
    chosen = [CategoryId(1)]
    keyboards = [
        level_keyboard(VIEW, BrowseButton(0, page, setup), chosen, t, time_label="⏰ 08:00 (UTC)")
        for page in (0, 5, 99)
        for setup in (0, 1)
    ]
    keyboards.append(filter_keyboard(VIEW, VIEW.matching("category"), FilteredButton("長" * 12, 3, 2), chosen, t))
    keyboards.append(subscriptions_keyboard([(f"{number}", WishButton(number, 3)) for number in range(30)], 1, 9, t))
    keyboards.append(time_keyboard("08:00", "Europe/Berlin", t, setup=True))
    choices = [ZoneChoice(zone) for zone in places_at(480, NOW)]
    for zone in ("Africa/Lagos", "Pacific/Kiritimati", "Etc/GMT+12"):
        keyboards.append(clocks_keyboard(NOW, zone, t, setup=3, may_type=True))
        keyboards.append(cities_keyboard(choices, t, setup=3))
    keyboards.append(languages_keyboard("en", "zh_TW", t))
    keyboards.append(category_choice(WIDE, 1, 3, chosen, t))
    paged = listing_keyboard("s", 10**9, 500, 5, 10**6)
    assert paged is not None
    for keyboard in [*keyboards, paged]:
        rows = keyboard.inline_keyboard
        assert all(1 <= len(row) <= 8 for row in rows)
        assert sum(len(row) for row in rows) <= 100
        assert all(0 < len(str(button.callback_data).encode()) <= 64 and button.text for row in rows for button in row)


def test_a_list_of_one_page_needs_no_pager() -> None:
    assert listing_keyboard("l", 0, 0, 5, 3) is None


def test_the_buttons_of_a_digest() -> None:
    t = translator("en")
    assert delivery_keyboard(DeliveryId(1), 0, Part("text"), None, t) is None
    keyboard = delivery_keyboard(DeliveryId(1), 5, Part("text", stories=2), None, t)
    assert keyboard is not None
    more, sources = (row[0] for row in keyboard.inline_keyboard)
    assert (more.text, sources.text) == ("Show 5 more", "🗞 More sources")
    left = without_button(keyboard, pack(MoreButton(1)))
    assert left is not None
    assert left.inline_keyboard == ((sources,),)
    assert without_button(left, pack(SourcesButton(1))) is None
    assert without_button(None, "x") is None


def test_the_buttons_of_the_magazine() -> None:
    t = translator("en")
    offer = delivery_keyboard(DeliveryId(7), 0, Part("text", offers_magazine=True), None, t)
    question = delivery_keyboard(DeliveryId(7), 0, Part("text", asks_magazine=True), DeliveryId(3), t)
    assert offer is not None
    assert question is not None
    assert [unpack(str(row[0].callback_data)) for row in offer.inline_keyboard] == [TryMagazineButton(7)]
    magazine = delivery_keyboard(DeliveryId(7), 0, Part("", rich=RichText("<p>News</p>")), None, t)
    assert magazine is not None
    assert [unpack(str(row[0].callback_data)) for row in magazine.inline_keyboard] == [ActionButton("settings")]
    pressed = [unpack(str(row[0].callback_data)) for row in question.inline_keyboard]
    assert pressed == [SeenMagazineButton(1), SeenMagazineButton(0), MissedButton(3)]


def test_ticks_show_what_is_chosen() -> None:
    tree = CategoryTree([category(1, "a"), category(2, "a", "b", parent=1), category(3, "c")])
    by_id = {category.id: category for category in tree}
    chosen = [CategoryId(2)]
    assert [tick_of(tree, by_id[CategoryId(number)], chosen) for number in (1, 2, 3)] == ["☑️", "✅", "▫️"]
    assert tick_of(tree, by_id[CategoryId(2)], [CategoryId(1)]) == "✅"


def test_zone_choices_fit_into_buttons() -> None:
    keyboard = zone_choice([ZoneChoice(zone) for zone in sorted(all_zones())[:40]], NOW, translator("zh_CN"))
    assert len(keyboard.inline_keyboard) == 41
    fixed, *_ = zone_choice([ZoneChoice("Etc/GMT-8")], NOW, translator("en")).inline_keyboard
    assert fixed[0].text == "UTC+8 · 15:30"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Etc/GMT+12", "Pacific/Kiritimati", "America/St_Johns"])
def test_the_pages_of_clocks_show_each_once(zone: str) -> None:
    """From the clocks around the zone's own, “Earlier” and “Later” lead to all."""
    t = translator("en")
    first_page = clocks_keyboard(NOW, zone, t, setup=0, may_type=True)
    seen: set[int] = set()
    opened: set[int] = set()
    waiting = [first_page]
    while waiting:
        buttons = [unpack(str(each.callback_data)) for row in waiting.pop().inline_keyboard for each in row]
        seen |= {each.offset for each in buttons if isinstance(each, ClockButton)}
        for each in buttons:
            if isinstance(each, ClocksButton) and each.first not in opened:
                opened.add(each.first)
                waiting.append(clocks_keyboard(NOW, zone, t, setup=0, first=each.first, may_type=True))
    assert sorted(seen) == list(offsets_of_day(NOW))
    assert len(seen) == 38
    labels = [each.text for row in first_page.inline_keyboard for each in row]
    assert sum(label.startswith("•") for label in labels) == 1


def test_a_listing_button_carries_its_position() -> None:
    assert unpack(pack(ListingButton("s", 7, 10))) == ListingButton("s", 7, 10)
