"""Keyboards of feeds, for admins: the list, a feed by itself, what was found, and its category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import (
    TICK,
    UNTICK,
    ActionButton,
    AddFeedButton,
    AskFeedButton,
    ExportFeedsButton,
    FeedButton,
    FeedCategoriesButton,
    FeedsButton,
    FullTextButton,
    ImportFeedsButton,
    LookAgainButton,
    PauseFeedButton,
    PlaceFeedButton,
    RemoveFeedButton,
    RestoreFeedButton,
    SearchFeedsButton,
    TryFeedButton,
    TypeFeedCategoryButton,
)
from bot.i18n import Translator
from bot.keyboards.base import LABEL, PAGE, ButtonRow, button, pager
from bot.render.feeds import FEEDS_PAGE, feed_name
from bot.render.shorten import shorten
from digests.model.category_tree import SEPARATOR, Category, CategoryTree
from digests.model.feed import Feed
from digests.model.ids import CategoryId

TROUBLE, PAUSED = "trouble", "paused"
"""The states that the list can be narrowed to."""
_LIST = FeedsButton()
_IN_A_ROW = 4
_MOST_FITTING = 3


def feeds_keyboard(
    feeds: Sequence[Feed], at: FeedsButton, pages: int, counts: tuple[int, int, int], t: Translator
) -> InlineKeyboardMarkup:
    """Return the buttons of a page of feeds; `counts` are all feeds, those with trouble, and those that are paused."""
    every, trouble, paused = counts
    numbered = [
        button(str(number), FeedButton(feed.id, at.state, at.page, at.words)) for number, feed in enumerate(feeds, 1)
    ]
    rows = [numbered[start : start + _IN_A_ROW] for start in range(0, len(numbered), _IN_A_ROW)]
    rows.extend(pager(at.page, pages, lambda number: replace(at, page=number)))
    if trouble or paused or at.state:
        narrowing = [
            (t("All: {n}", n=t.number(every)), ""),
            (t("Trouble: {n}", n=t.number(trouble)), TROUBLE),
            (t("Paused: {n}", n=t.number(paused)), PAUSED),
        ]
        rows.append(
            [
                button(f"•{label}•" if state == at.state else label, FeedsButton(state, 0, at.words))
                for label, state in narrowing
            ]
        )
    ways: ButtonRow = []
    if at.words:
        ways.append(button(t("✕ Show all"), FeedsButton(at.state)))
    elif every > FEEDS_PAGE:
        ways.append(button(t("🔎 Search"), SearchFeedsButton()))
    rows.append([*ways, button(t("+ Add"), AskFeedButton())])
    files = [button(t("📥 Import"), ImportFeedsButton())]
    if every:
        files.append(button(t("📤 Export"), ExportFeedsButton()))
    return InlineKeyboardMarkup([*rows, files, [button(t("Close"), ActionButton("close"))]])


def feed_keyboard(feed: Feed, t: Translator, *, has_full_text: bool, back: FeedsButton = _LIST) -> InlineKeyboardMarkup:
    """Return what can be done with a feed, and the way `back`; one of the settings can only be looked at."""
    rows: list[ButtonRow] = []
    look = button(t("🔄 Look now"), LookAgainButton(feed.id))
    if feed.is_configured:
        rows.append([look])
    else:
        if feed.is_paused:
            rows.append([button(t("▶️ Resume"), PauseFeedButton(feed.id, UNTICK))])
        else:
            rows.append([look, button(t("⏸ Pause"), PauseFeedButton(feed.id, TICK))])
        if has_full_text or feed.options.full_text:
            is_on = feed.options.full_text
            label = t("📄 Full text: on") if is_on else t("📄 Full text: off")
            rows.append([button(label, FullTextButton(feed.id, UNTICK if is_on else TICK))])
        rows.append(
            [
                button(t("📂 Move"), FeedCategoriesButton(feed.id)),
                button(t("🗑 Remove"), RemoveFeedButton(feed.id)),
            ]
        )
    rows.append([button(t("‹ All feeds") if back == _LIST else t("‹ Back"), back)])
    return InlineKeyboardMarkup(rows)


def removing_keyboard(feed: Feed, t: Translator) -> InlineKeyboardMarkup:
    """Return the question whether a feed is really to be removed."""
    return InlineKeyboardMarkup(
        [[button(t("Yes, remove it"), RemoveFeedButton(feed.id, 1)), button(t("No"), FeedButton(feed.id))]]
    )


def removed_keyboard(undo: RestoreFeedButton, t: Translator) -> InlineKeyboardMarkup:
    """Return the way back after a removal."""
    return InlineKeyboardMarkup([[button(t("↩️ Undo"), undo)], [button(t("‹ All feeds"), FeedsButton())]])


def back_to_feeds_keyboard(t: Translator) -> InlineKeyboardMarkup:
    """Return the way to the list of feeds."""
    return InlineKeyboardMarkup([[button(t("‹ All feeds"), FeedsButton())]])


def asking_feed_keyboard(t: Translator) -> InlineKeyboardMarkup:
    """Return the way out for somebody who was asked to type something about feeds."""
    return InlineKeyboardMarkup([[button(t("Cancel"), ActionButton("cancel"))]])


def try_again_keyboard(token: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the buttons below an address that is looked at, or had no feed."""
    return InlineKeyboardMarkup(
        [
            [button(t("🔄 Try again"), TryFeedButton(token)), button(t("+ Another address"), AskFeedButton())],
            [button(t("‹ All feeds"), FeedsButton())],
        ]
    )


