"""A site's rules for links, from its Hexo `_config.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cache
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from digests.articles.hexo.config_file import ConfigFile, SiteConfigError
from digests.articles.hexo.js_yaml import Typed, is_truthy
from digests.articles.hexo.listing import NOTHING_HIDDEN, ListingRules, listing_rules
from digests.articles.hexo.plugins import ABBRLINK, PINYIN, Pinyin, link_plugins
from digests.articles.hexo.versions import (
    LATEST,
    Dialect,
    HexoVersion,
    Package,
    PackageError,
    plausible_dialects,
    read_package,
)

__all__ = ["Abbrlink", "SiteConfigError", "SiteRules", "read_site_config"]

_URL = re.compile(r"(https?)://([^/?#@:\s\\%\[\]]+)(:[0-9]{1,5})?(/[^?#\s\\%]*)?", re.IGNORECASE)
_ZONE_OF_PROCESS = re.compile(r"^#.*process time zone[^:\n]*:[ \t]*([A-Za-z0-9_+/-]+)", re.IGNORECASE | re.MULTILINE)
_VARIABLE = re.compile(r":(\w*[^_\W])", re.ASCII)
# The version of Hexo, for a `_config.yml` that has no package.json beside it.
_VERSION_OF_HEXO = re.compile(r"^#.*\bhexo (?:version )?v?([0-9]{1,2})\.([0-9]{1,2})\b", re.IGNORECASE | re.MULTILINE)
# What Hexo writes as url into a new site's configuration.
_DEFAULT_URLS = frozenset({"http://yoursite.com", "http://example.com", "https://yoursite.com"})
# Where authors look at their own site before it is built for others, by another configuration or a variable; and hosts
# of repositories, which show no sites (their pages are at github.io and the like).
_NO_SITES = re.compile(
    r"localhost|.+\.localhost|127\.[0-9.]+|0\.0\.0\.0|(?:www\.)?(?:github\.com|gitlab\.com|gitee\.com|bitbucket\.org)"
)
_DEFAULT_RULE = ":year/:month/:day/:title/"


@dataclass(frozen=True, slots=True)
class Abbrlink:
    """The options of hexo-abbrlink; `installed` if the package.json, or without one a section for it, says so."""

    installed: bool = False
    crc32: bool = False
    hexadecimal: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class SiteRules:
    """How the site forms its links; `url` has no trailing slash, and is '' if the site names none of its own.

    `process_timezone` is the zone of the machine that runs Hexo. If it is unknown (None), it is taken to be UTC, as on
    build machines, and a link is given only if the zone in the configuration would give the same.

    `root` begins and ends with a slash; "" is the folder of `url`. `prepends_root` and `finds_assets` are what the
    renderer does with a picture's address (`picture_places.py`).
    `dialects` are what the versions of Hexo do that may build the site: a link is given only if all agree. `plugins`
    change links in ways that are not followed here; `skip_render` and `ignore` are patterns (`globs.py`).
    """

    url: str = ""
    title: str = ""
    author: str = ""
    listing: ListingRules = NOTHING_HIDDEN
    permalink: str = _DEFAULT_RULE
    permalink_defaults: Mapping[str, str] = field(default_factory=dict)
    timezone: tzinfo | None = None
    process_timezone: tzinfo | None = None
    trailing_index: bool = True
    trailing_html: bool = True
    new_post_name: str = ":title.md"
    post_asset_folder: bool = False
    root: str = ""
    prepends_root: bool = True
    finds_assets: bool = False
    use_slug_as_post_title: bool = False
    titlecase: bool = False
    filename_case: int = 0
    default_category: str = "uncategorized"
    category_map: Mapping[str, str] = field(default_factory=dict)
    future: bool = True
    render_drafts: bool = False
    abbrlink: Abbrlink = Abbrlink()
    pinyin: Pinyin | None = None
    plugins: tuple[str, ...] = ()
    dialects: tuple[Dialect, ...] = (Dialect(),)
    skip_render: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    source_dir: str = "source"

    @property
    def variables(self) -> frozenset[str]:
        """The variables in the permalink rule."""
        return _variables(self.permalink)

    @property
    def needs_neighbours(self) -> bool:
        """Whether a post's link may depend on the site's other posts (`neighbours.py`)."""
        counts = self.abbrlink.installed and not self.abbrlink.hexadecimal
        return ("abbrlink" in self.variables and counts) or "category" in self.variables


def read_site_config(text: str, package: str = "") -> SiteRules:
    """Return the rules in a `_config.yml`; whatever has nothing to do with links is ignored.

    `package` is the package.json beside it, "" where there is none; one that can't be used is taken for none.

    Raises:
        SiteConfigError: The text is not YAML, or a value that links depend on can't be used.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    config, installed = ConfigFile(text), _package(package)
    url, permalink = config.text("url"), config.rule("permalink", _DEFAULT_RULE)
    if not permalink:
        raise config.error("permalink", "is empty", f"write a rule such as {_DEFAULT_RULE}")
    pretty, abbrlink = config.mapping("pretty_urls"), config.mapping("abbrlink")
    return SiteRules(
        url=_site_url(url, config) if url else "",
        title=config.name("title"),
        author=config.name("author"),
        listing=listing_rules(config.mapping("hide_posts"), config.mapping("encrypt")),
        permalink=permalink,
        permalink_defaults=config.texts("permalink_defaults"),
        timezone=_site_zone(config),
        process_timezone=_process_zone(text),
        trailing_index=pretty.get("trailing_index", True) is not False,
        trailing_html=pretty.get("trailing_html", True) is not False,
        new_post_name=config.rule("new_post_name", ":title.md"),
        post_asset_folder=is_truthy(config.value("post_asset_folder")),
        root=_root(config.name("root")),
        prepends_root=_prepends_root(config),
        finds_assets=is_truthy(config.mapping("marked").get("postAsset")),
        use_slug_as_post_title=is_truthy(config.value("use_slug_as_post_title")),
        titlecase=is_truthy(config.value("titlecase")),
        filename_case={"1": 1, "2": 2}.get(config.text("filename_case", "0"), 0),
        default_category=config.text("default_category", "uncategorized"),
        category_map=config.texts("category_map"),
        future=is_truthy(config.value("future", True)),
        render_drafts=is_truthy(config.value("render_drafts")),
        abbrlink=Abbrlink(
            installed=ABBRLINK in installed.plugins if installed else config.has("abbrlink"),
            crc32=abbrlink.get("alg") == "crc32",
            hexadecimal=abbrlink.get("rep") == "hex",
            force=is_truthy(abbrlink.get("force")),
        ),
        pinyin=_pinyin(config.mapping("permalink_pinyin"), installed),
        plugins=link_plugins(installed.plugins) if installed else (),
        dialects=plausible_dialects(
            (installed.versions if installed else ()) or _versions(text), _variables(permalink)
        ),
        skip_render=config.patterns("skip_render"),
        ignore=config.patterns("ignore"),
        source_dir=config.text("source_dir", "source").strip("/") or "source",
    )


