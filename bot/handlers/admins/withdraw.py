"""/withdraw and /unwithdraw: take an article out of search and digests, even sent ones, and bring it back."""

from __future__ import annotations

import logging

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.callbacks import ActionButton, Button, WithdrawButton
from bot.handlers.context import Context
from bot.handlers.services import AdminServices
from bot.i18n import translator
from bot.keyboards.base import button, choice_keyboard
from bot.render.article import shown_title
from bot.telegram.client import DigestBot
from bot.telegram.limiter import BULK
from bot.text.markup import link
from digests.model.article import Article
from digests.model.audit import AuditAct
from digests.model.ids import ArticleId
from digests.readers.curation import Curation
from digests.storage.deliveries.withdrawals import Withdrawal
from digests.storage.places.places import PlaceStore

logger = logging.getLogger(__name__)

_MOST = 8
ASK, TAKE_OUT, TAKE_OUT_OF_SENT, BRING_BACK = range(4)


async def withdraw(context: Context, services: AdminServices) -> None:
    """Ask about the article that a link, a number or words name; offer a choice where there are several."""
    if not context.text:
        await context.reply(
            context.t.html("Add a link, a number or a few words of the article: <code>/withdraw moon</code>.")
        )
        return
    await _choose(context, services, await _named(context, services, context.text))


async def unwithdraw(context: Context, services: AdminServices) -> None:
    """Offer to restore the article that a link or a number names; without one, those withdrawn last."""
    if context.text:
        ids = await _exactly(context, services, context.text)
    else:
        ids = await services.curation.withdrawn(_MOST)
    found = [
        article for article in await services.curation.articles(ids) if await services.curation.is_withdrawn(article.id)
    ]
    if not found:
        await context.reply(context.t.html("No withdrawn article matches that."))
        return
    text = context.t.html("Which article should readers find again?")
    await context.reply(
        text, choice_keyboard([(_label(context, article), WithdrawButton(article.id, BRING_BACK)) for article in found])
    )


async def pressed(context: Context, services: AdminServices, choice: WithdrawButton) -> None:
    """Take the step that the button names: ask, withdraw, withdraw from sent digests too, or restore."""
    found = await services.curation.articles([ArticleId(choice.article)])
    if not found:
        await context.answer(context.t("That article no longer exists."), alert=True)
        return
    if choice.step == ASK:
        await _ask(context, services, found[0])
    elif choice.step == BRING_BACK:
        await services.curation.bring_back(found[0].id)
        await context.record(AuditAct.UNWITHDRAW, title=found[0].title)
        await context.show(context.t.html("👀 Readers find <b>{title}</b> again.", title=_title(context, found[0])))
    elif choice.step in (TAKE_OUT, TAKE_OUT_OF_SENT):
        await _take_out(context, services, found[0], recall=choice.step == TAKE_OUT_OF_SENT)


async def _named(context: Context, services: AdminServices, text: str) -> list[ArticleId]:
    exact = await _exactly(context, services, text)
    if exact:
        return exact
    return await services.curation.find(text, _MOST)


async def _exactly(context: Context, services: AdminServices, text: str) -> list[ArticleId]:
    """Return the articles with that number, as /withdraw shows it, or at that link."""
    number = text.strip().lstrip("#№").strip()
    if number.isascii() and number.isdigit() and len(number) < 16:
        return [ArticleId(int(number))]
    if text.startswith(("http://", "https://")):
        return await services.curation.at_address(text.split()[0])
    return []


async def _choose(context: Context, services: AdminServices, ids: list[ArticleId]) -> None:
    found = await services.curation.articles(ids)
    if not found:
        await context.reply(context.t.html("I couldn't find that article."))
    elif len(found) == 1:
        await _ask(context, services, found[0])
    else:
        choices: list[tuple[str, Button]] = [
            (_label(context, article), WithdrawButton(article.id)) for article in found
        ]
        await context.reply(context.t.html("Which article should I withdraw?"), choice_keyboard(choices))


async def _ask(context: Context, services: AdminServices, article: Article) -> None:
    t = context.t
    text = t.html(
        "{title}\nNumber {number}, {source}\n\nWithdraw it? Readers will no longer find it, and no digest will "
        "include it.",
        title=link(_title(context, article), article.url),
        number=article.id,
        source=article.source or article.author,
    )
    rows = [[button(t("Withdraw"), WithdrawButton(article.id, TAKE_OUT))]]
    sent = await services.curation.count_sent(article.id)
    if sent:
        label = t.count("Withdraw, from {n} sent digest too", "Withdraw, from {n} sent digests too", sent)
        rows.append([button(label, WithdrawButton(article.id, TAKE_OUT_OF_SENT))])
    if await services.curation.is_withdrawn(article.id):
        text = text + "\n" + t.html("<i>It has already been withdrawn.</i>")
        rows.append([button(t("Restore it"), WithdrawButton(article.id, BRING_BACK))])
    rows.append([button(t("Cancel"), ActionButton("close"))])
    await context.show(text, InlineKeyboardMarkup(rows))


async def _take_out(context: Context, services: AdminServices, article: Article, *, recall: bool) -> None:
    await services.curation.withdraw(article.id, recall=recall, report_chat=context.chat.id)
    await context.record(AuditAct.WITHDRAW, title=article.title)
    text = context.t.html("🗑 <b>{title}</b> has been withdrawn.", title=_title(context, article))
    if recall:
        more = context.t.html("I'm removing it from the digests already sent, and will tell you when I'm done.")
        text = text + "\n" + more
    keyboard = choice_keyboard([(context.t("Restore it"), WithdrawButton(article.id, BRING_BACK))])
    await context.show(text, keyboard)


async def report(
    bot: DigestBot, curation: Curation, places: PlaceStore, default_language: str, done: Withdrawal
) -> None:
    """Tell the admin who asked that the article has been removed from the sent digests."""
    found = await curation.articles([done.article])
    if done.report_chat is None or not found:
        return
    place = await places.find(done.report_chat)
    t = translator(place.language if place else default_language)
    text = t.html(
        "🗑 <b>{title}</b> has been removed from the sent digests.\n"
        "messages changed: {edited}\ncould not be changed: {unedited}",
        title=shown_title(found[0], t)[:200],
        edited=done.edited,
        unedited=done.unedited,
    )
    try:
        await bot.send_message(done.report_chat, text, rate_limit_args=BULK)
    except TelegramError as error:
        logger.warning("a report could not be sent", extra={"article": done.article, "reason": error.message})


def _title(context: Context, article: Article) -> str:
    return shown_title(article, context.t)[:200]


def _label(context: Context, article: Article) -> str:
    return f"№ {article.id} {_title(context, article)}"
