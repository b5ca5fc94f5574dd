"""/withdraw and /unwithdraw: take an article out of search and digests, of sent messages too, and bring it back."""

from __future__ import annotations

import logging

from telegram import InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.callbacks import ActionButton, Button, WithdrawButton
from bot.handlers.context import Context
from bot.handlers.services import Services
from bot.i18n import translator
from bot.keyboards.base import button, choice_keyboard
from bot.markup import Html, link
from bot.render.digest import shown_title
from bot.telegram.limiter import BULK
from digests.model.article import Article
from digests.model.audit import AuditAct
from digests.model.ids import ArticleId
from digests.storage.deliveries.withdrawals import Withdrawal

logger = logging.getLogger(__name__)

_MOST = 8
ASK, TAKE_OUT, TAKE_OUT_OF_SENT, BRING_BACK = range(4)


async def withdraw(context: Context) -> None:
    """/withdraw LINK, NUMBER or WORDS."""
    if not context.text:
        await context.reply(
            context.t.html("Send a link, a number or some words of the article: <code>/withdraw moon</code>.")
        )
        return
    await _choose(context, await _named(context, context.text))


async def unwithdraw(context: Context) -> None:
    """/unwithdraw LINK or NUMBER; without one, the last that were withdrawn."""
    if context.text:
        ids = await _exactly(context, context.text)
    else:
        ids = [one.article for one in await context.services.withdrawer.latest(_MOST)]
    found = [
        one for one in await context.services.articles.get(ids, unseen=True) if await _is_withdrawn(context, one.id)
    ]
    if not found:
        await context.reply(context.t.html("No such article is withdrawn."))
        return
    text = context.t.html("Which article shall readers find again?")
    await context.reply(
        text, choice_keyboard([(_label(context, one), WithdrawButton(one.id, BRING_BACK)) for one in found])
    )


async def pressed(context: Context, callback: WithdrawButton) -> None:
    found = await context.services.articles.get([ArticleId(callback.article)], unseen=True)
    if not found:
        await context.answer(context.t("That article is not there any more."), alert=True)
        return
    if callback.step == ASK:
        await _ask(context, found[0])
    elif callback.step == BRING_BACK:
        await context.services.withdrawer.bring_back(found[0].id)
        await context.services.record(context.user.id, AuditAct.UNWITHDRAW, title=found[0].title)
        await _settled(context)
        await context.show(context.t.html("👀 Readers find <b>{title}</b> again.", title=_title(context, found[0])))
    elif callback.step in (TAKE_OUT, TAKE_OUT_OF_SENT):
        await _take_out(context, found[0], recall=callback.step == TAKE_OUT_OF_SENT)


async def _named(context: Context, text: str) -> list[ArticleId]:
    exact = await _exactly(context, text)
    if exact:
        return exact
    page = await context.services.lookup.find(text, await context.services.categories.readers_tree(), _MOST)
    return [hit.article.id for hit in page.hits]


async def _exactly(context: Context, text: str) -> list[ArticleId]:
    """By its number, as /withdraw shows it, or by its link."""
    number = text.strip().lstrip("#№").strip()
    if number.isascii() and number.isdigit() and len(number) < 16:
        return [ArticleId(int(number))]
    if text.startswith(("http://", "https://")):
        return list(await context.services.articles.of_address(text.split()[0]))
    return []


async def _choose(context: Context, ids: list[ArticleId]) -> None:
    found = await context.services.articles.get(ids, unseen=True)
    if not found:
        await context.reply(context.t.html("I found no such article."))
    elif len(found) == 1:
        await _ask(context, found[0])
    else:
        choices: list[tuple[str, Button]] = [(_label(context, one), WithdrawButton(one.id)) for one in found]
        await context.reply(context.t.html("Which article shall I withdraw?"), choice_keyboard(choices))


async def _ask(context: Context, article: Article) -> None:
    t = context.t
    text = t.html(
        "{title_html}\nNumber {number}, {source}\n\n"
        "Withdraw it? Readers will not find it any more, and no digest will bring it.",
        title_html=link(_title(context, article), article.url),
        number=article.id,
        source=article.source or article.author,
    )
    rows = [[button(t("Withdraw"), WithdrawButton(article.id, TAKE_OUT))]]
    sent = await context.services.withdrawer.count_sent(article.id)
    if sent:
        label = t.count("Withdraw, from {n} sent digest too", "Withdraw, from {n} sent digests too", sent)
        rows.append([button(label, WithdrawButton(article.id, TAKE_OUT_OF_SENT))])
    if await _is_withdrawn(context, article.id):
        text = Html(text + "\n" + t.html("<i>It is withdrawn already.</i>"))
        rows.append([button(t("Bring it back"), WithdrawButton(article.id, BRING_BACK))])
    rows.append([button(t("Cancel"), ActionButton("close"))])
    await context.show(text, InlineKeyboardMarkup(rows))


async def _take_out(context: Context, article: Article, *, recall: bool) -> None:
    await context.services.withdrawer.withdraw(article.id, recall=recall, report_chat=context.chat.id)
    await context.services.record(context.user.id, AuditAct.WITHDRAW, title=article.title)
    await _settled(context)
    text = context.t.html("🗑 <b>{title}</b> is withdrawn.", title=_title(context, article))
    if recall:
        text = Html(text + "\n" + context.t.html("I take it out of the sent digests now, and tell you when I am done."))
    keyboard = choice_keyboard([(context.t("Bring it back"), WithdrawButton(article.id, BRING_BACK))])
    await context.show(text, keyboard)


async def _settled(context: Context) -> None:
    context.services.categories.forget_readers_tree()
    if not context.services.index.busy:
        await context.services.index.update(context.services.articles)


async def report(services: Services, done: Withdrawal) -> None:
    """Tells the admin who asked that the recall is done."""
    found = await services.articles.get([done.article], unseen=True)
    if done.report_chat is None or not found:
        return
    place = await services.places.find(done.report_chat)
    t = translator(place.language if place else services.settings.chat.language)
    text = t.html(
        "🗑 <b>{title}</b> is out of the sent digests.\nmessages changed: {edited}\ncould not be changed: {unedited}",
        title=shown_title(found[0], t)[:200],
        edited=done.edited,
        unedited=done.unedited,
    )
    try:
        await services.bot.send_message(done.report_chat, text, parse_mode=ParseMode.HTML, rate_limit_args=BULK)
    except TelegramError as error:
        logger.warning("a report could not be sent", extra={"article": done.article, "reason": error.message})


async def _is_withdrawn(context: Context, article: ArticleId) -> bool:
    return await context.services.withdrawer.get(article) is not None


def _title(context: Context, article: Article) -> str:
    return shown_title(article, context.t)[:200]


def _label(context: Context, article: Article) -> str:
    return f"№ {article.id} {_title(context, article)}"
