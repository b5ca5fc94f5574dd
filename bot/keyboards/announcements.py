"""The keyboards of announcements: the card with its screens, the report, the lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    AnnouncementsButton,
    AudienceButton,
    AudiencePageButton,
    AuditButton,
    Button,
    CardButton,
    ConfirmButton,
    DiscardButton,
)
from bot.card_actions import CardAction
from bot.i18n import LANGUAGES, Translator
from bot.keyboards.base import PAGE, ButtonRow, button
from bot.render.announcement_draft import active_label, kind_label, language_label
from bot.render.shorten import shorten
from digests.model.announcement import EVERY_LANGUAGE, Announcement, AnnouncementState, When
from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId

_LABEL = 40
LOCAL_TIMES = ("08:00", "12:00", "18:00", "20:00")


def card_keyboard(
    one: Announcement, chats: int, t: Translator, *, may_send: bool, paid: bool | None
) -> InlineKeyboardMarkup:
    sound = t("🔕 Silent") if one.silent else t("🔔 With sound")
    pin = t("📌 Pinned") if one.pinned else t("📌 Not pinned")
    rate = t("⚡ Fast, for Stars") if paid else t("🐢 Normal speed, free")
    rows = [
        [
            button(t("✏️ Text"), CardButton(one.id, CardAction.TEXTS)),
            button(t("🔗 Buttons"), CardButton(one.id, CardAction.BUTTONS)),
        ],
        [
            button(t("👥 Audience"), CardButton(one.id, CardAction.AUDIENCE)),
            button(t("🕘 When"), CardButton(one.id, CardAction.WHEN)),
        ],
        [button(sound, CardButton(one.id, CardAction.SOUND)), button(pin, CardButton(one.id, CardAction.PIN))],
        *([] if paid is None else [[button(rate, CardButton(one.id, CardAction.PAID))]]),
        [
            button(t("👁 Test send"), CardButton(one.id, CardAction.TEST)),
            button(t("🗑 Discard"), CardButton(one.id, CardAction.DISCARD)),
        ],
        [
            _send_button(one, chats, t)
            if may_send
            else button(t("🙋 Ready: tell the admins"), CardButton(one.id, CardAction.READY))
        ],
    ]
    return InlineKeyboardMarkup(rows)


def _send_button(one: Announcement, chats: int, t: Translator) -> InlineKeyboardButton:
    if one.timing.kind is When.NOW:
        label = t.count("📣 Send to {n} chat", "📣 Send to {n} chats", chats)
    else:
        label = t.count("🗓 Schedule for {n} chat", "🗓 Schedule for {n} chats", chats)
    return button(label, ConfirmButton(one.id))


def back_keyboard(one: int, t: Translator, *rows: ButtonRow, to: CardAction = CardAction.CARD) -> InlineKeyboardMarkup:
    """`to`: the screen that this one was opened from."""
    return InlineKeyboardMarkup([*rows, [button(t("‹ Back"), CardButton(one, to))]])


def text_keyboard(one: Announcement, t: Translator) -> InlineKeyboardMarkup:
    """A row for the text that all get, and one for each language."""
    rows: list[ButtonRow] = []
    for language in (EVERY_LANGUAGE, *LANGUAGES):
        mark = "✅" if language in one.contents else "➕"
        rows.append(
            [button(f"{mark} {language_label(language, t)}", CardButton(one.id, CardAction.LANGUAGE, language))]
        )
    return back_keyboard(one.id, t, *rows)


def language_keyboard(one: Announcement, language: str, t: Translator) -> InlineKeyboardMarkup:
    row: ButtonRow = []
    if language in one.contents:
        row.append(button(t("👁 Show it"), CardButton(one.id, CardAction.SHOW, language)))
        if len(one.contents) > 1:
            row.append(button(t("🗑 Remove"), CardButton(one.id, CardAction.REMOVE_TEXT, language)))
    rows = [row] if row else []
    return InlineKeyboardMarkup([*rows, [button(t("‹ Back"), CardButton(one.id, CardAction.TEXTS))]])


def buttons_keyboard(one: Announcement, t: Translator) -> InlineKeyboardMarkup:
    rows = [[button(t("🗑 Remove all"), CardButton(one.id, CardAction.NO_BUTTONS))]] if one.buttons else []
    return back_keyboard(one.id, t, *rows)


def audience_keyboard(one: Announcement, tree: CategoryTree, t: Translator) -> InlineKeyboardMarkup:
    audience = one.audience
    chosen = [shorten(found.name, 20) for each in audience.categories if (found := tree.get(each))]
    categories = t.joined(chosen[:2]) + (" …" if len(chosen) > 2 else "") if chosen else t("any")
    languages = t.joined(LANGUAGES.get(each, each) for each in audience.languages) or t("any")
    ids = f"{len(audience.ids):,}" if audience.ids else t("none")
    return back_keyboard(
        one.id,
        t,
        [button(_ticked(t("Everybody"), on=audience.is_everybody), CardButton(one.id, CardAction.EVERYBODY))],
        [button(t("🗂 Categories: {which}", which=categories), AudiencePageButton(one.id))],
        [button(t("🌐 Language: {which}", which=languages), CardButton(one.id, CardAction.NEXT_LANGUAGE))],
        [button(f"🕘 {active_label(audience.active_days, t)}", CardButton(one.id, CardAction.NEXT_DAYS))],
        [button(f"👤 {kind_label(audience.kind, t)}", CardButton(one.id, CardAction.NEXT_KIND))],
        [button(t("🔢 List of ids: {which}", which=ids), CardButton(one.id, CardAction.IDS))],
    )


def category_choice(
    tree: CategoryTree, one: int, page: int, chosen: Collection[CategoryId], t: Translator
) -> InlineKeyboardMarkup:
    """Ticks at the top level; none ticked: whatever they follow."""
    level = tree.children(None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(page, pages - 1)
    rows: list[ButtonRow] = [[button(_ticked(t("All categories"), on=not chosen), AudienceButton(one, 0, page))]]
    rows.extend(
        [button(_ticked(shorten(each.name, _LABEL), on=each.id in chosen), AudienceButton(one, each.id, page))]
        for each in level[page * PAGE : (page + 1) * PAGE]
    )
    rows.extend(_pager(page, pages, lambda number: AudiencePageButton(one, number)))
    rows.append([button(t("‹ Back"), CardButton(one, CardAction.AUDIENCE))])
    return InlineKeyboardMarkup(rows)


def when_keyboard(one: Announcement, t: Translator) -> InlineKeyboardMarkup:
    kind = one.timing.kind
    times = [
        button(
            f"• {each} •" if kind is When.LOCAL and one.timing.time == each else each,
            CardButton(one.id, CardAction.LOCAL, each),
        )
        for each in LOCAL_TIMES
    ]
    return back_keyboard(
        one.id,
        t,
        [button(_ticked(t("Right away"), on=kind is When.NOW), CardButton(one.id, CardAction.NOW))],
        [button(_ticked(t("At a date and time…"), on=kind is When.AT), CardButton(one.id, CardAction.AT))],
        [button(_ticked(t("At each chat’s local time…"), on=kind is When.LOCAL), CardButton(one.id, CardAction.LOCAL))],
        times,
        [
            button(
                _ticked(t("In quiet hours too, without a sound"), on=one.despite_quiet),
                CardButton(one.id, CardAction.QUIET),
            )
        ],
    )


def trial_keyboard(one: int, others: int, t: Translator) -> InlineKeyboardMarkup:
    rows: list[ButtonRow] = [[button(t("To me"), CardButton(one, CardAction.SEND_TEST, "me"))]]
    if others:
        label = t.count("To me and {n} other admin", "To me and {n} other admins", others)
        rows.append([button(label, CardButton(one, CardAction.SEND_TEST, "all"))])
    return back_keyboard(one, t, *rows)


def sure_keyboard(one: int, label: str, what: CardAction, t: Translator) -> InlineKeyboardMarkup:
    return back_keyboard(one, t, [button(label, CardButton(one, what))])


def discard_keyboard(one: int, t: Translator) -> InlineKeyboardMarkup:
    return back_keyboard(one, t, [button(t("🗑 Yes, discard it"), DiscardButton(one))])


def cancel_keyboard(one: int, t: Translator) -> InlineKeyboardMarkup:
    """While it stands still and is asked about."""
    rest = button(t("⏹ Cancel the rest"), CardButton(one, CardAction.CANCEL_CONFIRMED))
    return back_keyboard(one, t, [rest, button(t("▶️ Resume"), CardButton(one, CardAction.RESUME))])


def report_keyboard(
    one: Announcement, t: Translator, *, again: int = 0, taken_back: bool = False
) -> InlineKeyboardMarkup:
    """What can be done with an announcement that was confirmed."""
    state = one.state
    rows: list[ButtonRow]
    if state is AnnouncementState.SCHEDULED:
        rows = [
            [button(t("✏️ Change it"), CardButton(one.id, CardAction.UNSCHEDULE))],
            [button(t("⏹ Cancel"), CardButton(one.id, CardAction.CANCEL))],
        ]
    elif state is AnnouncementState.SENDING:
        rows = [
            [
                button(t("⏸ Pause"), CardButton(one.id, CardAction.PAUSE)),
                button(t("⏹ Cancel"), CardButton(one.id, CardAction.CANCEL)),
            ]
        ]
    elif state is AnnouncementState.PAUSED:
        rows = [
            [
                button(t("▶️ Resume"), CardButton(one.id, CardAction.RESUME)),
                button(t("⏹ Cancel the rest"), CardButton(one.id, CardAction.CANCEL_CONFIRMED)),
            ],
            _change_row(one, t),
        ]
    else:
        rows = [] if taken_back else [_change_row(one, t)]
        if again:
            rows.append([button(t.count("🔁 Send again to {n} chat", "🔁 Send again to {n} chats", again),
                                CardButton(one.id, CardAction.RESEND))])  # fmt: skip
        rows.append([button(t("📄 Outcomes as CSV"), CardButton(one.id, CardAction.CSV))])
    return InlineKeyboardMarkup(rows)


def refresh_keyboard(one: int, t: Translator, report: InlineKeyboardMarkup | None = None) -> InlineKeyboardMarkup:
    """Below a report that is not kept up to date; with what else could be done there."""
    refresh = button(t("🔄 Refresh"), CardButton(one, CardAction.CARD))
    return InlineKeyboardMarkup([[refresh], *(report.inline_keyboard if report else ())])


def _change_row(one: Announcement, t: Translator) -> ButtonRow:
    return [
        button(t("✏️ Edit"), CardButton(one.id, CardAction.EDIT)),
        button(t("↩️ Take back"), CardButton(one.id, CardAction.RECALL)),
    ]


def edit_keyboard(one: Announcement, t: Translator) -> InlineKeyboardMarkup:
    """Which language's copies shall follow."""
    rows = [
        [button(language_label(each, t), CardButton(one.id, CardAction.EDIT, each or "-"))] for each in one.contents
    ]
    return back_keyboard(one.id, t, *rows)


