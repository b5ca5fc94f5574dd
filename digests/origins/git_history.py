"""When the posts of a repository were first committed.

The bot's copy is one commit deep. Only for posts without a date the history is fetched, once, without the contents of
files, and thrown away.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime

from digests.origins.git_program import GitProgram

_HISTORY_SECONDS = 300.0
_MARK = b"\x01"
_MAX_DIGITS = 11
"""Of the seconds of a time: until the year 5138."""


def first_commits(program: GitProgram, address: str, source: str) -> Mapping[str, datetime]:
    """Return when each path of the branch was first committed; nothing where the host does not give its history.

    The program's folder is created, and removed again.

    Raises:
        OriginError: git was stopped, or took more than five minutes.
    """
    folder = program.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for command in (
            ["init", "--quiet", "--bare", "--template="],
            # A host that can't leave out contents sends everything: the limit on time holds all the same.
            ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--filter=blob:none", "--", address, source],
        ):
            if program.run(command, _HISTORY_SECONDS).returncode:
                return {}
        log = ["log", "--diff-filter=A", "--no-renames", "--name-only", f"--format={_MARK.decode()}%ct", "-z"]
        done = program.run([*log, "FETCH_HEAD"], _HISTORY_SECONDS)
        return _read_log(done.stdout) if not done.returncode else {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_log(output: bytes) -> dict[str, datetime]:
    """Return the time of the oldest commit that added each path; the log begins with the newest commit.

    Anybody may write any time into a commit, and the mark into a path.
    """
    found: dict[str, datetime] = {}
    for commit in output.split(_MARK)[1:]:
        seconds, *paths = commit.replace(b"\n", b"\0").split(b"\0")
        if not seconds.isdigit() or len(seconds) > _MAX_DIGITS:
            continue
        at = datetime.fromtimestamp(int(seconds), UTC)
        found.update((path.decode("utf-8", "backslashreplace"), at) for path in paths if path)
    return found
