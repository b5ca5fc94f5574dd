"""Which files of a site are posts, and the slug that Hexo takes from their paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from digests.articles.heads.new_post_name import name_variables
from digests.articles.hexo.globs import matches
from digests.articles.hexo.site import SiteRules
from digests.articles.hexo.slugs import slugize
from digests.articles.hexo.uncertain import UncertainError
from digests.model.post_folders import (
    DRAFTS_FOLDER,
    HTML_ENDINGS,
    MARKDOWN_ENDINGS,
    POSTS_FOLDER,
    split_at_posts,
)

_EXTENSIONS = frozenset(ending[1:] for ending in MARKDOWN_ENDINGS + HTML_ENDINGS)
_HIDDEN = re.compile(r"(?:^|/)([_.][^/]*)|\\")
_BASE = "/x/"
"""Stands for the folder of the site, which is not known."""
_NO_LETTER = re.compile("[\ud800-\udfff]")
_MAX_DEPTH = 20
_MAX_PATH, _MAX_FOLDERS = 2_000, 30
"""Patterns are held against each folder on the way."""


@dataclass(frozen=True, slots=True)
class PostFile:
    """A post by its path: its slug, and what else `new_post_name` finds there."""

    slug: str
    extra: Mapping[str, str]


def post_file(path: str, rules: SiteRules) -> PostFile:
    """Return what Hexo takes from the path of a post.

    Raises:
        UncertainError: Hexo makes no post of it, or may not.
    """
    folder, below = split_at_posts(path)
    # Without either folder, the origin is the folder of posts itself.
    folder = folder or POSTS_FOLDER
    if len(path) > _MAX_PATH or path.count("/") > _MAX_FOLDERS or _NO_LETTER.search(path):
        raise UncertainError("path", path[:80])
    if folder == DRAFTS_FOLDER and not rules.render_drafts:
        raise UncertainError("draft")
    if hidden := _HIDDEN.search(below):
        raise UncertainError("hidden path", (hidden[1] or below)[:60])
    stem, _, extension = below.rpartition(".")
    wanted = {rules.new_post_name.rpartition(".")[2]} if rules.post_asset_folder else _EXTENSIONS
    if not stem or extension not in wanted & _EXTENSIONS:
        raise UncertainError("file type", f".{extension[:20]}" if stem else below[:20])
    for minimatch in {dialect.minimatch for dialect in rules.dialects}:
        _check_patterns(f"{folder}/{below}", rules, minimatch=minimatch)
    slug, extra = _slug(stem, rules.new_post_name)
    return PostFile(slug, extra)


def _check_patterns(path: str, rules: SiteRules, *, minimatch: bool) -> None:
    """Raise UncertainError where a pattern leaves the file out: `skip_render` copies it as it is, `ignore` skips it.

    `include` and `exclude` are for pages: Hexo asks neither of them about what is below `_posts`.
    """
    for pattern in rules.skip_render:
        if matches(pattern, path) is not False:
            raise UncertainError("skip_render", pattern[:80])
    if not rules.ignore:
        return
    # `ignore` is held against absolute paths, of folders on the way too; the folder of the site itself is not ignored.
    inside = f"{rules.source_dir}/{path}"
    parts = inside.split("/")
    places = ["/".join(parts[: depth + 1]) for depth in range(1, len(parts) - minimatch)]
    for pattern in rules.ignore:
        if any(_is_ignored(pattern, place) for place in places):
            raise UncertainError("ignore", pattern[:80])


def _is_ignored(pattern: str, place: str) -> bool:
    if pattern.startswith("/") and not pattern.startswith("/*"):
        # An absolute path on the machine that builds the site: its end may be this place.
        parts = pattern.split("/")[-_MAX_DEPTH:]
        ends = ("/".join(parts[first:]) for first in range(len(parts)))
        return any(end and matches(end, place) is not False for end in ends)
    return matches(pattern, _BASE + place) is not False


def _slug(stem: str, new_post_name: str) -> tuple[str, Mapping[str, str]]:
    """Return the slug and the variables that `new_post_name` finds in the path without its extension.

    The slug is that path, or the title that `new_post_name` finds in it.
    """
    parts = name_variables(stem, new_post_name)
    return parts.get("title") or slugize(stem), parts
