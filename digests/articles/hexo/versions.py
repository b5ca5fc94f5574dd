"""Which Hexo builds a site, and what its versions do differently with links.

Read in the sources of Hexo 3.9.0, 4.2.1, 5.4.2, 6.3.0, 7.3.0 and 8.1.2, and held against the links that they made.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Literal, NamedTuple

_NUMBER = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,3}|x|\*))?")
_PLUGIN = re.compile(r"(?:@[^/]{1,100}/)?hexo-")
_MAX_PLUGINS = 500


class HexoVersion(NamedTuple):
    """A version of Hexo, without its last number: no link depends on that."""

    major: int
    minor: int


_NEWEST = {
    version.major: version
    for version in (
        *(HexoVersion(3, 9), HexoVersion(4, 2), HexoVersion(5, 4)),
        *(HexoVersion(6, 3), HexoVersion(7, 3), HexoVersion(8, 1)),
    )
}
LATEST = HexoVersion(8, 1)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a version of Hexo does with links; the defaults are those of Hexo 8.1.

    Attributes:
        old_yaml: js-yaml 3 reads front matter, by YAML 1.1, in which 0123 is 83.
        strict_closing: Only a line of nothing but dashes closes front matter.
        permalink_is_slug: A post's `permalink` takes the place of its slug in the site's rule.
        title_from: What fills in for a missing title.
        asset_slash: With asset folders, a slash is appended to what ends in neither / nor .html.
        slug_titles: `use_slug_as_post_title` has an effect.
        drafts_have_categories: Posts that are not shown are in categories too.
        missing: Variables of the rule that this version does not know.
        pretty_urls: The option of that name has an effect.
        encoding: How the path is encoded: by encodeURI, as the URL standard has it, or left to the reader's browser.
        minimatch: Patterns are read by minimatch, and `ignore` is for folders only.
    """

    old_yaml: bool = False
    strict_closing: bool = False
    permalink_is_slug: bool = False
    title_from: Literal["nothing", "link", "link or slug"] = "nothing"
    asset_slash: bool = True
    slug_titles: bool = True
    drafts_have_categories: bool = False
    missing: tuple[str, ...] = ()
    pretty_urls: bool = True
    encoding: Literal["encodeURI", "URL", "none"] = "encodeURI"
    minimatch: bool = False


def dialect_of(version: HexoVersion) -> Dialect:
    """Return what this version does with links."""
    since = {"hour": (4, 1), "minute": (4, 1), "second": (5, 0), "hash": (5, 0), "timestamp": (8, 0)}
    return Dialect(
        old_yaml=version < (6, 1),
        strict_closing=version < (5, 0),
        permalink_is_slug=version < (5, 0),
        title_from="link" if version < (4, 0) or (5, 0) <= version < (7, 0) else _title_from(version),
        asset_slash=version >= (7, 1),
        slug_titles=version >= (7, 3),
        drafts_have_categories=version < (7, 0),
        missing=tuple(name for name, first in since.items() if version < first),
        pretty_urls=version >= (4, 2),
        encoding="none" if version < (4, 0) else "URL" if version < (8, 1) else "encodeURI",
        minimatch=version < (4, 0),
    )


def _title_from(version: HexoVersion) -> Literal["nothing", "link or slug"]:
    return "link or slug" if version < (5, 0) else "nothing"


def plausible_dialects(versions: tuple[HexoVersion, ...], variables: frozenset[str]) -> tuple[Dialect, ...]:
    """Return what Hexo may do with a rule of these variables, each once; no versions stand for all since 2020."""
    if versions:
        found = [dialect_of(version) for version in versions]
    else:
        # Which page a link leads to does not depend on how it is encoded, so the newest does for all.
        newest = dialect_of(LATEST)
        found = [replace(dialect_of(_NEWEST[major]), encoding=newest.encoding) for major in (8, 7, 6, 5)]
        # Nobody writes a rule with a variable that their Hexo does not know.
        found = [dialect for dialect in found if variables.isdisjoint(dialect.missing)]
    needed = (replace(dialect, missing=tuple(sorted(variables.intersection(dialect.missing)))) for dialect in found)
    return tuple(dict.fromkeys(needed))


@dataclass(frozen=True, slots=True)
class Package:
    """What a package.json says of its site: versions that may build it, and Hexo's plugins by name."""

    versions: tuple[HexoVersion, ...]
    plugins: frozenset[str]


class PackageError(Exception):
    """The package.json can't be used; the message is one sentence."""


def package_path(config: str) -> str:
    """Return the path of the package.json beside a `_config.yml`."""
    return str(PurePath(config).parent / "package.json")


def package_fault(error: OSError | UnicodeDecodeError | PackageError) -> str:
    """Return in a few words why a package.json can't be used."""
    if isinstance(error, OSError):
        return error.strerror or "it can't be read"
    return "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


def read_package(text: str) -> Package:
    """Return what a package.json says; both versions count where the range and `hexo.version` differ.

    Raises:
        PackageError: It is not a JSON object.
    """
    try:
        package = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise PackageError(f"it is not valid JSON ({str(error)[:100]}); mend it") from None
    if not isinstance(package, dict):
        raise PackageError("it is no JSON object; mend it")
    wanted: dict[str, Any] = {}
    for section in ("devDependencies", "dependencies"):
        # Hexo loads a plugin that either section names.
        if isinstance(found := package.get(section), dict):
            wanted |= found
    hexo = package.get("hexo")
    ran = _version(hexo.get("version") if isinstance(hexo, dict) else None)
    plugins = [name for name in wanted if _PLUGIN.match(name)]
    return Package(_versions(wanted.get("hexo"), ran), frozenset(plugins[:_MAX_PLUGINS]))


def _versions(wanted: Any, ran: HexoVersion | None) -> tuple[HexoVersion, ...]:
    """Return the newest version in the range that package.json names, and the one that last wrote it."""
    lowest = _version(wanted)
    if lowest is None:
        return (ran,) if ran else ()
    is_range = isinstance(wanted, str) and wanted.strip()[:1] in ("^", ">", "*", "x")
    newest = max(lowest, _NEWEST.get(lowest.major, LATEST)) if is_range else lowest
    if ran is None or (ran.major == lowest.major and not is_range):
        return (newest,)
    return tuple(dict.fromkeys((newest, ran)))


def _version(text: Any) -> HexoVersion | None:
    match = _NUMBER.search(text) if isinstance(text, str) and len(text) < 100 else None
    if match is None or int(match[1]) < 3:
        return None
    major, minor = int(match[1]), match[2] or ""
    return HexoVersion(major, int(minor)) if minor.isdigit() else _NEWEST.get(major, LATEST)
