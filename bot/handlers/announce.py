"""/announce: write it, see it as readers will, choose to whom and when, confirm. The card holds it all."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, TelegramError

from bot.announcement_input import InputError, parse_buttons, parse_ids, parse_local, parse_moment
from bot.callbacks import Audience as AudienceOf
from bot.callbacks import AudiencePage, Callback, Card, Confirm, Discard, Do
from bot.handlers.announce_card import Cards, read_content, too_long
from bot.handlers.announce_choices import explain, next_days, next_kind, next_language, too_long_text
from bot.handlers.announce_going import Going
from bot.handlers.house import House
from bot.handlers.reporting import Reporter
from bot.handlers.talk import Talk
from bot.keyboards import button
from bot.keyboards_announce import back_keyboard, sure_keyboard
from bot.render.announcing import confirm_text, title_of
from bot.render.markup import Html
from bot.telegram.contents import show_part
from digests.announcement import (
    ALBUM,
    EVERY_LANGUAGE,
    Announcement,
    Audience,
    Content,
    Moment,
    Timing,
    local_time,
)
from digests.delivery.announce import rendering
from digests.errors import NotFound
from digests.schedule import parse_time
from digests.storage.people import Dialog
from digests.types import AnnouncementId, AnnouncementState, CategoryId

logger = logging.getLogger(__name__)

WRITING = "announcement"
_ALBUM_SECONDS = 0.8
_COMMAND = re.compile(r"/announce(?:@\w+)?\s*")

Screen = Callable[[Talk, Announcement, str], Awaitable[None]]


class Announcing:
    """The admin's side of announcements, until they are confirmed; then `Going` takes over."""

    def __init__(self, house: House, reporter: Reporter) -> None:
        self._house = house
        self._cards = Cards(house)
        self.going = Going(house, reporter, self._cards)
        self._reporter = reporter
        self._albums: dict[str, asyncio.Task[None]] = {}
        cards = self._cards
        self._screens: dict[str, Screen] = {
            "card": lambda talk, one, _: self._back(talk, one),
            "text": lambda talk, one, _: self._texts(talk, one),
            "language": self._language,
            "show": self._show_language,
            "drop": self._drop,
            "buttons": lambda talk, one, _: self._ask(talk, one, "buttons", cards.buttons),
            "nobuttons": self._no_buttons,
            "audience": lambda talk, one, _: cards.audience(talk, one),
            "everybody": lambda talk, one, _: self._aim(talk, one, Audience()),
            "speaking": lambda talk, one, _: self._aim(talk, one, next_language(one.audience)),
            "active": lambda talk, one, _: self._aim(talk, one, next_days(one.audience)),
            "kind": lambda talk, one, _: self._aim(talk, one, next_kind(one.audience)),
            "ids": self._ids,
            "when": lambda talk, one, _: self._back_to_when(talk, one),
            "now": lambda talk, one, _: self._time(talk, one, Timing()),
            "at": self._ask_moment,
            "local": self._local,
            "quiet": self._quiet,
            "paid": self._pay,
            "sound": lambda talk, one, _: self._manner(talk, replace(one, silent=not one.silent)),
            "pin": lambda talk, one, _: self._manner(talk, replace(one, pinned=not one.pinned)),
            "test": lambda talk, one, _: cards.test(talk, one),
            "test!": self._test,
            "ready": self._ready,
            "go": lambda talk, one, _: self._go(talk, one),
        }

    async def begin(self, talk: Talk) -> None:
        """/announce, or /announce TEXT."""
        if not talk.is_private:
            await talk.reply(talk.words.html("Please write announcements in our private chat."))
            return
        if talk.text:
            await self._take(talk, None, EVERY_LANGUAGE)
            return
        await self._listen(talk, {})
        drafts = (await self._house.announcements.drafts(talk.user.id))[-3:]
        rows = [
            [button(talk.words.say("📝 Go on with “{title}”", title=title_of(one, talk.words)), Card(one.id, "open"))]
            for one in reversed(drafts)
        ]
        rows.append([button(talk.words.say("Cancel"), Do("cancel"))])
        await talk.reply(
            talk.words.html(
                "📣 <b>New announcement</b>\n"
                "Send me its text, with bold, links and all; a photo, an album, a file or a message that you forward "
                "to me is fine too. You will see it before anybody else does."
            ),
            InlineKeyboardMarkup(rows),
        )

    async def written(self, talk: Talk, dialog: Dialog) -> bool:
        """A message that answers what the card asked for; False when it is none of ours after all."""
        data = dialog.data
        one = await self._own(talk, int(data["announcement"])) if "announcement" in data else None
        if one is None and "announcement" in data:
            await self._listen(talk, None)
            return True
        match data.get("field", "text"):
            case "album":
                return await self._album_item(talk, one, data)
            case "edit" | "edited":
                await self.going.rewritten(talk, data)
            case "buttons" | "ids" | "at" | "local" as field if one is not None:
                await self._typed(talk, one, str(field))
            case _:
                await self._take(talk, one, str(data.get("language", EVERY_LANGUAGE)))
        return True

    # The text

    async def _take(self, talk: Talk, one: Announcement | None, language: str) -> None:
        message = talk.update.effective_message
        content = read_content(message) if message else None
        if content is not None and content.html.startswith("/announce"):
            content = replace(content, html=_COMMAND.sub("", content.html, count=1))
        if content is None or not (content.html or content.media or content.copy_of):
            await talk.reply(talk.words.html("I can't send that on. Please send a text, a photo or a file."))
            return
        if limit := too_long(content):
            await talk.reply(too_long_text(limit, talk.words))
            return
        if content.group:
            await self._begin_album(talk, one, language, content)
            return
        is_new = one is None
        if one is None:
            one = await self._create(talk, content)
        changed = replace(one, contents={**one.contents, language: content})
        try:
            await self._cards.fresh(talk, changed, language)
        except BadRequest as error:
            if is_new:
                await self._house.announcements.cancel(one.id)
            await talk.reply(talk.words.html("Telegram does not take that: {reason}", reason=error.message))
            return
        await self._house.announcements.put_content(one.id, language, content)
        await self._listen(talk, None)

    async def _create(self, talk: Talk, content: Content) -> Announcement:
        return await self._house.announcements.create(talk.user.id, content, talk.now)

    async def _begin_album(self, talk: Talk, one: Announcement | None, language: str, first: Content) -> None:
        """Its pictures come one message each; what belongs together is known by the group."""
        store = self._house.announcements
        if one is None:
            one = await self._create(talk, first)
        await store.put_content(one.id, language, first)
        data = {"announcement": one.id, "field": "album", "language": language, "group": first.group}
        await self._listen(talk, data)
        self._show_soon(talk, one.id, language, first.group)

    async def _album_item(self, talk: Talk, one: Announcement | None, data: dict[str, object]) -> bool:
        message, group = talk.update.effective_message, str(data.get("group"))
        if one is None or message is None or message.media_group_id != group:
            await self._listen(talk, None)
            return False
        item, language = read_content(message), str(data.get("language", ""))
        if item is not None:
            await self._house.announcements.add_to_album(one.id, language, item)
            self._show_soon(talk, one.id, language, group)
        return True

    def _show_soon(self, talk: Talk, number: AnnouncementId, language: str, group: str) -> None:
        """When nothing more of it comes for a moment."""
        if (waiting := self._albums.pop(group, None)) is not None:
            waiting.cancel()
        self._albums[group] = asyncio.create_task(self._show_album(talk, number, language, group))

    async def _show_album(self, talk: Talk, number: AnnouncementId, language: str, group: str) -> None:
        await asyncio.sleep(_ALBUM_SECONDS)
        async with self._house.lock(talk.chat.id):
            self._albums.pop(group, None)
            try:
                one = await self._house.announcements.get(number)
                if len(one.part(language).media) > ALBUM[1]:
                    await talk.reply(talk.words.html("An album holds at most {n}.", n=ALBUM[1]))
                    return
                await self._cards.fresh(talk, one, language)
            except BadRequest as error:
                await talk.reply(talk.words.html("Telegram does not take that: {reason}", reason=error.message))
            except Exception:
                logger.exception("an album could not be shown", extra={"announcement": number})

    # What is typed into the card's screens

    async def _typed(self, talk: Talk, one: Announcement, field: str) -> None:
        try:
            changed = await self._read(talk, one, field)
            await self._cards.fresh(talk, changed)
        except InputError as error:
            await talk.reply(explain(error, talk.words), back_keyboard(one.id, talk.words))
            return
        except BadRequest as error:
            # Only a button's address can be the cause: the rest was shown before.
            await self._house.announcements.label(one.id, one.buttons)
            await talk.reply(talk.words.html("Telegram does not take that: {reason}", reason=error.message))
            return
        await self._listen(talk, None)

    async def _read(self, talk: Talk, one: Announcement, field: str) -> Announcement:
        store, text, zone = self._house.announcements, talk.text, talk.place.timezone
        if field == "buttons":
            one = replace(one, buttons=parse_buttons(text))
            await store.label(one.id, one.buttons)
        elif field == "ids":
            ids = parse_ids(text)
            known = await self._house.announcer.audiences.known(ids)
            if strangers := [str(each) for each in ids if each not in known]:
                await talk.reply(talk.words.html("I have never met these: {ids}", ids=", ".join(strangers[:20])))
            one = replace(one, audience=replace(one.audience, ids=ids))
            await store.aim(one.id, one.audience)
        else:
            if field == "at":
                timing = Timing(Moment.AT, at=parse_moment(text, zone, talk.now))
            else:
                day, at = parse_local(text, talk.now)
                timing = local_time(at, day)
            one = replace(one, timing=timing)
            await store.time(one.id, timing)
        return one

    # The card's buttons

    async def pressed(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Card)
        screen = self._screens.get(callback.what)
        if callback.what == "card" and await self.going.back(talk, callback.announcement):
            return
        if screen is None:
            await self.going.pressed(talk, callback)
            return
        if callback.what == "go" and not talk.is_admin:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
            return
        one = await self._draft(talk, callback.announcement)
        if one is not None:
            await screen(talk, one, callback.value)

    async def _back(self, talk: Talk, one: Announcement) -> None:
        await self._listen(talk, None)
        await self._cards.show(talk, one)

    async def _texts(self, talk: Talk, one: Announcement) -> None:
        await self._listen(talk, None)
        await self._cards.texts(talk, one)

    async def _language(self, talk: Talk, one: Announcement, language: str) -> None:
        await self._listen(talk, {"announcement": one.id, "field": "text", "language": language})
        await self._cards.language(talk, one, language)

    async def _show_language(self, talk: Talk, one: Announcement, language: str) -> None:
        await self._listen(talk, None)
        await self._cards.fresh(talk, one, language)

    async def _drop(self, talk: Talk, one: Announcement, language: str) -> None:
        await self._house.announcements.put_content(one.id, language, None)
        await self._show_language(talk, await self._house.announcements.get(one.id), "")

    async def _no_buttons(self, talk: Talk, one: Announcement, _value: str) -> None:
        await self._house.announcements.label(one.id, ())
        await self._show_language(talk, replace(one, buttons=()), "")

    async def _ask(
        self, talk: Talk, one: Announcement, field: str, screen: Callable[[Talk, Announcement], Awaitable[None]]
    ) -> None:
        await self._listen(talk, {"announcement": one.id, "field": field})
        await screen(talk, one)

    async def _aim(self, talk: Talk, one: Announcement, audience: Audience) -> None:
        await self._house.announcements.aim(one.id, audience)
        await self._cards.audience(talk, replace(one, audience=audience))

    async def _ids(self, talk: Talk, one: Announcement, _value: str) -> None:
        await self._listen(talk, {"announcement": one.id, "field": "ids"})
        text = talk.words.html(
            "🔢 Send me the Telegram ids, as many as you like in one message. /id tells anyone his own."
        )
        await talk.show(text, back_keyboard(one.id, talk.words))

    async def _back_to_when(self, talk: Talk, one: Announcement) -> None:
        await self._listen(talk, None)
        await self._cards.when(talk, one)

    async def _time(self, talk: Talk, one: Announcement, timing: Timing) -> None:
        await self._house.announcements.time(one.id, timing)
        await self._cards.when(talk, replace(one, timing=timing))

    async def _ask_moment(self, talk: Talk, one: Announcement, _value: str) -> None:
        await self._listen(talk, {"announcement": one.id, "field": "at"})
        text = talk.words.html(
            "🕘 Send me the moment, such as <code>18:00</code> or <code>{day} 18:00</code>, by your clock ({zone}; "
            "/timezone changes it).",
            day=f"{talk.now:%Y-%m-%d}",
            zone=talk.place.timezone,
        )
        await talk.show(text, back_keyboard(one.id, talk.words))

    async def _local(self, talk: Talk, one: Announcement, value: str) -> None:
        if value:
            await self._time(talk, one, local_time(parse_time(value), None))
            return
        await self._listen(talk, {"announcement": one.id, "field": "local"})
        text = talk.words.html(
            "🕘 Send me the time, such as <code>08:00</code> or <code>{day} 08:00</code>. Each chat gets it when its "
            "own clock shows that; where the time is past on that day, at once.",
            day=f"{talk.now:%Y-%m-%d}",
        )
        await talk.show(text, back_keyboard(one.id, talk.words))

    async def _manner(self, talk: Talk, one: Announcement) -> None:
        await self._keep_manner(one)
        await self._cards.show(talk, one)

    async def _quiet(self, talk: Talk, one: Announcement, _value: str) -> None:
        one = replace(one, despite_quiet=not one.despite_quiet)
        await self._keep_manner(one)
        await self._cards.when(talk, one)

    async def _pay(self, talk: Talk, one: Announcement, _value: str) -> None:
        if not self._cards.may_pay:
            await talk.answer(talk.words.say("The paid rate is switched off."), alert=True)
            return
        await self._manner(talk, replace(one, paid=not self._cards.is_paid(one)))

    async def _keep_manner(self, one: Announcement) -> None:
        await self._house.announcements.manner(
            one.id, silent=one.silent, pinned=one.pinned, paid=one.paid, despite_quiet=one.despite_quiet
        )

    async def _test(self, talk: Talk, one: Announcement, whom: str) -> None:
        """The real thing, to oneself or to all admins."""
        targets = sorted({talk.user.id} | (await self._house.admins() if whom == "all" else frozenset()))
        parts = [rendering(one, language).parts[0] for language in one.contents]
        reached = 0
        for target in targets:
            try:
                for part in parts:
                    await show_part(talk.house.bot, target, part)
                reached += 1
            except TelegramError as error:
                logger.info("a test could not be sent", extra={"to": target, "reason": error.message})
        await self._house.audit(talk.user.id, "test", announcement=one.id, chats=reached)
        await talk.answer(
            talk.words.say("The test went to {reached} of {all}.", reached=reached, all=len(targets)), alert=True
        )
        await self._cards.show(talk, one)

    async def _ready(self, talk: Talk, one: Announcement, _value: str) -> None:
        """An editor's draft is done: the admins are told."""
        told = 0
        for admin in sorted(await self._house.admins()):
            words = await self._reporter.words_of(admin)
            text = words.html(
                "🙋 {name} has written an announcement: “{title}”", name=talk.user.full_name, title=title_of(one, words)
            )
            keyboard = InlineKeyboardMarkup([[button(words.say("Look at it"), Card(one.id, "open"))]])
            told += await self._reporter.tell(admin, text, keyboard)
        await self._house.audit(talk.user.id, "ready", announcement=one.id)
        await talk.answer(talk.words.count("{n} admin was told.", "{n} admins were told.", told), alert=True)

    # Whom for, by category: buttons that older messages carry too

    async def choose(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, AudienceOf)
        one = await self._draft(talk, callback.announcement)
        if one is None:
            return
        chosen = set(one.audience.categories) ^ {CategoryId(callback.category)} if callback.category else set()
        audience = replace(one.audience, categories=tuple(sorted(chosen)))
        await self._house.announcements.aim(one.id, audience)
        await self._cards.categories(talk, replace(one, audience=audience), callback.page)

    async def turn(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, AudiencePage)
        one = await self._draft(talk, callback.announcement)
        if one is not None:
            await self._cards.categories(talk, one, callback.page)

    # The end of a draft

    async def confirm(self, talk: Talk, callback: Callback) -> None:
        """Asks once more, with all that follows from a yes."""
        assert isinstance(callback, Confirm)
        if not talk.is_admin:
            await talk.answer(talk.words.say("Only an admin can do that."), alert=True)
            return
        one = await self._draft(talk, callback.announcement)
        if one is None or not await self._may_go(talk, one):
            return
        reach = await self._cards.reach(talk, one)
        text = confirm_text(
            one,
            reach.languages,
            self._cards.terms(one, reach),
            await self._cards.category_names(one),
            talk.place.timezone,
            talk.words,
            await self._others(talk, one),
        )
        await talk.show(text, sure_keyboard(one.id, talk.words.say("✅ Yes, send it"), "go", talk.words))

    async def _may_go(self, talk: Talk, one: Announcement) -> bool:
        if not (await self._cards.reach(talk, one)).chats:
            await talk.answer(talk.words.say("That reaches nobody."), alert=True)
            return False
        if one.timing.kind is Moment.AT and one.timing.at is not None and one.timing.at <= talk.now:
            await talk.answer(talk.words.say("That moment is past. Please choose another."), alert=True)
            return False
        return True

    async def _others(self, talk: Talk, one: Announcement) -> list[Html]:
        """What others are sending just now: both share the rate."""
        said = []
        for other in await self._house.announcements.unsettled():
            if other.id == one.id or other.state is not AnnouncementState.SENDING:
                continue
            left = (await self._house.announcer.progress(other)).open
            name = await self._house.name_of(other.sent_by or other.author_id)
            said.append(
                talk.words.html(
                    "⚠️ {name} is sending “{title}” just now ({left} chats to go): it will take longer.",
                    name=name,
                    title=title_of(other, talk.words),
                    left=f"{left:,}",
                )
            )
        return said

    async def _go(self, talk: Talk, one: Announcement) -> None:
        """It goes, or waits for its moment; the card becomes the message that counts."""
        if not await self._may_go(talk, one):
            return
        now, store = talk.now, self._house.announcements
        # Of one moment: what is to go at once must not lie a millisecond ahead.
        reach = await self._house.announcer.reach(one, now)
        at = one.timing.at if one.timing.kind is Moment.AT and one.timing.at else reach.first
        report = (talk.chat.id, talk.pressed.message_id) if talk.pressed else None
        if not await store.confirm(one.id, at, by=talk.user.id, now=now, report=report):
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
            return
        await self._house.audit(talk.user.id, "send", announcement=one.id, chats=reach.chats, title=one.first.html[:80])
        if at > now:
            await talk.answer(talk.words.say("Scheduled!"))
        else:
            await talk.answer(talk.words.say("On its way!"))
            await self._house.announcer.plan_confirmed(now)
            self._house.wake("deliver")
        await self.going.show(talk, one)

    async def discard(self, talk: Talk, callback: Callback) -> None:
        assert isinstance(callback, Discard)
        one = await self._draft(talk, callback.announcement)
        if one is not None and await self._house.announcements.cancel(one.id):
            await self._listen(talk, None)
            await self._house.audit(talk.user.id, "discard", announcement=one.id)
            await talk.show(talk.words.html("The announcement was discarded; nobody got it."))

    # Whose it is

    async def _draft(self, talk: Talk, number: int) -> Announcement | None:
        """The draft, when it still is one and his; else he is told."""
        one = await self._own(talk, number)
        if one is not None and one.state is AnnouncementState.DRAFT:
            return one
        if one is not None:
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
        return None

    async def _own(self, talk: Talk, number: int) -> Announcement | None:
        try:
            one = await self._house.announcements.get(AnnouncementId(number))
        except NotFound:
            await talk.answer(talk.words.say("This announcement was sent or discarded already."), alert=True)
            return None
        if one.state is AnnouncementState.DRAFT and one.author_id != talk.user.id:
            name = await self._house.name_of(one.author_id)
            await talk.answer(talk.words.say("This draft is {name}’s now.", name=name), alert=True)
            return None
        return one

    async def _listen(self, talk: Talk, data: dict[str, object] | None) -> None:
        """What he writes next is for the card (None: is not)."""
        dialog = Dialog(WRITING, data) if data is not None else None
        await self._house.people.set_dialog(talk.chat.id, talk.user.id, dialog, talk.now)
