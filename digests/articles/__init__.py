"""Posts to articles: front matter, body, links, identity. Pure: no I/O, no clock, no network."""

from digests.articles.hexo.site import SiteRules
from digests.articles.reading import claim, read_post, survey

__all__ = ["SiteRules", "claim", "read_post", "survey"]
