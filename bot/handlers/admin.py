"""What admins see: counts, what needs mending, links that let people in."""

from __future__ import annotations

import secrets
from datetime import timedelta

from telegram import Update
from telegram.helpers import create_deep_linked_url

from bot.callbacks import Callback
from bot.checkup import check_up
from bot.handlers.house import INVITE_LIFE, House
from bot.handlers.talk import Talk
from bot.keyboards import resend_keyboard
from bot.render.markup import Html
from bot.telegram.menus import set_admin_menu
from bot.texts import speech
from digests.types import DeliveryState, PlaceState

OWNER = "owner"
INVITE = "invite"


async def stats(talk: Talk) -> None:
    words = talk.words
    places = await talk.house.places.counts()
    articles, aside = await talk.house.articles.counts()
    day = await talk.house.deliveries.counts(talk.now - timedelta(days=1))
    rows = [
        words.html("<b>Readers</b>"),
        words.html("active: {n}", n=places.get(PlaceState.ACTIVE, 0)),
        words.html("paused: {n}", n=places.get(PlaceState.PAUSED, 0)),
        words.html("stopped: {n}", n=places.get(PlaceState.STOPPED, 0)),
        words.html("unreachable: {n}", n=places.get(PlaceState.UNREACHABLE, 0)),
        words.html("only looked in: {n}", n=places.get(PlaceState.NEW, 0)),
        "",
        words.html("<b>Articles</b>"),
        words.html("stored: {n}", n=articles),
        words.html("posts put aside: {n}", n=aside),
        words.html("categories: {n}", n=len(await talk.house.categories.tree())),
        "",
        words.html("<b>Messages of the last 24 hours</b>"),
        words.html("sent: {n}", n=day.get(DeliveryState.SENT, 0)),
        words.html("waiting: {n}", n=day.get(DeliveryState.PENDING, 0) + day.get(DeliveryState.SENDING, 0)),
        words.html("failed: {n}", n=day.get(DeliveryState.FAILED, 0)),
        words.html("uncertain: {n}", n=day.get(DeliveryState.UNCERTAIN, 0)),
    ]
    await talk.reply(Html("\n".join(rows)))


async def doctor(talk: Talk) -> None:
    """The same findings as `digestbot doctor`, the worst first."""
    findings = await check_up(talk.house.settings, talk.house.articles, talk.house.people, talk.house.index, talk.now)
    marks = {"ok": "✅", "warning": "⚠️", "error": "❌"}
    lines = [talk.words.html("<b>How I am</b>")]
    lines.extend(
        talk.words.html("{mark} {what}: {text}", mark=marks[one.level], what=one.what, text=one.text[:300])
        for one in findings[:20]
    )
    await talk.reply(Html("\n".join(lines)))


async def uncertain(talk: Talk) -> None:
    """Deliveries of which nobody knows whether they came, and a button to risk a second copy."""
    number = await talk.house.ledger.uncertain()
    if not number:
        await talk.reply(talk.words.html("Nothing is uncertain: of every message it is known whether it came."))
        return
    text = talk.words.count_html(
        "Of <b>{n} message</b> nobody knows whether it came: the connection broke off, or the bot was ended, while it "
        "was under way. Sent again, it may come twice.",
        "Of <b>{n} messages</b> nobody knows whether they came: the connection broke off, or the bot was ended, while "
        "they were under way. Sent again, some may come twice.",
        number,
    )
    await talk.reply(text, resend_keyboard(talk.words))


async def resend(talk: Talk, _callback: Callback) -> None:
    number = await talk.house.ledger.resend_uncertain(talk.now)
    await talk.house.audit(talk.user.id, "resend_uncertain", chats=number)
    await talk.show(talk.words.count_html("{n} message is sent again.", "{n} messages are sent again.", number))


async def invite(talk: Talk) -> None:
    """A link that lets one person (or, opened in a group, that group's opener) in."""
    code = secrets.token_urlsafe(16)
    await talk.house.people.open_link(code, INVITE, talk.now, talk.now + INVITE_LIFE)
    await talk.house.audit(talk.user.id, "invite")
    url = create_deep_linked_url(talk.house.bot.username, f"{INVITE}_{code}")
    await talk.reply(
        talk.words.html("This link lets one person in, within {days} days:\n{url}", days=INVITE_LIFE.days, url=url)
    )


async def open_start_link(house: House, update: Update, payload: str) -> bool:
    """/start with a one-time code. True when it was used up here; a spent or wrong one is a plain /start."""
    purpose, _, code = payload.partition("_")
    user, chat = update.effective_user, update.effective_chat
    if purpose not in (OWNER, INVITE) or not code or user is None or chat is None:
        return False
    now = house.clock.now()
    opened = await house.people.use_link(code, user.id, now)
    if opened == INVITE:
        await house.people.let_in(user.id, now)
        return False
    if opened != OWNER:
        return False
    await house.people.make_owner(user.id, now)
    await house.audit(user.id, "own")
    language = house.language(user.language_code)
    await give_menu(house, user.id)
    text = speech(language).html(
        "🔑 You are now the owner of this bot. /help shows what an admin can do, /start is what readers see."
    )
    await house.bot.send_message(chat.id, text, parse_mode="HTML")
    return True


async def give_menu(house: House, user_id: int) -> None:
    """An admin's command list, where it could not be set before he wrote to the bot."""
    role = (await house.roles()).get(user_id)
    if user_id not in house.admins_with_menu and await set_admin_menu(house.bot, user_id, role):
        house.admins_with_menu.add(user_id)


def owner_link(username: str, code: str) -> str:
    return create_deep_linked_url(username, f"{OWNER}_{code}")
