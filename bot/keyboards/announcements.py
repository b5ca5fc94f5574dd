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
from bot.i18n import LANGUAGES, Speech
from bot.keyboards.base import PAGE, Row, button
from bot.render.announcement_draft import active_label, kind_label, language_label
from bot.render.shorten import cut
from digests.model.announcement import EVERY_LANGUAGE, Announcement, AnnouncementState, Moment
from digests.model.category_tree import Tree
from digests.model.ids import CategoryId

_LABEL = 40
LOCAL_TIMES = ("08:00", "12:00", "18:00", "20:00")


def card_keyboard(
    one: Announcement, chats: int, words: Speech, *, may_send: bool, paid: bool | None
) -> InlineKeyboardMarkup:
    sound = words.say("🔕 Silent") if one.silent else words.say("🔔 With sound")
    pin = words.say("📌 Pinned") if one.pinned else words.say("📌 Not pinned")
    rate = words.say("⚡ Fast, for Stars") if paid else words.say("🐢 Normal speed, free")
    rows = [
        [
            button(words.say("✏️ Text"), CardButton(one.id, "text")),
            button(words.say("🔗 Buttons"), CardButton(one.id, "buttons")),
        ],
        [
            button(words.say("👥 Audience"), CardButton(one.id, "audience")),
            button(words.say("🕘 When"), CardButton(one.id, "when")),
        ],
        [button(sound, CardButton(one.id, "sound")), button(pin, CardButton(one.id, "pin"))],
        *([] if paid is None else [[button(rate, CardButton(one.id, "paid"))]]),
        [
            button(words.say("👁 Test send"), CardButton(one.id, "test")),
            button(words.say("🗑 Discard"), CardButton(one.id, "discard")),
        ],
        [
            _send_button(one, chats, words)
            if may_send
            else button(words.say("🙋 Ready: tell the admins"), CardButton(one.id, "ready"))
        ],
    ]
    return InlineKeyboardMarkup(rows)


def _send_button(one: Announcement, chats: int, words: Speech) -> InlineKeyboardButton:
    if one.timing.kind is Moment.NOW:
        label = words.count("📣 Send to {n} chat", "📣 Send to {n} chats", chats)
    else:
        label = words.count("🗓 Schedule for {n} chat", "🗓 Schedule for {n} chats", chats)
    return button(label, ConfirmButton(one.id))


def back_keyboard(one: int, words: Speech, *rows: Row, to: str = "card") -> InlineKeyboardMarkup:
    """`to`: the screen that this one was opened from."""
    return InlineKeyboardMarkup([*rows, [button(words.say("‹ Back"), CardButton(one, to))]])


def text_keyboard(one: Announcement, words: Speech) -> InlineKeyboardMarkup:
    """A row for the text that all get, and one for each language."""
    rows: list[Row] = []
    for language in (EVERY_LANGUAGE, *LANGUAGES):
        mark = "✅" if language in one.contents else "➕"
        rows.append([button(f"{mark} {language_label(language, words)}", CardButton(one.id, "language", language))])
    return back_keyboard(one.id, words, *rows)


def language_keyboard(one: Announcement, language: str, words: Speech) -> InlineKeyboardMarkup:
    row: Row = []
    if language in one.contents:
        row.append(button(words.say("👁 Show it"), CardButton(one.id, "show", language)))
        if len(one.contents) > 1:
            row.append(button(words.say("🗑 Remove"), CardButton(one.id, "drop", language)))
    rows = [row] if row else []
    return InlineKeyboardMarkup([*rows, [button(words.say("‹ Back"), CardButton(one.id, "text"))]])


def buttons_keyboard(one: Announcement, words: Speech) -> InlineKeyboardMarkup:
    rows = [[button(words.say("🗑 Remove all"), CardButton(one.id, "nobuttons"))]] if one.buttons else []
    return back_keyboard(one.id, words, *rows)


