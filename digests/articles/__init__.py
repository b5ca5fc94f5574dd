"""Posts to articles: front matter, body, links, identity. Pure: no I/O, no clock, no network."""

from digests.articles.reading import read_post, survey
from digests.articles.site import SiteRules

__all__ = ["SiteRules", "read_post", "survey"]
