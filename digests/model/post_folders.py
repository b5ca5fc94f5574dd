"""Where Hexo keeps posts and drafts (pure)."""

from __future__ import annotations

POSTS_FOLDER, DRAFTS_FOLDER = "_posts", "_drafts"


def is_in_folder_named(path: str, folder: str) -> bool:
    """Return whether a file is in a folder of this name, at any depth."""
    return folder in path.split("/")[:-1]


def is_in_posts(path: str) -> bool:
    """Return whether a file is where Hexo keeps posts and drafts, and nothing else."""
    folders = path.split("/")[:-1]
    return POSTS_FOLDER in folders or DRAFTS_FOLDER in folders
