"""Turning posts into articles: front matter, body, links, identity (pure: no I/O, no clock, no network)."""

from digests.articles.hexo.site import SiteRules
from digests.articles.reading import footprint_in, read_post, survey

__all__ = ["SiteRules", "footprint_in", "read_post", "survey"]
