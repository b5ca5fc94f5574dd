"""Photos and documents, given as uploads, file ids or addresses, with Telegram's limits."""

from __future__ import annotations

import hashlib

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.botapi.fetching import fetch_page, has_photo_sides, is_on_this_machine
from bot.simulator.pictures import PictureError, identify_picture
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.state.files import StoredFile
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import LinkError, parse_url

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
WRONG_FILE = "Wrong file identifier/HTTP URL specified"
_FETCHED_SIZE = (1280, 720)
_ATTACHED = "attach://"


async def resolve_media(call: Call, kind: str, given: str) -> tuple[Json, str]:
    """Return a message's `photo` or `document` field, and the address that the bot gave ("" if it gave none)."""
    if kind == "document":
        return _resolve_document(call, given)
    file = await resolve_photo(call, given)
    return {"photo": file.sizes_json()}, file.url


async def resolve_photo(call: Call, given: str) -> StoredFile:
    """Return the photo that the bot gave as an upload, an address or a file_id."""
    upload = _upload(call, given)
    if upload is not None:
        return store_photo(call, upload)
    if not is_address(given):
        return _find_file(call, given, "photo")
    if not is_on_this_machine(given) or call.world.faults.bad_picture(given):
        return _pretend_to_fetch(call, given)
    page = await fetch_page(call.world, given)
    if page.refusal:
        raise bad_request(page.refusal)
    name = _name_of(given)
    return call.world.files.add("photo", name, page.mime, page.content, size=(page.width, page.height), url=given)


def is_address(given: str) -> bool:
    """Return whether this is an address rather than a file_id."""
    return "." in given or "/" in given or ":" in given


def _resolve_document(call: Call, given: str) -> tuple[Json, str]:
    upload = _upload(call, given)
    if upload is not None:
        if len(upload.content) > MAX_DOCUMENT_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if not upload.content:
            raise bad_request("file must be non-empty")
        file = call.world.files.add("document", upload.name, upload.mime, upload.content)
    elif is_address(given):
        file = _pretend_to_fetch(call, given, "document")
    else:
        file = _find_file(call, given, "document")
    return {"document": {**file.as_json(), "file_name": file.name, "mime_type": file.mime}}, file.url


def store_photo(call: Call, upload: Upload) -> StoredFile:
    """Store an uploaded photo, or refuse it as Telegram does."""
    digest = hashlib.sha256(upload.content).hexdigest()
    refusal = call.world.faults.bad_picture(digest, "IMAGE_PROCESS_FAILED")
    if refusal is not None:
        raise bad_request(refusal.removeprefix("Bad Request: "))
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MAX_PHOTO_BYTES:
        size = len(upload.content)
        raise bad_request(
            f"File of size {size} bytes is too big for a photo; the maximum size is {MAX_PHOTO_BYTES} bytes"
        )
    try:
        mime, width, height = identify_picture(upload.content)
    except PictureError:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if not has_photo_sides(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return call.world.files.add("photo", upload.name, mime, upload.content, size=(width, height))


def _upload(call: Call, given: str) -> Upload | None:
    if not given.startswith(_ATTACHED):
        return None
    upload = call.files.get(given.removeprefix(_ATTACHED))
    if upload is None:
        raise bad_request(WRONG_FILE)
    call.world.ledger.count_upload(call.method, upload.content)
    return upload


def _pretend_to_fetch(call: Call, given: str, kind: str = "photo") -> StoredFile:
    """Pretend to fetch an address, which works unless a fault is switched on for it."""
    try:
        url = parse_url(given)
    except LinkError:
        raise bad_request(WRONG_FILE) from None
    if "." not in url.host and not url.host.startswith("["):
        raise bad_request(WRONG_FILE)
    refusal = call.world.faults.bad_picture(given)
    if refusal is not None:
        raise bad_request(refusal.removeprefix("Bad Request: "))
    name = _name_of(given)
    mime = "image/jpeg" if kind == "photo" else "application/octet-stream"
    return call.world.files.add(kind, name, mime, b"", size=_FETCHED_SIZE, url=given)


def _name_of(address: str) -> str:
    return parse_url(address).path.partition("?")[0].rpartition("/")[2] or "file"


def _find_file(call: Call, given: str, kind: str) -> StoredFile:
    file = call.world.files.usable(given)
    if file is None:
        raise bad_request(WRONG_FILE)
    refusal = call.world.faults.bad_picture(given, WRONG_FILE)
    if refusal is not None:
        raise bad_request(refusal.removeprefix("Bad Request: "))
    if file.kind != kind:
        raise bad_request(f"Can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file
