"""/hide, /show, /hidden: the categories and sources that readers never meet."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import Callback, Hide, ShowAgain
from bot.handlers.context import Talk
from bot.keyboards.base import choice_keyboard
from bot.markup import Html
from digests.model.ids import CategoryId
from digests.storage.articles.categories import show_path

_MOST = 12


async def hide(talk: Talk) -> None:
    """/hide NAME: a category with all below it, or a source; asks where the name may mean several."""
    if not talk.text:
        await talk.reply(talk.words.html("Name a category or a source, such as <code>/hide Science</code>."))
        return
    choices = await _choices(talk, talk.text)
    if len(choices) == 1:
        await _hide(talk, choices[0][1])
    elif choices:
        text = talk.words.html("“{name}” may mean several things. Which shall I hide?", name=talk.text[:100])
        await talk.reply(text, choice_keyboard(choices))
    else:
        await talk.reply(
            talk.words.html("There is no category and no source “{name}” that readers see.", name=talk.text[:100])
        )


async def _choices(talk: Talk, name: str) -> list[tuple[str, Callback]]:
    """What of that name readers still meet."""
    hidden = await talk.house.hidden.all()
    tree = await talk.house.categories.readers_tree()
    found: list[tuple[str, Callback]] = [
        (talk.words.say("Category {path}", path=show_path(one.path)), Hide("c", one.id)) for one in tree.find(name)
    ]
    sources = [one for one in await talk.house.hidden.sources_named(name) if one not in hidden.sources]
    if sources:
        # A source's name may be too long for a button; its token is not.
        token = await talk.house.people.keep_lookup(talk.chat.id, sources[0], talk.now)
        found.append((talk.words.say("Source {name}", name=sources[0]), Hide("s", source=token)))
    return found[:_MOST]


async def hide_pressed(talk: Talk, callback: Callback) -> None:
    await _hide(talk, callback)


async def _hide(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Hide)
    name = await _name_of(talk, callback)
    if name is None:
        await talk.show(talk.words.html("That is not there any more. Please write /hide again."))
        return
    if callback.kind == "c":
        await talk.house.hidden.hide_category(CategoryId(callback.key), talk.now)
    else:
        await talk.house.hidden.hide_sources(await talk.house.hidden.sources_named(name) or (name,), talk.now)
    await talk.house.audit(talk.user.id, "hide", name=name)
    talk.house.categories.forget_readers_tree()
    keyboard = choice_keyboard(
        [(talk.words.say("Show it again"), ShowAgain(callback.kind, callback.key, callback.source))]
    )
    text = talk.words.html("🙈 Readers don't meet <b>{name}</b> any more. /hidden lists what is hidden.", name=name)
    await talk.show(text, keyboard)


async def show(talk: Talk) -> None:
    """/show NAME; without a name, or with one that is not hidden, the list to choose from."""
    if talk.text:
        for label, callback in await _hidden(talk, talk.text):
            await _show(talk, callback, label)
            return
    await hidden(talk)


async def show_pressed(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, ShowAgain)
    name = await _name_of(talk, callback)
    if name is None:
        await talk.show(talk.words.html("That is not there any more. /hidden lists what is hidden."))
        return
    await _show(talk, callback, name)


async def _show(talk: Talk, callback: Callback, name: str) -> None:
    assert isinstance(callback, ShowAgain)
    if callback.kind == "c":
        await talk.house.hidden.show_category(CategoryId(callback.key))
    else:
        await talk.house.hidden.show_source(await _name_of(talk, callback) or "")
    await talk.house.audit(talk.user.id, "show", name=name)
    talk.house.categories.forget_readers_tree()
    await talk.show(talk.words.html("👀 Readers meet <b>{name}</b> again.", name=name))


async def hidden(talk: Talk) -> None:
    """/hidden: a button for each, to show it again."""
    choices = await _hidden(talk)
    if not choices:
        await talk.reply(talk.words.html("Nothing is hidden. /hide NAME hides a category or a source."))
        return
    text = talk.words.html("🙈 <b>Hidden from readers</b>\nPress one to show it again.")
    more = len(choices) - 90
    if more > 0:
        text = Html(text + "\n" + talk.words.html("{n} more can be named by /show NAME.", n=more))
    await talk.reply(text, _keyboard(choices[:90]))


def _keyboard(choices: list[tuple[str, Callback]]) -> InlineKeyboardMarkup:
    return choice_keyboard([(f"👀 {label}", callback) for label, callback in choices])


async def _hidden(talk: Talk, name: str | None = None) -> list[tuple[str, Callback]]:
    """What is hidden, by its label; of that name, where one is given."""
    all_hidden = await talk.house.hidden.all()
    tree = await talk.house.categories.tree()
    wanted = None if name is None else {one.id for one in tree.find(name)}
    same = None if name is None else set(await talk.house.hidden.sources_named(name))
    found: list[tuple[str, Callback]] = []
    for one in sorted(all_hidden.categories):
        category = tree.get(one)
        if category is not None and (wanted is None or one in wanted):
            found.append((show_path(category.path), ShowAgain("c", one)))
    for source in sorted(all_hidden.sources):
        if same is None or source in same:
            token = await talk.house.people.keep_lookup(talk.chat.id, source, talk.now)
            found.append((source, ShowAgain("s", source=token)))
    return found


async def _name_of(talk: Talk, callback: Hide | ShowAgain) -> str | None:
    if callback.kind == "s":
        return await talk.house.people.lookup(talk.chat.id, callback.source)
    found = (await talk.house.categories.tree()).get(CategoryId(callback.key))
    return show_path(found.path) if found else None
