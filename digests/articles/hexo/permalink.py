"""The public link of a post, as Hexo 8 makes it from the post and the site's rules; None where that is not certain.

A wrong link is worse than none. So there is none for a post that is not on the site (drafts, unpublished and future
posts, files that Hexo skips or loses), for one whose link depends on something outside it (`:id` without an id, the
date of a post without one, a number that another post may have), and under rules too exotic to be worth the code
(percent signs and dot segments in paths, `titlecase`, values that are not text). Checked against Hexo 8.1.2 with
hexo-abbrlink 2.2.1.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import reduce

from digests.articles.front_matter import FrontMatter
from digests.articles.hexo.categories import branches_of, category_nodes
from digests.articles.hexo.dates import date_parts, hexo_moment, midnight, unix
from digests.articles.hexo.js_yaml import HexoFrontMatter, Typed, UncertainError, as_text, is_truthy, read_front
from digests.articles.hexo.neighbours import Claim, Neighbours
from digests.articles.hexo.site import SiteRules
from digests.articles.hexo.slugs import full_link, slugize

_VARIABLE = re.compile(r":(\w*[^_\W])", re.ASCII)
_EXTENSIONS = frozenset({"md", "markdown", "mkd", "mkdn", "mdwn", "mdtxt", "mdtext", "html", "htm"})
_DATE_VARIABLES = frozenset({"year", "month", "day", "hour", "minute", "second", "i_month", "i_day", "timestamp"})
# Hexo's own model gives these a value other than the front matter's.
_RESERVED = frozenset(
    {"_content", "_id", "content", "more", "path", "full_source", "asset_dir", "__permalink", "prev", "next", "tags"}
    | {"categories", "source", "raw", "photos", "published", "updated", "date", "excerpt", "permalink", "slug"}
)
_CRC16 = tuple(
    # CRC-16/ARC: the polynomial 0xA001, reflected.
    reduce(lambda crc, _: (crc >> 1) ^ (0xA001 if crc & 1 else 0), range(8), byte)
    for byte in range(256)
)


@dataclass(frozen=True, slots=True)
class _Post:
    """A post of the site: everything that the variables of its permalink are made from."""

    rules: SiteRules
    front: HexoFrontMatter
    slug: str
    extra: Mapping[str, str]
    neighbours: Neighbours | None


def permalink_of(
    text: str,
    path: str,
    rules: SiteRules,
    front: FrontMatter,
    neighbours: Neighbours | None = None,
    now: datetime | None = None,
) -> str | None:
    """Return the link of the post `text` at `path`, or None; `front` is its front matter as read leniently."""
    if not rules.url or front.salvaged:
        return None
    try:
        post = _build_post(text, path, rules, front, neighbours)
        _check_published(post, now)
        return _link(post)
    except UncertainError:
        return None


def claim_of(text: str, path: str, rules: SiteRules, front: FrontMatter) -> Claim:
    """Return what this post takes that other posts' links may depend on."""
    if front.salvaged:
        return Claim()
    try:
        post = _build_post(text, path, rules, front, None)
        number = _own_number(post)
        is_listed = rules.render_drafts or _is_published(post.front)
        return Claim(number, frozenset(category_nodes(post.front)) if is_listed else frozenset())
    except UncertainError:
        return Claim()


def _build_post(text: str, path: str, rules: SiteRules, front: FrontMatter, neighbours: Neighbours | None) -> _Post:
    below, draft = _below_posts(path)
    if rules.hides_posts or (draft and not rules.render_drafts):
        raise UncertainError
    stem, _, extension = below.rpartition(".")
    wanted = {rules.new_post_name.rpartition(".")[2]} if rules.post_asset_folder else _EXTENSIONS
    if not stem or extension not in wanted & _EXTENSIONS or re.search(r"(?:^|/)[_.]|\\", below):
        raise UncertainError
    hexo = read_front(text, front.block, front.fields.values())
    slug, extra = _slug(stem, rules.new_post_name)
    _check_survives(hexo)
    return _Post(rules, hexo, slug, extra, neighbours)


def _below_posts(path: str) -> tuple[str, bool]:
    """Return the path below `_posts/` or `_drafts/`, else as it is, and whether the post is a draft.

    Without either folder, the origin is the folder of posts itself.
    """
    parts = path.split("/")
    for place, draft in (("_posts", False), ("_drafts", True)):
        if place in parts[:-1]:
            return "/".join(parts[parts.index(place) + 1 :]), draft
    return path, False


def _slug(stem: str, new_post_name: str) -> tuple[str, Mapping[str, str]]:
    """Return the slug and the variables that `new_post_name` finds in the path without its extension.

    The slug is that path, or the title that `new_post_name` finds in it.
    """
    pattern = new_post_name.rpartition(".")[0] or new_post_name
    if pattern == ":title":
        return stem, {}
    names: list[str] = []
    shapes = {"year": r"(\d{4})", "month": r"(\d{2})", "day": r"(\d{2})", "hash": r"([0-9a-f]{12})"}
    shapes |= {"i_month": r"(\d{1,2})", "i_day": r"(\d{1,2})"}

    def group(match: re.Match[str]) -> str:
        names.append(match[1])
        return shapes.get(match[1], "(.+?)")

    expression = _VARIABLE.sub(group, re.sub(r"[|\\{}()\[\]^$+*?.-]", r"\\\g<0>", pattern))
    match = re.fullmatch(expression, stem, re.ASCII)
    parts = dict(zip(names, match.groups(), strict=True)) if match else {}
    return parts.get("title") or slugize(stem), parts