def looking_keyboard(token: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the button below an address that is being looked at: what was lost in a restart can be begun again."""
    return InlineKeyboardMarkup([[button(t("🔄 Try again"), TryFeedButton(token))]])


def feeds_found_keyboard(found: Sequence[tuple[str, str]], t: Translator) -> InlineKeyboardMarkup:
    """Return the feeds of a page to choose from, each with its label and the token of its address."""
    rows = [[button(label, TryFeedButton(token, 1))] for label, token in found]
    return InlineKeyboardMarkup([*rows, [button(t("Close"), ActionButton("close"))]])


def import_keyboard(token: str, number: int, t: Translator) -> InlineKeyboardMarkup:
    """Return the question whether the feeds of a file are to be added."""
    label = t.count("✅ Add {n} feed", "✅ Add {n} feeds", number)
    return InlineKeyboardMarkup(
        [[button(label, ImportFeedsButton(token)), button(t("Cancel"), ActionButton("cancel"))]]
    )


def importing_keyboard(token: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the button below an import: what a restart has ended can be gone on with."""
    return InlineKeyboardMarkup([[button(t("🔄 Go on"), ImportFeedsButton(token))]])


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """What the choice of a feed's category is about: a feed, or the address to be added under a token."""

    feed: int = 0
    proposal: str = ""

    def level(self, parent: int = 0, page: int = 0) -> FeedCategoriesButton:
        """Return the button that shows a level of the tree."""
        return FeedCategoriesButton(self.feed, self.proposal, parent, page)

    def place(self, category: int = 0, typed: str = "") -> PlaceFeedButton:
        """Return the button that chooses a category."""
        return PlaceFeedButton(self.feed, self.proposal, category, typed)


def category_choice_keyboard(
    tree: CategoryTree,
    at: FeedCategoriesButton,
    title: str,
    fitting: Sequence[Category],
    t: Translator,
) -> InlineKeyboardMarkup:
    """Return a page of a level of the tree, to choose a feed's category.

    The first page of the top begins with what is `fitting`, and with a category of the feed's own `title`.
    """
    choice = CategoryChoice(at.feed, at.proposal)
    above = tree.get(CategoryId(at.parent)) if at.parent else None
    level = tree.children(above.id if above is not None else None)
    pages = max(1, -(-len(level) // PAGE))
    page = min(at.page, pages - 1)
    rows: list[ButtonRow] = []
    if above is not None:
        rows.append([button(t("✓ Here: {path}", path=_short_path(above)), choice.place(above.id))])
    elif page == 0:
        rows.extend([[button(f"⭐ {_short_path(found)}", choice.place(found.id))] for found in fitting[:_MOST_FITTING]])
        own = shorten(title, LABEL)
        label = t("🆕 Its own: {title}", title=own) if own else t("🆕 One of its own")
        rows.append([button(label, choice.place())])
    for category in level[page * PAGE : (page + 1) * PAGE]:
        row = [button(shorten(category.name, LABEL), choice.place(category.id))]
        if tree.children(category.id):
            row.append(button("›", choice.level(category.id)))
        rows.append(row)
    rows.extend(pager(page, pages, lambda number: choice.level(at.parent, number)))
    last = [button(t("✍️ Write a new one"), TypeFeedCategoryButton(at.feed, at.proposal))]
    if above is not None:
        last.append(button(t("‹ Back"), choice.level(above.parent_id or 0)))
    rows.append(last)
    way_out = FeedButton(at.feed) if at.feed else ActionButton("cancel")
    rows.append([button(t("‹ Back to the feed") if at.feed else t("Cancel"), way_out)])
    return InlineKeyboardMarkup(rows)


def _short_path(category: Category) -> str:
    return shorten(f" {SEPARATOR} ".join(category.path), LABEL)


def confirm_feed_keyboard(adding: AddFeedButton, category: str, t: Translator) -> InlineKeyboardMarkup:
    """Return the last question before a feed is added."""
    label = t("✅ Add it in {category}", category=shorten(category, LABEL))
    return InlineKeyboardMarkup(
        [
            [button(label, adding)],
            [
                button(t("‹ Another category"), FeedCategoriesButton(0, adding.proposal)),
                button(t("Cancel"), ActionButton("cancel")),
            ],
        ]
    )


def feed_report_keyboard(feeds: Sequence[Feed], t: Translator) -> InlineKeyboardMarkup:
    """Return the buttons below a message about these feeds, each of which leads to its screen."""
    rows = [[button(feed_name(feed, LABEL), FeedButton(feed.id))] for feed in feeds]
    return InlineKeyboardMarkup([*rows, [button(t("🛰 All feeds"), FeedsButton())]])
