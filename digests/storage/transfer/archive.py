"""The file of a backup: a ZIP of members that zstd has compressed, with a seal over all of it.

Members are only ever read by the names that the manifest gives, up to the sizes that it gives; nothing is unpacked to
a path. The seal is the ZIP's comment: the SHA-256 of every byte before it, so whatever was cut or changed is noticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
import sys
import zipfile
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import IO, Any

from digests.errors import StorageError

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

MANIFEST = "manifest.json"
_MOST_MANIFEST_BYTES = 4_000_000
_CHUNK = 1_000_000
_SEAL = b"sha256:"
_SEAL_BYTES = len(_SEAL) + 64
# The last two bytes of a ZIP without a comment are the length of one.
_LENGTH_BYTES = 2
_PRIVATE_FILE = 0o600


class ArchiveWriter:
    """Writes a backup beside its place, for us alone; `put_in_place` renames it. Methods may raise StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unfinished = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        with _explained(path, "written"):
            opened = os.open(self.unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
            self._file = open(opened, "w+b")  # noqa: PTH123, SIM115 - an open file, closed by `seal` or `discard`
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add a member, compressed."""
        packer = zstd.ZstdCompressor()
        with _explained(self.path, "written"), self._zip.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(packer.compress(chunk))
            member.write(packer.flush())

    def seal(self, manifest: dict[str, Any]) -> None:
        """Add the manifest, seal the file, and see that it is on the disk."""
        with _explained(self.path, "written"):
            self._zip.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
            self._zip.close()
            size = self._file.seek(0, os.SEEK_END)
            digest = _digest(self._file, size - _LENGTH_BYTES)
            self._file.seek(size - _LENGTH_BYTES)
            self._file.write(_SEAL_BYTES.to_bytes(_LENGTH_BYTES, "little") + _SEAL + digest.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def put_in_place(self) -> None:
        """Give the file its name."""
        with _explained(self.path, "written"):
            self.unfinished.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def discard(self) -> None:
        """Remove what was written, if it is not in its place."""
        # Else it would be ended when it is forgotten, and complain then that its file is closed.
        self._zip.fp = None
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        with contextlib.suppress(OSError):
            self.unfinished.unlink()


class ArchiveReader:
    """Reads a backup whose seal holds. Methods may raise StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with _explained(path, "read"):
            # Asked before it is opened: a pipe would wait for whoever writes into it.
            if not stat.S_ISREG(path.stat().st_mode):
                raise StorageError(f"{path} is no file.")
            self._file = path.open("rb")
            try:
                self._check_seal()
                self._zip = zipfile.ZipFile(self._file)
                self.manifest = self._read_manifest()
            except BaseException:
                self._file.close()
                raise

    def _check_seal(self) -> None:
        size = self._file.seek(0, os.SEEK_END)
        covered = size - _SEAL_BYTES - _LENGTH_BYTES
        self._file.seek(0)
        if self._file.read(4) != b"PK\x03\x04":
            raise StorageError(f"{self.path} is no backup of digestbot's.")
        self._file.seek(max(0, covered))
        end = self._file.read()
        length = int.from_bytes(end[:_LENGTH_BYTES], "little")
        if covered < 0 or length != _SEAL_BYTES or end[_LENGTH_BYTES:][: len(_SEAL)] != _SEAL:
            raise StorageError(f"The backup {self.path} is cut, or no backup of digestbot's: take another one.")
        if _digest(self._file, covered).encode() != end[_LENGTH_BYTES + len(_SEAL) :]:
            raise StorageError(
                f"The backup {self.path} was changed or damaged: its checksum is wrong. Take another one."
            )

    def _read_manifest(self) -> dict[str, Any]:
        info = self._zip.getinfo(MANIFEST)
        if info.file_size > _MOST_MANIFEST_BYTES or info.compress_type != zipfile.ZIP_STORED:
            raise StorageError(f"The backup {self.path} has an odd manifest: take another one.")
        manifest = json.loads(self._zip.read(info))
        if not isinstance(manifest, dict):
            raise TypeError("the manifest is no table")
        return manifest

    @property
    def names(self) -> frozenset[str]:
        """The names of all members, without the manifest."""
        return frozenset(self._zip.namelist()) - {MANIFEST}

    def read(self, name: str, size: int) -> Generator[bytes]:
        """Yield the bytes of a member, which are `size`, unpacked."""
        with _explained(self.path, "read"):
            if self._zip.getinfo(name).compress_type != zipfile.ZIP_STORED:
                raise StorageError(f"The backup {self.path} is packed in another way than ours: take another one.")
            with self._zip.open(name) as member, zstd.ZstdFile(member) as unpacked:
                while chunk := unpacked.read(_CHUNK):
                    size -= len(chunk)
                    if size < 0:
                        break
                    yield chunk
            if size:
                raise StorageError(f"The backup {self.path} is not what it says (in {name}): take another one.")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()


def _digest(file: IO[bytes], size: int) -> str:
    """Return the SHA-256 of the first `size` bytes, in hexadecimal digits."""
    digest = hashlib.sha256()
    file.seek(0)
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def _explained(path: Path, done: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The backup {path} can't be {done} ({error.strerror}): check the folder, its rights and the disk."
        ) from error
    except (zipfile.BadZipFile, zstd.ZstdError, EOFError, KeyError, ValueError, TypeError) as error:
        raise StorageError(f"The backup {path} is damaged, or no backup of digestbot's: take another one.") from error