def _check_survives(front: HexoFrontMatter) -> None:
    """Raise UncertainError for fields that make Hexo lose the post, or treat it in ways not followed here."""
    if any(front.has(name) and front.get(name) is None for name in ("excerpt", "id")):
        raise UncertainError
    permalink = front.get("permalink")
    if is_truthy(permalink) and not isinstance(permalink, str):
        raise UncertainError
    if front.values.keys() & {"_content", "_id", "content", "more", "path", "full_source", "asset_dir", "__permalink"}:
        raise UncertainError


def _is_published(front: HexoFrontMatter) -> bool:
    value = front.get("published")
    if not front.has("published") or value is None:
        return True
    return value not in ("false", "0") and is_truthy(value)


def _check_published(post: _Post, now: datetime | None) -> None:
    if not post.rules.render_drafts and not _is_published(post.front):
        raise UncertainError
    if post.rules.future:
        return
    if now is None or any(_moment(post, zone) > now for zone in _process_zones(post.rules)):
        raise UncertainError


def _link(post: _Post) -> str:
    """Return the link if it is the same in every zone that Hexo's process may have; else raise UncertainError."""
    paths = {_path(post, zone) for zone in _process_zones(post.rules)}
    if len(paths) != 1:
        raise UncertainError
    rules = post.rules
    return full_link(rules.url, paths.pop(), trailing_index=rules.trailing_index, trailing_html=rules.trailing_html)


def _process_zones(rules: SiteRules) -> list[tzinfo]:
    if rules.process_timezone is not None:
        return [rules.process_timezone]
    return [UTC] if rules.timezone is None else [UTC, rules.timezone]


def _path(post: _Post, process: tzinfo) -> str:
    """Return the post's own permalink as written, else the site's rule with its variables filled in."""
    own = post.front.get("permalink")
    if isinstance(own, str) and own:
        path = own if own.startswith("/") else "/" + own
    else:
        path = _VARIABLE.sub(lambda match: _variable(post, match[1], process), post.rules.permalink)
    if post.rules.post_asset_folder and not path.endswith(("/", ".html")):
        path += "/"
    return path


def _variable(post: _Post, name: str, process: tzinfo) -> str:
    if name in _DATE_VARIABLES:
        return date_parts(_moment(post, process), process)[name]
    if name == "title":
        return post.slug
    if name == "name":
        return post.slug.rstrip("/").rpartition("/")[2]
    if name == "post_title":
        return slugize(_title(post), 1)
    if name == "category":
        return _category_variable(post)
    if name == "hash":
        stamp = f"{post.slug}{unix(_moment(post, process))}"
        return hashlib.sha1(stamp.encode(), usedforsecurity=False).hexdigest()[:12]
    if name == "abbrlink":
        return _abbrlink_variable(post)
    return _field_variable(post, name)


def _field_variable(post: _Post, name: str) -> str:
    """Return any other field as written, else the site's default; where Hexo would write `undefined`, raise."""
    value: Typed = post.extra.get(name, post.front.get(name))
    if name in _RESERVED or (name == "id" and not is_truthy(value)):
        raise UncertainError
    if name == "layout" and not post.front.has("layout"):
        return "post"
    if name == "comments":
        return as_text(value is None or (value not in ("false", "0") and is_truthy(value)))
    if value is not None:
        return as_text(value)
    if name not in post.front.values and name in post.rules.permalink_defaults:
        return post.rules.permalink_defaults[name]
    raise UncertainError


def _moment(post: _Post, process: tzinfo) -> datetime:
    if is_truthy(post.front.get("date")):
        return hexo_moment(post.front.get("date"), process, post.rules.timezone)
    parts = post.extra
    month, day = parts.get("month") or parts.get("i_month"), parts.get("day") or parts.get("i_day")
    if parts.get("year") and month and day:
        return midnight(int(parts["year"]), int(month), int(day), process, post.rules.timezone)
    raise UncertainError


def _title(post: _Post) -> str:
    """Return the title as Hexo has it; only one option makes it take the file's name."""
    if post.rules.titlecase or is_truthy(post.front.get("titlecase")):
        raise UncertainError
    if post.rules.use_slug_as_post_title and not post.front.has("title"):
        return post.slug
    value = post.front.get("title")
    return "" if value is None else as_text(value)


def _abbrlink_variable(post: _Post) -> str:
    """Return the post's `abbrlink` if given, else the checksum of its title."""
    options = post.rules.abbrlink
    own = post.front.get("abbrlink")
    if is_truthy(own) and not (options.force and options.installed):
        return as_text(own)
    number = _own_number(post)
    if number is None:
        raise UncertainError
    if options.hexadecimal:
        return f"{number:x}"
    # Of equal decimal numbers, all but the first file that Hexo reads move on to the next free one.
    if post.neighbours is None or post.neighbours.is_contested(number):
        raise UncertainError
    return str(number)


def _own_number(post: _Post) -> int | None:
    """Return the number that hexo-abbrlink gives this post or finds in it; None if it leaves the post alone."""
    options = post.rules.abbrlink
    if not options.installed or (post.front.has("layout") and post.front.get("layout") != "post"):
        return None
    own = post.front.get("abbrlink")
    if is_truthy(own) and not options.force:
        return own if isinstance(own, int) and not isinstance(own, bool) else None
    title = _title(post).encode("utf-8", "replace")
    return zlib.crc32(title) if options.crc32 else _crc16(title)


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def _category_variable(post: _Post) -> str:
    """Return the post's category that Hexo created last, which is the deepest one of a single branch."""
    branches, nodes = branches_of(post.front), category_nodes(post.front)
    if not nodes:
        return post.rules.default_category
    if len(branches) > 1 and (post.neighbours is None or post.neighbours.is_shared(nodes[-1])):
        raise UncertainError
    names = [post.rules.category_map.get(name) or name for name in nodes[-1]]
    return "/".join(slugize(name, post.rules.filename_case) for name in names)
