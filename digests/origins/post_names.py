"""Which files are posts, by their names (pure), as Hexo has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from digests.model.post_folders import POSTS_FOLDER, is_in_folder_named, is_in_posts
from digests.ports import File

MARKDOWN = (".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext")
"""What hexo-renderer-marked takes for Markdown. In upper case Hexo leaves them alone, but people mean posts."""
HTML = (".html", ".htm")
FileT = TypeVar("FileT", bound=File)


def may_be_post(name: str) -> bool:
    """Return whether a file of this name can be a post."""
    return name.endswith(".md") or name.lower().endswith(MARKDOWN + HTML)


def posts_among(files: Iterable[FileT], *, is_posts_folder: bool) -> list[FileT]:
    """Return the files that are posts.

    In a tree with a folder `_posts`, only what is below one is a post: pages, documentation and the README are not.
    Drafts are taken along, to be counted. HTML is a post only there: elsewhere it may be any page. `is_posts_folder`
    says that the whole tree lies below `_posts`.
    """
    files = list(files)
    if is_posts_folder:
        return files
    below = [file for file in files if f"{POSTS_FOLDER}/" in file.path and is_among_posts(file.path)]
    if below:
        return [file for file in files if is_among_posts(file.path)]
    return [file for file in files if not file.path.lower().endswith(HTML)]


def is_among_posts(path: str) -> bool:
    """Return whether a path is below a folder of posts or drafts, and not of a package's."""
    return is_in_posts(path) and not is_in_folder_named(path, "node_modules")
