"""In which script a language is written, by CLDR's likely subtags."""

from __future__ import annotations

from functools import lru_cache

from babel.core import get_global

_DENSE = frozenset({"Hans", "Hant", "Hani", "Jpan", "Kore"})


@lru_cache(maxsize=1024)
def script_of(language: str) -> str:
    """Return the script in which a language is mostly written, such as "Hant" for "zh_TW"; "" where none is known."""
    parts = language.replace("-", "_").split("_")
    for part in parts[1:]:
        if len(part) == len("Hant") and part.isalpha():
            return part.title()
    likely = get_global("likely_subtags")
    name, territory = parts[0].lower(), parts[-1].upper()
    # CLDR names a territory only where it writes otherwise than most do.
    found = likely.get(f"{name}_{territory}") or likely.get(name) or ""
    return next((part for part in found.split("_") if len(part) == len("Hant") and part.isalpha()), "")


@lru_cache(maxsize=1024)
def territory_of(language: str) -> str:
    """Return the territory of a language: the one that is named, or where most write it, "BR" for "pt"; "" if none."""
    parts = language.replace("-", "_").split("_")
    named = [part.upper() for part in parts[1:] if len(part) == len("TW") or part.isdigit()]
    script = next((part.title() for part in parts[1:] if len(part) == len("Hant")), "")
    likely = get_global("likely_subtags")
    found = (script and likely.get(f"{parts[0].lower()}_{script}")) or likely.get(parts[0].lower()) or ""
    return named[0] if named else found.rpartition("_")[2]


def has_dense_script(language: str) -> bool:
    """Return whether a language is written in characters that stand for syllables or words, such as Chinese."""
    return script_of(language) in _DENSE
