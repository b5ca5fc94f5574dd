"""The bucket of an S3-compatible store: bounded requests, and errors as sentences. Nothing else knows obstore."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from digests.errors import StorageError
from digests.media.files import PicturesFolderError, is_whole_picture

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Store

logger = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

MOST_BYTES = 8_000_000
"""What is larger is no picture of ours."""
_CALL_SECONDS, _REQUEST_SECONDS, _CONNECT_SECONDS = 8.0, 4.0, 2.0
_LIST_SECONDS = 120.0
_FOLDERS = ("kept", "mosaics")
_MOST_LISTED = 2_000_000
"""A store with more of ours lists the same again and again: this is what fits into some 100 GB."""
_RETRIES = 2
_REST_SECONDS = 10.0
"""So long a store that failed is left alone: nobody who sends a message waits for it again and again."""
_AT_ONCE = 16
_CODE = re.compile(r"<Code>([A-Za-z0-9]{1,60})</Code>")
_NAME = re.compile(r'Path "(.*?)"', re.DOTALL)
_UNREACHED = ("error sending request", "error trying to connect", "operation timed out", "connection")
_STATUS = re.compile(r"status code: (\d{3})")
_ROLES = "169.254.169.254"
"""Where a machine of a cloud asks for its role."""
_GO_ON = "Digests go on without new pictures."
_FIXES = {
    "InvalidAccessKeyId": "does not know this key: set media.store_key",
    "SignatureDoesNotMatch": "finds the signature wrong: set media.store_secret to the secret of media.store_key",
    "RequestTimeTooSkewed": "finds the time wrong: set this machine's clock",
    "NoSuchBucket": "has no such bucket: create it, or mend media.store",
    "PermanentRedirect": "has this bucket in another region: set media.store_region and media.store_endpoint",
    "AuthorizationHeaderMalformed": "has this bucket in another region: set media.store_region",
    "QuotaExceeded": "is full: make room there, or lower media.folder_mb",
    "SlowDown": "wants fewer requests",
}


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """Where the store is, and how to log in. Without a key, obstore looks for a role of this machine."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The store as an operator knows it."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


class StoredPicture(NamedTuple):
    """A file of the store, and when it was put there."""

    data: bytes
    at: datetime


class ListedPicture(NamedTuple):
    """What a listing says of a file."""

    name: str
    bytes: int
    at: datetime


