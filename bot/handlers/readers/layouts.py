"""How the digest looks: the layouts to choose from, each with a picture of what it is like."""

from __future__ import annotations

from functools import cache
from importlib import resources

from bot.callbacks import SetLayoutButton
from bot.handlers.context import Context
from bot.handlers.readers.magazine import try_chosen
from bot.handlers.services import ReaderServices
from bot.i18n import LANGUAGES, SOURCE, closest_languages
from bot.keyboards.layouts import layout_keyboard
from bot.render.layout_words import layout_html, layout_name
from bot.telegram.photos import Photo
from digests.model.layout import Layout
from digests.model.place import layouts_for

_PREVIEWS = resources.files("bot") / "previews"


async def show_layouts(context: Context) -> None:
    """Show the layouts to choose from, with a picture of what the current one is like."""
    place, t = context.place, context.t
    text = t.html("🖼 <b>How should your digest look?</b>") + "\n\n" + layout_html(place.layout, t)
    keyboard = layout_keyboard(layouts_for(place.kind), place.layout, t)
    await context.show(text, keyboard, photo=layout_preview(place.layout, t.language))


async def layout_pressed(context: Context, services: ReaderServices, pressed: SetLayoutButton) -> None:
    """Have the digest look as the button says from now on, and show what that is like."""
    layout = next((layout for layout in layouts_for(context.place.kind) if layout == pressed.layout), None)
    if layout is None or not await context.may_change():
        return
    if layout is Layout.MAGAZINE and layout is not context.place.layout:
        await try_chosen(context, services)
        return
    if layout is not context.place.layout:
        context.place = await services.subscriptions.reschedule(context.place, context.now, layout=layout)
        await context.answer(context.t("Your next digest: {layout}", layout=layout_name(layout, context.t)))
    await show_layouts(context)


def layout_preview(layout: Layout, language: str) -> Photo | None:
    """Return a picture of what a layout is like; None where there is none.

    It is in the language or else, if there is none, in another that those readers can read, or in English.
    """
    for shown in (language, *closest_languages(language, LANGUAGES), SOURCE):
        name = f"{layout}.{shown}"
        if (content := _preview(name)) is not None:
            return Photo(content, f"layout {name}")
    return None


@cache
def _preview(name: str) -> bytes | None:
    file = _PREVIEWS / f"{name}.jpg"
    return file.read_bytes() if file.is_file() else None
