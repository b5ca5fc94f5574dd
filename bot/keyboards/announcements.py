"""Keyboards of announcements: the card and its screens, the report, the lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import (
    ActionButton,
    AnnouncementsButton,
    AudienceButton,
    AudiencePageButton,
    AuditButton,
    CardButton,
    ConfirmButton,
    DiscardButton,
)
from bot.callbacks.card_actions import CardAction
from bot.i18n import LANGUAGES, Translator
from bot.keyboards.base import LABEL, PAGE, ButtonRow, button, pager
from bot.render.announcement_draft import active_label, kind_label, language_label
from bot.render.shorten import shorten
from digests.model.announcement import EVERY_LANGUAGE, Announcement, AnnouncementState, When
from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId

LOCAL_TIMES = ("08:00", "12:00", "18:00", "20:00")


def card_keyboard(
    announcement: Announcement, chats: int, t: Translator, *, may_send: bool, paid: bool | None
) -> InlineKeyboardMarkup:
    """Return the buttons of a draft's card. `paid` is None where the rate can't be chosen."""
    sound = t("🔕 Silent") if announcement.silent else t("🔔 With sound")
    pin = t("📌 Pinned") if announcement.pinned else t("📌 Not pinned")
    rate = t("⚡ Fast, for Stars") if paid else t("🐢 Normal speed, free")
    rows = [
        [
            _card_button(t("✏️ Text"), announcement.id, CardAction.TEXTS),
            _card_button(t("🔗 Buttons"), announcement.id, CardAction.BUTTONS),
        ],
        [
            _card_button(t("👥 Audience"), announcement.id, CardAction.AUDIENCE),
            _card_button(t("🕘 When"), announcement.id, CardAction.WHEN),
        ],
        [
            _card_button(sound, announcement.id, CardAction.SOUND),
            _card_button(pin, announcement.id, CardAction.PIN),
        ],
        *([] if paid is None else [[_card_button(rate, announcement.id, CardAction.PAID)]]),
        [
            _card_button(t("👁 Test send"), announcement.id, CardAction.TEST),
            _card_button(t("🗑 Discard"), announcement.id, CardAction.DISCARD),
        ],
        [
            _send_button(announcement, chats, t)
            if may_send
            else _card_button(t("🙋 Ready: tell the admins"), announcement.id, CardAction.READY)
        ],
    ]
    return InlineKeyboardMarkup(rows)


def _send_button(announcement: Announcement, chats: int, t: Translator) -> InlineKeyboardButton:
    if announcement.timing.kind is When.NOW:
        label = t.count("📣 Send to {n} chat", "📣 Send to {n} chats", chats)
    else:
        label = t.count("🗓 Schedule for {n} chat", "🗓 Schedule for {n} chats", chats)
    return button(label, ConfirmButton(announcement.id))


def back_keyboard(
    number: int, t: Translator, *rows: ButtonRow, to: CardAction = CardAction.CARD
) -> InlineKeyboardMarkup:
    """Return these rows and the way back: to the card, or to the screen `to`."""
    return InlineKeyboardMarkup([*rows, [_card_button(t("‹ Back"), number, to)]])


def text_keyboard(announcement: Announcement, t: Translator) -> InlineKeyboardMarkup:
    """Return a button for the default text and for each language, ticked if there is a text."""
    rows: list[ButtonRow] = []
    for language in (EVERY_LANGUAGE, *LANGUAGES):
        mark = "✅" if language in announcement.contents else "➕"
        rows.append(
            [_card_button(f"{mark} {language_label(language, t)}", announcement.id, CardAction.LANGUAGE, language)]
        )
    return back_keyboard(announcement.id, t, *rows)


def language_keyboard(announcement: Announcement, language: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the buttons below one language's text."""
    row: ButtonRow = []
    if language in announcement.contents:
        row.append(_card_button(t("👁 Show it"), announcement.id, CardAction.SHOW, language))
        if len(announcement.contents) > 1:
            row.append(_card_button(t("🗑 Remove"), announcement.id, CardAction.REMOVE_TEXT, language))
    rows = [row] if row else []
    return InlineKeyboardMarkup([*rows, [_card_button(t("‹ Back"), announcement.id, CardAction.TEXTS)]])


