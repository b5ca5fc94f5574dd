"""The languages that have texts: English, in which the sources are written, and one for each catalogue in a folder.

A catalogue is the file `LC_MESSAGES/digestbot.po` in a folder that is named after its language, as Babel names locales:
`de`, `pt_BR`, `zh_TW`. It is read uncompiled; nothing else has to be changed for a language.
"""

from __future__ import annotations

import gettext
import io
import logging
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.i18n.scripts import script_of, territory_of

logger = logging.getLogger(__name__)

SOURCE = "en"
LOCALES = resources.files("bot") / "locales"
_DOMAIN = "digestbot.po"


def languages_in(folder: Traversable) -> dict[str, str]:
    """Return the languages whose catalogues lie in a folder, English first, each with its name in itself."""
    found = [folder_name.name for folder_name in folder.iterdir() if _file_of(folder, folder_name.name).is_file()]
    named = {SOURCE: own_name(SOURCE)}
    for language in sorted(found):
        try:
            named[language] = own_name(language)
        except (UnknownLocaleError, ValueError):
            logger.warning("no such language is known, so its catalogue is not used", extra={"language": language})
    return named


def own_name(language: str) -> str:
    """Return what a language calls itself: "Deutsch", "简体中文". Raises UnknownLocaleError or ValueError."""
    locale = Locale.parse(language)
    names = locale.languages
    name = (
        names.get(f"{locale.language}_{script_of(language)}")
        or names.get(f"{locale.language}_{locale.territory}")
        or names.get(locale.language)
        or language
    )
    return name[0].upper() + name[1:]


def read_catalogue(folder: Traversable, language: str) -> gettext.NullTranslations:
    """Return the texts of a language; those of the sources for English, and for a language without a catalogue."""
    file = _file_of(folder, language)
    if language == SOURCE or not file.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _file_of(folder: Traversable, language: str) -> Traversable:
    return folder / language / "LC_MESSAGES" / _DOMAIN


LANGUAGES: Mapping[str, str] = languages_in(LOCALES)
"""The languages that the bot speaks, each with its name in itself."""


def supported_language(code: str | None, default: str = SOURCE) -> str:
    """Return the language with texts that is closest to a user's app language ("zh-hans", "en-GB", None)."""
    return next(iter(closest_languages(code, LANGUAGES)), default)


def closest_languages(code: str | None, languages: Iterable[str]) -> list[str]:
    """Return those of the languages that somebody with this code can read, the best first.

    The same territory and script come before the same script, and that before the same language in another script.
    """
    parts = [part for part in (code or "").replace("_", "-").split("-") if part]
    if not parts:
        return []
    return list(_closest(parts[0].lower(), tuple(parts[1:]), tuple(languages)))


@lru_cache(maxsize=1024)
def _closest(name: str, subtags: tuple[str, ...], languages: tuple[str, ...]) -> tuple[str, ...]:
    wanted = "_".join([name, *subtags])

    def distance(language: str) -> tuple[bool, bool]:
        return script_of(language) != script_of(wanted), territory_of(language) != territory_of(wanted)

    return tuple(sorted([each for each in languages if each.split("_")[0].lower() == name], key=distance))
