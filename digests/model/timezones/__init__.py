"""Time zones: which there are, what they are called, and which a person means (pure)."""

from digests.model.timezones.choices import choice_labels
from digests.model.timezones.labels import all_zones, city_of, country_of, offset_at, offset_label, zone_label
from digests.model.timezones.offsets import fixed_zone, offsets_of_day, places_at
from digests.model.timezones.reading import Meaning, ZoneChoice, ZoneMatch, read_zone

__all__ = [
    "Meaning",
    "ZoneChoice",
    "ZoneMatch",
    "all_zones",
    "choice_labels",
    "city_of",
    "country_of",
    "fixed_zone",
    "offset_at",
    "offset_label",
    "offsets_of_day",
    "places_at",
    "read_zone",
    "zone_label",
]
