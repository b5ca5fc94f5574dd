"""/withdraw and /unwithdraw: take an article out of search and digests, of sent messages too, and bring it back."""

from __future__ import annotations

import logging

from telegram import InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.callbacks import Callback, Do, Withdraw
from bot.handlers.context import Talk
from bot.handlers.services import House
from bot.i18n import speech
from bot.keyboards.base import button, choice_keyboard
from bot.markup import Html, link
from bot.render.digest import shown_title
from bot.telegram.limiter import BULK
from digests.model.article import Article
from digests.model.ids import ArticleId
from digests.storage.deliveries.withdrawals import Withdrawal

logger = logging.getLogger(__name__)

_MOST = 8
ASK, TAKE_OUT, TAKE_OUT_OF_SENT, BRING_BACK = range(4)


async def withdraw(talk: Talk) -> None:
    """/withdraw LINK, NUMBER or WORDS."""
    if not talk.text:
        await talk.reply(
            talk.words.html("Send a link, a number or some words of the article: <code>/withdraw moon</code>.")
        )
        return
    await _choose(talk, await _named(talk, talk.text))


async def unwithdraw(talk: Talk) -> None:
    """/unwithdraw LINK or NUMBER; without one, the last that were withdrawn."""
    if talk.text:
        ids = await _exactly(talk, talk.text)
    else:
        ids = [one.article for one in await talk.house.withdrawer.latest(_MOST)]
    found = [
        one for one in await talk.house.articles.get(ids, include_invisible=True) if await _is_withdrawn(talk, one.id)
    ]
    if not found:
        await talk.reply(talk.words.html("No such article is withdrawn."))
        return
    text = talk.words.html("Which article shall readers find again?")
    await talk.reply(text, choice_keyboard([(_label(talk, one), Withdraw(one.id, BRING_BACK)) for one in found]))


async def pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Withdraw)
    found = await talk.house.articles.get([ArticleId(callback.article)], include_invisible=True)
    if not found:
        await talk.answer(talk.words.say("That article is not there any more."), alert=True)
        return
    if callback.step == ASK:
        await _ask(talk, found[0])
    elif callback.step == BRING_BACK:
        await talk.house.withdrawer.bring_back(found[0].id)
        await talk.house.audit(talk.user.id, "unwithdraw", title=found[0].title)
        await _settled(talk)
        await talk.show(talk.words.html("👀 Readers find <b>{title}</b> again.", title=_title(talk, found[0])))
    elif callback.step in (TAKE_OUT, TAKE_OUT_OF_SENT):
        await _take_out(talk, found[0], recall=callback.step == TAKE_OUT_OF_SENT)


async def _named(talk: Talk, text: str) -> list[ArticleId]:
    exact = await _exactly(talk, text)
    if exact:
        return exact
    page = await talk.house.lookup.find(text, await talk.house.tree(), _MOST)
    return [hit.article.id for hit in page.hits]


async def _exactly(talk: Talk, text: str) -> list[ArticleId]:
    """By its number, as /withdraw shows it, or by its link."""
    number = text.strip().lstrip("#№").strip()
    if number.isascii() and number.isdigit() and len(number) < 16:
        return [ArticleId(int(number))]
    if text.startswith(("http://", "https://")):
        return list(await talk.house.articles.of_address(text.split()[0]))
    return []


async def _choose(talk: Talk, ids: list[ArticleId]) -> None:
    found = await talk.house.articles.get(ids, include_invisible=True)
    if not found:
        await talk.reply(talk.words.html("I found no such article."))
    elif len(found) == 1:
        await _ask(talk, found[0])
    else:
        choices: list[tuple[str, Callback]] = [(_label(talk, one), Withdraw(one.id)) for one in found]
        await talk.reply(talk.words.html("Which article shall I withdraw?"), choice_keyboard(choices))


async def _ask(talk: Talk, article: Article) -> None:
    words = talk.words
    text = words.html(
        "{title_html}\nNumber {number}, {source}\n\n"
        "Withdraw it? Readers will not find it any more, and no digest will bring it.",
        title_html=link(_title(talk, article), article.url),
        number=article.id,
        source=article.source or article.author,
    )
    rows = [[button(words.say("Withdraw"), Withdraw(article.id, TAKE_OUT))]]
    sent = await talk.house.withdrawer.count_sent(article.id)
    if sent:
        label = words.count("Withdraw, from {n} sent digest too", "Withdraw, from {n} sent digests too", sent)
        rows.append([button(label, Withdraw(article.id, TAKE_OUT_OF_SENT))])
    if await _is_withdrawn(talk, article.id):
        text = Html(text + "\n" + words.html("<i>It is withdrawn already.</i>"))
        rows.append([button(words.say("Bring it back"), Withdraw(article.id, BRING_BACK))])
    rows.append([button(words.say("Cancel"), Do("close"))])
    await talk.show(text, InlineKeyboardMarkup(rows))


async def _take_out(talk: Talk, article: Article, *, recall: bool) -> None:
    await talk.house.withdrawer.withdraw(article.id, recall=recall, report_chat=talk.chat.id)
    await talk.house.audit(talk.user.id, "withdraw", title=article.title)
    await _settled(talk)
    text = talk.words.html("🗑 <b>{title}</b> is withdrawn.", title=_title(talk, article))
    if recall:
        text = Html(
            text + "\n" + talk.words.html("I take it out of the sent digests now, and tell you when I am done.")
        )
    keyboard = choice_keyboard([(talk.words.say("Bring it back"), Withdraw(article.id, BRING_BACK))])
    await talk.show(text, keyboard)


async def _settled(talk: Talk) -> None:
    talk.house.forget_tree()
    if not talk.house.index.busy:
        await talk.house.index.update(talk.house.articles)


async def report(house: House, done: Withdrawal) -> None:
    """Tells the admin who asked that the recall is done."""
    found = await house.articles.get([done.article], include_invisible=True)
    if done.report_chat is None or not found:
        return
    place = await house.places.find(done.report_chat)
    words = speech(place.language if place else house.settings.chat.language)
    text = words.html(
        "🗑 <b>{title}</b> is out of the sent digests.\nmessages changed: {edited}\ncould not be changed: {unedited}",
        title=shown_title(found[0], words)[:200],
        edited=done.edited,
        unedited=done.unedited,
    )
    try:
        await house.bot.send_message(done.report_chat, text, parse_mode=ParseMode.HTML, rate_limit_args=BULK)
    except TelegramError as error:
        logger.warning("a report could not be sent", extra={"article": done.article, "reason": error.message})


async def _is_withdrawn(talk: Talk, article: ArticleId) -> bool:
    return await talk.house.withdrawer.get(article) is not None


def _title(talk: Talk, article: Article) -> str:
    return shown_title(article, talk.words)[:200]


def _label(talk: Talk, article: Article) -> str:
    return f"№ {article.id} {_title(talk, article)}"
