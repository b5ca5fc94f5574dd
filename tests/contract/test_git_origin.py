"""A git repository as an origin, with the real git program."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from config.load import load_settings
from config.mistakes import ConfigError
from config.showing import describe
from digests.errors import OriginError
from digests.origins.git import GitOrigin
from digests.origins.git_environment import Repository, environment_of
from digests.origins.globs import Globs
from tests.repositories import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "theirs")


def origin_of(repo: Repo, tmp_path: Path, **changed: Any) -> GitOrigin:
    globs = changed.pop("globs", None)
    return GitOrigin("world", Repository(**{"address": str(repo.bare), **changed}), tmp_path / "copy", globs)


def paths(origin: GitOrigin) -> list[str]:
    return [file.path for file in origin.files()]


def test_only_changed_posts_look_changed(repo: Repo, tmp_path: Path) -> None:
    repo.push({"a.md": "one", "深/标 题.md": "two", "x.txt": "no", ".hidden/b.md": "no"})
    origin = origin_of(repo, tmp_path)
    before = {file.path: file for file in origin.files()}
    assert sorted(before) == ["a.md", "深/标 题.md"]
    assert [origin.read(file) for file in before.values()] == [b"one", b"two"]
    repo.push({"a.md": "another", "c.md": "three"})
    after = {file.path: file for file in origin.files()}
    assert after["深/标 题.md"] == before["深/标 题.md"]
    assert after["a.md"] != before["a.md"]
    assert origin.read(after["a.md"]) == b"another"
    assert origin.read(after["c.md"]) == b"three"
    repo.push({"c.md": None})
    assert paths(origin) == ["a.md", "深/标 题.md"]
    origin.close()


def test_rewritten_history_is_followed(repo: Repo, tmp_path: Path) -> None:
    repo.push({"a.md": "one"})
    origin = origin_of(repo, tmp_path)
    assert paths(origin) == ["a.md"]
    repo.git("checkout", "-q", "--orphan", "anew")
    repo.git("rm", "-rfq", ".")
    repo.push({"b.md": "two"}, force=True)
    assert paths(origin) == ["b.md"]
    origin.close()


def test_a_branch_a_folder_and_patterns(repo: Repo, tmp_path: Path) -> None:
    repo.push({"a.md": "main"})
    repo.push({"source/_posts/a.md": "1", "source/_posts/drafts/b.md": "2", "c.md": "3"}, branch="site")
    globs = Globs(exclude=["drafts/"])
    origin = origin_of(repo, tmp_path, branch="site", path="source/_posts", globs=globs)
    assert paths(origin) == ["a.md"]
    assert origin.read(origin.files()[0]) == b"1"
    origin.close()


def test_nothing_in_a_hostile_repository_runs_or_leads_out_of_it(repo: Repo, tmp_path: Path) -> None:
    """Links and submodules are not posts, hooks do not run, and other repositories stay closed."""
    (repo.work / "link.md").symlink_to("/etc/passwd")
    (repo.work / "out").symlink_to("/etc")
    repo.push({"a.md": "one", ".gitattributes": "*.md filter=evil\n"})
    other = Repo(tmp_path / "other")
    other.push({"secret.md": "x"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.bare), "sub")
    repo.push({})
    hook = tmp_path / "copy" / "hooks" / "reference-transaction"
    origin = origin_of(repo, tmp_path)
    assert paths(origin) == ["a.md"]
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    repo.push({"b.md": "two"})
    assert paths(origin) == ["a.md", "b.md"]
    assert not (tmp_path / "ran").exists()
    origin.close()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"branch": "none"}, "it has no branch none: set branch"),
        ({"address": "/nowhere/at/all.git"}, "there is no repository at this address: correct git"),
        ({"address": "https://127.0.0.1:1/x.git"}, "can't be reached now; it is tried again later"),
        ({"address": "git@127.0.0.1:x.git"}, "refused to let the bot in|can't be reached|not there"),
    ],
)
def test_a_failure_is_one_line_with_its_fix(repo: Repo, tmp_path: Path, changed: dict[str, str], said: str) -> None:
    repo.push({"a.md": "one"})
    with pytest.raises(OriginError, match=said) as caught:
        origin_of(repo, tmp_path, **changed).files()
    assert "\n" not in str(caught.value)


def test_the_history_tells_when_each_post_was_first_committed(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
    repo.push({"posts/a.md": "one", "posts/深/标 题.md": "two"})
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-02T00:00:00Z")
    repo.push({"posts/a.md": "changed", "b.md": "x"})
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    origin = origin_of(repo, tmp_path, path="posts")
    assert paths(origin) == ["a.md", "深/标 题.md"]
    assert origin.first_times(history=False) == {}
    first = datetime(2020, 1, 1, tzinfo=UTC)
    assert dict(origin.first_times(history=True)) == {"a.md": first, "深/标 题.md": first}
    assert not list(tmp_path.glob("*.history"))
    repo.bare.rename(tmp_path / "gone")
    assert origin.first_times(history=True) == {}
    origin.close()
    with pytest.raises(OriginError, match="git was stopped"):
        origin.first_times(history=True)


def test_no_time_and_no_name_in_the_history_is_too_odd(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "@999999999999999 +0000")
    repo.push({"a.md": "one", "x\x01y.md": "two", "\x0110\nb.md": "three"})
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-02T00:00:00Z")
    repo.push({"c.md": "four"})
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    origin = origin_of(repo, tmp_path)
    assert origin.first_times(history=True)["c.md"] == datetime(2020, 1, 2, tzinfo=UTC)
    origin.close()


def test_an_empty_repository_has_no_branch_yet(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(OriginError, match="has no branch"):
        origin_of(repo, tmp_path).files()


def test_a_missing_git_program_is_explained(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OriginError, match="the program git is not there: install it"):
        origin_of(repo, tmp_path).files()


def test_a_failed_fetch_is_not_repeated_at_every_scan(repo: Repo, tmp_path: Path) -> None:
    repository = Repository(str(tmp_path / "none"))
    origin = GitOrigin("world", repository, tmp_path / "copy", every=60)
    said = []
    for _ in range(2):
        with pytest.raises(OriginError) as caught:
            origin.files()
        said.append(caught.value)
    assert said[0] is said[1]


def test_a_damaged_copy_is_fetched_again(repo: Repo, tmp_path: Path) -> None:
    repo.push({"a.md": "one"})
    origin = origin_of(repo, tmp_path)
    assert paths(origin) == ["a.md"]
    for pack in (tmp_path / "copy" / "objects").rglob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(b"rubbish")
    with pytest.raises(OriginError, match="fetched anew"):
        origin.files()
    assert paths(origin) == ["a.md"]
    origin.close()


def test_the_lock_of_a_killed_git_is_removed(repo: Repo, tmp_path: Path) -> None:
    repo.push({"a.md": "one"})
    origin = origin_of(repo, tmp_path)
    origin.files()
    lock = tmp_path / "copy" / "shallow.lock"
    lock.write_text("")
    old = time.time() - 7200
    os.utime(lock, (old, old))
    repo.push({"b.md": "two"})
    assert paths(origin) == ["a.md", "b.md"]
    origin.close()


def test_the_credential_is_in_no_argument_and_no_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    start = subprocess.Popen

    def watched(arguments: list[str], **more: object) -> subprocess.Popen[bytes]:
        seen.append(arguments)
        return start(arguments, **more)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "Popen", watched)
    repository = Repository("https://127.0.0.1:1/x.git", user="me", secret=lambda: "very-secret")
    origin = GitOrigin("world", repository, tmp_path / "copy")
    with pytest.raises(OriginError) as caught:
        origin.files()
    assert "very-secret" not in str(caught.value) + repr(seen)
    environment = environment_of(repository, tmp_path / "copy")
    assert environment["GIT_ALLOW_PROTOCOL"] == "https"
    keys = [value for name, value in environment.items() if name.startswith("GIT_CONFIG_KEY_")]
    assert "http.https://127.0.0.1:1/.extraHeader" in keys


def test_origins_in_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        '[[origins]]\nname = "world"\ngit = "https://git.example/x.git"\ntoken = "very-secret"\nbranch = "main"\n'
        '[[origins]]\nname = "local"\nfolder = "more"\ncategory_prefix = "More/News"\ntimezone = "Asia/Tokyo"\n'
    )
    settings = load_settings(file, {})
    assert [origin.name for origin in settings.origins] == ["world", "local"]
    assert "very-secret" not in str(describe(settings)) + repr(settings)
    file.write_text(
        '[[origins]]\nname = "A b"\ngit = "https://me:very-secret@x.example/r.git"\nbranhc = "x"\n'
        '[[origins]]\nname = "two"\nfolder = "x"\ngit = "y"\ntoken = "very-secret"\n'
        '[[origins]]\nname = "folder"\nfolder = "q"\ntimezone = "nope"\nexclude = "/a"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {"DIGESTBOT_POSTS__WATCH": "perhaps"})
    text = str(caught.value)
    assert "very-secret" not in text
    for said in (
        "origins[1].name = 'A b' (own.toml): must be up to 40 of a-z 0-9 _ -",
        "origins[1].git = (hidden) (own.toml): must be an address without a user and a password",
        "origins[1].branhc (own.toml): no such option; did you mean origins.branch?",
        "origins[2] = (hidden) (own.toml): must be given either a folder or a git repository",
        "origins[3].timezone = 'nope' (own.toml): must be a zone",
        "origins[3].exclude = '/a' (own.toml): must be patterns below the origin",
        "posts.watch = 'perhaps' (environment)",
    ):
        assert said in text
    file.write_text('[[origins]]\nname = "a"\nfolder = "x"\n[[origins]]\nname = "a"\nfolder = "y"\n')
    with pytest.raises(ConfigError, match="a is taken twice"):
        load_settings(file, {})


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("*.md", "a/b/c.md", True),
        ("news/*.md", "news/a.md", True),
        ("news/*.md", "news/x/a.md", False),
        ("news/**/*.md", "news/a.md", True),
        ("news/**/*.md", "news/x/y/a.md", True),
        ("drafts/", "drafts/x/a.md", True),
        ("a?.md", "x/ab.md", True),
        ("a?.md", "x/a.md", False),
        ("[x].md", "[x].md", True),
    ],
)
def test_patterns_select_paths(pattern: str, path: str, taken: bool) -> None:
    assert Globs(include=[pattern]).matches(path) is taken
    assert Globs(exclude=[pattern]).matches(path) is not taken


@pytest.mark.parametrize("pattern", ["*a*a*a*a*b", "**/**/**/**/*a*a*a*a*b", "**a**a**a**a**b"])
def test_no_pattern_takes_time_in_a_power_of_the_path(pattern: str) -> None:
    begun = process_time()
    for path in ("a" * 250, "a/" * 100 + "a" * 50):
        assert not Globs(include=[pattern]).matches(path)
        assert Globs(include=[pattern]).matches(f"{path}b")
    assert process_time() - begun < 1


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("news/**/x/**/y/**/*.md", "news/x/y/a.md", True),
        ("news/**/x/**/y/**/*.md", "news/1/x/2/3/y/4/a.md", True),
        ("news/**/x/**/y/**/*.md", "news/y/x/a.md", False),
        ("*-*-*-*.md", "news/2020-01-02-a.md", True),
        ("*-*-*-*.md", "news-a/2020-01-02.md", False),
        ("a*b*c?d**e", "abbcxd/1/e", True),
        ("a*b*c?d**e", "abbcd/1/e", False),
    ],
)
def test_patterns_of_many_stars_select_the_same_paths(pattern: str, path: str, taken: bool) -> None:
    assert Globs(include=[pattern]).matches(path) is taken
