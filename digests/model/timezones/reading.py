"""Finding the time zone that a person means. What is a guess is asked back, never taken (pure)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from digests.model.timezones.abbreviations import ABBREVIATIONS
from digests.model.timezones.folding import fold_place, key_of, simplified
from digests.model.timezones.labels import UTC_NAMES, all_zones, clock_of, inverted, present_name
from digests.model.timezones.offsets import places_at, read_offsets
from digests.model.timezones.places import City, cities_called, countries_called, country_zones
from digests.model.timezones.well_known import rank_of

MOST_CHOICES = 12
_MOST_NEAR = 8
_MAX_LENGTH = 60
_SHORT, _LONG = 4, 8
"""Up to how many letters no name is similar, and from how many on two may be wrong."""
_SIGNS = str.maketrans(dict.fromkeys("−–—‐‑‒﹣", "-"))
_ENDINGS = ("time zone", "timezone", "standard time", "time", "city", "标准时间", "时间", "时区", "市")


class Meaning(Enum):
    """Why there are choices: what the person who wrote is told."""

    NEAR = auto()
    """No place has this name; the choices have similar ones."""
    SEVERAL = auto()
    """The name means several."""
    OFFSET = auto()
    """It is an offset; the choices have its clock now."""
    INVERTED = auto()
    """It is a zone such as Etc/GMT+8, which is behind UTC though it looks ahead."""


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """A zone that somebody may mean, and the place that they may have named, if it is not the zone's own."""

    zone: str
    city: City | None = None


@dataclass(frozen=True, slots=True)
class ZoneMatch:
    """What a text may mean: the zone `exact`, or one of `choices`, or neither."""

    exact: str | None = None
    choices: tuple[ZoneChoice, ...] = ()
    meaning: Meaning = Meaning.NEAR


def read_zone(text: str, now: datetime) -> ZoneMatch:
    """Return what the text means: a zone by its whole name, a city or a country with one clock.

    A name of several places, a similar name, an offset and an abbreviation give choices.
    """
    plain = " ".join(simplified(unicodedata.normalize("NFKC", text[: 4 * _MAX_LENGTH])).translate(_SIGNS).split())
    plain = plain.casefold()
    if not plain or len(plain) > _MAX_LENGTH:
        return ZoneMatch()
    if plain.removeprefix("etc/") in UTC_NAMES or plain in ("零时区", "中时区", "世界时"):
        return ZoneMatch(exact="UTC")
    if offsets := read_offsets(plain):
        return _at(offsets, now)
    if zones := ABBREVIATIONS.get(plain) or ABBREVIATIONS.get(plain.removesuffix(" time")):
        return _match([ZoneChoice(zone) for zone in zones], asks=True)
    name = fold_place(plain)
    return _whole_name(plain.replace(" ", "_")) or _named(name) or _partly_named(name) or _near(name)


def _at(offsets: Sequence[int], now: datetime) -> ZoneMatch:
    most = MOST_CHOICES // len(offsets)
    zones = [zone for minutes in offsets for zone in places_at(minutes, now, most)]
    return ZoneMatch(choices=tuple(map(ZoneChoice, zones)), meaning=Meaning.OFFSET)


def _whole_name(plain: str) -> ZoneMatch | None:
    zone = _whole_names().get(plain)
    if zone is None:
        return None
    if other := inverted(zone):
        choices = tuple(ZoneChoice(each) for each in dict.fromkeys((zone, other)))
        return ZoneMatch(choices=choices, meaning=Meaning.INVERTED)
    # A name without a slash is an old one, of a country or a part of it: PRC, Japan, EST5EDT.
    return ZoneMatch(exact=zone if "/" in zone else present_name(zone))


@cache
def _whole_names() -> dict[str, str]:
    return {zone.casefold(): zone for zone in all_zones()}


