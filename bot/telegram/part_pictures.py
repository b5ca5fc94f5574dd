"""The pictures of ours in the parts that are sent: shown by file_id, uploaded once, or left out.

A mosaic is one photo, or the preview above a text. A rich message has many pictures, and Telegram refuses all of it for
one that it can't use.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.telegram.answers import rich_photo_ids_of
from bot.telegram.known_pictures import KnownPictures
from bot.telegram.photos import file_id_of
from bot.telegram.picture_search import PictureSearch
from bot.telegram.request import Files
from bot.telegram.rich import pictures_in
from bot.telegram.upload_claims import UploadClaims
from digests.model.delivery import Part
from digests.model.outcome import (
    BadPicture,
    FileForgotten,
    NotAccepted,
    Outcome,
    OwnPictureRefused,
    Sent,
    Throttled,
    Unknown,
)
from digests.ports import OwnPicture, OwnPictures

logger = logging.getLogger(__name__)

_MOST_SEARCHES = 200


@dataclass(frozen=True, slots=True)
class PicturesInPart:
    """Our pictures in a part that is being sent.

    `names` are as `messages.fields_of` takes them; those of `uploads` begin with `attach://`. `left_out` are keys that
    a search leaves out.
    """

    names: tuple[str, ...] = ()
    named: tuple[OwnPicture, ...] = ()
    uploads: Mapping[str, tuple[OwnPicture, bytes]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    @property
    def files(self) -> Files:
        """The files to upload, under the names by which the request calls them."""
        return {name: (f"{name}.jpg", content) for name, (_, content) in self.uploads.items()}


NO_PICTURES = PicturesInPart()


class PartPictures:
    """Prepares our pictures for the parts that show them, and learns from what Telegram answers.

    `public_url` is where Telegram fetches mosaics for previews; "" if it can't.
    """

    def __init__(self, pictures: OwnPictures, public_url: str = "") -> None:
        self._known = KnownPictures(pictures)
        self._claims = UploadClaims()
        self._public_url = public_url
        self._searches: OrderedDict[tuple[str, ...], PictureSearch] = OrderedDict()

    @asynccontextmanager
    async def of(self, part: Part) -> AsyncIterator[PicturesInPart | Throttled]:
        """Give the pictures of a part, and keep others from uploading the same while the context is open.

        Throttled if they are being uploaded: when that is done, the part can show them at no cost.
        """
        if part.mosaic is not None and not part.is_caption:
            yield await self._preview(part.mosaic.key)
            return
        found = await self._find(part)
        left_out = self._left_out(part)
        claimed = await self._claims.claim(lambda: self._unnamed(found, left_out))
        if isinstance(claimed, Throttled):
            yield claimed
            return
        try:
            yield await self._prepared(part, found, left_out, claimed)
        finally:
            self._claims.release(claimed)

    async def learn(self, part: Part, pictures: PicturesInPart, outcome: Outcome, answer: bytes) -> Outcome:
        """Remember what Telegram's answer says of the pictures, and return what the outcome means for the part."""
        match outcome:
            case Sent():
                await self._accepted(part, pictures, answer)
            case BadPicture(reason) | FileForgotten(reason):
                is_forgotten = isinstance(outcome, FileForgotten)
                if await self._refused(part, pictures, reason, is_forgotten=is_forgotten):
                    return OwnPictureRefused(reason)
            case Unknown() | NotAccepted() if answer or isinstance(outcome, Unknown):
                for picture, _ in pictures.uploads.values():
                    self._known.failed(picture)
            case _:
                pass
        return outcome

    async def _preview(self, key: str) -> PicturesInPart:
        if not self._public_url or await self._known.mosaic(key) is None:
            return NO_PICTURES
        return PicturesInPart((mosaic_url(self._public_url, key),))

    async def _find(self, part: Part) -> Mapping[str, OwnPicture]:
        if part.mosaic is not None:
            found = await self._known.mosaic(part.mosaic.key)
            return {} if found is None else {found.key: found}
        return await self._known.kept(_keys_in(part))

    def _left_out(self, part: Part) -> frozenset[str]:
        search = self._searches.get(part.rich.pictures) if part.rich is not None else None
        return search.left_out if search is not None else frozenset()

    def _unnamed(self, found: Mapping[str, OwnPicture], left_out: Collection[str]) -> list[str]:
        current = [self._known.current(picture) for key, picture in found.items() if key not in left_out]
        return [picture.key for picture in current if picture is not None and not picture.file_id]

    async def _prepared(
        self, part: Part, found: Mapping[str, OwnPicture], left_out: frozenset[str], claimed: Collection[str]
    ) -> PicturesInPart:
        names: dict[str, str] = {}
        named: list[OwnPicture] = []
        uploads: dict[str, tuple[OwnPicture, bytes]] = {}
        for number, (key, picture) in enumerate(found.items(), 1):
            current = self._known.current(picture) if key not in left_out else None
            if current is not None and not current.file_id and key in claimed:
                current = await self._known.before_upload(current)
            if current is not None and current.file_id:
                names[key] = current.file_id
                named.append(current)
            elif current is not None and key in claimed and (content := await self._known.content(current)) is not None:
                names[key] = f"attach://p{number}"
                uploads[f"p{number}"] = (current, content)
        if part.rich is None:
            return PicturesInPart(tuple(names.values()), tuple(named), uploads)
        all_names = tuple(names.get(key, "") for key in part.rich.pictures)
        return PicturesInPart(all_names, tuple(named), uploads, left_out)

    async def _accepted(self, part: Part, pictures: PicturesInPart, answer: bytes) -> None:
        if pictures.uploads:
            file_ids = _photo_ids(part, pictures, answer)
            for name, (picture, _) in pictures.uploads.items():
                if file_id := file_ids.get(f"attach://{name}", ""):
                    await self._known.accepted(picture, file_id)
                else:
                    logger.warning("an upload's file_id can't be read", extra={"picture": picture.key})
        if part.rich is not None and self._searches.pop(part.rich.pictures, None) is not None and pictures.left_out:
            found = await self._known.kept(sorted(pictures.left_out))
            for picture in found.values():
                # Of several that were left out, which is bad is not known.
                await self._known.refuse(picture, "refused in a message", for_good=len(pictures.left_out) == 1)

    async def _refused(self, part: Part, pictures: PicturesInPart, reason: str, *, is_forgotten: bool) -> bool:
        """See to the picture that was refused; return whether the part can be sent again."""
        if part.rich is not None:
            return await self._search(part.rich.pictures, pictures, is_forgotten=is_forgotten)
        for picture in pictures.named:
            await self._known.forget(picture)
        for picture, _ in pictures.uploads.values():
            await self._known.refuse(picture, reason, for_good=not is_forgotten)
        return bool(pictures.named or pictures.uploads)

    async def _search(self, keys: tuple[str, ...], pictures: PicturesInPart, *, is_forgotten: bool) -> bool:
        if not (pictures.named or pictures.uploads):
            return False
        suspects = tuple(picture.key for picture, _ in pictures.uploads.values())
        search = self._searches.get(keys) or PictureSearch(suspects)
        if search.left_out != pictures.left_out:
            # Another delivery has gone on with it meanwhile.
            return True
        following = search.next(named=bool(pictures.named), is_forgotten=is_forgotten)
        if following is None:
            self._searches.pop(keys, None)
            return False
        self._searches[keys] = following
        self._searches.move_to_end(keys)
        if len(self._searches) > _MOST_SEARCHES:
            self._searches.popitem(last=False)
        if following.was_renewed and not search.was_renewed:
            for picture in pictures.named:
                await self._known.forget(picture)
        return True


