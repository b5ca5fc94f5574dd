"""Plugins of Hexo that change the links of posts, as `_config.yml` and package.json name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from digests.articles.hexo.uncertain import UncertainError

ABBRLINK = "hexo-abbrlink"
PINYIN = "hexo-permalink-pinyin"

LINK: Final = "link"
_KNOWN = {
    # Numbers posts in the order in which it meets them: https://www.npmjs.com/package/hexo-abbrlink2
    "hexo-abbrlink2": ("abbrlink",),
    # Gives numbers to other layouts too: https://www.npmjs.com/package/hexo-abbrlink3
    "hexo-abbrlink3": ("abbrlink",),
    # Fills in what it finds in the path of the file: https://www.npmjs.com/package/hexo-enhancer
    "hexo-enhancer": ("abbrlink", "title", "date", "category"),
    # Categories are the folders of the file: https://www.npmjs.com/package/hexo-auto-category
    "hexo-auto-category": ("category",),
    "hexo-directory-category": ("category",),
}
"""Which parts of a link each plugin makes in its own way."""
_REWRITES_LINKS = re.compile(r"permalink|slug", re.IGNORECASE)
_DATE_PARTS = ("year", "month", "day", "hour", "minute", "second", "i_month", "i_day", "timestamp", "hash")
_SEPARATORS = ("-", "_")
_NO_WORD = re.compile("[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Pinyin:
    """The options of hexo-permalink-pinyin; `excludes` says that it leaves some posts alone, by a pattern."""

    separator: str = "-"
    excludes: bool = False


def link_plugins(names: frozenset[str]) -> tuple[str, ...]:
    """Return those of a site's plugins that bear on links, in their order, but for the two that are followed here."""
    followed = {ABBRLINK, PINYIN}
    return tuple(sorted(name for name in names - followed if name in _KNOWN or _REWRITES_LINKS.search(name)))


def check_plugins(plugins: tuple[str, ...], variable: str) -> None:
    """Raise UncertainError where a plugin makes this variable of the permalink, or LINK for whole links, by itself."""
    if variable in _DATE_PARTS:
        variable = "date"
    elif variable == "post_title":
        variable = "title"
    elif variable in ("title", "name"):
        # These are the name of the file.
        return
    for name in plugins:
        if variable in _KNOWN.get(name, (LINK,)):
            raise UncertainError("plugin", name)


def romanize(path: str, options: Pinyin) -> str:
    """Return the path as hexo-permalink-pinyin leaves it, whose transliteration is not followed here.

    Of ASCII it keeps letters in lower case and digits, between the slashes and the dots.

    Raises:
        UncertainError: The path holds letters to be transliterated, or may be excluded.
    """
    if not path.isascii() or options.separator not in _SEPARATORS:
        raise UncertainError("plugin", PINYIN)
    parts = re.split("([/.])", path.lower())
    made = "".join(part if part in ("/", ".") else _words(part, options.separator) for part in parts)
    if options.excludes and made != path:
        raise UncertainError("plugin", PINYIN)
    return made


def _words(text: str, separator: str) -> str:
    return _NO_WORD.sub(separator, text).strip(separator)
