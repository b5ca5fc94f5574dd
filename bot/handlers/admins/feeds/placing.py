"""In which category the articles of a feed are: of one that is to be added, and of one that is moved."""

from __future__ import annotations

from bot.callbacks import AddFeedButton, FeedCategoriesButton, PlaceFeedButton, TypeFeedCategoryButton
from bot.handlers.admins.feeds.feed import feed_is_gone, say_refused
from bot.handlers.admins.feeds.kept import FeedProposal, keep_category, kept_category, kept_proposal
from bot.handlers.admins.feeds.showing import show_feed
from bot.handlers.context import Context
from bot.handlers.services import FeedServices
from bot.keyboards.feeds import (
    asking_feed_keyboard,
    back_to_feeds_keyboard,
    category_choice_keyboard,
    confirm_feed_keyboard,
)
from bot.render.feed_adding import proposal_html
from bot.render.feed_trouble import feed_refusal_text
from bot.render.feeds import category_name, feed_name
from bot.text.markup import LINE_BREAK, Html, escape
from digests.feeds.fitting import fitting_categories
from digests.model.audit import AuditAct
from digests.model.category_tree import SEPARATOR
from digests.model.dialogs import AwaitedReply, Question
from digests.model.feed import Feed, FeedId
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.model.ids import CategoryId

_FITTING = 3


async def too_long_ago(context: Context) -> None:
    """Say that what a button is about is forgotten."""
    text = context.t.html("That was too long ago. Please begin again: /feeds")
    await context.show(text, back_to_feeds_keyboard(context.t))


async def categories_pressed(context: Context, services: FeedServices, pressed: FeedCategoriesButton) -> None:
    """Show a level of the tree to choose from: below what is shown of a feed to add, or to move one."""
    t, tree = context.t, await services.categories.readers_tree()
    if pressed.feed:
        feed = await services.feeds.find(FeedId(pressed.feed))
        if feed is None:
            await feed_is_gone(context)
            return
        fitting = fitting_categories(tree, feed.title, (), _FITTING)
        keyboard = category_choice_keyboard(tree, pressed, feed.title, fitting, t)
        await context.show(_moving_html(context, feed), keyboard)
        return
    proposal = await kept_proposal(context, services, pressed.proposal)
    if proposal is None:
        await too_long_ago(context)
        return
    found = (tree.get(category) for category in proposal.fitting)
    fitting = tuple(category for category in found if category is not None)
    keyboard = category_choice_keyboard(tree, pressed, proposal.title, fitting, t)
    if context.pressed is None:
        await context.reply(t.html("📂 Which category should its articles go in?"), keyboard)
    else:
        # Above it stay the articles that were shown.
        await context.set_keyboard(keyboard)


def _moving_html(context: Context, feed: Feed) -> Html:
    t = context.t
    lines = [
        t.html("📂 <b>{name}</b>", name=feed_name(feed)),
        t.html("Its articles go to: {category}", category=category_name(feed.options.category, feed.title, t)),
        t.html("Where should new ones go?"),
    ]
    return LINE_BREAK.join(lines)


async def type_category_pressed(context: Context, services: FeedServices, pressed: TypeFeedCategoryButton) -> None:
    """Ask for the name of a category."""
    about = f"{pressed.feed} {pressed.proposal}"
    await _ask_for_category(context, services, about)
    text = context.t.html("✍️ Write me the name of the category. A slash leads down: <code>Science / Space</code>")
    await context.reply(text, asking_feed_keyboard(context.t))


async def _ask_for_category(context: Context, services: FeedServices, about: str) -> None:
    awaited = AwaitedReply(Question.FEED_CATEGORY, about)
    await services.people.set_dialog(context.chat.id, context.user.id, awaited, context.now)


async def category_written(context: Context, services: FeedServices, about: str) -> None:
    """Take what somebody wrote for the category that they were asked for."""
    number, _, token = about.partition(" ")
    feed_id = FeedId(int(number)) if number.isascii() and number.isdigit() else FeedId(0)
    try:
        path = await services.book.category(context.text)
        typed = await keep_category(context, services, path)
        if not typed:
            raise FeedRefused(FeedRefusal.BAD_CATEGORY)
    except FeedRefused as error:
        await _ask_for_category(context, services, about)
        await context.reply(escape(feed_refusal_text(error.reason, context.t)), asking_feed_keyboard(context.t))
        return
    if feed_id:
        await _move(context, services, feed_id, path)
        return
    proposal = await kept_proposal(context, services, token)
    if proposal is None:
        await too_long_ago(context)
        return
    await _propose(context, proposal, AddFeedButton(token, 0, typed), path)


async def place_feed_pressed(context: Context, services: FeedServices, pressed: PlaceFeedButton) -> None:
    """Move a feed to a category, or ask whether one is to be added there."""
    path = await named_path(context, services, pressed.category, pressed.typed)
    if path is None:
        await context.answer(context.t("That category no longer exists. These are today's."))
        await categories_pressed(context, services, FeedCategoriesButton(pressed.feed, pressed.proposal))
    elif pressed.feed:
        await _move(context, services, FeedId(pressed.feed), path)
    elif (proposal := await kept_proposal(context, services, pressed.proposal)) is None:
        await too_long_ago(context)
    elif context.pressed is None:
        await _propose(context, proposal, AddFeedButton(pressed.proposal, pressed.category, pressed.typed), path)
    else:
        adding = AddFeedButton(pressed.proposal, pressed.category, pressed.typed)
        name = category_name(path, proposal.title, context.t)
        # Above it stay the articles that were shown.
        await context.set_keyboard(confirm_feed_keyboard(adding, name, context.t))


async def named_path(context: Context, services: FeedServices, category_id: int, typed: str) -> tuple[str, ...] | None:
    """Return the path that a button names, () for a category of the feed's own title; None for one that is gone."""
    if typed:
        return await kept_category(context, services, typed)
    if not category_id:
        return ()
    category = (await services.categories.readers_tree()).get(CategoryId(category_id))
    return category.path if category is not None else None


async def _propose(context: Context, proposal: FeedProposal, adding: AddFeedButton, path: tuple[str, ...]) -> None:
    """Ask in a message of its own whether a feed is to be added."""
    name = category_name(path, proposal.title, context.t)
    text = proposal_html(proposal.title, proposal.url, name, context.t)
    await context.reply(text, confirm_feed_keyboard(adding, name, context.t))


async def _move(context: Context, services: FeedServices, feed_id: FeedId, path: tuple[str, ...]) -> None:
    t = context.t
    try:
        feed = await services.book.move(feed_id, path)
    except FeedRefused as error:
        await say_refused(context, error)
        return
    if feed is None:
        await feed_is_gone(context)
        return
    name = category_name(path, feed.title, t)
    await context.record(AuditAct.MOVE_FEED, title=feed_name(feed), category=SEPARATOR.join(path) or feed.title)
    await show_feed(context, services, feed, t.html("📂 From now on its articles go to {category}.", category=name))
