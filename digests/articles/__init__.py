"""Posts to articles: front matter, body, links, identity. Pure: no I/O, no clock, no network."""

from digests.articles.reading import claim, read_post, survey
from digests.articles.site import SiteRules

__all__ = ["SiteRules", "claim", "read_post", "survey"]
