"""`make release`, but for building the wheel: that takes a package index, and is tried by each release itself."""

from __future__ import annotations

import importlib.util
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 6, 7)
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n- A moon.\n\n## [0.1.0] - 2026-01-02\n\n- The sun.\n"


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = _load()


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def _build(source: Path, version: str, into: Path) -> None:
    """Stand in for the build: a wheel that holds what the source tree says."""
    into.mkdir(exist_ok=True)
    (into / f"digestbot-{version}-py3-none-any.whl").write_bytes((source / "pyproject.toml").read_bytes())


def _build_in_vain(source: Path, version: str, into: Path) -> None:
    raise release.ReleaseError("the wheel does not install")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository at 0.1.0 with something to release."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Mary Moon")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "mary@example.org")
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "digestbot"\nversion = "0.1.0"\n')
    (root / "CHANGELOG.md").write_text(CHANGELOG)
    (root / ".gitignore").write_text("dist/\n")
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "-m", "Begin")
    _git(root, "tag", "v0.1.0")
    return root


def test_a_release_is_committed_tagged_and_built(checkout: Path) -> None:
    wheel = release.cut(checkout, "0.2.0", TODAY, _build)
    assert 'version = "0.2.0"' in wheel.read_text()
    assert _git(checkout, "log", "--format=%s", "-1", "v0.2.0") == "Release 0.2.0"
    assert _git(checkout, "rev-parse", "main") == _git(checkout, "rev-parse", "v0.2.0^{commit}")
    assert _git(checkout, "cat-file", "-t", "v0.2.0") == "tag"
    assert (checkout / "CHANGELOG.md").read_text() == CHANGELOG.replace(
        "## [Unreleased]\n", "## [Unreleased]\n\n## [0.2.0] - 2026-06-07\n"
    )
    assert _git(checkout, "status", "--porcelain") == ""
    assert len(_git(checkout, "worktree", "list").splitlines()) == 1


def test_the_first_release_has_the_version_that_is_there(checkout: Path) -> None:
    _git(checkout, "tag", "--delete", "v0.1.0")
    (checkout / "CHANGELOG.md").write_text("## [Unreleased]\n\n- All of it.\n")
    _git(checkout, "commit", "--quiet", "--all", "-m", "Nothing released yet")
    release.cut(checkout, "0.1.0", TODAY, _build)
    assert (checkout / "CHANGELOG.md").read_text() == "## [Unreleased]\n\n## [0.1.0] - 2026-06-07\n\n- All of it.\n"


@pytest.mark.parametrize("version", ["", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3rc1", "1.2.3\n", "0.0.9"])
def test_a_wrong_version_is_refused(checkout: Path, version: str) -> None:
    with pytest.raises(release.ReleaseError, match=r"is not a version|is older than"):
        release.cut(checkout, version, TODAY, _build)


def test_an_existing_tag_is_refused(checkout: Path) -> None:
    with pytest.raises(release.ReleaseError, match=r"v0\.1\.0 exists"):
        release.cut(checkout, "0.1.0", TODAY, _build)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new.txt"])
def test_a_dirty_tree_is_refused(checkout: Path, name: str) -> None:
    (checkout / name).write_text("not committed")
    with pytest.raises(release.ReleaseError, match="not committed"):
        release.cut(checkout, "0.2.0", TODAY, _build)


@pytest.mark.parametrize(
    "changelog",
    [
        "# Changelog\n",
        CHANGELOG.replace("- A moon.\n", ""),
        CHANGELOG.replace("### Added\n- A moon.\n", ""),
    ],
)
def test_an_empty_unreleased_section_is_refused(checkout: Path, changelog: str) -> None:
    (checkout / "CHANGELOG.md").write_text(changelog)
    _git(checkout, "commit", "--quiet", "--all", "-m", "Say nothing")
    with pytest.raises(release.ReleaseError, match="nothing under"):
        release.cut(checkout, "0.2.0", TODAY, _build)


def test_a_release_that_is_in_the_changelog_is_refused() -> None:
    with pytest.raises(release.ReleaseError, match=r"section for 0\.1\.0 already"):
        release.date_unreleased(CHANGELOG, "0.1.0", TODAY)


def test_a_wheel_that_fails_leaves_the_checkout_as_it_was(checkout: Path) -> None:
    before = _git(checkout, "rev-parse", "HEAD")
    with pytest.raises(release.ReleaseError, match="does not install"):
        release.cut(checkout, "0.2.0", TODAY, _build_in_vain)
    assert _git(checkout, "rev-parse", "HEAD") == before
    assert _git(checkout, "tag") == "v0.1.0"
    assert _git(checkout, "status", "--porcelain") == ""
    assert len(_git(checkout, "worktree", "list").splitlines()) == 1
    assert not (checkout / "dist").exists()


@pytest.mark.parametrize("arguments", [[], [""], ["0.2.0", "0.3.0"]])
def test_it_must_be_said_which(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(arguments) == 2
    assert "make release VERSION" in capsys.readouterr().err


def test_what_is_in_the_way_is_said(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "ROOT", checkout)
    assert release.main(["0.1.0"]) == 1
    assert "not released: the tag v0.1.0 exists already" in capsys.readouterr().err


def test_the_files_of_this_checkout_can_be_released() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'version = "9.9.9"' in release.set_version(pyproject, "9.9.9")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changelog.count("## [Unreleased]\n") == 1
