"""What an origin's settings say of how each of its posts is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Literal

from digests.articles.hexo.site import SiteRules

SourceRule = Literal["auto", "site", "category", "author"]
LinkRule = Literal["auto", "original", "own"]
ProtectedRule = Literal["hide", "abstract"]


@dataclass(frozen=True, slots=True)
class PostOptions:
    """How posts are read. Equal options read the same bytes to the same article.

    Attributes:
        site: How the site that is built from the posts forms links; None for no site.
        timezone: The zone of dates that don't name theirs.
        origin: What the operator calls the origin: the source and the category where nothing better is known; "" for
            nothing.
        folder: The category where not even the origin has a name; "" for none.
        language: The language of posts whose text does not tell, as a BCP 47 tag.
        default_pictures: Parts of the addresses of pictures that represent no article.
        category_prefix: What comes before the categories of each post.
        category_from_tags: Whether a post without a category is in the one that its first tag names.
        source: What names the source: the site, the second category, the author; "auto" is the second category where
            the author says the same, as the crawler writes, else the site.
        link: Which address an article leads to: the original's or the site's own page; "auto" is the original's for the
            crawler's posts and for those without a page.
        month_first: Whether 4/5/2026 is in April, as Americans write.
        protected: What is shown of a post with a password: nothing, or what its author wrote for those without it.
        advertisements: Whether posts that call themselves an advertisement are listed.
        picture_hosts: Hosts that pictures may be on although no address of the web names them, as host:port.
    """

    site: SiteRules | None = None
    timezone: tzinfo = UTC
    origin: str = ""
    folder: str = ""
    language: str = ""
    default_pictures: tuple[str, ...] = ()
    category_prefix: tuple[str, ...] = ()
    category_from_tags: bool = True
    source: SourceRule = "auto"
    link: LinkRule = "auto"
    month_first: bool = False
    protected: ProtectedRule = "hide"
    advertisements: bool = True
    # Not in the options' text, by which posts are known to be read as before: most installations have none.
    picture_hosts: tuple[str, ...] = field(default=(), repr=False)


DEFAULTS = PostOptions()
