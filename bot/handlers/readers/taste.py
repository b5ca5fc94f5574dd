"""More and less: what an article has of which a reader may want more or less, and the list of what they want.

It orders a digest and leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable

from telegram import InlineKeyboardMarkup

from bot.callbacks import LESS, MORE, EndWishButton, SetTasteButton, TasteButton, TastesButton
from bot.handlers.context import Context
from bot.handlers.readers.wishing import refused_html
from bot.handlers.services import ReaderServices
from bot.keyboards.taste import TasteRow, taste_keyboard
from bot.keyboards.wishes import tastes_keyboard
from bot.render.article import short_title
from bot.render.wishes import wish_label
from bot.text.markup import Html, plain_text
from digests.model.article import Article
from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import ArticleId, CategoryId
from digests.model.wish import Matter, Subject, WishKind
from digests.readers.place_wishes import WishRefused, words_subject

_KINDS = {MORE: WishKind.MORE, LESS: WishKind.LESS}
_MOST_CATEGORIES = 4
_LABEL = 36


async def taste_pressed(context: Context, services: ReaderServices, pressed: TasteButton) -> None:
    """Show what the article has of which the reader may want more or less, in a message of its own."""
    if services.look_up.recent.is_repeated(context.update):
        return
    article = await _article(context, services, pressed.article)
    if article is not None:
        await context.reply(_heading(context, article), await _keyboard(context, services, article))


async def set_taste_pressed(context: Context, services: ReaderServices, pressed: SetTasteButton) -> None:
    """Want more or less of something that an article has, or no longer; a second tap undoes the first."""
    if not await context.may_change():
        return
    article = await _article(context, services, pressed.article)
    if article is None:
        return
    subject = await _subject(services, article, pressed)
    if subject is None:
        await context.answer(context.t("That is not there any more."))
        return
    try:
        if (kind := _KINDS.get(pressed.to)) is not None:
            await services.wishes.add(context.place, kind, subject, context.now)
        else:
            await _end(context, services, subject)
    except WishRefused as error:
        await context.answer(plain_text(refused_html(context, services, error)), alert=True)
        return
    await context.show(_heading(context, article), await _keyboard(context, services, article))


async def _end(context: Context, services: ReaderServices, subject: Subject) -> None:
    for wish in await services.wishes.of(context.place):
        if wish.kind in _KINDS.values() and wish.subject == subject:
            await services.wishes.remove(context.place, wish.id)


async def _article(context: Context, services: ReaderServices, article_id: int) -> Article | None:
    """Return the article that a button names, after telling the reader where there is none any more."""
    found = await services.articles.get([ArticleId(article_id)])
    if not found:
        await context.answer(context.t("This article is no longer here. /latest shows the newest."))
        return None
    return found[0]


def _heading(context: Context, article: Article) -> Html:
    return context.t.html(
        "⚖️ <b>More or less like this?</b>\n{title}\n\n🔼 comes first in your digest, 🔽 comes last; nothing is left "
        "out. A second tap undoes it.",
        title=short_title(article, context.t),
    )


async def _subject(services: ReaderServices, article: Article, pressed: SetTasteButton) -> Subject | None:
    """Return what the button names; None for what is no more."""
    if pressed.matter == Matter.SOURCE:
        return Subject(Matter.SOURCE, article.source) if article.source else None
    if pressed.matter == Matter.CATEGORY and pressed.key.isascii() and pressed.key.isdigit() and len(pressed.key) < 16:
        category = (await services.categories.readers_tree()).get(CategoryId(int(pressed.key)))
        return Subject.of_category(category.id) if category is not None else None
    if pressed.matter == Matter.WORDS:
        try:
            return words_subject(pressed.key)
        except WishRefused:
            return None
    return None


async def _keyboard(context: Context, services: ReaderServices, article: Article) -> InlineKeyboardMarkup:
    wanted = {(wish.kind, wish.subject) for wish in await services.wishes.of(context.place)}
    rows: list[TasteRow] = []
    for label, key, subject in await _subjects(services, article):
        more, less = ((kind, subject) in wanted for kind in (WishKind.MORE, WishKind.LESS))
        rows.append(TasteRow(label, subject.matter.value, key, more=more, less=less))
    source = Subject(Matter.SOURCE, article.source)
    return taste_keyboard(
        article,
        rows,
        context.t,
        follows_source=(WishKind.WATCH, source) in wanted,
        mutes_source=(WishKind.MUTE, source) in wanted,
    )


async def _subjects(services: ReaderServices, article: Article) -> list[tuple[str, str, Subject]]:
    """Return what an article has: its source, its categories, the telling words of its title.

    Each has its label, the key by which a button names it, and itself as the subject of a wish.
    """
    tree = await services.categories.readers_tree()
    found: list[tuple[str, str, Subject]] = []
    if article.source:
        found.append((article.source, "", Subject(Matter.SOURCE, article.source)))
    categories = _ends(tree, (await services.articles.categories_of([article.id])).get(article.id, ()), article.source)
    found.extend((category.name, str(category.id), Subject.of_category(category.id)) for category in categories)
    for word in await services.subjects.words_of(article):
        try:
            found.append((word, word, words_subject(word)))
        except WishRefused:
            continue
    return found


def _ends(tree: CategoryTree, categories: Iterable[CategoryId], source: str) -> list[Category]:
    """Return the top and the last category of each branch, without those that are called as the source is."""
    found: dict[CategoryId, Category] = {}
    for category_id in categories:
        branch = tree.ancestors(category_id)
        for category in (*branch[:1], *branch[-1:]):
            if category.name != source:
                found.setdefault(category.id, category)
    return list(found.values())[:_MOST_CATEGORIES]


async def tastes_pressed(context: Context, services: ReaderServices, pressed: TastesButton) -> None:
    """List what the reader wants more and less of, each to be undone."""
    tree = await services.categories.readers_tree()
    rows = [
        (wish_label(wish, tree, context.t, context.place.timezone, _LABEL), EndWishButton(wish.id, pressed.page))
        for wish in await services.wishes.of(context.place)
        if wish.kind in _KINDS.values()
    ]
    text = context.t.html("⚖️ <b>More and less</b>\n🔼 comes first in your digest, 🔽 comes last. Press one to undo it.")
    if not rows:
        text = context.t.html(
            "⚖️ <b>More and less</b>\nNothing yet. Below an article's card you can have more or less of its source, its "
            "categories and its words: they then come first or last in your digest."
        )
    await context.show(text, tastes_keyboard(rows, pressed.page, context.t))
