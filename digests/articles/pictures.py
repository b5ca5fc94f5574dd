"""Choosing the picture that represents an article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from digests.articles.front_matter import FieldValue, FrontMatter
from digests.articles.links import web_address
from digests.articles.markup import Body
from digests.articles.metadata import name_of

_FIELDS = ("thumbnail", "headimg", "cover", "image", "cover_image", "coverimage", "cover_img", "banner")
_RARE_FIELDS = ("banner_img", "index_img", "top_img", "photo", "photos", "og_image", "featured_image", "thumb", "img")
_LAZY = ("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-original-src", "data-echo", "data-lazy")
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_JOINED = re.compile(r"https?:/{1,2}(?=[\w-]+\.)", re.IGNORECASE)
_JOINED_HOST = re.compile(r"https?://[^/]+//((?:[\w-]+\.)+(?:com|cn|net|org|io|jp|tw|hk|cc|me)/.+)", re.IGNORECASE)
_IMAGE = r"\.(?:gif|png|jpe?g|svg|webp|bmp|ico)"
# Placeholders, tracking pixels and avatars, recognised by their addresses. A word counts only as a whole part of the
# path: a film called Avatar and a story about tracking have pictures too.
_NOT_A_PICTURE = re.compile(
    r"//picsum\.photos/|//(?:via\.)?placeholder\.|//placehold\.|//dummyimage\.com|//loremflickr\.com"
    r"|//source\.unsplash\.com/random|/(?:undefined|null|none|nan|\[object%20object\])/?$"
    r"|(?:[/_.-])(?:404|blank|spacer|transparent|placeholder|lazy(?:-?load)?(?:ing)?|loading|pixel|dot|clear|gr[ae]y"
    r"|1x1|0x0|none|empty|no-?(?:pic|image|img|photo|cover))(?:[_-]?[0-9]{1,3}(?:x[0-9]+)?)?" + _IMAGE + r"(?:$|[?!#])"
    r"|/(?:(?:user|author|default)?[_-]?(?:avatars?|gravatar|userface|userpic|headimgs?|touxiang)|emojis?|emoticons?"
    r"|smil(?:ey|ie)s?|favicons?|qrcode|tracking|tracker|beacon)(?:/|" + _IMAGE + r"|\?|$)"
    r"|//(?:[\w.-]+\.)?(?:doubleclick\.net|google-analytics\.com|feedburner\.com/~|feedsportal\.com|gravatar\.com"
    r"|scorecardresearch\.com|hm\.baidu\.com|cnzz\.com|s\.w\.org/images/core/emoji|pixel\.wp\.com)",
    re.IGNORECASE,
)
_AVATAR = re.compile(
    r"(?:^|[\s_-])(?:avatar|gravatar|emoji|emoticon|smiley|icon|author-?(?:img|image|link|pic))(?:$|[\s_-])",
    re.IGNORECASE,
)
_PICTURE_FILE = re.compile(_IMAGE + r"(?:$|[?!#@])", re.IGNORECASE)
_SIZE = re.compile(r"\s*([0-9]{1,5})(?:\.[0-9]+)?(?:px)?\s*")
_STYLE_SIZE = re.compile(r"(?:^|[;\s])(width|height)\s*:\s*([0-9]{1,5})(?:\.[0-9]+)?px", re.IGNORECASE)
_MIN_SIZE = 48
"""Width and height in pixels: anything smaller is an icon."""
_MAX_TRIED = 200


def thumbnail_of(front: FrontMatter, body: Body, base: str | None, defaults: Sequence[str] = ()) -> str | None:
    """Return the first usable picture of the front matter, else of the body, else None.

    Relative addresses are resolved against `base`. The front matter often repeats a picture of the body; if that is
    unusable there, it is unusable here too.
    """
    images = body.images[:_MAX_TRIED]
    for value in _values(front):
        image = next((image for image in images if image.get("src") == value), None)
        url = usable(value, base, defaults) if image is None else _picture(image, base, defaults)
        if url:
            return url
    return next((url for image in images if (url := _picture(image, base, defaults))), None)


def body_picture(body: Body) -> str | None:
    """Return the first picture that the body itself shows, which distinguishes articles without text."""
    for image in body.images[:_MAX_TRIED]:
        if url := _picture(image, None, ()):
            return url
    return None


def usable(address: str, base: str | None = None, defaults: Sequence[str] = ()) -> str | None:
    """Return the address of a picture, or None for a placeholder, a tracking pixel or an avatar.

    Of two addresses that were joined by mistake, the second is taken.
    """
    if len(address) > 4_096 or address.lstrip()[:5].lower() == "data:":
        return None
    if base is not None and "//" not in address and not _PICTURE_FILE.search(address):
        # `src=x` is not a picture of the site.
        return None
    url = web_address(_split_joined(address.strip()), base)
    if url is None or _NOT_A_PICTURE.search(url) or any(part and part in url for part in defaults):
        return None
    return url


def _split_joined(url: str) -> str:
    """Return the second of two joined addresses, which is the whole one; an address after `?` is an argument."""
    path = url.partition("?")[0]
    starts = [match.start() for match in _JOINED.finditer(path)]
    if len(starts) > 1:
        return url[starts[-1] :]
    if (match := _JOINED_HOST.fullmatch(url)) is not None:
        return "https://" + match[1]
    return url


def _values(front: FrontMatter) -> Iterator[str]:
    for key in _FIELDS + _RARE_FIELDS:
        value: FieldValue | None = front.value(key)
        if isinstance(value, dict):
            value = value.get("url") or value.get("src") or value.get("image")
        if isinstance(value, list):
            value = next((item for item in value if isinstance(item, str) and item), None)
        if isinstance(value, str) and name_of(value[:20]):
            yield value.strip()


def _picture(image: Mapping[str, str], base: str | None, defaults: Sequence[str]) -> str | None:
    if _is_small(image) or _AVATAR.search(f"{image.get('class', '')} {image.get('id', '')}"):
        return None
    for address in _addresses(image):
        if url := usable(address, base, defaults):
            return url
    return None


def _addresses(image: Mapping[str, str]) -> Iterator[str]:
    """Yield the image's addresses, the one a browser would end up with first: lazy ones before the one in `src`."""
    for key in _LAZY:
        if address := image.get(key):
            yield address
    if address := image.get("src"):
        yield address
    for key in _SOURCE_SETS:
        if candidates := image.get(key, "")[:10_000].split(","):
            # The last one is the largest, by convention.
            for candidate in reversed(candidates):
                yield candidate.split()[0] if candidate.strip() else ""


def _is_small(image: Mapping[str, str]) -> bool:
    sizes = dict(_STYLE_SIZE.findall(image["style"].lower())) if "style" in image else {}
    for key in ("width", "height"):
        if (match := _SIZE.fullmatch(image.get(key, ""))) is not None:
            sizes.setdefault(key, match[1])
    return any(int(size) < _MIN_SIZE for size in sizes.values())
