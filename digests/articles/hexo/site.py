"""A site's rules for links, from its Hexo `_config.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from digests.articles.front_matter import InvalidYamlError, load
from digests.articles.hexo.js_yaml import Typed, as_text, is_truthy, typed
from digests.articles.hexo.listing import NOTHING_HIDDEN, ListingRules, listing_rules
from digests.articles.hexo.plugins import ABBRLINK, PINYIN, Pinyin, link_plugins
from digests.articles.hexo.uncertain import UncertainError
from digests.articles.hexo.versions import (
    LATEST,
    Dialect,
    HexoVersion,
    Package,
    PackageError,
    plausible_dialects,
    read_package,
)
from digests.articles.text import one_line, unescape

_URL = re.compile(r"(https?)://([^/?#@:\s\\%\[\]]+)(:[0-9]{1,5})?(/[^?#\s\\%]*)?", re.IGNORECASE)
_ZONE_OF_PROCESS = re.compile(r"^#.*process time zone[^:\n]*:[ \t]*([A-Za-z0-9_+/-]+)", re.IGNORECASE | re.MULTILINE)
_VARIABLE = re.compile(r":(\w*[^_\W])", re.ASCII)
# The version of Hexo, for a `_config.yml` that has no package.json beside it.
_VERSION_OF_HEXO = re.compile(r"^#.*\bhexo (?:version )?v?([0-9]{1,2})\.([0-9]{1,2})\b", re.IGNORECASE | re.MULTILINE)
# What Hexo writes as url into a new site's configuration.
_DEFAULT_URLS = frozenset({"http://yoursite.com", "http://example.com", "https://yoursite.com"})
_MAX_NAME = 100
_MAX_PATTERNS = 100
_MAX_RULE = 500
_DEFAULT_RULE = ":year/:month/:day/:title/"


class SiteConfigError(Exception):
    """The `_config.yml` can't be used; the message is one sentence that names the line and the fix."""


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
    config, installed = _Config(text), _package(package)
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
        timezone=config.zone("timezone"),
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


class _Config:
    """The top level of a `_config.yml`, with a sentence for whatever is wrong in it."""

    def __init__(self, text: str) -> None:
        if "\t" in text:
            # Hexo turns the tabs at the start of a line into pairs of spaces.
            text = re.sub(r"^\t+", lambda match: "  " * len(match[0]), text, flags=re.MULTILINE)
        try:
            fields = load(text)
        except InvalidYamlError as error:
            where = f"line {error.line}: " if error.line else ""
            raise SiteConfigError(f"{where}it is not valid YAML ({error.reason}); fix that line") from None
        self._nodes: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        for entry in fields:
            if entry.spelled in self._nodes:
                raise SiteConfigError(f"line {entry.line}: {entry.spelled} is given twice; take one out")
            self._nodes[entry.spelled] = entry.node
            self._lines[entry.spelled] = entry.line

    def error(self, key: str, what: str, fix: str) -> SiteConfigError:
        return SiteConfigError(f"line {self._lines.get(key, 1)}: {key} {what}; {fix}")

    def has(self, key: str) -> bool:
        return key in self._nodes

    def value(self, key: str, default: Typed = None) -> Typed:
        if key not in self._nodes:
            return default
        try:
            return typed(self._nodes[key])
        except UncertainError:
            raise self.error(key, "has a value that can't be read", "write it plainly") from None

    def text(self, key: str, default: str = "") -> str:
        value = self.value(key, default)
        if isinstance(value, list | dict):
            raise self.error(key, "must be one text", "write one value after the colon")
        try:
            return "" if value is None else as_text(value)
        except UncertainError:
            raise self.error(key, "must be a text", "put it in quotes") from None

    def name(self, key: str) -> str:
        """Return a name on one line; "" for what is not one text, since no link depends on it."""
        try:
            return one_line(unescape(self.text(key)))[:_MAX_NAME].strip()
        except SiteConfigError:
            return ""

    def mapping(self, key: str) -> dict[str, Typed]:
        value = self.value(key)
        return value if isinstance(value, dict) else {}

    def texts(self, key: str) -> dict[str, str]:
        """Return a mapping of texts, without the names that are mapped to something else."""
        return {name: value for name, value in self.mapping(key).items() if isinstance(value, str)}

    def patterns(self, key: str) -> tuple[str, ...]:
        value = self.value(key)
        found = value if isinstance(value, list) else [value]
        patterns = tuple(dict.fromkeys(pattern for pattern in found if isinstance(pattern, str) and pattern))
        if len(patterns) > _MAX_PATTERNS:
            raise self.error(key, f"has more than {_MAX_PATTERNS} patterns", "write fewer, such as name/**")
        return patterns

    def rule(self, key: str, default: str) -> str:
        """Return a text with variables."""
        text = self.text(key, default)
        if len(text) > _MAX_RULE:
            raise self.error(key, f"has more than {_MAX_RULE} characters", "write a shorter one")
        return text

    def zone(self, key: str) -> tzinfo | None:
        name = self.text(key)
        if not name:
            return None
        zone = _zone(name)
        if zone is None:
            raise self.error(
                key, f'names no time zone ("{name[:60]}")', "write one such as Asia/Shanghai, or leave it empty"
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


def _site_url(url: str, config: _Config) -> str:
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
    if "xn--" in host:
        try:
            host = host.encode().decode("idna")
        except UnicodeError:
            raise config.error("url", f'has a host that can\'t be read ("{host[:80]}")', "fix it") from None
    return f"{scheme}://{host}{port}" + quote(path, safe="-_.!~*'();/:@&=+$,")


def _root(text: str) -> str:
    name = text.strip("/ ")
    return f"/{name}/" if name else "/" if text else ""


def _prepends_root(config: _Config) -> bool:
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