def buttons_keyboard(announcement: Announcement, t: Translator) -> InlineKeyboardMarkup:
    """Return the buttons of the screen on which link buttons are written."""
    rows = [[_card_button(t("🗑 Remove all"), announcement.id, CardAction.NO_BUTTONS)]] if announcement.buttons else []
    return back_keyboard(announcement.id, t, *rows)


def audience_keyboard(announcement: Announcement, tree: CategoryTree, t: Translator) -> InlineKeyboardMarkup:
    """Return the buttons that say whom the announcement goes to, each of which changes that."""
    audience = announcement.audience
    chosen = [shorten(found.name, 20) for each in audience.categories if (found := tree.get(each))]
    categories = t.joined(chosen[:2]) + (" …" if len(chosen) > 2 else "") if chosen else t("any")
    languages = t.joined(LANGUAGES.get(each, each) for each in audience.languages) or t("any")
    ids = t.number(len(audience.ids)) if audience.ids else t("none")
    return back_keyboard(
        announcement.id,
        t,
        [_card_button(_ticked(t("Everybody"), on=audience.is_everybody), announcement.id, CardAction.EVERYBODY)],
        [button(t("🗂 Categories: {which}", which=categories), AudiencePageButton(announcement.id))],
        [_card_button(t("🌐 Language: {which}", which=languages), announcement.id, CardAction.NEXT_LANGUAGE)],
        [_card_button(f"🕘 {active_label(audience.active_days, t)}", announcement.id, CardAction.NEXT_DAYS)],
        [_card_button(f"👤 {kind_label(audience.kind, t)}", announcement.id, CardAction.NEXT_KIND)],
        [_card_button(t("🔢 List of ids: {which}", which=ids), announcement.id, CardAction.IDS)],
    )


