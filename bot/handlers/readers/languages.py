"""In which language the bot speaks: as the reader's app, or as was chosen."""

from __future__ import annotations

from dataclasses import replace

from telegram import InlineKeyboardMarkup

from bot.callbacks import LanguagesButton, SetLanguageButton
from bot.handlers.context import Context
from bot.handlers.services import ReaderServices
from bot.i18n import LANGUAGES, closest_languages, translator
from bot.keyboards.zones import languages_keyboard
from bot.text.markup import Html
from digests.model.place import PlaceKind


async def language(context: Context, services: ReaderServices) -> None:
    """Set the language that /language names (Deutsch, de, 繁體中文); without one, show all to choose from."""
    if not await context.may_change():
        return
    if not context.text:
        await _show(context)
        return
    found = _named(context.text)
    if found is None:
        text = context.t.html("I don't speak “{text}” yet. Choose one of these:", text=context.text[:50])
        await context.reply(text, _keyboard(context))
        return
    await _speak(context, services, found)
    await context.reply(_chosen(context), _keyboard(context))


def _named(text: str) -> str | None:
    """Return the language that a text names in itself, or by its code; None where none is meant."""
    plain = text.strip().casefold()
    by_name = {name.casefold(): code for code, name in LANGUAGES.items()}
    return by_name.get(plain) or next(iter(closest_languages(plain, LANGUAGES)), None)


async def languages_pressed(context: Context, services: ReaderServices, pressed: LanguagesButton) -> None:
    """Show the languages to choose from."""
    await _show(context)


async def language_pressed(context: Context, services: ReaderServices, pressed: SetLanguageButton) -> None:
    """Speak the language that the button names from now on."""
    is_known = pressed.language in LANGUAGES or (not pressed.language and _is_persons(context))
    if not is_known or not await context.may_change():
        return
    await _speak(context, services, pressed.language)
    await context.answer(LANGUAGES[context.place.language])
    await context.show(_chosen(context), _keyboard(context))


async def _speak(context: Context, services: ReaderServices, chosen: str) -> None:
    """Have the place in a language; "" is that of the reader's app."""
    spoken = chosen or _of_app(context)
    place = context.place
    await services.subscriptions.speak(place, spoken, is_chosen=bool(chosen))
    context.place = replace(place, language=spoken, has_chosen_language=bool(chosen))
    if not context.is_managing:
        context.t = translator(spoken)
    menus = services.menus
    if _is_persons(context):
        own = menus.own_language(spoken, context.user.language_code)
        await menus.change(context.user.id, context.role, own)
    elif place.kind is not PlaceKind.CHANNEL:
        await menus.change_group(place.chat_id, spoken)


async def _show(context: Context) -> None:
    await context.show(context.t.html("🌐 <b>In which language shall I speak?</b>"), _keyboard(context))


def _chosen(context: Context) -> Html:
    return context.t.html("🌐 I speak {language} here now.", language=LANGUAGES[context.place.language])


def _keyboard(context: Context) -> InlineKeyboardMarkup:
    place, is_persons = context.place, _is_persons(context)
    chosen = place.language if place.has_chosen_language or not is_persons else ""
    return languages_keyboard(chosen, _of_app(context) if is_persons else None, context.t)


def _is_persons(context: Context) -> bool:
    """Return whether the place is somebody's own chat: only there one's app says something about the language."""
    return context.place.kind is PlaceKind.PRIVATE


def _of_app(context: Context) -> str:
    return context.notifier.language_for(context.user.language_code)
