"""Sites whose feeds have addresses by rule, so that they are found without asking (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

FALLBACK_PATHS = (
    "feed",
    "rss",
    "atom.xml",
    "index.xml",
    "feed.xml",
    "rss.xml",
    "feeds/posts/default",
    "feed.json",
)
"""Where programs that make sites put their feeds (WordPress, Ghost, Jekyll, Hexo, Hugo, Blogger), commonest first."""


@dataclass(frozen=True, slots=True)
class SiteRule:
    """A rule of a site: the paths of `hosts` that match `path` have their feed at `feed`.

    `hosts` matches the whole host without `www.`; `path` the whole path without its last slash. `feed` is what the
    groups of both and the parameter `query` go into; "" for pages that have no feed, and then `words` say what to do.
    """

    hosts: str
    path: str
    feed: str
    query: str = ""
    words: str = ""


_STACK = r"(?:stackoverflow|superuser|serverfault|askubuntu|mathoverflow|(?:[\w-]+\.)*stackexchange)\.(?:com|net)"
_NO_FEED = "its pages have no feed; RSSHub makes some: see https://docs.rsshub.app, and write rsshub://"
_RULES = (
    SiteRule(
        r"(?:m\.)?youtube\.com",
        r"/channel/(?P<id>UC[\w-]{22})(?:/.*)?",
        "https://www.youtube.com/feeds/videos.xml?channel_id={id}",
    ),
    SiteRule(
        r"(?:m\.)?youtube\.com",
        r"/playlist",
        "https://www.youtube.com/feeds/videos.xml?playlist_id={list}",
        query="list",
    ),
    SiteRule(
        r"(?:m\.)?youtube\.com",
        r"/user/(?P<id>[\w.-]+)(?:/.*)?",
        "https://www.youtube.com/feeds/videos.xml?user={id}",
    ),
    SiteRule(
        r"(?:old\.|new\.|m\.)?reddit\.com", r"/r/(?P<id>\w+)(?:/(?:hot|new)?)?", "https://www.reddit.com/r/{id}/.rss"
    ),
    SiteRule(
        r"(?:old\.|new\.|m\.)?reddit\.com", r"/(?:u|user)/(?P<id>[\w-]+)", "https://www.reddit.com/user/{id}/.rss"
    ),
    SiteRule(
        r"github\.com",
        r"/(?P<owner>(?!orgs|topics|features|marketplace|sponsors|settings)[\w.-]+)/(?P<name>[\w.-]+)(?:/releases)?",
        "https://github.com/{owner}/{name}/releases.atom",
    ),
    SiteRule(
        r"github\.com", r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)/tags", "https://github.com/{owner}/{name}/tags.atom"
    ),
    SiteRule(
        r"github\.com",
        r"/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)/commits(?P<branch>/[\w./-]+)?",
        "https://github.com/{owner}/{name}/commits{branch}.atom",
    ),
    SiteRule(r"github\.com", r"/(?P<owner>[\w-]+)", "https://github.com/{owner}.atom"),
    SiteRule(r"bsky\.app", r"/profile/(?P<id>[\w.:-]+)", "https://bsky.app/profile/{id}/rss"),
    SiteRule(r"medium\.com", r"/(?P<id>@?[\w.-]+)", "https://medium.com/feed/{id}"),
    SiteRule(r"(?P<site>[\w-]+)\.medium\.com", r"", "https://{site}.medium.com/feed"),
    SiteRule(r"(?P<site>[\w-]+)\.substack\.com", r"(?:/archive)?", "https://{site}.substack.com/feed"),
    SiteRule(r"(?P<site>[\w-]+)\.blogspot\.com", r"", "https://{site}.blogspot.com/feeds/posts/default"),
    SiteRule(r"(?P<site>[\w-]+)\.tumblr\.com", r"", "https://{site}.tumblr.com/rss"),
    SiteRule(r"(?P<site>[\w-]+)\.wordpress\.com", r"", "https://{site}.wordpress.com/feed/"),
    SiteRule(rf"(?P<site>{_STACK})", r"/questions/tagged/(?P<tag>[^/]+)", "https://{site}/feeds/tag/{tag}"),
    SiteRule(rf"(?P<site>{_STACK})", r"(?:/questions)?", "https://{site}/feeds"),
    SiteRule(r"dev\.to", r"/(?P<id>[\w-]+)", "https://dev.to/feed/{id}"),
    SiteRule(r"pypi\.org", r"/project/(?P<name>[\w.-]+)", "https://pypi.org/rss/project/{name}/releases.xml"),
    SiteRule(r"arxiv\.org", r"/list/(?P<id>[\w.-]+)(?:/.*)?", "https://rss.arxiv.org/rss/{id}"),
    SiteRule(r"vimeo\.com", r"/(?P<id>[a-z][\w-]*)", "https://vimeo.com/{id}/videos/rss"),
    SiteRule(r"news\.ycombinator\.com", r"(?:/news)?", "https://news.ycombinator.com/rss"),
    SiteRule(r"(?:t|telegram)\.me", r"(?:/s)?/(?P<id>\w+)", "", words=f"{_NO_FEED}telegram/channel/{{id}}"),
    SiteRule(r"(?:m\.)?weibo\.(?:com|cn)", r"/u/(?P<id>\d+)", "", words=f"{_NO_FEED}weibo/user/{{id}}"),
    SiteRule(r"space\.bilibili\.com", r"/(?P<id>\d+)(?:/.*)?", "", words=f"{_NO_FEED}bilibili/user/video/{{id}}"),
    SiteRule(r"zhihu\.com", r"/people/(?P<id>[\w-]+)(?:/.*)?", "", words=f"{_NO_FEED}zhihu/people/activities/{{id}}"),
    SiteRule(r"(?:twitter|x)\.com", r"/(?P<id>\w+)", "", words=f"{_NO_FEED}twitter/user/{{id}}"),
)
_FEED_BY_NAME = re.compile(r"\.(?:atom|rss|xml|rdf|json)$", re.IGNORECASE)
# A page of a person on any of the many servers of Mastodon and its relatives.
_MASTODON = re.compile(r"/@[\w.]+")


@dataclass(frozen=True, slots=True)
class KnownSite:
    """What a rule says of an address: where its feed is, or in `words`, for an operator, why there is none."""

    feed: str
    words: str = ""


def known_site(url: str) -> KnownSite | None:
    """Return what the rules say of a canonical address; None if none knows it, or if it is a feed by its name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    path = parts.path.rstrip("/")
    if _FEED_BY_NAME.search(path):
        return None
    for rule in _RULES:
        on_host = re.fullmatch(rule.hosts, host)
        in_path = re.fullmatch(rule.path, path) if on_host else None
        if on_host and in_path and (values := _values(rule, parts, on_host, in_path)) is not None:
            return KnownSite(rule.feed.format(**values), rule.words.format(**values))
    if _MASTODON.fullmatch(path) and "medium.com" not in host and "youtube.com" not in host:
        return KnownSite(f"{parts.scheme}://{parts.netloc}{path}.rss")
    return None


def _values(rule: SiteRule, parts: SplitResult, *found: re.Match[str]) -> dict[str, str] | None:
    """Return what goes into a rule's address, fit for one; None if the address lacks the parameter."""
    values = {name: quote(value or "", safe="/@:%") for match in found for name, value in match.groupdict().items()}
    if rule.query:
        given = parse_qs(parts.query).get(rule.query, [""])[0]
        if not re.fullmatch(r"[\w-]{1,100}", given):
            return None
        values[rule.query] = given
    return values


def fallback_addresses(url: str) -> tuple[str, ...]:
    """Return where a site may have its feed whose page does not name it: below the page's folder, then at its root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = parts.path.rpartition("/")[0].strip("/") if not parts.path.endswith("/") else parts.path.strip("/")
    own = tuple(f"{root}{folder}/{name}" for name in FALLBACK_PATHS[:3]) if folder and folder.count("/") < 3 else ()
    return (*own, *(f"{root}{name}" for name in FALLBACK_PATHS))
