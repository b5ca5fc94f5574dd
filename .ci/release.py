"""Cut a release: set the version, date the changelog, commit, tag, and build a wheel that is known to install.

Beside the wheel comes a bill of materials (.ci/bill.py).

`make release VERSION=1.2.3` runs it. All steps happen in a worktree of their own; the checkout receives the commit, the
tag and the wheel only after the wheel has been installed and has answered `--version`. A release that fails leaves
nothing behind, and pushing is left to you.
"""

# ruff: noqa: S603, T201 - a script that runs git and uv, and prints for a person
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_UNRELEASED = re.compile(r"^## \[Unreleased\]\n(?P<entries>.*?)(?=^## \[|\Z)", re.MULTILINE | re.DOTALL)


class ReleaseError(Exception):
    """The release can't be cut; the message says why."""


def main(arguments: list[str]) -> int:
    """Cut the release that the command line names, and return the exit status: 0, 1 (failed), 2 (wrong use)."""
    if len(arguments) != 1 or not arguments[0]:
        print("say which: make release VERSION=1.2.3", file=sys.stderr)
        return 2
    try:
        wheel = cut(ROOT, arguments[0], datetime.now(UTC).date(), build_wheel)
    except ReleaseError as error:
        print(f"not released: {error}", file=sys.stderr)
        return 1
    print(f"v{arguments[0]} is tagged, {wheel.relative_to(ROOT)} is built. Publish: git push --follow-tags")
    return 0


def cut(root: Path, version: str, today: date, build: Callable[[Path, str, Path], None]) -> Path:
    """Cut the release of the checkout at `root`, and return its wheel.

    Args:
        root: A checkout without uncommitted changes.
        version: As in 1.2.3.
        today: The date that the changelog gets.
        build: Builds the wheel of a source tree and a version into a folder, and tries it.

    Raises:
        ReleaseError: Something is in the way; the checkout is as it was.
    """
    _check(root, version)
    with _worktree(root) as tree:
        _edit(tree / "pyproject.toml", lambda text: set_version(text, version))
        _edit(tree / "CHANGELOG.md", lambda text: date_unreleased(text, version, today))
        # Hooks run the tools of the checkout, and the worktree has none.
        _git(tree, "commit", "--quiet", "--no-verify", "--allow-empty", "--all", "-m", f"Release {version}")
        commit = _git(tree, "rev-parse", "HEAD")
        build(tree, version, root / "dist")
    _git(root, "merge", "--quiet", "--ff-only", commit)
    _git(root, "tag", "--annotate", "-m", f"digestbot {version}", f"v{version}", commit)
    return root / "dist" / f"digestbot-{version}-py3-none-any.whl"


def set_version(pyproject: str, version: str) -> str:
    """Return the text of pyproject.toml with another version of the project."""
    changed, count = re.subn(r'^version = ".*"$', f'version = "{version}"', pyproject, count=1, flags=re.MULTILINE)
    if not count:
        raise ReleaseError('pyproject.toml has no line version = "…"')
    return changed


def date_unreleased(changelog: str, version: str, today: date) -> str:
    """Return the changelog with its unreleased entries under the version and the date, and an empty section above."""
    section = _UNRELEASED.search(changelog)
    if section is None or not re.search(r"^- ", section["entries"], re.MULTILINE):
        raise ReleaseError("CHANGELOG.md has nothing under [Unreleased]")
    if f"## [{version}]" in changelog:
        raise ReleaseError(f"CHANGELOG.md has a section for {version} already")
    heading = f"## [Unreleased]\n\n## [{version}] - {today.isoformat()}\n"
    return changelog[: section.start()] + heading + section["entries"] + changelog[section.end() :]


def build_wheel(source: Path, version: str, into: Path) -> None:
    """Build the wheel of a source tree and its bill of materials, and check that it installs and answers `--version`.

    The tree must be a fresh one: setuptools takes stale files of an earlier build along.
    """
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory() as folder:
        _run(uv, "build", "--quiet", "--wheel", "--out-dir", folder, source)
        wheel = Path(folder, f"digestbot-{version}-py3-none-any.whl")
        environment = Path(folder, "environment")
        install = (uv, "pip", "install", "--quiet", "--python", environment)
        _run(uv, "venv", "--quiet", "--python", sys.executable, environment)
        _run(*install, "--require-hashes", "-r", source / "requirements.txt")
        _run(*install, "--no-deps", wheel)
        # Not from within the checkout, whose modules would be found first.
        answer = _run(environment / "bin" / "digestbot", "--version", folder=Path(folder))
        if answer != f"digestbot {version}":
            raise ReleaseError(f"the wheel says that it is {answer!r}")
        bill = Path(folder, f"digestbot-{version}.cdx.json")
        python = environment / "bin" / "python"
        _run(sys.executable, source / ".ci" / "bill.py", source / "requirements.txt", version, python, bill)
        into.mkdir(exist_ok=True)
        for made in (wheel, bill):
            (into / made.name).write_bytes(made.read_bytes())


def _check(root: Path, version: str) -> None:
    wanted = _VERSION.fullmatch(version)
    if wanted is None:
        raise ReleaseError(f"{version!r} is not a version such as 1.2.3")
    current = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if [int(number) for number in wanted.groups()] < [int(number) for number in current.split(".")]:
        raise ReleaseError(f"{version} is older than {current}, the version in pyproject.toml")
    if _git(root, "tag", "--list", f"v{version}"):
        raise ReleaseError(f"the tag v{version} exists already")
    if _git(root, "status", "--porcelain"):
        raise ReleaseError("there are changes that are not committed, or files that git does not know")


@contextmanager
def _worktree(root: Path) -> Iterator[Path]:
    """Check out the last commit in a folder of its own, for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "source")
        _git(root, "worktree", "add", "--quiet", "--detach", str(tree))
        try:
            yield tree
        finally:
            _git(root, "worktree", "remove", "--force", str(tree))


def _edit(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def _git(folder: Path, *arguments: str) -> str:
    return _run("git", *arguments, folder=folder)


def _run(*command: str | Path, folder: Path | None = None) -> str:
    """Run a command and return what it printed. Raises ReleaseError with its complaint when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise ReleaseError(f"{' '.join(map(str, command))}:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
