"""What the variables of a site's permalink stand for in a post."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from digests.articles.hexo.abbrlink import abbrlink_of
from digests.articles.hexo.categories import branches_of, category_nodes
from digests.articles.hexo.dates import date_parts, hexo_moment, midnight, unix, zone_written
from digests.articles.hexo.front import HexoFrontMatter
from digests.articles.hexo.js_yaml import Typed, as_text, is_truthy
from digests.articles.hexo.neighbours import Neighbours
from digests.articles.hexo.plugins import check_plugins
from digests.articles.hexo.post_file import PostFile
from digests.articles.hexo.site import SiteRules
from digests.articles.hexo.slugs import slugize
from digests.articles.hexo.uncertain import UncertainError
from digests.articles.hexo.versions import Dialect

_DATE_VARIABLES = frozenset({"year", "month", "day", "hour", "minute", "second", "i_month", "i_day", "timestamp"})
# Hexo's own model gives these a value other than the front matter's.
_RESERVED = frozenset(
    {"_content", "_id", "content", "more", "path", "full_source", "asset_dir", "__permalink", "prev", "next", "tags"}
    | {"categories", "source", "raw", "photos", "published", "updated", "date", "excerpt", "permalink", "slug"}
)
_ADDRESS = re.compile(r"^https?://|/$")


@dataclass(frozen=True, slots=True)
class SitePost:
    """A post of the site, as a version of Hexo sees it: everything that its link is made from."""

    rules: SiteRules
    dialect: Dialect
    front: HexoFrontMatter
    file: PostFile
    neighbours: Neighbours | None = None
    dates: dict[tzinfo, Mapping[str, str]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """The variables of its date that were worked out so far, by the zone of Hexo's process."""

    @property
    def own_permalink(self) -> str:
        """The `permalink` written in the post; "" for none."""
        own = self.front.get("permalink")
        if not is_truthy(own):
            return ""
        if not isinstance(own, str) and not self.dialect.permalink_is_slug:
            raise UncertainError("lost", "permalink is no text")
        return as_text(own)

    @property
    def slug(self) -> str:
        """The slug: before Hexo 5, a written permalink takes its place."""
        return (self.dialect.permalink_is_slug and self.own_permalink) or self.file.slug


def process_zones(post: SitePost) -> list[tzinfo]:
    """Return the zones that the machine which builds the site may have."""
    rules = post.rules
    if rules.process_timezone is not None:
        return [rules.process_timezone]
    # Who writes dates with a zone may build the site in that zone.
    zones = [UTC, rules.timezone, zone_written(post.front.get("date"))]
    return list(dict.fromkeys(zone for zone in zones if zone is not None))


def variable_of(post: SitePost, name: str, process: tzinfo) -> str:
    """Return what the variable stands for; raise UncertainError where Hexo writes `undefined` or it is not certain."""
    written = {"abbrlink": "abbrlink", "post_title": "title"}.get(name)
    if written is None or not is_truthy(post.front.get(written)):
        check_plugins(post.rules.plugins, name)
    if name in post.dialect.missing:
        return _field(post, name)
    if name in _DATE_VARIABLES:
        if process not in post.dates:
            post.dates[process] = date_parts(moment_of(post, process), process)
        return post.dates[process][name]
    if name == "title":
        return post.slug
    if name == "name":
        return post.slug.rstrip("/").rpartition("/")[2]
    if name == "post_title":
        return slugize(title_of_post(post), 1)
    if name == "category":
        return _category(post)
    if name == "hash":
        stamp = f"{post.slug}{unix(moment_of(post, process))}"
        return hashlib.sha1(stamp.encode(), usedforsecurity=False).hexdigest()[:12]
    if name == "abbrlink":
        return abbrlink_of(post.rules.abbrlink, post.front, lambda: title_of_post(post), post.neighbours)
    return _field(post, name)


def moment_of(post: SitePost, process: tzinfo) -> datetime:
    """Return when the post was written, by its front matter, else by its name.

    Raises:
        UncertainError: Neither tells; Hexo takes the creation time of the file.
    """
    check_plugins(post.rules.plugins, "year")
    if is_truthy(post.front.get("date")):
        return hexo_moment(post.front.get("date"), process, post.rules.timezone)
    parts = post.file.extra
    month, day = parts.get("month") or parts.get("i_month"), parts.get("day") or parts.get("i_day")
    if parts.get("year") and month and day:
        return midnight(int(parts["year"]), int(month), int(day), process, post.rules.timezone)
    raise UncertainError("date")


def title_of_post(post: SitePost) -> str:
    """Return the title as Hexo has it; only one option makes it take the file's name."""
    rules, front, dialect = post.rules, post.front, post.dialect
    if rules.titlecase or is_truthy(front.get("titlecase")):
        raise UncertainError("title", "titlecase")
    if not is_truthy(front.get("title")):
        check_plugins(rules.plugins, "post_title")
    if rules.use_slug_as_post_title and dialect.slug_titles and not front.has("title"):
        return post.file.slug
    value = front.get("title")
    if not is_truthy(value) and dialect.title_from != "nothing":
        link = front.get("link")
        if is_truthy(link):
            return _ADDRESS.sub("", as_text(link))
        if dialect.title_from == "link or slug":
            return post.file.slug
    return "" if value is None else _text(value, "title")


def _field(post: SitePost, name: str) -> str:
    """Return any other field as written, else the site's default."""
    front = post.front
    value: Typed = post.file.extra.get(name, front.get(name))
    if name in _RESERVED or (name == "id" and not is_truthy(value)):
        raise UncertainError("variable", name)
    if name == "layout" and not front.has("layout"):
        return "post"
    if name == "comments":
        return as_text(value is None or (value not in ("false", "0") and is_truthy(value)))
    if value is not None:
        return _text(value, name)
    if not front.has(name) and name in post.rules.permalink_defaults:
        return post.rules.permalink_defaults[name]
    raise UncertainError("variable", name)


def _text(value: Typed, name: str) -> str:
    try:
        return as_text(value)
    except UncertainError:
        raise UncertainError("field", name) from None


def _category(post: SitePost) -> str:
    """Return the post's category that Hexo created last, which is the deepest one of a single branch."""
    branches, nodes = branches_of(post.front), category_nodes(post.front)
    if not nodes:
        return post.rules.default_category
    if len(branches) > 1 and (post.neighbours is None or post.neighbours.is_shared(nodes[-1])):
        raise UncertainError("shared category", "/".join(nodes[-1])[:80])
    names = [post.rules.category_map.get(name) or name for name in nodes[-1]]
    return "/".join(slugize(name, post.rules.filename_case) for name in names)
