"""Lists of subscriptions that people send as files: shown first, followed when they say so."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from telegram import Document, InlineKeyboardMarkup
from telegram.error import BadRequest

from bot.callbacks import ActionButton
from bot.chat_files.fields import CategoryNames
from bot.chat_files.lists import SubscriptionList, read_subscription_list
from bot.chat_files.wishes import WishLine
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.keyboards.base import button
from bot.text.markup import LINE_BREAK, Html, escape
from digests.model.category_tree import SEPARATOR, Category, CategoryTree
from digests.model.dialogs import AwaitedReply, Question
from digests.model.wish import Matter, Subject, WishKind
from digests.offload import in_own_thread
from digests.readers.place_wishes import WishRefusal, WishRefused, words_subject

logger = logging.getLogger(__name__)

_MOST_BYTES = 1_000_000
_NAMED = 10


@dataclass(frozen=True, slots=True)
class _KnownList:
    """A list by what is known here; `unknown` are the names of categories that are not."""

    categories: tuple[Category, ...]
    wishes: tuple[tuple[WishLine, Subject], ...]
    unknown: tuple[str, ...]


def is_list(document: Document) -> bool:
    """Return whether a file may be a list of subscriptions."""
    return document.mime_type == "application/json" or (document.file_name or "").lower().endswith(".json")


async def list_received(context: Context, services: ReaderServices, document: Document) -> None:
    """Show what a file asks for, with a button that follows it."""
    found = await _read(context, document.file_id, document.file_size or 0)
    if found is None or not await context.may_change():
        return
    t, known = context.t, _known(found, await services.categories.readers_tree(), context.now)
    if not known.categories and not known.wishes:
        await context.reply(t.html("None of the categories in this file is known here. /categories shows them."))
        return
    await services.people.set_dialog(
        context.chat.id,
        context.user.id,
        AwaitedReply(Question.LIST, document.file_id, context.place.id),
        context.now,
    )
    lines = [t.html("📥 <b>Your list</b>"), _content(context, known)]
    if known.unknown:
        names = t.joined(known.unknown[:_NAMED]) + ("…" if len(known.unknown) > _NAMED else "")
        lines.append(t.html("Not known here: {names}", names=names))
    lines.append(t.html("What you follow already stays."))
    row = [button(t("✅ Follow it all"), ActionButton("list")), button(t("Cancel"), ActionButton("cancel"))]
    await context.reply(LINE_BREAK.join(lines), InlineKeyboardMarkup([row]))


async def list_confirmed(context: Context, services: ReaderServices) -> None:
    """Follow what the file asks for that was shown last."""
    dialog = await services.people.dialog(context.chat.id, context.user.id)
    if not isinstance(dialog, AwaitedReply) or (dialog.question, dialog.place) != (Question.LIST, context.place.id):
        await context.show(context.t.html("That is done, or was cancelled. Send the file again to start over."))
        return
    if not await context.may_change():
        return
    await services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
    found = await _read(context, dialog.about)
    if found is None:
        return
    known = _known(found, await services.categories.readers_tree(), context.now)
    ids = [category.id for category in known.categories]
    followed = len((await services.subscriptions.tick(context.place, context.now, on=ids)).change.begun)
    added, refused = await _add_wishes(context, services, known, context.now)
    t = context.t
    lines = [
        t.count_html("✅ {n} more category followed.", "✅ {n} more categories followed.", followed),
        *([t.count_html("{n} watch or mute added.", "{n} watches and mutes added.", added)] if added else []),
        *(
            [t.count_html("{n} watch or mute did not fit.", "{n} watches and mutes did not fit.", refused)]
            if refused
            else []
        ),
        t.html("/subscriptions shows it all."),
    ]
    await context.show(LINE_BREAK.join(lines))


async def _add_wishes(context: Context, services: ReaderServices, known: _KnownList, now: datetime) -> tuple[int, int]:
    """Add wishes as far as the place may have them; return how many were added, and how many were not."""
    added = 0
    is_watching = False
    for line, subject in known.wishes:
        try:
            await services.wishes.add(
                context.place, line.kind, subject, now, until=line.until, at_once=line.at_once, most=line.most
            )
        except WishRefused as error:
            logger.info("a wish of a list was refused", extra={"reason": str(error.reason)})
            if error.reason is WishRefusal.TOO_MANY:
                break
        else:
            added += 1
            is_watching |= line.kind is WishKind.WATCH
    if is_watching:
        await services.subscriptions.wake(context.place, now)
    return added, len(known.wishes) - added


def _content(context: Context, known: _KnownList) -> Html:
    t = context.t
    parts = [
        t.count("{n} category", "{n} categories", len(known.categories)) if known.categories else "",
        t.count("{n} watch or mute", "{n} watches and mutes", len(known.wishes)) if known.wishes else "",
    ]
    return escape(t.joined(part for part in parts if part))


async def _read(context: Context, file_id: str, size: int = 0) -> SubscriptionList | None:
    """Fetch a file and read it; None, after saying what is wrong, where it is no list."""
    t = context.t
    if size > _MOST_BYTES:
        await context.reply(t.html("That file is too large for a list of subscriptions."))
        return None
    try:
        file = await context.client.bot.get_file(file_id)
        content = bytes(await file.download_as_bytearray())
        # A long list takes a while to be read, and others shall not wait for it.
        return await in_own_thread(_list_of, content)
    except BadRequest as error:
        logger.info("a file can't be fetched", extra={"reason": error.message})
        await context.reply(t.html("I can't fetch that file any more. Please send it again."))
    except ValueError as error:
        # What is wrong quotes what somebody wrote.
        logger.info("a file is no list of subscriptions", extra={"reason": type(error).__name__})
        await context.reply(
            t.html("I can't read that file as a list. Send me what /export gave you, or a JSON list of categories.")
        )
    return None


def _list_of(content: bytes) -> SubscriptionList:
    if len(content) > _MOST_BYTES:
        raise ValueError("it is too large")
    return read_subscription_list(content)


def _known(found: SubscriptionList, tree: CategoryTree, now: datetime) -> _KnownList:
    """Return what of a list is known here, without wishes that are over."""
    categories: dict[str | CategoryNames, Category] = {}
    wished = [line.about for line in found.wishes if line.matter is Matter.CATEGORY]
    for name in (*found.categories, *wished):
        hits = _named(name, tree)
        if len(hits) == 1:
            categories[name] = hits[0]
    subjects = ((line, _subject(line, categories)) for line in found.wishes if not (line.until and line.until <= now))
    return _KnownList(
        tuple(dict.fromkeys(categories[name] for name in found.categories if name in categories)),
        tuple((line, subject) for line, subject in subjects if subject is not None),
        tuple(_shown(name) for name in dict.fromkeys([*found.categories, *wished]) if name not in categories),
    )


def _named(name: str | CategoryNames, tree: CategoryTree) -> tuple[Category, ...]:
    if isinstance(name, str):
        return tree.find(name)
    return tuple(category for category in tree.find(name[-1]) if category.path == name)


def _subject(line: WishLine, categories: dict[str | CategoryNames, Category]) -> Subject | None:
    if line.matter is Matter.CATEGORY:
        category = categories.get(line.about)
        return Subject.of_category(category.id) if category is not None else None
    return words_subject(str(line.about)) if line.matter is Matter.WORDS else Subject(line.matter, str(line.about))


def _shown(name: str | CategoryNames) -> str:
    return name if isinstance(name, str) else SEPARATOR.join(name)
