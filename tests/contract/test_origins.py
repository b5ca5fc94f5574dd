"""What every origin promises, and what a folder does with odd names."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from digests.errors import OriginError
from digests.origins.folder import FolderOrigin
from digests.ports import Origin
from tests.fakes import MemoryOrigin

POSTS = {"a/.md": "one", "a/ .md": "two", 'b/深/标题 "x".md': "three", "c.md": "four"}
Make = Callable[[dict[str, str]], Origin]


@pytest.fixture(params=["memory", "folder"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def folder(posts: dict[str, str]) -> Origin:
        for path, text in posts.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        return FolderOrigin(tmp_path)

    return folder if request.param == "folder" else lambda posts: MemoryOrigin(dict(posts))


def test_all_posts_in_the_order_of_their_paths(make: Make) -> None:
    origin = make(POSTS)
    files = origin.files()
    assert [file.path for file in files] == sorted(POSTS)
    assert [origin.read(file).decode() for file in files] == [POSTS[path] for path in sorted(POSTS)]
    assert [file.size for file in files] == [len(POSTS[path]) for path in sorted(POSTS)]


def test_a_file_that_is_gone_is_an_oserror(make: Make) -> None:
    origin = make({"a.md": "x"})
    (file,) = origin.files()
    if isinstance(origin, MemoryOrigin):
        origin.remove("a.md")
    else:
        (origin._folder / "a.md").unlink()  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="No such file"):
        origin.read(file)


def test_only_posts_count(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("hidden folder")
    (tmp_path / "x.txt").write_text("no post")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.md").write_text("a post")
    assert [file.path for file in FolderOrigin(tmp_path).files()] == ["a.md"]


def test_a_name_that_is_no_text_is_shown_and_read(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.md", "w") as file:  # noqa: PTH123 - the name is bytes
        file.write("odd")
    origin = FolderOrigin(tmp_path)
    (found,) = origin.files()
    assert found.path == "\\xff.md"
    assert origin.read(found) == b"odd"


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OriginError, match=r"create it, or set posts\.folder"):
        FolderOrigin(tmp_path / "none").files()
