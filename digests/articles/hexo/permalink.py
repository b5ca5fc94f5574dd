"""The public link of a post, as Hexo makes it from the post and the site's rules; a Gap where that is not certain.

A wrong link is worse than none. So there is none for a post that is not on the site (drafts, unpublished and future
posts, files that Hexo skips or loses), for one whose link depends on something outside it (`:id` without an id, the
date of a post without one, a number that another post may have, the version of Hexo where that is not known), and under
rules too exotic to be worth the code (percent signs and dot segments in paths, `titlecase`, values that are not text).
Checked against Hexo 3.9.0, 4.2.1, 5.4.2, 6.3.0, 7.3.0 and 8.1.2, with hexo-abbrlink 2.2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, tzinfo

from digests.articles.heads.front_matter import FrontMatter
from digests.articles.hexo.abbrlink import own_number
from digests.articles.hexo.categories import category_nodes
from digests.articles.hexo.front import HexoFrontMatter, read_front
from digests.articles.hexo.js_yaml import is_truthy
from digests.articles.hexo.neighbours import Footprint, Neighbours
from digests.articles.hexo.plugins import LINK, check_plugins, romanize
from digests.articles.hexo.post_file import PostFile, post_file
from digests.articles.hexo.site import SiteRules
from digests.articles.hexo.slugs import full_link
from digests.articles.hexo.uncertain import UncertainError
from digests.articles.hexo.variables import SitePost, moment_of, process_zones, title_of_post, variable_of
from digests.model.gaps import Gap, GapKind

_VARIABLE = re.compile(r":(\w*[^_\W])", re.ASCII)
_LANGUAGES = frozenset(
    {"en", "zh", "zh-cn", "zh-tw", "zh-hans", "zh-hant", "ja", "jp", "ko", "fr", "de", "es", "ru", "pt", "en-us"}
)
_RESERVED = ("_content", "_id", "content", "more", "path", "full_source", "asset_dir", "__permalink")


def permalink_of(
    text: str,
    path: str,
    rules: SiteRules | None,
    front: FrontMatter,
    neighbours: Neighbours | None = None,
    now: datetime | None = None,
) -> str | Gap:
    """Return the link of the post `text` at `path`, or why there is none.

    `front` is the post's front matter as read leniently.
    """
    if rules is None or not rules.url:
        return Gap(GapKind.LINK, "no site" if rules is None else "url")
    try:
        links = {_link(post, now) for post in _posts(text, path, rules, front, neighbours)}
    except UncertainError as error:
        return Gap(GapKind.LINK, error.cause, error.detail)
    return links.pop() if len(links) == 1 else Gap(GapKind.LINK, "version")


def footprint_of(text: str, path: str, rules: SiteRules, front: FrontMatter) -> Footprint:
    """Return what this post takes that other posts' links may depend on."""
    try:
        post = next(_posts(text, path, rules, front, None))
        number = own_number(rules.abbrlink, post.front, lambda: title_of_post(post))
        counts = rules.render_drafts or any(dialect.drafts_have_categories for dialect in rules.dialects)
        is_listed = counts or _is_published(post.front)
        return Footprint(number, frozenset(category_nodes(post.front)) if is_listed else frozenset())
    except UncertainError:
        return Footprint()


def _posts(
    text: str, path: str, rules: SiteRules, front: FrontMatter, neighbours: Neighbours | None
) -> Iterator[SitePost]:
    """Yield the post as each version of Hexo sees it that may build the site."""
    file = post_file(path, rules)
    read: dict[bool, HexoFrontMatter] = {}
    for dialect in rules.dialects:
        strict = dialect.strict_closing
        if strict not in read:
            read[strict] = read_front(text, front, strict_closing=strict)
        hexo = replace(read[strict], old_yaml=dialect.old_yaml)
        _check_survives(hexo)
        _check_language(file, hexo, rules)
        yield SitePost(rules, dialect, hexo, file, neighbours)


def _check_survives(front: HexoFrontMatter) -> None:
    """Raise UncertainError for fields that make Hexo lose the post, or treat it in ways not followed here."""
    for name in ("excerpt", "id"):
        if front.has(name) and front.get(name) is None:
            raise UncertainError("lost", f"{name} is empty")
    for name in _RESERVED:
        if front.has(name):
            raise UncertainError("lost", f"the field {name} is Hexo's own")


def _check_language(file: PostFile, front: HexoFrontMatter, rules: SiteRules) -> None:
    """Raise UncertainError for `name.en.md`: the scripts of sites in several languages move such pages.

    Hexo itself takes the ending for a part of the name.
    """
    _, dot, ending = file.slug.rpartition(".")
    if dot and (ending.lower() in _LANGUAGES or ending in (front.get("lang"), front.get("language"))):
        named = "lang" in rules.variables or front.has("permalink")
        if not named and rules.variables & {"title", "name"}:
            raise UncertainError(
                "plugin", f"perhaps a script for posts in several languages: it ends in .{ending[:20]}"
            )


def _is_published(front: HexoFrontMatter) -> bool:
    value = front.get("published")
    if not front.has("published") or value is None:
        return True
    return value not in ("false", "0") and is_truthy(value)


def _check_shown(post: SitePost, now: datetime | None) -> None:
    """Raise UncertainError for a post that the site does not show, or not yet."""
    if not post.rules.render_drafts and not _is_published(post.front):
        raise UncertainError("unpublished", str(post.front.get("published"))[:40].lower())
    if post.rules.future:
        return
    if now is None or any(moment_of(post, zone) > now for zone in process_zones(post)):
        raise UncertainError("future")


def _link(post: SitePost, now: datetime | None) -> str:
    """Return the link if it is the same in every zone that Hexo's process may have; else raise UncertainError."""
    _check_shown(post, now)
    paths = {_path(post, zone) for zone in process_zones(post)}
    if len(paths) != 1:
        raise UncertainError("time zone")
    rules, path = post.rules, paths.pop()
    check_plugins(rules.plugins, LINK)
    if rules.pinyin is not None:
        path = romanize(path, rules.pinyin)
    as_it_is = not post.dialect.pretty_urls
    return full_link(
        rules.url,
        path,
        trailing_index=rules.trailing_index or as_it_is,
        trailing_html=rules.trailing_html or as_it_is,
        encoding=post.dialect.encoding,
    )


def _path(post: SitePost, process: tzinfo) -> str:
    """Return the post's own permalink as written, else the site's rule with its variables filled in."""
    own = post.own_permalink
    if own and not post.dialect.permalink_is_slug:
        path = own if own.startswith("/") else "/" + own
    else:
        path = _VARIABLE.sub(lambda match: variable_of(post, match[1], process), post.rules.permalink)
    if post.rules.post_asset_folder and post.dialect.asset_slash and not path.endswith(("/", ".html")):
        path += "/"
    return path
