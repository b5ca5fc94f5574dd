"""What the places that somebody may mean are called on buttons (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from opencc import OpenCC

from digests.model.timezones.folding import key_of
from digests.model.timezones.labels import city_of
from digests.model.timezones.places import City, country_name
from digests.model.timezones.reading import ZoneChoice


def choice_labels(choices: Sequence[ZoneChoice], language: str) -> list[str]:
    """Return a label for each choice: namesakes with their country or, in one country, with their zone's city."""
    labels = [_name_of(choice, language) for choice in choices]
    for further in (_country_of, _zone_of):
        added = [further(choice, language) for choice in choices]
        for at, choice in enumerate(choices):
            alike = {added[other] for other, each in enumerate(choices) if _are_namesakes(choice, each)}
            is_told_apart = further is _zone_of and len({_country_of(each, language) for each in choices}) > 1
            if len(alike) > 1 and not is_told_apart:
                labels[at] += added[at]
    return labels


def _are_namesakes(choice: ZoneChoice, other: ZoneChoice) -> bool:
    return bool(_keys_of(choice.city) & _keys_of(other.city))


@lru_cache(maxsize=1024)
def _keys_of(city: City | None) -> frozenset[str]:
    return frozenset(map(key_of, (*city.names, *city.chinese))) if city is not None else frozenset()


def _name_of(choice: ZoneChoice, language: str) -> str:
    city = choice.city
    if city is None or city.zone != choice.zone:
        return city_of(choice.zone, language)
    if not city.chinese or not language.startswith("zh"):
        return city.names[0]
    if language in ("zh", "zh_CN"):
        return city.chinese[0]
    return city.taiwan or _to_traditional().convert(city.chinese[0])


def _country_of(choice: ZoneChoice, language: str) -> str:
    city: City | None = choice.city
    name = country_name(city.country, language) if city is not None and city.country else ""
    return (f"（{name}）" if language.startswith("zh") else f", {name}") if name else ""


def _zone_of(choice: ZoneChoice, language: str) -> str:
    name = city_of(choice.zone, language)
    return f"（{name}）" if language.startswith("zh") else f" ({name})"


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2twp")
