"""What admins see: counts, what needs mending, what may not have come."""

from __future__ import annotations

from datetime import timedelta

from bot.callbacks import ResendButton
from bot.handlers.context import Talk
from bot.keyboards.digest import resend_keyboard
from bot.markup import Html
from digests.doctor import check_up
from digests.model.delivery import DeliveryState
from digests.model.place import PlaceState


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


async def resend(talk: Talk, _callback: ResendButton) -> None:
    number = await talk.house.ledger.resend_uncertain(talk.now)
    await talk.house.audit(talk.user.id, "resend_uncertain", chats=number)
    await talk.show(talk.words.count_html("{n} message is sent again.", "{n} messages are sent again.", number))
