"""Which pictures represent no article: badges, counters, pixels, portraits, banners ... (`excluded.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

_RULES: Mapping[str, Any] = tomllib.loads(files(__package__).joinpath("excluded.toml").read_text(encoding="utf-8"))
IMAGE_EXTENSION = r"\.(?:gif|png|jpe?g|jfif|svg|webp|bmp|ico|avif)"
_ADDRESS = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#:]+)(?::[0-9]*)?([^#]*)", re.IGNORECASE)
_SIZE = re.compile(r"\s*([0-9]{1,5})(?:\.[0-9]+)?(?:px)?\s*")
_STYLE_SIZE = re.compile(r"(?:^|[;\s])(width|height)\s*:\s*([0-9]{1,5})(?:\.[0-9]+)?px", re.IGNORECASE)
_NO_DISPLAY = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_RATIO = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,20})?")
_MIN_SIZE = 48
"""Width and height in pixels: anything smaller is an icon."""
_MAX_LOGO = 200
_MIN_RATIO = 0.12
"""Height by width: anything flatter is a line between paragraphs."""


def _all(key: str) -> list[str]:
    return [text for kind in _RULES["kinds"] for text in kind.get(key, ())]


def _any_of(texts: Iterable[str]) -> str:
    return "(?:" + "|".join(texts) + ")"


def _banner_names() -> tuple[str, str]:
    """Return patterns for a size in a picture's name; a size of small pictures, too, only where it is the name."""
    banners, boxes = _any_of(_RULES["sizes"]["banners"]), _any_of(_RULES["sizes"]["boxes"])
    return rf"[/_.-]{banners}{IMAGE_EXTENSION}(?:$|[?!])", rf"/{boxes}{IMAGE_EXTENSION}(?:$|[?!])"


_LEADS = ("//", "/", r"\.", "[?&]", ",", "[/_.-]", "[_.-]")


def _by_lead() -> dict[str, list[str]]:
    """Return the patterns by what they begin with: a search for a known character is many times as fast."""
    number = r"(?:[_-]?[0-9]{1,3}(?:x[0-9]+)?)?"
    parts, folders, endings, names = map(_any_of, map(_all, ("parts", "folders", "endings", "names")))
    patterns = [
        rf"/{parts}(?:/|{IMAGE_EXTENSION}|\?|$)",
        rf"/{folders}/",
        rf"[/_.-]{endings}{number}{IMAGE_EXTENSION}(?:$|[?!])",
        rf"/{names}{number}{IMAGE_EXTENSION}(?:$|[?!])",
        rf"[_.-]{names}\.gif(?:$|[?!])",
        *_banner_names(),
        *_all("patterns"),
        _RULES["programs"]["address"],
    ]
    found: dict[str, list[str]] = defaultdict(list)
    for pattern in patterns:
        lead = next(lead for lead in _LEADS if pattern.startswith(lead))
        found[lead].append(pattern.removeprefix(lead))
    return found


def _compiled(leads: Iterable[str]) -> list[re.Pattern[str]]:
    # Without IGNORECASE, an alternative is passed over by its first character.
    return [re.compile(lead + _any_of(patterns)) for lead, patterns in _by_lead().items() if lead in leads]


(_HOST_WORDS,) = _compiled(["//"])
_PATHS = _compiled(_LEADS[1:])
_CLASS = re.compile(rf"(?:^|[\s_-]){_any_of(_RULES['marks']['classes'])}(?:$|[\s_-])", re.IGNORECASE)
_LOGO = re.compile(rf"(?:^|[\s_/.-]){_any_of(_RULES['marks']['logos'])}(?:$|[\s_.-])", re.IGNORECASE)
_ALTERNATIVE = re.compile(rf"\s*{_any_of(_RULES['marks']['alternatives'])}\s*", re.IGNORECASE)
_BANNERS = frozenset(tuple(map(int, size.split("x"))) for size in _RULES["sizes"]["banners"])


def _hosts() -> Mapping[str, tuple[str, ...]]:
    """Return by host the paths, in lower case, below which nothing is a picture; "" is all of them."""
    paths: dict[str, list[str]] = defaultdict(list)
    for entry in _all("hosts"):
        host, _, path = entry.lower().partition("/")
        paths[host].append("/" + path if path else "")
    return {host: tuple(found) for host, found in paths.items()}


_HOSTS = _hosts()


def is_no_picture(url: str) -> bool:
    """Return whether an absolute address is known to lead to something other than an article's picture."""
    match = _ADDRESS.match(url)
    if match is None:
        return True
    path, labels = "/" + match[2].lower().lstrip("/"), match[1].lower().rstrip(".").split(".")
    for start in range(max(0, len(labels) - 6), len(labels) - 1):
        below = _HOSTS.get(".".join(labels[start:]))
        if below is not None and path.startswith(below):
            return True
    for pattern in _PATHS:
        if pattern.search(path):
            return True
    return _HOST_WORDS.search(url.lower()) is not None


def is_decoration(image: Mapping[str, str]) -> bool:
    """Return whether an <img> is no picture of an article by its size, its class or its text."""
    # Most have none of these attributes, and every post has pictures.
    get = image.get
    if "alt" in image and _ALTERNATIVE.fullmatch(image["alt"][:100]):
        return True
    marks = ""
    if "class" in image or "id" in image:
        marks = f"{get('class', '')[:500]} {get('id', '')[:100]}"
        if _CLASS.search(marks):
            return True
    if "data-ratio" in image and _RATIO.fullmatch(image["data-ratio"]) and float(image["data-ratio"]) < _MIN_RATIO:
        # WeChat's articles give height by width.
        return True
    if not ("width" in image or "height" in image or "style" in image):
        return False
    sizes = _sizes(image)
    if any(size < _MIN_SIZE for size in sizes.values()) or (sizes.get("width"), sizes.get("height")) in _BANNERS:
        return True
    if sizes and max(sizes.values()) <= _MAX_LOGO:
        return _LOGO.search(f"{marks} {get('alt', '')[:100]} {get('src', '')[-100:]}") is not None
    return False


def is_hidden(image: Mapping[str, str]) -> bool:
    """Return whether an <img> is never shown; one that waits for a script has its address elsewhere than in `src`."""
    return "style" in image and _NO_DISPLAY.search(image["style"][:1_000]) is not None


def _sizes(image: Mapping[str, str]) -> dict[str, int]:
    style = image.get("style", "")[:1_000]
    sizes = {key.lower(): int(size) for key, size in _STYLE_SIZE.findall(style)} if style else {}
    for key in ("width", "height"):
        if (match := _SIZE.fullmatch(image.get(key, "")[:20])) is not None:
            sizes.setdefault(key, int(match[1]))
    return sizes
