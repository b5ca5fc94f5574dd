"""What every origin promises, and how a folder copes with odd names and special files."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from digests.errors import OriginError
from digests.origins.folder import FolderOrigin
from digests.ports import File, Origin
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


def test_all_posts_are_listed_in_the_order_of_their_paths(make: Make) -> None:
    origin = make(POSTS)
    files = origin.files()
    assert [file.path for file in files] == sorted(POSTS)
    assert [origin.read(file).decode() for file in files] == [POSTS[path] for path in sorted(POSTS)]
    assert [file.size for file in files] == [len(POSTS[path]) for path in sorted(POSTS)]


def test_reading_a_file_that_is_gone_is_an_oserror(make: Make) -> None:
    origin = make({"a.md": "x"})
    (file,) = origin.files()
    if isinstance(origin, MemoryOrigin):
        origin.remove("a.md")
    else:
        (origin._folder / "a.md").unlink()  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="No such file"):
        origin.read(file)


def test_only_posts_are_listed(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.md").write_text("hidden folder")
    (tmp_path / "x.txt").write_text("no post")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "link.md").symlink_to("/etc/hostname")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.md").write_text("a post")
    assert [file.path for file in FolderOrigin(tmp_path).files()] == ["a.md"]


def test_a_name_that_is_not_text_is_escaped_and_can_be_read(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.md", "w") as file:  # noqa: PTH123 - the name is bytes
        file.write("odd")
    origin = FolderOrigin(tmp_path)
    (found,) = origin.files()
    assert found.path == "\\xff.md"
    assert origin.read(found) == b"odd"


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OriginError, match=r"create it, or set posts\.folder"):
        FolderOrigin(tmp_path / "none").files()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a post, which has private files beside it."""
    (tmp_path / "posts" / "a" / "b").mkdir(parents=True)
    (tmp_path / "posts" / "a" / "b" / "c.md").write_text("a post")
    (tmp_path / "other" / "b").mkdir(parents=True)
    (tmp_path / "other" / "c.md").write_text("private")
    (tmp_path / "other" / "b" / "c.md").write_text("private")
    return tmp_path / "posts"


@pytest.mark.parametrize("swapped", ["a", "a/b", "a/b/c.md"])
def test_links_made_after_the_listing_are_not_followed(folder: Path, swapped: str) -> None:
    origin = FolderOrigin(folder)
    (file,) = origin.files()
    other = {"a": "../other", "a/b": "../../other", "a/b/c.md": "../../../other/c.md"}[swapped]
    (folder / swapped).rename(folder / "away")
    (folder / swapped).symlink_to(other)
    assert (folder / "a/b/c.md").read_text() == "private"
    with pytest.raises(OSError, match=r"symbolic links|Not a directory"):
        origin.read(file)


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder)
    origin = FolderOrigin(link)
    (file,) = origin.files()
    assert origin.read(file) == b"a post"


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_special_files_are_never_opened_for_reading(folder: Path, kind: str) -> None:
    origin = FolderOrigin(folder)
    (file,) = origin.files()
    path = folder / "a/b/c.md"
    path.unlink()
    with contextlib.ExitStack() as open_things:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "socket":
            listening = open_things.enter_context(socket.socket(socket.AF_UNIX))
            os.chdir(path.parent)
            listening.bind("c.md")
        else:
            try:
                os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            except PermissionError:
                pytest.skip("only root makes devices")
        assert origin.files() == []
        with pytest.raises(OSError, match=r"regular file|No such device"):
            origin.read(file)


def test_a_file_that_grew_or_shrank_is_read_as_it_is(folder: Path) -> None:
    origin = FolderOrigin(folder)
    (file,) = origin.files()
    assert origin.read(File(file.path, 0, 3)) == b"a po"
    assert origin.read(File(file.path, 0, 100)) == b"a post"


def test_no_file_stays_open(folder: Path) -> None:
    origin = FolderOrigin(folder)
    (file,) = origin.files()
    (folder / "a" / "x.md").mkdir()
    before = set(Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").is_dir() else set()
    for path in (file.path, "a/none.md", "none/none.md", "a/x.md"):
        with contextlib.suppress(OSError):
            origin.read(File(path, 0, 10))
    after = set(Path("/proc/self/fd").iterdir()) if before else set()
    assert len(after) == len(before)


def write_tree(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("a post")


def test_in_a_sites_tree_only_what_is_below_its_posts_is_a_post(tmp_path: Path) -> None:
    pages = ("README.md", "source/about/index.md", "themes/x/docs/help.md", "source/index.html")
    posts = ("source/_posts/a.md", "source/_posts/deep/b.markdown", "source/_posts/c.MD", "source/_posts/d.html")
    write_tree(tmp_path, *pages, *posts, "source/_drafts/e.md", "node_modules/theme/_posts/hello.md")
    assert [file.path for file in FolderOrigin(tmp_path).files()] == sorted([*posts, "source/_drafts/e.md"])
    inside = FolderOrigin(tmp_path / "source" / "_posts").files()
    assert [file.path for file in inside] == ["a.md", "c.MD", "d.html", "deep/b.markdown"]


def test_in_any_other_folder_every_markdown_file_is_a_post(tmp_path: Path) -> None:
    write_tree(tmp_path, "a.md", "b.mkd", "c.MarkDown", "page.html", "notes.txt", "md", ".md")
    assert [file.path for file in FolderOrigin(tmp_path).files()] == [".md", "a.md", "b.mkd", "c.MarkDown"]


def write_at(folder: Path, times: dict[str, float]) -> None:
    for path, at in times.items():
        write_tree(folder, path)
        os.utime(folder / path, (at, at))


def test_the_times_of_files_are_those_at_which_they_were_written(tmp_path: Path) -> None:
    write_at(tmp_path, {"a.md": 1_700_000_000, "b.md": 1_710_000_000, "c.md": 1_720_000_000})
    origin = FolderOrigin(tmp_path)
    origin.files()
    found = origin.first_times(history=True)
    assert {path: at.timestamp() for path, at in found.items()} == {
        "a.md": 1_700_000_000,
        "b.md": 1_710_000_000,
        "c.md": 1_720_000_000,
    }


def test_the_time_at_which_a_tree_was_copied_is_that_of_none(tmp_path: Path) -> None:
    copied = {f"{number}.md": 1_700_000_000.0 + number for number in range(20)}
    write_at(tmp_path, {**copied, "later.md": 1_720_000_000})
    origin = FolderOrigin(tmp_path)
    origin.files()
    assert set(origin.first_times(history=True)) == {"later.md"}
