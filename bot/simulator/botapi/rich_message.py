"""The parameter `rich_message`: its HTML and media, from what the bot sends to what Telegram stores, or refuses."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.simulator.botapi.call import Call
from bot.simulator.botapi.media import is_address, resolve_photo
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.rich.blocks import parse_rich_html
from bot.simulator.rich.limits import check_rich_limits
from bot.simulator.state.files import StoredFile
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import Json

_SOURCES = ("html", "markdown", "blocks")
_FIELDS = {*_SOURCES, "media", "is_rtl", "skip_entity_detection"}
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MEDIA_LINK = re.compile(r"tg://photo\?id=(.*)")
_NO_MEDIA = "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"


class GivenRich(NamedTuple):
    """A rich message whose pictures are not there yet; `photos` are its blocks that wait for one."""

    blocks: list[Json]
    photos: list[Json]
    media: dict[str, str]
    is_rtl: bool


def read_rich_message(call: Call) -> GivenRich:
    """Return the call's rich message, parsed and within all limits.

    The Bot API says that exactly one of html, markdown and blocks must be used, which its server does not check; the
    simulator does, and reads html alone. It also refuses media that the text does not use.
    """
    given = call.json("rich_message", "rich message")
    if not isinstance(given, dict):
        raise bad_request("Rich message must be non-empty" if given is None else "Object expected as rich message")
    call.world.ledger.unknown_parameters.update(f"InputRichMessage.{name}" for name in given.keys() - _FIELDS)
    sources = [name for name in _SOURCES if given.get(name)]
    if not sources:
        raise bad_request("Rich message must be non-empty")
    if sources != ["html"]:
        raise bad_request("Exactly one of html, markdown and blocks must be used, and the simulator reads only html")
    media = _read_media(given.get("media"))
    try:
        parsed = parse_rich_html(str(given["html"]), detects=not given.get("skip_entity_detection"))
    except MarkupError as error:
        raise bad_request(f"Can't parse entities: {error}") from None
    size = check_rich_limits(parsed.blocks)
    used = {_media_id(photo) for photo in parsed.photos} - {""}
    if used - media.keys():
        raise bad_request(_NO_MEDIA)
    if media.keys() - used:
        raise bad_request("RICH_MESSAGE_MEDIA_INVALID")
    call.world.ledger.count_rich(size._asdict(), parsed.dangling)
    return GivenRich(parsed.blocks, parsed.photos, media, bool(given.get("is_rtl")))


async def resolve_rich(call: Call, given: GivenRich) -> Json:
    """Return Telegram's RichMessage, with its pictures; one that can't be had refuses all."""
    files = {name: await _find_photo(call, source) for name, source in given.media.items()}
    for photo in given.photos:
        name = _media_id(photo)
        file = files[name] if name else await _find_photo(call, _web_address(photo))
        # Built anew, in the order in which the Bot API describes the fields.
        rest = {key: value for key, value in photo.items() if key not in ("type", "src")}
        photo.clear()
        photo |= {"type": "photo", "photo": file.sizes_json(), **rest}
    return {"blocks": given.blocks, **({"is_rtl": True} if given.is_rtl else {})}


async def _find_photo(call: Call, source: str) -> StoredFile:
    """Return a photo; one that Telegram's servers can't take or fetch refuses the whole message."""
    is_upload = source.startswith("attach://")
    if not is_upload and call.world.faults.bad_picture(source):
        raise bad_request(_NO_MEDIA)
    try:
        return await resolve_photo(call, source)
    except Refusal as refusal:
        if is_address(source) and not is_upload:
            raise bad_request(_NO_MEDIA) from refusal
        raise


def _media_id(photo: Json) -> str:
    """Return the id in tg://photo?id=..., "" for an address."""
    match = _MEDIA_LINK.fullmatch(str(photo["src"]))
    if match is None:
        _web_address(photo)
        return ""
    return match[1]


def _web_address(photo: Json) -> str:
    source = str(photo["src"])
    if not source.startswith(("http://", "https://")):
        raise bad_request("RICH_MESSAGE_URL_INVALID")
    return source


def _read_media(given: object) -> dict[str, str]:
    """Return what each id stands for: a file_id, an address or an attached upload."""
    if given is None:
        return {}
    if not isinstance(given, list):
        raise bad_request("Expected an Array of InputRichMessageMedia")
    found: dict[str, str] = {}
    for item in given:
        if not isinstance(item, dict):
            raise bad_request("Can't parse InputRichMessageMedia: expected an Object")
        name, media = item.get("id"), item.get("media")
        if not isinstance(name, str) or not _MEDIA_ID.fullmatch(name) or name in found:
            raise bad_request("Invalid rich message file identifier specified")
        if not isinstance(media, dict):
            raise bad_request("Can't parse InputMedia: expected an Object")
        if media.get("type") != "photo":
            raise bad_request("Unallowed media specified")
        if not isinstance(media.get("media"), str) or not media["media"]:
            raise bad_request("Can't parse InputMedia: media not found")
        found[name] = media["media"]
    return found
