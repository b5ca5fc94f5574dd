"""Which files are posts, by their names (pure), as Hexo has it."""

from __future__ import annotations

from collections.abc import Sequence

from digests.model.post_folders import (
    HTML_ENDINGS,
    MARKDOWN_ENDINGS,
    POSTS_FOLDER,
    is_html_file,
    is_in_folder_named,
    is_in_posts,
)
from digests.ports import File


def may_be_post(name: str) -> bool:
    """Return whether a file of this name can be a post."""
    return name.endswith(".md") or name.lower().endswith(MARKDOWN_ENDINGS + HTML_ENDINGS)


def posts_among(files: Sequence[File], *, is_posts_folder: bool) -> list[File]:
    """Return the files that are posts.

    In a tree with a folder `_posts`, only what is below one is a post: pages, documentation and the README are not.
    Drafts are taken along, to be counted. HTML is a post only there: elsewhere it may be any page. `is_posts_folder`
    says that the whole tree lies below `_posts`. What a package brings is never a post.
    """
    if is_posts_folder:
        return list(files)
    inside = [file for file in files if is_in_posts(file.path) and not is_in_folder_named(file.path, "node_modules")]
    if any(is_in_folder_named(file.path, POSTS_FOLDER) for file in inside):
        return inside
    return [file for file in files if not is_html_file(file.path)]
