"""Which posts a site keeps out of its lists by options of plugins, from its Hexo `_config.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from digests.articles.hexo.js_yaml import Typed

_MOST_TAGS = 100


@dataclass(frozen=True, slots=True)
class ListingRules:
    """What hides posts on a site beside the usual fields.

    Attributes:
        hidden_field: The field that hides a post for hexo-hide-posts, in lower case; "" for the usual one.
        protected_tags: The tags whose posts hexo-blog-encrypt gives a password, in lower case.
    """

    hidden_field: str = ""
    protected_tags: tuple[str, ...] = ()


NOTHING_HIDDEN = ListingRules()


def listing_rules(hide_posts: Mapping[str, Typed], encrypt: Mapping[str, Typed]) -> ListingRules:
    """Return the rules in the sections `hide_posts` and `encrypt` of a `_config.yml`."""
    name = hide_posts.get("filter") if hide_posts.get("enable", True) is not False else None
    tags = encrypt.get("tags")
    names = [tag.get("name") for tag in tags[:_MOST_TAGS] if isinstance(tag, dict)] if isinstance(tags, list) else []
    return ListingRules(
        name.strip().lower() if isinstance(name, str) else "",
        tuple(sorted({tag.strip().lower() for tag in names if isinstance(tag, str) and tag.strip()})),
    )