def _named(name: str) -> ZoneMatch | None:
    """Return what a folded name means; None where no place has it."""
    for form in _forms(name):
        if choices := [*_cities(form), *_countries(form)]:
            return _match(choices)
        if choices := list(_cities_with_country(form)):
            return _match(choices)
    return None


def _forms(name: str) -> Iterator[str]:
    """Yield a name, and then without what may be said after it, such as "time" or "市"."""
    yield name
    for ending in _ENDINGS:
        shorter = name.removesuffix(ending).strip()
        if len(shorter) > 1 and shorter != name:
            yield shorter


def _cities(name: str) -> Iterator[ZoneChoice]:
    for city in cities_called().get(key_of(name), ()):
        if not city.is_minor:
            yield ZoneChoice(city.zone, city)


def _countries(name: str) -> Iterator[ZoneChoice]:
    """Yield a zone for each clock that a country has."""
    if (code := countries_called().get(key_of(name))) is not None:
        clocks = {clock_of(zone): zone for zone in reversed(country_zones(code))}
        yield from map(ZoneChoice, sorted(clocks.values(), key=rank_of))


def _cities_with_country(name: str) -> Iterator[ZoneChoice]:
    """Yield the places that a name with a country or a part of one means: "Paris, Texas", "美国旧金山"."""
    for head, tail in _halves(name):
        for city in cities_called().get(key_of(head), ()):
            if countries_called().get(key_of(tail)) == city.country or tail in map(fold_place, city.part):
                yield ZoneChoice(city.zone, city)


def _partly_named(name: str) -> ZoneMatch | None:
    """Return the places that the first words of a name mean, where the others mean nothing that is known."""
    for head, _ in reversed([*_halves(name)]):
        if choices := [*_cities(head), *_countries(head)]:
            return ZoneMatch(choices=tuple(_one_of_each(choices))[:_MOST_NEAR])
    return None


def _halves(name: str) -> Iterator[tuple[str, str]]:
    words = name.split(" ")
    for at in range(1, len(words)):
        yield " ".join(words[:at]), " ".join(words[at:])
    if not name.isascii():
        for at in range(2, len(name) - 1):
            yield name[at:].strip(), name[:at].strip()


def _match(choices: Sequence[ZoneChoice], *, asks: bool = False) -> ZoneMatch:
    """Return the match for places that have a name; it is exact where all of them have one clock."""
    distinct = tuple(_one_of_each(choices))
    if not asks and len({clock_of(choice.zone) for choice in distinct}) == 1:
        return ZoneMatch(exact=min((choice.zone for choice in distinct), key=rank_of))
    return ZoneMatch(choices=distinct[:MOST_CHOICES], meaning=Meaning.SEVERAL)


def _one_of_each(choices: Iterable[ZoneChoice]) -> Iterator[ZoneChoice]:
    seen = set[str]()
    for choice in choices:
        if choice.zone not in seen:
            seen.add(choice.zone)
            yield choice


def _near(name: str) -> ZoneMatch:
    """Return the places whose names begin so, or else differ by a letter or two."""
    known, key = _known_names(), key_of(name)
    found = [each for each in known if len(key) > 1 and each.startswith(key)]
    # A Chinese character is worth some letters.
    length = len(key) if key.isascii() else 2 * len(key)
    if not found and length > _SHORT:
        most = 1 if length < _LONG else 2
        similar = process.extract(key, known, scorer=OSA.distance, score_cutoff=most, limit=_MOST_NEAR)
        closest = min((distance for _, distance, _ in similar), default=0)
        found = [each for each, distance, _ in similar if distance == closest]
    choices = [choice for each in found for choice in (*_cities(each), *_countries(each))]
    choices.sort(key=lambda choice: rank_of(choice.zone))
    return ZoneMatch(choices=tuple(_one_of_each(choices))[:_MOST_NEAR])


@cache
def _known_names() -> tuple[str, ...]:
    places = (name for name, cities in cities_called().items() if not all(city.is_minor for city in cities))
    return tuple(dict.fromkeys((*places, *countries_called())))