def audience_keyboard(one: Announcement, tree: Tree, words: Speech) -> InlineKeyboardMarkup:
    audience = one.audience
    chosen = [cut(found.name, 20) for each in audience.categories if (found := tree.get(each))]
    categories = words.joined(chosen[:2]) + (" …" if len(chosen) > 2 else "") if chosen else words.say("any")
    languages = words.joined(LANGUAGES.get(each, each) for each in audience.languages) or words.say("any")
    ids = f"{len(audience.ids):,}" if audience.ids else words.say("none")
    return back_keyboard(
        one.id,
        words,
        [button(_ticked(words.say("Everybody"), on=audience.is_everybody), CardButton(one.id, "everybody"))],
        [button(words.say("🗂 Categories: {which}", which=categories), AudiencePageButton(one.id))],
        [button(words.say("🌐 Language: {which}", which=languages), CardButton(one.id, "speaking"))],
        [button(f"🕘 {active_label(audience.active_days, words)}", CardButton(one.id, "active"))],
        [button(f"👤 {kind_label(audience.kind, words)}", CardButton(one.id, "kind"))],
        [button(words.say("🔢 List of ids: {which}", which=ids), CardButton(one.id, "ids"))],
    )


def category_choice(
    tree: Tree, one: int, page: int, chosen: Collection[CategoryId], words: Speech
) -> InlineKeyboardMarkup:
    """Ticks at the top level; none ticked: whatever they follow."""
    level = tree.children(None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(page, pages - 1)
    rows: list[Row] = [[button(_ticked(words.say("All categories"), on=not chosen), AudienceButton(one, 0, page))]]
    rows.extend(
        [button(_ticked(cut(each.name, _LABEL), on=each.id in chosen), AudienceButton(one, each.id, page))]
        for each in level[page * PAGE : (page + 1) * PAGE]
    )
    rows.extend(_pager(page, pages, lambda number: AudiencePageButton(one, number)))
    rows.append([button(words.say("‹ Back"), CardButton(one, "audience"))])
    return InlineKeyboardMarkup(rows)


def when_keyboard(one: Announcement, words: Speech) -> InlineKeyboardMarkup:
    kind = one.timing.kind
    times = [
        button(
            f"• {each} •" if kind is Moment.LOCAL and one.timing.time == each else each,
            CardButton(one.id, "local", each),
        )
        for each in LOCAL_TIMES
    ]
    return back_keyboard(
        one.id,
        words,
        [button(_ticked(words.say("At once"), on=kind is Moment.NOW), CardButton(one.id, "now"))],
        [button(_ticked(words.say("At a date and time…"), on=kind is Moment.AT), CardButton(one.id, "at"))],
        [
            button(
                _ticked(words.say("At each chat’s local time…"), on=kind is Moment.LOCAL), CardButton(one.id, "local")
            )
        ],
        times,
        [
            button(
                _ticked(words.say("In quiet hours too, without a sound"), on=one.despite_quiet),
                CardButton(one.id, "quiet"),
            )
        ],
    )


def trial_keyboard(one: int, others: int, words: Speech) -> InlineKeyboardMarkup:
    rows: list[Row] = [[button(words.say("To me"), CardButton(one, "test!", "me"))]]
    if others:
        label = words.count("To me and {n} other admin", "To me and {n} other admins", others)
        rows.append([button(label, CardButton(one, "test!", "all"))])
    return back_keyboard(one, words, *rows)


def sure_keyboard(one: int, label: str, what: str, words: Speech) -> InlineKeyboardMarkup:
    return back_keyboard(one, words, [button(label, CardButton(one, what))])


def discard_keyboard(one: int, words: Speech) -> InlineKeyboardMarkup:
    return back_keyboard(one, words, [button(words.say("🗑 Yes, discard it"), DiscardButton(one))])


def cancel_keyboard(one: int, words: Speech) -> InlineKeyboardMarkup:
    """While it stands still and is asked about."""
    rest = button(words.say("⏹ Cancel the rest"), CardButton(one, "cancel!"))
    return back_keyboard(one, words, [rest, button(words.say("▶️ Go on"), CardButton(one, "resume"))])


def report_keyboard(
    one: Announcement, words: Speech, *, again: int = 0, taken_back: bool = False
) -> InlineKeyboardMarkup:
    """What can be done with an announcement that was confirmed."""
    state = one.state
    rows: list[Row]
    if state is AnnouncementState.SCHEDULED:
        rows = [
            [button(words.say("✏️ Change it"), CardButton(one.id, "unschedule"))],
            [button(words.say("⏹ Cancel"), CardButton(one.id, "cancel"))],
        ]
    elif state is AnnouncementState.SENDING:
        rows = [
            [
                button(words.say("⏸ Pause"), CardButton(one.id, "pause")),
                button(words.say("⏹ Cancel"), CardButton(one.id, "cancel")),
            ]
        ]
    elif state is AnnouncementState.PAUSED:
        rows = [
            [
                button(words.say("▶️ Go on"), CardButton(one.id, "resume")),
                button(words.say("⏹ Cancel the rest"), CardButton(one.id, "cancel!")),
            ],
            _change_row(one, words),
        ]
    else:
        rows = [] if taken_back else [_change_row(one, words)]
        if again:
            rows.append([button(words.count("🔁 Send again to {n} chat", "🔁 Send again to {n} chats", again),
                                CardButton(one.id, "resend"))])  # fmt: skip
        rows.append([button(words.say("📄 Outcomes as CSV"), CardButton(one.id, "csv"))])
    return InlineKeyboardMarkup(rows)


def refresh_keyboard(one: int, words: Speech, report: InlineKeyboardMarkup | None = None) -> InlineKeyboardMarkup:
    """Below a report that is not kept up to date; with what else could be done there."""
    refresh = button(words.say("🔄 Refresh"), CardButton(one, "card"))
    return InlineKeyboardMarkup([[refresh], *(report.inline_keyboard if report else ())])


def _change_row(one: Announcement, words: Speech) -> Row:
    return [
        button(words.say("✏️ Edit"), CardButton(one.id, "edit")),
        button(words.say("↩️ Take back"), CardButton(one.id, "recall")),
    ]


def edit_keyboard(one: Announcement, words: Speech) -> InlineKeyboardMarkup:
    """Which language's copies shall follow."""
    rows = [[button(language_label(each, words), CardButton(one.id, "edit", each or "-"))] for each in one.contents]
    return back_keyboard(one.id, words, *rows)


def act_keyboard(one: int, words: Speech, *, running: bool) -> InlineKeyboardMarkup:
    if running:
        return InlineKeyboardMarkup([[button(words.say("⏹ Stop"), CardButton(one, "halt"))]])
    return InlineKeyboardMarkup([[button(words.say("📊 Show the report"), CardButton(one, "card"))]])


def list_keyboard(found: Sequence[tuple[int, str]], page: int, pages: int, words: Speech) -> InlineKeyboardMarkup:
    rows: list[Row] = [[button(cut(label, _LABEL), CardButton(number, "open"))] for number, label in found]
    rows.extend(_pager(page, pages, AnnouncementsButton))
    rows.append([button(words.say("Close"), ActionButton("close"))])
    return InlineKeyboardMarkup(rows)


def audit_keyboard(page: int, pages: int) -> InlineKeyboardMarkup | None:
    rows = _pager(page, pages, AuditButton)
    return InlineKeyboardMarkup(rows) if rows else None


def _ticked(label: str, *, on: bool) -> str:
    return f"{'✅' if on else '▫️'} {label}"


def _pager(page: int, pages: int, target: Callable[[int], Button]) -> list[Row]:
    if pages < 2:
        return []
    row: Row = [button("‹", target(page - 1))] if page > 0 else []
    row.append(button(f"{page + 1} / {pages}", target(page)))
    if page < pages - 1:
        row.append(button("›", target(page + 1)))
    return [row]
