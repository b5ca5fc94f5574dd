"""Posts in a git repository, read from a bare copy of one branch.

A bare copy has no work tree that could be dirty, contain links to follow, or have filters run over it. It is made with
the `git` program, not a library: git supports every transport, proxy and key that an operator already uses, fetches a
shallow branch in one pack, and can be killed. A repository is not trusted: no hooks, no submodules, only the transport
that its address names, and the credential goes through the environment, to that one host.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic, time

from config.masking import MASK, mask, plain_address
from digests.errors import OriginError
from digests.model.post_folders import POSTS_FOLDER
from digests.origins.git_environment import Repository, environment_of
from digests.origins.git_errors import fix_of, is_damage
from digests.origins.git_history import first_commits
from digests.origins.git_program import KILL_SECONDS, GitProgram
from digests.origins.globs import Globs
from digests.origins.post_names import may_be_post, posts_among
from digests.ports import File

logger = logging.getLogger(__name__)

_HEAD = "refs/digestbot/head"
_FILE_MODES = (b"100644", b"100755")
_ANSWER_SECONDS = 45.0
"""How long the host has to say which commit its branch is at, before anything is fetched."""
_STALE_LOCK_SECONDS = 1800.0


class GitOrigin:
    """The origin of the posts below a folder of a branch; only what changed is fetched, and read."""

    def __init__(
        self, name: str, repository: Repository, copy: Path, globs: Globs | None = None, every: float = 0.0
    ) -> None:
        self.name = name
        self.unreadable: tuple[str, ...] = ()
        self._repository = repository
        self._copy = copy.absolute()
        self._globs = globs or Globs()
        self._every = every
        self._fetched_at: float | None = None
        self._failure: OriginError | None = None
        self._blobs: dict[str, str] = {}
        self._program = self._program_in(self._copy)
        self._reader: subprocess.Popen[bytes] | None = None
        self._reader_lock = threading.Lock()
        self._is_copy_damaged = False
        self._helpers: list[GitProgram] = []

    def files(self) -> Sequence[File]:
        """Return all posts of the fetched branch, sorted by path.

        Raises:
            OriginError: The branch can't be fetched, or the copy is damaged.
        """
        self.fetch()
        self._end_reader()
        found: list[File] = []
        blobs: dict[str, str] = {}
        inside = f"{self._repository.path}/" if self._repository.path else ""
        for mode, blob, size, path in self._tree():
            hidden = any(part.startswith(".") for part in path.split("/")[:-1])
            if mode not in _FILE_MODES or not may_be_post(path) or hidden or not path.startswith(inside):
                continue
            path = path.removeprefix(inside)
            if self._globs.matches(path):
                # A blob's name is the hash of its content: it changes exactly when the file does.
                found.append(File(path, int(blob[:15], 16), size))
                blobs[path] = blob
        found = posts_among(found, is_posts_folder=POSTS_FOLDER in inside.split("/"))
        self._blobs = {file.path: blobs[file.path] for file in found}
        found.sort(key=lambda file: file.path)
        return found

    def read(self, file: File) -> bytes:
        """Return the file's bytes, from the copy.

        Raises:
            OSError: The copy does not have the file.
        """
        with self._reader_lock:
            try:
                return self._blob(self._blobs[file.path])
            except (KeyError, ValueError, EOFError, OSError) as error:
                self._end_reader()
                self._is_copy_damaged = not self._program.closed
                raise OSError(5, "git could not read it from its copy") from error

    def first_times(self, *, history: bool) -> Mapping[str, datetime]:
        """Return when each path was first committed, if `history` is worth fetching; nothing else tells it.

        Raises:
            OriginError: The origin was closed.
        """
        if not history:
            return {}
        folder = self._copy.with_name(f"{self._copy.name}.history")
        program = self._program_in(folder)
        self._helpers.append(program)
        if self._program.closed:
            program.close()
        try:
            found = first_commits(program, self._repository.address, self._source)
        except OriginError as error:
            if self._program.closed:
                raise
            logger.warning("the history of an origin can't be read: %s", error, extra={"origin": self.name})
            return {}
        finally:
            self._helpers.remove(program)
        inside = f"{self._repository.path}/" if self._repository.path else ""
        return {path.removeprefix(inside): at for path, at in found.items() if path.startswith(inside)}

    def text(self, path: str) -> str:
        """Return the text of any file of the repository, such as its `_config.yml`.

        Raises:
            OSError: There is no such file.
            OriginError: The branch can't be fetched.
        """
        self.fetch()
        done = self._program.run(["cat-file", "blob", f"{_HEAD}:{path}"])
        if done.returncode:
            raise FileNotFoundError(2, "there is no such file in the repository", path)
        return done.stdout.decode("utf-8")

    def fetch(self) -> None:
        """Bring the copy up to date, unless that was tried within the last `every` seconds.

        Raises:
            OriginError: The branch can't be fetched; the text is one line, with the fix.
        """
        if self._fetched_at is not None and monotonic() - self._fetched_at < self._every:
            if self._failure is not None:
                raise self._failure
            return
        self._fetched_at, self._failure = monotonic(), None
        try:
            self._fetch()
        except OriginError as error:
            self._failure = error
            raise

    def _fetch(self) -> None:
        if self._is_copy_damaged:
            self._discard_copy()
        self._prepare()
        source = self._source
        if self._is_as_before(source):
            return
        # The plus accepts a branch that was rewritten.
        command = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        done = self._program.run([*command, "--", self._repository.address, f"+{source}:{_HEAD}"])
        if done.returncode:
            raise self._error_from(done.stderr.decode("utf-8", "replace"))

    def _is_as_before(self, source: str) -> bool:
        """Return whether the host's branch is at the commit that the copy has.

        Asking only this first limits the wait for a host that is silent, or that answers a byte at a time.
        """
        done = self._program.run(["ls-remote", "--quiet", "--", self._repository.address, source], _ANSWER_SECONDS)
        if done.returncode:
            raise self._error_from(done.stderr.decode("utf-8", "replace"))
        theirs = [line.split(b"\t") for line in done.stdout.splitlines()]
        ours = self._program.run(["rev-parse", "--quiet", "--verify", _HEAD]).stdout.strip()
        return bool(ours) and [ours, source.encode()] in theirs

    def _prepare(self) -> None:
        """Create an empty copy for the first fetch, and remove locks that a killed git left behind."""
        try:
            self._copy.mkdir(parents=True, exist_ok=True)
            for lock in self._copy.rglob("*.lock"):
                with contextlib.suppress(FileNotFoundError):
                    if time() - lock.stat().st_mtime > _STALE_LOCK_SECONDS:
                        lock.unlink()
        except OSError as error:
            raise OriginError(
                f"{self._described}: its copy {self._copy} can't be written ({error.strerror}): "
                "give the bot the right to write it."
            ) from error
        if (self._copy / "HEAD").is_file():
            return
        done = self._program.run(["init", "--quiet", "--bare", "--template="])
        if done.returncode:
            raise self._error_from(done.stderr.decode("utf-8", "replace"))

    def _tree(self) -> Iterator[tuple[bytes, str, int, str]]:
        done = self._program.run(["ls-tree", "-r", "-l", "-z", "--full-tree", _HEAD])
        if done.returncode:
            self._discard_copy()
            raise self._damaged()
        for line in done.stdout.split(b"\0"):
            if not line:
                continue
            head, _, path = line.partition(b"\t")
            mode, _kind, blob, size = head.split()
            yield mode, blob.decode(), int(size) if size.isdigit() else 0, path.decode("utf-8", "backslashreplace")

    def _blob(self, blob: str) -> bytes:
        if self._reader is None:
            self._reader = self._program.start(["cat-file", "--batch"], stdin=subprocess.PIPE)
        asked, answered = self._reader.stdin, self._reader.stdout
        assert asked is not None
        assert answered is not None
        asked.write(f"{blob}\n".encode())
        asked.flush()
        _name, _kind, size = answered.readline().split()
        data = answered.read(int(size) + 1)
        if len(data) != int(size) + 1:
            raise EOFError
        return data[:-1]

    def _end_reader(self) -> None:
        if self._reader is not None:
            self._program.end(self._reader)
            self._reader = None

    def close(self) -> None:
        """Kill git, if it is running, with everything it has started."""
        self._program.close()
        for helper in list(self._helpers):
            helper.close()
        # A reader meets the end of the pipe now. If a process that escaped holds the pipe open, don't wait for it.
        if self._reader_lock.acquire(timeout=KILL_SECONDS):
            try:
                self._end_reader()
            finally:
                self._reader_lock.release()

    def _damaged(self) -> OriginError:
        return OriginError(f"{self._described}: its copy is damaged; it is fetched anew at the next scan.")

    def _discard_copy(self) -> None:
        self._fetched_at, self._is_copy_damaged = None, False
        shutil.rmtree(self._copy, ignore_errors=True)

    def _program_in(self, folder: Path) -> GitProgram:
        return GitProgram(self._described, folder, lambda: environment_of(self._repository, folder))

    @property
    def _source(self) -> str:
        branch = self._repository.branch
        return f"refs/heads/{branch}" if branch else "HEAD"

    @property
    def _described(self) -> str:
        return f"The origin {self.name} ({plain_address(self._repository.address)})"

    def _error_from(self, output: str) -> OriginError:
        """Return an error of one line for what git printed, with the fix."""
        if is_damage(output):
            self._discard_copy()
            return self._damaged()
        return OriginError(f"{self._described}: {self._masked(fix_of(output, self._repository.branch or 'HEAD'))}")

    def _masked(self, text: str) -> str:
        secret = self._repository.secret()
        return mask(text.replace(secret, MASK) if secret else text)