def has_own_pictures(part: Part) -> bool:
    """Return whether a part may show pictures of ours."""
    return part.mosaic is not None or (part.rich is not None and bool(part.rich.pictures))


def mosaic_url(public_url: str, key: str) -> str:
    """Return the address of a mosaic under the public address of `bot.web.mosaics`."""
    return f"{public_url}/m/{key}.jpg"


def _keys_in(part: Part) -> tuple[str, ...]:
    """Return the keys of the kept pictures that a rich message shows, each once."""
    if part.rich is None:
        return ()
    pictures = part.rich.pictures
    numbers = dict.fromkeys(pictures_in(part.rich.html))
    return tuple(dict.fromkeys(pictures[number - 1] for number in numbers if number <= len(pictures)))


def _photo_ids(part: Part, pictures: PicturesInPart, answer: bytes) -> dict[str, str]:
    """Return the file_ids in Telegram's answer, by the names under which the pictures were sent."""
    if part.rich is None:
        return {name: file_id_of(answer) for name in pictures.names}
    shown = {number: name for number, name in enumerate(pictures.names, 1) if name}
    sent = [shown[number] for number in pictures_in(part.rich.html) if number in shown]
    echoed = rich_photo_ids_of(answer)
    # Told apart by their order alone, so one that is missing would shift all others.
    return dict(zip(sent, echoed, strict=True)) if len(sent) == len(echoed) else {}