def _variables(rule: str) -> frozenset[str]:
    return frozenset(_VARIABLE.findall(rule))


def _package(text: str) -> Package | None:
    try:
        return read_package(text) if text.strip() else None
    except PackageError:
        return None


def _versions(text: str) -> tuple[HexoVersion, ...]:
    """Return the version of Hexo that a comment gives, as in `# hexo 8.1.2`."""
    match = _VERSION_OF_HEXO.search(text)
    return (min(HexoVersion(int(match[1]), int(match[2])), LATEST),) if match else ()


def _pinyin(options: Mapping[str, Typed], installed: Package | None) -> Pinyin | None:
    if not is_truthy(options.get("enable")) or (installed and PINYIN not in installed.plugins):
        return None
    separator = options.get("separator")
    return Pinyin(separator if isinstance(separator, str) else "-", is_truthy(options.get("exclude")))


def _site_zone(config: ConfigFile) -> tzinfo | None:
    name = config.text("timezone")
    if not name:
        return None
    zone = _zone(name)
    if zone is None:
        raise config.error(
            "timezone", f'names no time zone ("{name[:60]}")', "write one such as Asia/Shanghai, or leave it empty"
        )
    return zone


def _zone(name: str) -> tzinfo | None:
    """Return the zone of that name, whose case means nothing to Hexo's moment-timezone."""
    if name.upper() in ("UTC", "GMT", "ETC/UTC"):
        return UTC
    for known in (name, _zone_names().get(name.casefold(), "")):
        try:
            return ZoneInfo(known)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


@cache
def _zone_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def _process_zone(text: str) -> tzinfo | None:
    """Return the machine's zone, which a comment `# process time zone: Asia/Shanghai` gives: Hexo has no option."""
    match = _ZONE_OF_PROCESS.search(text)
    return _zone(match[1]) if match else None


def _site_url(url: str, config: ConfigFile) -> str:
    if url.strip().rstrip("/").lower() in _DEFAULT_URLS:
        return ""
    match = _URL.fullmatch(url.strip().rstrip("/"))
    if match is None:
        raise config.error(
            "url", f'is not a plain web address ("{url[:80]}")', "write one such as https://news.example.org"
        )
    scheme, host, port, path = match[1].lower(), match[2].lower(), match[3] or "", match[4] or ""
    if port == {"http": ":80", "https": ":443"}[scheme]:
        port = ""
    if _NO_SITES.fullmatch(host):
        return ""
    if "xn--" in host:
        try:
            host = host.encode().decode("idna")
        except UnicodeError:
            raise config.error("url", f'has a host that can\'t be read ("{host[:80]}")', "fix it") from None
    return f"{scheme}://{host}{port}" + quote(path, safe="-_.!~*'();/:@&=+$,")


def _root(text: str) -> str:
    name = text.strip("/ ")
    return f"/{name}/" if name else "/" if text else ""


def _prepends_root(config: ConfigFile) -> bool:
    """Return whether Markdown's pictures begin at the site's root: as hexo-renderer-marked has them unless told not to.

    hexo-renderer-markdown-it, whose options are below `markdown`, has to be told to; the others can't be.
    """
    if is_truthy(config.value("relative_link")):
        return False
    if config.has("markdown"):
        images = config.mapping("markdown").get("images")
        return isinstance(images, dict) and is_truthy(images.get("prepend_root"))
    if config.has("kramed") or config.has("pandoc"):
        return False
    return config.mapping("marked").get("prependRoot", True) is not False
