"""Choosing the picture that represents an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from digests.articles.fields.links import address_on_host, web_address
from digests.articles.fields.metadata import name_of
from digests.articles.heads.front_matter import FieldValue, FrontMatter
from digests.articles.hexo.picture_places import PicturePlaces
from digests.articles.markup.contents import Body
from digests.articles.pictures.excluded import IMAGE_EXTENSION, is_decoration, is_hidden, is_no_picture
from digests.articles.pictures.srcset import by_preference
from digests.articles.pictures.standing import picture_key

# The fields of the themes, without `-` and `_`: first those that name the post's own picture, then those of its head,
# which is often the site's. Sources: the documentation of butterfly (cover, top_img), fluid (index_img, banner_img,
# og_img), icarus (thumbnail, cover), matery (img), volantis (headimg, photos), stellar (cover, banner), NexT and Hexo
# (photos), tranquilpeak (thumbnailImage, coverImage, gallery), magnetic (cover_index), of other generators (image,
# featured_image, heroImage), and the crawler's own.
_FIELDS = (
    *("thumbnail", "headimg", "cover", "image", "coverimage", "coverimg", "indeximg", "thumbnailimage", "coverindex"),
    *(
        "articleimg",
        "articlecover",
        "postcover",
        "homecover",
        "featuredimage",
        "featureimage",
        "featureimg",
        "thumb",
        "img",
    ),
    *("ogimg", "ogimage", "heroimage", "hero", "leadimage", "socialimage", "twitterimage", "cardimage", "shareimg"),
    *("picture", "pic", "photo", "photos", "pictures", "images", "gallery", "teaser", "preview", "poster"),
    *("banner", "bannerimg", "topimg", "headerimg", "headerimage", "bannerimage", "coverdetail", "background"),
)
_PARTS_OF_FIELDS = ("url", "src", "image", "img", "path", "link", "thumbnail", "cover")
_MAX_VALUES = 10
_LAZY = (
    *("data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-original-src", "data-echo", "data-lazy"),
    *("data-lazyload", "data-lazy-load", "data-cfsrc", "data-croporisrc", "data-backsrc", "data-hi-res-src"),
)
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_SPARE = (
    "data-large-file",
    "data-orig-file",
    "lazy-src",
    "lazysrc",
    "_src",
    "zoomfile",
    "file",
    "data-image",
    "data-url",
)
_UNSHOWN_TYPES = frozenset({"image/avif", "image/svg+xml", "image/jxl", "image/heic", "image/heif"})
_JOINED = re.compile(r"https?:/{1,2}(?=[\w-]+\.)", re.IGNORECASE)
_JOINED_HOST = re.compile(r"https?://[^/]+//((?:[\w-]+\.)+(?:com|cn|net|org|io|jp|tw|hk|cc|me)/.+)", re.IGNORECASE)
_PICTURE_FILE = re.compile(IMAGE_EXTENSION + r"(?:$|[?!#@])", re.IGNORECASE)
_MARKDOWN = re.compile(r"!?\[[^\]]{0,300}\]\(\s*+<?([^\s()<>]{1,2000})[^)]{0,300}\)")
_STYLE_URL = re.compile(r"(?:[^(]{0,200}\s)?url\(\s*+[\"']?([^\"')]{1,2000})[\"']?\s*+\)[^(]{0,200}", re.IGNORECASE)
# Themes take a colour, a gradient or a switch for a picture too.
_NO_ADDRESS = re.compile(
    r"(?:true|false|yes|no|on|off|auto|none|null|random|default|transparent|#[0-9a-f]{3,8})$"
    r"|(?:repeating-)?(?:linear|radial|conic)-gradient\(|(?:rgb|hsl|hwb|lab|lch|color|var)a?\(",
    re.IGNORECASE,
)
_MAX_TRIED = 200
MOST_PICTURES = 3
"""Of how many pictures of an article the first usable one is looked for: by then, the others are rarely better."""
_MAX_WRITTEN = 1_000_000
"""Where in the body a picture is written is looked up in this many of its characters: the others are not read."""
_MAX_ADDRESS = 4_096


class PictureRules(NamedTuple):
    """Which pictures may represent an article of this origin, and where the relative ones lie.

    `defaults` are parts of addresses of pictures that represent none, and `standing` the keys of others
    (`standing.py`). `hosts` may have pictures although they are not on the web, each as host:port.
    """

    places: PicturePlaces = PicturePlaces()
    defaults: Sequence[str] = ()
    standing: Collection[str] = ()
    hosts: Collection[str] = ()


_ANYWHERE = PictureRules()


def pictures_of(front: FrontMatter, body: Body, rules: PictureRules = _ANYWHERE) -> tuple[str, ...]:
    """Return the addresses that may represent the article, best first and at most MOST_PICTURES.

    The first is the thumbnail: the first usable picture of the front matter, else of the body. The others are for when
    it turns out to be none. Another size of the same file is not another picture.
    """
    return choose_pictures(_values(front), body, rules, front.body)


def choose_pictures(
    given: Iterable[str], body: Body, rules: PictureRules = _ANYWHERE, written: str = ""
) -> tuple[str, ...]:
    """Return what `pictures_of` does, of an article whose own pictures are `given`, each as it is written.

    `written` is the body as it is written, which matters only on a site.
    """
    found: dict[str, str] = {}
    for url in _usable_pictures(given, body, rules, written[:_MAX_WRITTEN]):
        found.setdefault(picture_key(url), url)
        if len(found) == MOST_PICTURES:
            break
    return tuple(found.values())


def _usable_pictures(given: Iterable[str], body: Body, rules: PictureRules, written: str) -> Iterator[str]:
    """Yield the usable ones of the given pictures, then those of the body.

    The front matter often repeats a picture of the body; if that is unusable there, it is unusable here too.
    """
    images = body.images[:_MAX_TRIED]
    tried, found = set[str](), set[str]()
    for value in given:
        if value in tried:
            # Themes have several fields for the same picture.
            continue
        tried.add(value)
        image = next((image for image in images if image.get("src") == value), None)
        url = _usable(value, rules, rules.places.in_field) if image is None else _picture(image, rules, written)
        if url:
            found.add(value)
            yield url
    yield from _of_body(images, rules, written, found)


def body_picture(body: Body) -> str | None:
    """Return the first picture that the body itself shows, which distinguishes articles without text."""
    return next(_of_body(body.images[:_MAX_TRIED], _ANYWHERE, ""), None)


def _of_body(
    images: Sequence[Mapping[str, str]], rules: PictureRules, written: str, found: Collection[str] = ()
) -> Iterator[str]:
    sources: list[str] = []
    for image in images:
        if "source" in image:
            if image.get("type", "").strip().lower() not in _UNSHOWN_TYPES:
                sources.append(image["srcset"])
        else:
            if image.get("src") not in found and (url := _picture(image, rules, written, sources)):
                yield url
            sources.clear()
    if sources and (url := _picture({}, rules, written, sources)):
        yield url


def _picture(image: Mapping[str, str], rules: PictureRules, written: str, sources: Sequence[str] = ()) -> str | None:
    """Return the address of an <img>, else of the <source> elements before it in its <picture>."""
    if is_decoration(image) or (is_hidden(image) and not any(key in image for key in _LAZY)):
        return None
    for address in _addresses(image, sources):
        if url := _usable(address, rules, lambda written_so: _place(written_so, rules.places, written)):
            return url
    return None


def _place(address: str, places: PicturePlaces, written: str) -> str | None:
    """Return the absolute address of a picture of the body: in a tag, or in Markdown where no tag holds it."""
    if places.site is not None and any(f"={quote}{address}" in written for quote in ('"', "'", "")):
        return places.in_markup(address)
    return places.in_markdown(address)


def _usable(address: str, rules: PictureRules, place: Callable[[str], str | None]) -> str | None:
    """Return the address of a picture, or None for what is none (`excluded.toml`).

    Of two addresses that were joined by mistake, the second is taken.
    """
    address = address.strip()
    if not address or len(address) > _MAX_ADDRESS or address[:5].lower() == "data:":
        return None
    if "//" not in address:
        if not _PICTURE_FILE.search(address):
            # `src=x` is not a picture of the site.
            return None
        address = place(address) or ""
    url = web_address(_split_joined(address))
    if url is None and rules.hosts:
        url = address_on_host(address, rules.hosts)
    if url is None or is_no_picture(url) or any(part and part in url for part in rules.defaults):
        return None
    return None if rules.standing and picture_key(url) in rules.standing else url


def _split_joined(url: str) -> str:
    """Return the second of two joined addresses, which is the whole one; an address after `?` is an argument."""
    rest = url[8:]
    if "//" not in rest and "http" not in rest.lower():
        return url
    path = url.partition("?")[0]
    starts = [match.start() for match in _JOINED.finditer(path)]
    if len(starts) > 1:
        return url[starts[-1] :]
    if (match := _JOINED_HOST.fullmatch(url)) is not None:
        return "https://" + match[1]
    return url


def _values(front: FrontMatter) -> Iterator[str]:
    """Yield the addresses in the fields for pictures, as written."""
    keys = {key.replace("-", "").replace("_", ""): key for key in reversed(front.fields)}
    for name in _FIELDS:
        if name in keys and (value := front.value(keys[name])):
            yield from _texts(value)


def _texts(value: FieldValue) -> Iterator[str]:
    for item in value[:_MAX_VALUES] if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = next((item[key] for key in _PARTS_OF_FIELDS if isinstance(item.get(key), str)), "")
        if isinstance(item, str) and name_of(item[:20]):
            text = item.strip()[:_MAX_ADDRESS]
            match = _MARKDOWN.fullmatch(text) or _STYLE_URL.fullmatch(text) if "(" in text else None
            if match is not None:
                yield match[1]
            elif not _NO_ADDRESS.match(text):
                yield text


def _addresses(image: Mapping[str, str], sources: Sequence[str]) -> Iterator[str]:
    """Yield the image's addresses, the one a browser would end up with first: lazy ones before the one in `src`."""
    for key in (*_LAZY, "src"):
        if address := image.get(key):
            yield address
    for text in (*(image.get(key, "") for key in _SOURCE_SETS), *sources):
        yield from by_preference(text)
    for key in _SPARE:
        if address := image.get(key):
            yield address