def copy_change_keyboard(one: int, t: Translator, *, running: bool) -> InlineKeyboardMarkup:
    if running:
        return InlineKeyboardMarkup([[button(t("⏹ Stop"), CardButton(one, CardAction.HALT))]])
    return InlineKeyboardMarkup([[button(t("📊 Show the report"), CardButton(one, CardAction.CARD))]])


def list_keyboard(found: Sequence[tuple[int, str]], page: int, pages: int, t: Translator) -> InlineKeyboardMarkup:
    rows: list[ButtonRow] = [
        [button(shorten(label, _LABEL), CardButton(number, CardAction.OPEN))] for number, label in found
    ]
    rows.extend(_pager(page, pages, AnnouncementsButton))
    rows.append([button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(rows)


def audit_keyboard(page: int, pages: int) -> InlineKeyboardMarkup | None:
    rows = _pager(page, pages, AuditButton)
    return InlineKeyboardMarkup(rows) if rows else None


def _ticked(label: str, *, on: bool) -> str:
    return f"{'✅' if on else '▫️'} {label}"


def _pager(page: int, pages: int, target: Callable[[int], Button]) -> list[ButtonRow]:
    if pages < 2:
        return []
    row: ButtonRow = [button("‹", target(page - 1))] if page > 0 else []
    row.append(button(f"{page + 1} / {pages}", target(page)))
    if page < pages - 1:
        row.append(button("›", target(page + 1)))
    return [row]
