"""Places by what people call them, with the zone of each: zones' own cities, other large cities, countries (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from babel import Locale
from babel.core import get_global

from digests.model.timezones.folding import key_of
from digests.model.timezones.labels import all_zones, city_of, city_zones, cldr_cities, country_of, present_name
from digests.model.timezones.well_known import rank_of

_CHINESE = ("zh", "zh_Hant", "zh_Hant_HK")
_FOLDER = resources.files(__package__)
# What is official, where CLDR has a zone more that part of a country goes by.
_OFFICIAL = {"CN": ("Asia/Shanghai",), "UA": ("Europe/Kyiv",)}


@dataclass(frozen=True, slots=True)
class City:
    """A place and its zone; the first of its names in each script is what it is called.

    `part` names the part of its country, by which people tell namesakes apart. A minor one is meant only where its
    country or part is named too.
    """

    zone: str
    country: str
    names: tuple[str, ...]
    chinese: tuple[str, ...] = ()
    taiwan: str = ""
    part: tuple[str, ...] = ()
    is_minor: bool = False


@cache
def cities() -> tuple[City, ...]:
    """Return all places, without countries."""
    return (*_zones_own(), *_further())


def _zones_own() -> Iterator[City]:
    called: dict[str, list[str]] = {}
    for zone in city_zones():
        called.setdefault(present_name(zone), []).append(zone.rpartition("/")[2].replace("_", " "))
    for zone, written in called.items():
        chinese = (cldr_cities(language).get(zone) for language in _CHINESE)
        yield City(
            zone,
            country_of(zone),
            tuple(dict.fromkeys([city_of(zone), *written])),
            tuple(dict.fromkeys(filter(None, chinese))),
            cldr_cities("zh_Hant").get(zone, ""),
        )


def _further() -> Iterator[City]:
    for zone, country, names, chinese, taiwan, remarks in _rows("cities.txt", 6):
        part = next((remark.removeprefix("in ") for remark in _split(remarks) if remark.startswith("in ")), "")
        yield City(
            zone,
            country,
            _split(names),
            _split(chinese),
            taiwan,
            tuple(name.strip() for name in part.split(",") if name),
            "minor" in _split(remarks),
        )


def _rows(file: str, columns: int) -> Iterator[list[str]]:
    for line in (_FOLDER / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            row = [cell.strip() for cell in line.split("|")]
            if len(row) != columns:
                raise ValueError(f"{file}: {line}")
            yield row


def _split(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(";") if name.strip())


@cache
def cities_called() -> Mapping[str, tuple[City, ...]]:
    """Return the places by the keys of their names."""
    called: dict[str, list[City]] = {}
    for city in cities():
        for name in {key_of(name) for name in (*city.names, *city.chinese, city.taiwan)} - {""}:
            called.setdefault(name, []).append(city)
    return MappingProxyType({name: tuple(found) for name, found in called.items()})


@cache
def countries_called() -> Mapping[str, str]:
    """Return the codes of countries by the keys of their names, in English and Chinese."""
    called: dict[str, str] = {}
    for language in ("en", *_CHINESE):
        for code, name in Locale.parse(language).territories.items():
            if country_zones(code):
                called.setdefault(key_of(str(name)), code)
    for code, names, chinese in _rows("countries.txt", 3):
        called |= {key_of(name): code for name in (*_split(names), *_split(chinese))}
    return MappingProxyType(called)


def country_zones(code: str) -> tuple[str, ...]:
    """Return the zones of a country, those that most people live in first."""
    zones = get_global("territory_zones").get(code, ()) if len(code) == len("DE") else ()
    present = {present_name(str(zone)) for zone in zones} & all_zones()
    return _OFFICIAL.get(code) or tuple(sorted(present, key=rank_of))


def country_name(code: str, language: str) -> str:
    """Return what a country is called in a language; its code where CLDR has no name."""
    return str(Locale.parse(language).territories.get(code, code))
