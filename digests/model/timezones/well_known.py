"""Zones that many people live in, the most first: what is offered for a clock, a country or an offset (pure)."""

from __future__ import annotations

WELL_KNOWN = (
    "Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Tokyo", "Asia/Kolkata", "Europe/Berlin",
    "America/Los_Angeles", "Europe/Paris", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Singapore", "America/Chicago",
    "Australia/Sydney", "Europe/Moscow", "Asia/Dubai", "Asia/Seoul", "America/Sao_Paulo", "Africa/Lagos",
    "Africa/Cairo", "America/Toronto", "America/Denver", "Asia/Jakarta", "Asia/Kuala_Lumpur", "Asia/Bangkok",
    "Asia/Manila", "Asia/Ho_Chi_Minh", "Asia/Karachi", "Asia/Dhaka", "Africa/Johannesburg", "Africa/Nairobi",
    "Europe/Istanbul", "Asia/Tehran", "Asia/Riyadh", "Europe/Madrid", "Europe/Rome", "Europe/Warsaw", "Europe/Kyiv",
    "Europe/Athens", "Europe/Bucharest", "Europe/Helsinki", "Europe/Lisbon", "Europe/Dublin", "Asia/Jerusalem",
    "Asia/Baghdad", "America/Mexico_City", "America/Bogota", "America/Lima", "America/Argentina/Buenos_Aires",
    "America/Santiago", "America/Caracas", "America/Vancouver", "America/Edmonton", "America/Halifax",
    "America/St_Johns", "America/Phoenix", "America/Anchorage", "Pacific/Honolulu", "America/Adak",
    "America/Winnipeg", "America/Regina", "America/Tijuana", "America/Havana", "America/La_Paz", "America/Puerto_Rico",
    "America/Montevideo", "America/Asuncion", "America/Manaus", "America/Rio_Branco", "America/Noronha",
    "America/Nuuk", "America/Miquelon", "Atlantic/Azores", "Atlantic/Canary", "Atlantic/Cape_Verde",
    "Atlantic/Reykjavik", "Atlantic/South_Georgia", "Africa/Casablanca", "Africa/Accra", "Africa/Algiers",
    "Africa/Tunis", "Africa/Khartoum", "Africa/Addis_Ababa", "Europe/Kaliningrad", "Europe/Samara",
    "Europe/Minsk", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk",
    "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka", "Asia/Tbilisi", "Asia/Baku", "Asia/Yerevan",
    "Asia/Kabul", "Asia/Tashkent", "Asia/Almaty", "Asia/Colombo", "Asia/Kathmandu", "Asia/Yangon", "Asia/Ulaanbaatar",
    "Asia/Makassar", "Asia/Jayapura", "Asia/Urumqi", "Asia/Beirut", "Asia/Amman", "Asia/Pyongyang",
    "Australia/Melbourne", "Australia/Brisbane", "Australia/Adelaide", "Australia/Darwin", "Australia/Perth",
    "Australia/Eucla", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Fiji",
    "Pacific/Guam", "Pacific/Port_Moresby", "Pacific/Noumea", "Pacific/Norfolk", "Pacific/Tongatapu", "Pacific/Apia",
    "Pacific/Kiritimati", "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier", "Pacific/Pitcairn",
    "Pacific/Easter", "Pacific/Galapagos", "Pacific/Pago_Pago",
)  # fmt: skip
_RANK = {zone: rank for rank, zone in enumerate(WELL_KNOWN)}


def is_well_known(zone: str) -> bool:
    """Return whether many people live in a zone."""
    return zone in _RANK


def rank_of(zone: str) -> tuple[int, str]:
    """Return a key that sorts zones: those that are well known by how many live in them, then the others by name."""
    return _RANK.get(zone, len(_RANK)), zone
