"""/hide, /show, /hidden: the categories and sources that readers never see."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import HideButton, ShowAgainButton
from bot.handlers.context import Context
from bot.handlers.services import AdminServices
from bot.keyboards.base import choice_keyboard
from digests.model.audit import AuditAct
from digests.model.ids import CategoryId
from digests.storage.articles.categories import show_path

_MOST = 12


async def hide(context: Context, services: AdminServices) -> None:
    """Hide a category with all below it, or a source; ask where the name may mean several."""
    if not context.text:
        await context.reply(context.t.html("Name a category or a source, such as <code>/hide Science</code>."))
        return
    choices = await _choices(context, services, context.text)
    if len(choices) == 1:
        await hide_pressed(context, services, choices[0][1])
    elif choices:
        text = context.t.html("“{name}” could mean several things. Which should I hide?", name=context.text[:100])
        await context.reply(text, choice_keyboard(choices))
    else:
        await context.reply(
            context.t.html("Readers see no category or source called “{name}”.", name=context.text[:100])
        )


async def _choices(context: Context, services: AdminServices, name: str) -> list[tuple[str, HideButton]]:
    """Return what has that name and is not hidden yet, by its label."""
    hidden = await services.curation.hidden()
    found: list[tuple[str, HideButton]] = [
        (context.t("Category {path}", path=show_path(category.path)), HideButton("c", category.id))
        for category in await services.curation.visible_categories(name)
    ]
    sources = [source for source in await services.curation.sources(name) if source not in hidden.sources]
    if sources:
        # A source's name may be too long for a button; its token is not.
        token = await services.people.keep_lookup(context.chat.id, sources[0], context.now)
        found.append((context.t("Source {name}", name=sources[0]), HideButton("s", source=token)))
    return found[:_MOST]


async def hide_pressed(context: Context, services: AdminServices, button: HideButton) -> None:
    """Hide what the button names, and offer to show it again."""
    name = await _name_of(context, services, button)
    if name is None:
        await context.show(context.t.html("That no longer exists. Please send /hide again."))
        return
    if button.kind == "c":
        await services.curation.hide_category(CategoryId(button.key), context.now)
    else:
        await services.curation.hide_source(name, context.now)
    await context.record(AuditAct.HIDE, name=name)
    keyboard = choice_keyboard([(context.t("Show it again"), ShowAgainButton(button.kind, button.key, button.source))])
    text = context.t.html("🙈 Readers no longer see <b>{name}</b>. /hidden lists what is hidden.", name=name)
    await context.show(text, keyboard)


async def show(context: Context, services: AdminServices) -> None:
    """Unhide what /show names; without a name, or with one that is not hidden, list what is hidden."""
    if context.text:
        for label, button in await _hidden(context, services, context.text):
            await _show(context, services, button, label)
            return
    await hidden(context, services)


async def show_pressed(context: Context, services: AdminServices, button: ShowAgainButton) -> None:
    """Unhide what the button names."""
    name = await _name_of(context, services, button)
    if name is None:
        await context.show(context.t.html("That no longer exists. /hidden lists what is hidden."))
        return
    await _show(context, services, button, name)


async def _show(context: Context, services: AdminServices, button: ShowAgainButton, name: str) -> None:
    if button.kind == "c":
        await services.curation.show_category(CategoryId(button.key))
    else:
        await services.curation.show_source(await _name_of(context, services, button) or "")
    await context.record(AuditAct.SHOW, name=name)
    await context.show(context.t.html("👀 Readers see <b>{name}</b> again.", name=name))


async def hidden(context: Context, services: AdminServices) -> None:
    """List what is hidden, each with a button to unhide it."""
    choices = await _hidden(context, services)
    if not choices:
        await context.reply(context.t.html("Nothing is hidden. /hide NAME hides a category or a source."))
        return
    text = context.t.html("🙈 <b>Hidden from readers</b>\nPress one to show it again.")
    more = len(choices) - 90
    if more > 0:
        text = text + "\n" + context.t.html("Unhide {n} more with /show NAME.", n=more)
    await context.reply(text, _keyboard(choices[:90]))


def _keyboard(choices: list[tuple[str, ShowAgainButton]]) -> InlineKeyboardMarkup:
    return choice_keyboard([(f"👀 {label}", button) for label, button in choices])


async def _hidden(
    context: Context, services: AdminServices, name: str | None = None
) -> list[tuple[str, ShowAgainButton]]:
    """Return what is hidden, by its label; with `name`, only what has that name."""
    all_hidden = await services.curation.hidden()
    tree = await services.curation.tree()
    wanted = None if name is None else {category.id for category in tree.find(name)}
    same = None if name is None else set(await services.curation.sources(name))
    found: list[tuple[str, ShowAgainButton]] = []
    for category_id in sorted(all_hidden.categories):
        category = tree.get(category_id)
        if category is not None and (wanted is None or category_id in wanted):
            found.append((show_path(category.path), ShowAgainButton("c", category_id)))
    for source in sorted(all_hidden.sources):
        if same is None or source in same:
            token = await services.people.keep_lookup(context.chat.id, source, context.now)
            found.append((source, ShowAgainButton("s", source=token)))
    return found


async def _name_of(context: Context, services: AdminServices, button: HideButton | ShowAgainButton) -> str | None:
    if button.kind == "s":
        return await services.people.lookup(context.chat.id, button.source)
    found = (await services.curation.tree()).get(CategoryId(button.key))
    return show_path(found.path) if found else None