def category_choice(
    tree: CategoryTree, number: int, page: int, chosen: Collection[CategoryId], t: Translator
) -> InlineKeyboardMarkup:
    """Return a page of the top categories to tick. If none is ticked, the audience may follow anything."""
    level = tree.children(None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(page, pages - 1)
    rows: list[ButtonRow] = [[button(_ticked(t("All categories"), on=not chosen), AudienceButton(number, 0, page))]]
    rows.extend(
        [button(_ticked(shorten(each.name, LABEL), on=each.id in chosen), AudienceButton(number, each.id, page))]
        for each in level[page * PAGE : (page + 1) * PAGE]
    )
    rows.extend(pager(page, pages, lambda other: AudiencePageButton(number, other)))
    rows.append([_card_button(t("‹ Back"), number, CardAction.AUDIENCE)])
    return InlineKeyboardMarkup(rows)


def when_keyboard(announcement: Announcement, t: Translator) -> InlineKeyboardMarkup:
    """Return the choice of when to send, with the current choice ticked."""
    kind = announcement.timing.kind
    times = [
        _card_button(
            f"• {each} •" if kind is When.LOCAL and announcement.timing.time == each else each,
            announcement.id,
            CardAction.LOCAL,
            each,
        )
        for each in LOCAL_TIMES
    ]
    return back_keyboard(
        announcement.id,
        t,
        [_card_button(_ticked(t("Right away"), on=kind is When.NOW), announcement.id, CardAction.NOW)],
        [_card_button(_ticked(t("At a date and time…"), on=kind is When.AT), announcement.id, CardAction.AT)],
        [
            _card_button(
                _ticked(t("At each chat’s local time…"), on=kind is When.LOCAL), announcement.id, CardAction.LOCAL
            )
        ],
        times,
        [
            _card_button(
                _ticked(t("In quiet hours too, without a sound"), on=announcement.despite_quiet),
                announcement.id,
                CardAction.QUIET,
            )
        ],
    )


def trial_keyboard(number: int, others: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the choice of who gets a test copy; `others` is the number of other admins."""
    rows: list[ButtonRow] = [[_card_button(t("To me"), number, CardAction.SEND_TEST, "me")]]
    if others:
        label = t.count("To me and {n} other admin", "To me and {n} other admins", others)
        rows.append([_card_button(label, number, CardAction.SEND_TEST, "all")])
    return back_keyboard(number, t, *rows)


def sure_keyboard(number: int, label: str, what: CardAction, t: Translator) -> InlineKeyboardMarkup:
    """Return a button that confirms an action, and the way back."""
    return back_keyboard(number, t, [_card_button(label, number, what)])


def discard_keyboard(number: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a button that confirms discarding a draft, and the way back."""
    return back_keyboard(number, t, [button(t("🗑 Yes, discard it"), DiscardButton(number))])


def cancel_keyboard(number: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the answers to the question whether to cancel a paused announcement."""
    rest = _card_button(t("⏹ Cancel the rest"), number, CardAction.CANCEL_CONFIRMED)
    return back_keyboard(number, t, [rest, _card_button(t("▶️ Resume"), number, CardAction.RESUME)])


def report_keyboard(
    announcement: Announcement, t: Translator, *, again: int = 0, taken_back: bool = False
) -> InlineKeyboardMarkup:
    """Return what can be done with a confirmed announcement. `again` is to how many chats it can be sent again."""
    state = announcement.state
    rows: list[ButtonRow]
    if state is AnnouncementState.SCHEDULED:
        rows = [
            [_card_button(t("✏️ Change it"), announcement.id, CardAction.UNSCHEDULE)],
            [_card_button(t("⏹ Cancel"), announcement.id, CardAction.CANCEL)],
        ]
    elif state is AnnouncementState.SENDING:
        rows = [
            [
                _card_button(t("⏸ Pause"), announcement.id, CardAction.PAUSE),
                _card_button(t("⏹ Cancel"), announcement.id, CardAction.CANCEL),
            ]
        ]
    elif state is AnnouncementState.PAUSED:
        rows = [
            [
                _card_button(t("▶️ Resume"), announcement.id, CardAction.RESUME),
                _card_button(t("⏹ Cancel the rest"), announcement.id, CardAction.CANCEL_CONFIRMED),
            ],
            _change_row(announcement, t),
        ]
    else:
        rows = [] if taken_back else [_change_row(announcement, t)]
        if again:
            label = t.count("🔁 Send again to {n} chat", "🔁 Send again to {n} chats", again)
            rows.append([_card_button(label, announcement.id, CardAction.RESEND)])
        rows.append([_card_button(t("📄 Outcomes as CSV"), announcement.id, CardAction.CSV)])
    return InlineKeyboardMarkup(rows)


def refresh_keyboard(number: int, t: Translator, report: InlineKeyboardMarkup | None = None) -> InlineKeyboardMarkup:
    """Return the buttons below a report that does not update itself: a refresh, then those of the `report`."""
    refresh = _card_button(t("🔄 Refresh"), number, CardAction.CARD)
    return InlineKeyboardMarkup([[refresh], *(report.inline_keyboard if report else ())])


def _change_row(announcement: Announcement, t: Translator) -> ButtonRow:
    return [
        _card_button(t("✏️ Edit"), announcement.id, CardAction.EDIT),
        _card_button(t("↩️ Take back"), announcement.id, CardAction.RECALL),
    ]


def edit_keyboard(announcement: Announcement, t: Translator) -> InlineKeyboardMarkup:
    """Return the choice of the language whose copies to edit."""
    rows = [
        [_card_button(language_label(each, t), announcement.id, CardAction.EDIT, each or "-")]
        for each in announcement.contents
    ]
    return back_keyboard(announcement.id, t, *rows)


def copy_change_keyboard(number: int, t: Translator, *, running: bool) -> InlineKeyboardMarkup:
    """Return the buttons below the progress of an edit or a recall."""
    if running:
        return InlineKeyboardMarkup([[_card_button(t("⏹ Stop"), number, CardAction.HALT)]])
    return InlineKeyboardMarkup([[_card_button(t("📊 Show the report"), number, CardAction.CARD)]])


def list_keyboard(found: Sequence[tuple[int, str]], page: int, pages: int, t: Translator) -> InlineKeyboardMarkup:
    """Return a button per announcement, and the pages."""
    rows: list[ButtonRow] = [[_card_button(shorten(label, LABEL), number, CardAction.OPEN)] for number, label in found]
    rows.extend(pager(page, pages, AnnouncementsButton))
    rows.append([button(t("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(rows)


def audit_keyboard(page: int, pages: int) -> InlineKeyboardMarkup | None:
    """Return the pages of the audit log; None where it has only one."""
    rows = pager(page, pages, AuditButton)
    return InlineKeyboardMarkup(rows) if rows else None


def _card_button(label: str, number: int, action: CardAction, value: str = "") -> InlineKeyboardButton:
    return button(label, CardButton(number, action, value))


def _ticked(label: str, *, on: bool) -> str:
    return f"{'✅' if on else '▫️'} {label}"
