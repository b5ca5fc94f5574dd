"""Where the pictures of a post lie, as Hexo, its renderers and its themes resolve their addresses.

Three places write addresses, and each is treated in its own way:

- Front matter: themes pass a cover through Hexo's `url_for`, which puts the site's root before it, whether it begins
  with a slash or not. Of a name alone, with `post_asset_folder`, butterfly and solitude make the address of the asset.
- Markdown: hexo-renderer-marked (`prependRoot`, on by default) does the same as `url_for`, and finds assets with
  `postAsset`; other renderers leave addresses to the browser.
- Tags written as HTML: nobody touches them, so the browser resolves them against the page.

With `post_asset_folder`, the files of `_posts/name/` are published below the post's page, whatever the renderer makes
of their addresses. So a name alone, and `name/picture.jpg` as editors write it and hexo-asset-image and its successors
understand it, lead there. Where two rules that give different addresses may hold, there is none.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from digests.articles.hexo.site import SiteRules

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
# Where files lie on the author's machine: editors that are not told otherwise write such paths.
_MACHINE = re.compile(r"/(?:Users|home|root|mnt|media|Volumes|private|var|tmp)/[^/]+/|/path/to/", re.ASCII)
# What Hexo's own `_config.yml` has as `url` until it is filled in: since version 5, and before.
_NOBODYS = frozenset({"example.com", "yoursite.com"})
_FILE = re.compile(r"[^/?#\s][^/?#]*\.[A-Za-z0-9]{2,5}(?:$|[?!#@])")


class PicturePlaces(NamedTuple):
    """What relative addresses of a post's pictures are resolved against.

    Attributes:
        page: The page that the post is a copy of, or its own on its site; None if neither is known.
        site: The site that `page` belongs to; None for the page of somebody else.
        stem: The name of the post's file without its extension, which is the name of its asset folder.
    """

    page: str | None = None
    site: SiteRules | None = None
    stem: str = ""

    @classmethod
    def of(cls, original: str | None, own: str | None, site: SiteRules | None, path: str) -> PicturePlaces:
        """Return the places of the post at `path`: those of its original, of which it is a copy, else of its site."""
        if original is not None or site is None or not site.url or site.url.rpartition("/")[2] in _NOBODYS:
            return cls(original)
        return cls(own, site, path.rpartition("/")[2].rpartition(".")[0])

    def in_field(self, address: str) -> str | None:
        """Return the absolute address of a picture that the front matter names, or None where that is uncertain."""
        return self._resolve(address, self.site is not None)

    def in_markdown(self, address: str) -> str | None:
        """Return the absolute address of a picture in Markdown."""
        return self._resolve(address, self.site is not None and self.site.prepends_root)

    def in_markup(self, address: str) -> str | None:
        """Return the absolute address of a picture in a tag written as HTML."""
        return self._resolve(address, below_root=False)

    def _resolve(self, address: str, below_root: bool) -> str | None:
        if _DRIVE.match(address) or _MACHINE.match(address):
            return None
        if _SCHEME.match(address):
            return address
        address = address.replace("\\", "/")
        if self.site is None:
            return _joined(self.page, address)
        top = urljoin(self.site.url, self.site.root or urlsplit(self.site.url).path.rstrip("/") + "/")
        if address.startswith("/"):
            return _below(top, address) if below_root else _joined(self.site.url, address)
        name = address.removeprefix("./")
        if "/" not in name.partition("?")[0]:
            # Nobody keeps pictures in the top folder of a site: a name alone lies beside the page.
            return self._asset(name) if self.site.post_asset_folder else _joined(self.page, name)
        folder, _, rest = name.partition("/")
        if self.site.post_asset_folder and unquote(folder) == self.stem and "/" not in rest:
            return self._asset(rest)
        if self.site.post_asset_folder and not name.startswith("../") and self.site.finds_assets:
            return None
        return _below(top, name) if below_root else _joined(self.page, name)

    def _asset(self, name: str) -> str | None:
        """Return where Hexo puts the file `name` of the post's asset folder: `page.html` has it below `page/`."""
        if self.page is None or not _FILE.match(name):
            return None
        folder = re.sub(r"(?:/index)?\.html?$", "", self.page).rstrip("/")
        return f"{folder}/{name}"


def _joined(base: str | None, address: str) -> str | None:
    if base is None:
        return None
    try:
        return urljoin(base, address)
    except ValueError:
        return None


def _below(top: str, address: str) -> str | None:
    """Return the address below the site's root, which `../` does not leave; unless it begins with the root itself."""
    root = urlsplit(top).path
    if root != "/" and address.startswith(root):
        return _joined(top, address)
    return _joined(top, "/" + "/".join(part for part in (root + address).split("/") if part not in ("", ".", "..")))
