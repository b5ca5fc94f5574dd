"""Photos and documents: uploads, file ids and addresses, with Telegram's bounds."""

from __future__ import annotations

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.pictures import PictureError, read_size
from bot.simulator.refusal import Refusal, bad
from bot.simulator.state.files import StoredFile
from bot.simulator.text.formatted import Json
from bot.simulator.text.links import LinkError, parse_url

PHOTO_BYTES = 10 * 1024 * 1024
DOCUMENT_BYTES = 50 * 1024 * 1024
_LARGEST_SUM = 10_000
_LARGEST_RATIO = 20
_FETCHED_SIZE = (1280, 720)
_ATTACHED = "attach://"


def photo_of(call: Call, given: str) -> tuple[Json, str]:
    """A message's `photo`, and the address that the bot gave, if it gave one."""
    upload = _upload(call, given)
    if upload is not None:
        file = store_photo(call, upload)
    elif "." in given or "/" in given or ":" in given:
        file = _fetched(call, given)
    else:
        file = _known(call, given, "photo")
    return {"photo": file.sizes_json()}, file.url


def document_of(call: Call, given: str) -> tuple[Json, str]:
    """A message's `document`, and the address that the bot gave, if it gave one."""
    upload = _upload(call, given)
    if upload is not None:
        if len(upload.content) > DOCUMENT_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if not upload.content:
            raise bad("file must be non-empty")
        file = call.world.files.add("document", upload.name, upload.mime, upload.content)
    elif "." in given or "/" in given or ":" in given:
        file = _fetched(call, given, "document")
    else:
        file = _known(call, given, "document")
    return {"document": {**file.as_json(), "file_name": file.name, "mime_type": file.mime}}, file.url


def store_photo(call: Call, upload: Upload) -> StoredFile:
    """An uploaded photo, if Telegram takes it."""
    if not upload.content:
        raise bad("file must be non-empty")
    if len(upload.content) > PHOTO_BYTES:
        size = len(upload.content)
        raise bad(f"File of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes")
    try:
        mime, width, height = read_size(upload.content)
    except PictureError:
        raise bad("IMAGE_PROCESS_FAILED") from None
    check_dimensions(width, height)
    return call.world.files.add("photo", upload.name, mime, upload.content, size=(width, height))


def check_dimensions(width: int, height: int) -> None:
    if not width or not height or width + height > _LARGEST_SUM:
        raise bad("PHOTO_INVALID_DIMENSIONS")
    if max(width, height) > _LARGEST_RATIO * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def _upload(call: Call, given: str) -> Upload | None:
    if not given.startswith(_ATTACHED):
        return None
    upload = call.files.get(given.removeprefix(_ATTACHED))
    if upload is None:
        raise bad("Wrong file identifier/HTTP URL specified")
    return upload


def _fetched(call: Call, given: str, kind: str = "photo") -> StoredFile:
    """As if Telegram had fetched it: only a fault says otherwise."""
    try:
        url = parse_url(given)
    except LinkError:
        raise bad("Wrong file identifier/HTTP URL specified") from None
    if "." not in url.host and not url.host.startswith("["):
        raise bad("Wrong file identifier/HTTP URL specified")
    words = call.world.faults.bad_picture(given)
    if words is not None:
        raise bad(words.removeprefix("Bad Request: "))
    name = url.path.partition("?")[0].rpartition("/")[2] or "file"
    mime = "image/jpeg" if kind == "photo" else "application/octet-stream"
    return call.world.files.add(kind, name, mime, b"", size=_FETCHED_SIZE, url=given)


def _known(call: Call, given: str, kind: str) -> StoredFile:
    file = call.world.files.get(given)
    if file is None:
        raise bad("Wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad(f"Can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file