class PictureBucket:
    """A bucket, below a prefix. All methods raise PicturesFolderError if the store can't be asked, or refuses.

    After such an error the store is left alone for some seconds, in which every call fails at once, except one at a
    time that tries it again.
    """

    def __init__(self, options: StoreOptions, steady: Callable[[], float] = monotonic) -> None:
        """Prepare the connection. Raises StorageError if the library is not installed, or the options are no use."""
        self.name = options.name
        self._store = _open(options)
        self._steady = steady
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._rests_until: float | None = None
        self._trouble = ""

    async def get(self, name: str) -> StoredPicture | None:
        """Return a file; None if there is none, or if it is no whole picture as it was put."""
        return await self._call(lambda: self._fetch(name))

    async def has(self, name: str) -> bool:
        """Return whether there is such a file."""
        import obstore

        async def ask() -> bool:
            try:
                return (await obstore.head_async(self._store, name))["size"] > 0
            except FileNotFoundError:
                # An answer without a body doesn't tell whether the bucket is missing, and all that is in it.
                return await self._fetch(name) is not None

        return await self._call(ask)

    async def put(self, name: str, data: bytes) -> None:
        """Put a file into the store."""
        import obstore

        attributes = {"Content-Type": "image/jpeg", "sha256": hashlib.sha256(data).hexdigest()}

        async def send() -> None:
            await obstore.put_async(self._store, name, data, attributes=cast(Any, attributes), use_multipart=False)

        await self._call(send)

    async def delete(self, names: Sequence[str]) -> None:
        """Delete files, one by one, since not every store knows how to delete many; those that are gone are fine."""
        import obstore

        async def remove(name: str) -> None:
            try:
                await obstore.delete_async(self._store, name)
            except FileNotFoundError as error:
                _raise_if_no_bucket(error)

        done = await asyncio.gather(*[self._call(partial(remove, name)) for name in names], return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each

    async def all(self) -> list[ListedPicture]:
        """Return all files in our folders below the prefix; what others keep beside them is not looked at."""
        import obstore

        async def read() -> list[ListedPicture]:
            found: list[ListedPicture] = []
            for folder in _FOLDERS:
                chunks = cast(AsyncIterator[Sequence[Any]], obstore.list(self._store, folder, chunk_size=1000))
                async for chunk in chunks:
                    found += [ListedPicture(each["path"], each["size"], each["last_modified"]) for each in chunk]
                    if len(found) > _MOST_LISTED:
                        raise PicturesFolderError(f"The store {self.name} lists more than {_MOST_LISTED:,} files.")
            return found

        return await self._call(read, _LIST_SECONDS)

    async def _fetch(self, name: str) -> StoredPicture | None:
        import obstore

        for _ in range(2):
            try:
                found = await obstore.get_async(self._store, name)
            except FileNotFoundError as error:
                _raise_if_no_bucket(error)
                return None
            if found.meta["size"] > MOST_BYTES:
                return None
            data = bytes(await found.bytes_async())
            wanted = found.attributes.get("sha256")
            is_same = wanted is None or wanted == hashlib.sha256(data).hexdigest()
            if len(data) == found.meta["size"] and is_same and is_whole_picture(data):
                return StoredPicture(data, found.meta["last_modified"])
        return None

    async def _call(self, ask: Callable[[], Awaitable[ResultT]], seconds: float = _CALL_SECONDS) -> ResultT:
        """Return what the store answers; while it rests, raise why. Raises PicturesFolderError."""
        self._raise_while_it_rests()
        try:
            async with asyncio.timeout(seconds), self._turns:
                # Those before may have met a trouble meanwhile.
                self._raise_while_it_rests()
                if self._rests_until is not None:
                    # This call tries it again, and the others wait for what comes of that.
                    self._rests_until = self._steady() + seconds
                with self._explained():
                    answer = await ask()
        except TimeoutError:
            raise self._rest(
                f"The store {self.name} does not answer within {seconds:g} s: look after it. {_GO_ON}"
            ) from (None)
        self._rests_until, self._trouble = None, ""
        return answer

    def _raise_while_it_rests(self) -> None:
        if self._rests_until is not None and self._steady() < self._rests_until:
            raise PicturesFolderError(self._trouble)

    def _rest(self, trouble: str) -> PicturesFolderError:
        self._trouble = trouble
        self._rests_until = self._steady() + _REST_SECONDS
        return PicturesFolderError(trouble)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what obstore raises into a sentence; its own words have the whole request."""
        try:
            yield
        except (PicturesFolderError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - what the library raises has no common class, and it may panic
            logger.debug("the store of pictures failed", extra={"error": type(error).__name__})
            raise self._rest(f"The store {self.name} {_explain(error)}. {_GO_ON}") from None


class _NoBucketError(OSError):
    """The bucket of the store is missing, not a file in it."""


def _raise_if_no_bucket(error: FileNotFoundError) -> None:
    if "<Code>NoSuchBucket</Code>" in str(error):
        raise _NoBucketError(str(error)) from None


def _explain(error: Exception) -> str:
    """Return what is wrong with the store, and the fix, without the addresses and keys that the error may have."""
    from obstore.exceptions import InvalidPathError, PermissionDeniedError, UnauthenticatedError

    text = str(error)
    if isinstance(error, InvalidPathError):
        return f"has a file with a name that can't be used ({_odd_name(text)}): delete it there"
    if _ROLES in text:
        return "needs a key, as this machine has no role: set media.store_key and media.store_secret"
    code, status = _CODE.search(text), _STATUS.search(text)
    if code is not None and code[1] in _FIXES:
        return _FIXES[code[1]]
    told = f" ({code[1]})" if code is not None else f" (status {status[1]})" if status is not None else ""
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return (
            f"refuses this key{told}: set media.store_key and media.store_secret, and give the key the right to read, "
            "write, delete and list there"
        )
    if told:
        return f"is in trouble{told}"
    if "error decoding response body" in text or "error reading a body" in text:
        return "breaks off its answers: look after it"
    if any(words in text for words in _UNREACHED):
        return "can't be reached: check media.store_endpoint, and the network"
    return "answers as no S3-compatible store does: check media.store_endpoint"


def _odd_name(text: str) -> str:
    """Return the name of a file in a line, from what the library says of it."""
    found = _NAME.search(text)
    return repr(found[1][:80]) if found is not None else "unknown"


def _open(options: StoreOptions) -> S3Store:
    """Return the store. Raises StorageError if the library is missing, or can't use the options."""
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError as error:
        raise StorageError(
            "The library for object stores is missing: install the extra `s3`, as in digestbot[s3]."
        ) from error
    config: S3Config = {"region": options.region or "us-east-1", "virtual_hosted_style_request": not options.endpoint}
    if options.endpoint:
        config["endpoint"] = options.endpoint
    if options.key:
        config["access_key_id"] = options.key
        config["secret_access_key"] = options.secret
    client: ClientConfig = {
        "timeout": timedelta(seconds=_REQUEST_SECONDS),
        "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        # Whether a plain endpoint is allowed was decided by the settings.
        "allow_http": options.endpoint.startswith("http://"),
        "user_agent": "digestbot",
    }
    retry: RetryConfig = {
        "max_retries": _RETRIES,
        "retry_timeout": timedelta(seconds=_CALL_SECONDS),
        "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=1), "base": 2},
    }
    try:
        return S3Store(
            options.bucket, prefix=options.prefix or None, config=config, client_options=client, retry_config=retry
        )
    except (BaseError, ValueError):
        raise StorageError(
            f"The store {options.name} can't be used: check media.store and media.store_endpoint."
        ) from None
