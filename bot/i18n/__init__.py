"""What the bot says, in the reader's language, and dates, times and numbers as that language writes them."""

from bot.i18n.catalogues import LANGUAGES, SOURCE, closest_languages, supported_language
from bot.i18n.scripts import has_dense_script, script_of, territory_of
from bot.i18n.translator import Translator, gettext_noop, translator

__all__ = [
    "LANGUAGES",
    "SOURCE",
    "Translator",
    "closest_languages",
    "gettext_noop",
    "has_dense_script",
    "script_of",
    "supported_language",
    "territory_of",
    "translator",
]
