"""/mute: words, a source or a category that stays away, for a while or for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.callbacks import ActionButton, AskMuteButton, AskWishButton, Button, MuteButton, MuteSourceButton
from bot.handlers.context import Context
from bot.handlers.readers.wishing import (
    MOST_HOURS,
    add_wish,
    end_of_mute,
    find_wish,
    reach_html,
    refused_html,
    show_wish,
    wish_rows,
)
from bot.handlers.services import ReaderServices
from bot.keyboards.base import LABEL, choice_keyboard
from bot.keyboards.wishes import proposed_mute_keyboard, wishes_keyboard
from bot.render.shorten import shorten
from bot.render.wishes import matter_name
from bot.text.markup import LINE_BREAK
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import ArticleId, CategoryId
from digests.model.mute_request import MuteRequest, parse_mute
from digests.model.wish import Matter, Subject, WishKind
from digests.readers.place_wishes import WishRefused, words_subject

_CANCEL = ActionButton("cancel")
_LABEL = 32
_CHOICES = 6
_MATTERS = {Matter.WORDS: "words", Matter.SOURCE: "source", Matter.CATEGORY: "category"}


async def mute(context: Context, services: ReaderServices) -> None:
    """Mute what /mute names, asking what is meant and for how long; without a name, list what is muted."""
    if not parse_mute(context.text).name:
        await _show_mutes(context, services)
    else:
        await propose_mute(context, services, "")


async def propose_mute(context: Context, services: ReaderServices, _about: str) -> None:
    """Mute what `context.text` names: a category or a source of exactly this name, else the words."""
    if not await context.may_change():
        return
    request = parse_mute(context.text)
    meant = (await services.subjects.meant_by(request.name))[:_CHOICES]
    words: Subject | None = None
    try:
        words_subject(request.name)
        # As they were typed: what is stored, in a canonical form, may look strange.
        words = Subject(Matter.WORDS, request.name)
    except WishRefused as error:
        if not meant:
            await context.reply(refused_html(context, services, error))
            return
    if len(meant) > 1:
        await _ask_which(context, services, request, (*meant, words) if words else meant)
        return
    subject = meant[0] if meant else words
    if subject is None:
        return
    if request.span is not None or request.for_good:
        await _mute(context, services, subject, _hours(request) or 0)
    else:
        await _ask_how_long(context, services, subject, words if meant else None)


async def _ask_which(
    context: Context, services: ReaderServices, request: MuteRequest, subjects: Sequence[Subject]
) -> None:
    text = context.t.html("“{name}” could mean several things. What should I mute?", name=request.name[:100])
    choices = await _choices(context, services, subjects, _hours(request))
    await context.reply(text, choice_keyboard([*choices, (context.t("Cancel"), _CANCEL)]))


def _hours(request: MuteRequest) -> int | None:
    """Return for how many hours something is to be muted, 0 for good; None where that was not said."""
    if request.for_good:
        return 0
    return None if request.span is None else request.span // timedelta(hours=1)


async def _choices(
    context: Context, services: ReaderServices, subjects: Sequence[Subject], hours: int | None
) -> list[tuple[str, Button]]:
    tree = await services.categories.readers_tree()
    found: list[tuple[str, Button]] = []
    for subject in subjects:
        matter, key = await _button_key(context, services, subject)
        target = AskMuteButton(matter, key) if hours is None else MuteButton(matter, key, hours)
        found.append((matter_name(subject, tree, context.t), target))
    return found


async def _button_key(context: Context, services: ReaderServices, subject: Subject) -> tuple[str, str]:
    """Return how a button names a subject: a category by its id, all else by a token, since names may be long."""
    if subject.matter is Matter.CATEGORY:
        return _MATTERS[subject.matter], subject.value
    return _MATTERS[subject.matter], await services.people.keep_lookup(context.chat.id, subject.value, context.now)


async def _subject_of(context: Context, services: ReaderServices, matter: str, key: str) -> Subject | None:
    """Return what a button names, after telling the reader where that is gone."""
    subject: Subject | None = None
    if matter == Matter.CATEGORY and key.isascii() and key.isdigit() and len(key) < 16:
        category = (await services.categories.readers_tree()).get(CategoryId(int(key)))
        subject = Subject.of_category(category.id) if category is not None else None
    elif matter in (Matter.WORDS, Matter.SOURCE):
        name = await services.people.lookup(context.chat.id, key)
        subject = Subject(Matter(matter), name) if name is not None else None
    if subject is None:
        await context.show(context.t.html("That was too long ago. Please send /mute with the name again."))
    return subject


async def ask_mute_pressed(context: Context, services: ReaderServices, pressed: AskMuteButton) -> None:
    """Ask for how long to mute what was chosen."""
    subject = await _subject_of(context, services, pressed.matter, pressed.key)
    if subject is not None:
        await _ask_how_long(context, services, subject, None)


async def _ask_how_long(context: Context, services: ReaderServices, subject: Subject, words: Subject | None) -> None:
    """Show what muting would keep away, and ask for how long; `words` may have been meant instead."""
    try:
        known = await find_wish(context, services, WishKind.MUTE, subject)
        if known is not None:
            await show_wish(context, services, known, note=context.t.html("You mute this already:"))
            return
        reach = await reach_html(context, services, WishKind.MUTE, subject)
    except WishRefused as error:
        await context.show(refused_html(context, services, error))
        return
    tree = await services.categories.readers_tree()
    matter, key = await _button_key(context, services, subject)
    others: list[tuple[str, Button]] = []
    if words is not None:
        label = context.t("Only the words “{name}”", name=words.value)
        others.append((shorten(label, LABEL), AskMuteButton(*await _button_key(context, services, words))))
    lines = [context.t.html("🔇 <b>Mute {name}?</b>", name=matter_name(subject, tree, context.t)), reach]
    if await find_wish(context, services, WishKind.WATCH, subject) is not None:
        lines.append(context.t.html("You watch this now; muting it ends the watch."))
    await context.show(LINE_BREAK.join(lines), proposed_mute_keyboard(matter, key, others, context.t))


async def mute_pressed(context: Context, services: ReaderServices, pressed: MuteButton) -> None:
    """Mute what the button names, for as long as it says."""
    if not await context.may_change():
        return
    subject = await _subject_of(context, services, pressed.matter, pressed.key)
    if subject is not None and pressed.hours <= MOST_HOURS:
        await _mute(context, services, subject, pressed.hours)


async def _mute(context: Context, services: ReaderServices, subject: Subject, hours: int) -> None:
    until = end_of_mute(context, hours)
    wish = await add_wish(context, services, WishKind.MUTE, subject, until=until)
    if wish is not None:
        await show_wish(context, services, wish, note=context.t.html("✅ Muted:"))


async def mute_source_pressed(context: Context, services: ReaderServices, pressed: MuteSourceButton) -> None:
    """Mute the source of the article that the button is below, and say so in a message of its own."""
    if not await context.may_change() or services.look_up.recent.is_repeated(context.update):
        return
    found = await services.articles.get([ArticleId(pressed.article)])
    source = found[0].source if found else ""
    if not source:
        await context.answer(context.t("That article names no source, or is no longer here."))
        return
    subject = Subject(Matter.SOURCE, source)
    known = await find_wish(context, services, WishKind.MUTE, subject)
    if known is not None:
        await show_wish(context, services, known, note=context.t.html("You mute this already:"), anew=True)
    elif (wish := await add_wish(context, services, WishKind.MUTE, subject, anew=True)) is not None:
        await show_wish(context, services, wish, note=context.t.html("✅ Muted:"), anew=True)


async def ask_wish_pressed(context: Context, services: ReaderServices, pressed: AskWishButton) -> None:
    """Ask for the words to watch, or for what to mute; in a group, where the bot reads commands alone, say which."""
    if not await context.may_change():
        return
    is_watch = pressed.kind == "watch"
    if not context.is_private:
        text = context.t.html("Write it as a command: <code>/mute football 7d</code>")
        if is_watch:
            text = context.t.html("Write it as a command: <code>/watch moon landing</code>")
        await context.reply(text)
        return
    question = Question.WATCH if is_watch else Question.MUTE
    await services.people.set_dialog(
        context.chat.id, context.user.id, AwaitedReply(question, place=context.place.id), context.now
    )
    text = context.t.html(
        "🔇 Which words, source or category should stay away? Write it, and for how long if you like: "
        "<i>football 7d</i>."
    )
    if is_watch:
        text = context.t.html("👁 Which words should I watch for? Write them, such as <i>moon landing</i>.")
    await context.show(text, choice_keyboard([(context.t("Cancel"), _CANCEL)]))


async def _show_mutes(context: Context, services: ReaderServices) -> None:
    rows = await wish_rows(context, services, WishKind.MUTE, _LABEL)
    text = context.t.html(
        "🔇 <b>Mutes</b>\nWhat you mute stays out of your digest, for a while or for good. Write "
        "<code>/mute football 7d</code>, with words, a source or a category."
    )
    await context.reply(text, wishes_keyboard(rows, WishKind.MUTE, context.t))
