"""Where Hexo keeps posts and drafts, and how their files' names end (pure)."""

from __future__ import annotations

POSTS_FOLDER, DRAFTS_FOLDER = "_posts", "_drafts"
MARKDOWN_ENDINGS = (".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext")
"""What hexo-renderer-marked takes for Markdown. In upper case Hexo leaves them alone, but people mean posts."""
HTML_ENDINGS = (".html", ".htm")


def is_in_folder_named(path: str, folder: str) -> bool:
    """Return whether a file is in a folder of this name, at any depth."""
    return folder in path.split("/")[:-1]


def split_at_posts(path: str) -> tuple[str, str]:
    """Return which of Hexo's two folders a file is in, and its path below it; "" and the path for a file in neither."""
    parts = path.split("/")
    for folder in (POSTS_FOLDER, DRAFTS_FOLDER):
        if folder in parts[:-1]:
            return folder, "/".join(parts[parts.index(folder) + 1 :])
    return "", path


def is_in_posts(path: str) -> bool:
    """Return whether a file is where Hexo keeps posts and drafts, and nothing else."""
    return split_at_posts(path)[0] != ""


def is_html_file(path: str) -> bool:
    """Return whether a file is HTML by its name."""
    return path.lower().endswith(HTML_ENDINGS)
