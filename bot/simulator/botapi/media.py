"""Photos and documents, given as uploads, file ids or addresses, with Telegram's limits."""

from __future__ import annotations

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.pictures import PictureError, identify_picture
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.state.files import StoredFile
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import LinkError, parse_url

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
_MAX_SIDES_SUM = 10_000
_MAX_SIDES_RATIO = 20
_FETCHED_SIZE = (1280, 720)
_ATTACHED = "attach://"


def resolve_photo(call: Call, given: str) -> tuple[Json, str]:
    """Return a message's `photo` field, and the address that the bot gave ("" if it gave none)."""
    upload = _upload(call, given)
    if upload is not None:
        file = store_photo(call, upload)
    elif "." in given or "/" in given or ":" in given:
        file = _fetch(call, given)
    else:
        file = _find_file(call, given, "photo")
    return {"photo": file.sizes_json()}, file.url


def resolve_document(call: Call, given: str) -> tuple[Json, str]:
    """Return a message's `document` field, and the address that the bot gave ("" if it gave none)."""
    upload = _upload(call, given)
    if upload is not None:
        if len(upload.content) > MAX_DOCUMENT_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if not upload.content:
            raise bad_request("file must be non-empty")
        file = call.world.files.add("document", upload.name, upload.mime, upload.content)
    elif "." in given or "/" in given or ":" in given:
        file = _fetch(call, given, "document")
    else:
        file = _find_file(call, given, "document")
    return {"document": {**file.as_json(), "file_name": file.name, "mime_type": file.mime}}, file.url


def store_photo(call: Call, upload: Upload) -> StoredFile:
    """Store an uploaded photo, or refuse it as Telegram does."""
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
    _check_dimensions(width, height)
    return call.world.files.add("photo", upload.name, mime, upload.content, size=(width, height))


def _check_dimensions(width: int, height: int) -> None:
    if not width or not height or width + height > _MAX_SIDES_SUM:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    if max(width, height) > _MAX_SIDES_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _upload(call: Call, given: str) -> Upload | None:
    if not given.startswith(_ATTACHED):
        return None
    upload = call.files.get(given.removeprefix(_ATTACHED))
    if upload is None:
        raise bad_request("Wrong file identifier/HTTP URL specified")
    return upload


def _fetch(call: Call, given: str, kind: str = "photo") -> StoredFile:
    """Pretend to fetch an address, which works unless a fault is switched on for it."""
    try:
        url = parse_url(given)
    except LinkError:
        raise bad_request("Wrong file identifier/HTTP URL specified") from None
    if "." not in url.host and not url.host.startswith("["):
        raise bad_request("Wrong file identifier/HTTP URL specified")
    refusal = call.world.faults.bad_picture(given)
    if refusal is not None:
        raise bad_request(refusal.removeprefix("Bad Request: "))
    name = url.path.partition("?")[0].rpartition("/")[2] or "file"
    mime = "image/jpeg" if kind == "photo" else "application/octet-stream"
    return call.world.files.add(kind, name, mime, b"", size=_FETCHED_SIZE, url=given)


def _find_file(call: Call, given: str, kind: str) -> StoredFile:
    file = call.world.files.get(given)
    if file is None:
        raise bad_request("Wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"Can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file
