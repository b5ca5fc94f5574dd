"""/start: what this is, three taps to a first digest; and the way back for those who were away."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import Browse, Callback, Do, Tune
from bot.handlers.context import Talk
from bot.handlers.readers.categories import show_level
from bot.handlers.readers.settings import next_text, rhythm_html
from bot.keyboards.base import button
from bot.markup import Html
from digests.model.place import PlaceState


async def start(talk: Talk) -> None:
    """The first meeting, or the menu for those who have met."""
    if not await talk.house.subscriptions.of(talk.place):
        if await talk.may_change():
            await show_level(talk, Browse(setup=1), intro=True)
    elif talk.place.state is PlaceState.ACTIVE:
        await menu(talk)
    elif await talk.may_change():
        await talk.house.subscriptions.resume(talk.place, talk.now)
        text = talk.words.html(
            "👋 <b>Welcome back!</b> Your choices are as you left them. Next digest: {next}.", next=next_text(talk)
        )
        await talk.reply(text, _menu(talk))


async def menu(talk: Talk) -> None:
    """How things stand, and what can be done."""
    wanted = await talk.house.subscriptions.of(talk.place)
    count = talk.words.count_html("{n} category", "{n} categories", len(wanted))
    text = talk.words.html(
        "🗞 You follow {count_html}. Your digest comes {rhythm_html}; next: {next}.",
        count_html=count,
        rhythm_html=rhythm_html(talk.place, talk.words),
        next=next_text(talk),
    )
    await talk.show(text, _menu(talk))


def _menu(talk: Talk) -> InlineKeyboardMarkup:
    words = talk.words
    return InlineKeyboardMarkup(
        [
            [button(words.say("📰 Digest now"), Do("digest")), button(words.say("🕘 Latest"), Do("latest"))],
            [button(words.say("🗂 Categories"), Browse()), button(words.say("⚙️ Settings"), Tune())],
        ]
    )


async def finish(talk: Talk, _callback: Callback) -> None:
    """The choosing is done: the first digest comes at once, the next at its time."""
    if not await talk.may_change():
        return
    if not await talk.house.subscriptions.finish_setup(talk.place, talk.now):
        await talk.answer(talk.words.say("Tick at least one category first."), alert=True)
        return
    await talk.answer(talk.words.say("All set!"))
    await talk.show(_all_set(talk))
    delivery = await talk.house.subscriptions.first_digest(talk.place, talk.now)
    if delivery is None:
        await talk.reply(talk.words.html("There are no articles in these categories yet; they will come."))
    else:
        await talk.house.courier.deliver_due([delivery])


def _all_set(talk: Talk) -> Html:
    return talk.words.html(
        "✅ <b>All set!</b> Your digest comes {rhythm_html}; next: {next}.\n"
        "Here is a first one with the latest. /help shows what else I can do.",
        rhythm_html=rhythm_html(talk.place, talk.words),
        next=next_text(talk),
    )


async def help_(talk: Talk) -> None:
    words = talk.words
    text = words.html(
        "<b>What I do</b>\n"
        "I read the news posts and send you one digest a day of the categories that you follow.\n\n"
        "<b>Your digest</b>\n"
        "/digest – what is new, right now\n"
        "/categories – browse and tick what you want\n"
        "/subscriptions – what you follow\n"
        "/time 07:30 18:00 – when it comes\n"
        "/timezone Europe/Berlin – where you are\n"
        "/settings – days, quiet hours, sound\n"
        "/pause 7d and /resume – a break\n"
        "/stop – no more messages\n\n"
        "<b>Look things up</b>\n"
        "/latest – the newest articles\n"
        "/category NAME – the newest of one category\n"
        "/search WORDS – find an article; in this chat you can simply write the words\n"
        "/story WORDS – who else tells it; alone: what several sources tell"
    )
    # In a group others read along, for whom these commands don't exist.
    if talk.is_private and talk.is_admin:
        text = Html(
            text
            + "\n\n"
            + words.html(
                "<b>For admins</b>\n"
                "/announce – say something to everybody, or to those of some categories\n"
                "/stats – readers, articles, deliveries\n"
                "/doctor – what needs mending\n"
                "/uncertain – what may not have come\n"
                "/invite – a link that lets somebody in"
            )
            + "\n"
            + words.html(
                "/hide NAME, /show NAME, /hidden – categories and sources that readers don't meet\n"
                "/withdraw and /unwithdraw – take an article out of search and digests, and bring it back"
            )
        )
        more = words.html(
            "/announcements – what was said, and what came of it: edit it, take it back\n"
            "/admins – who may do what\n"
            "/audit – who did what"
        )
        text = Html(text + "\n" + more)
    elif talk.is_private and talk.role is not None:
        editors = words.html(
            "<b>For editors</b>\n"
            "/announce – write an announcement; an admin sends it\n"
            "/announcements – those that you wrote"
        )
        text = Html(text + "\n\n" + editors)
    await talk.reply(text)


async def my_id(talk: Talk) -> None:
    text = talk.words.html("Your Telegram id: <code>{id}</code>", id=talk.user.id)
    if not talk.is_private:
        text = Html(text + "\n" + talk.words.html("This chat's id: <code>{id}</code>", id=talk.chat.id))
    await talk.reply(text)
