"""Which function renders which layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from bot.render.layouts.gallery import render_gallery
from bot.render.layouts.headlines import render_headlines
from bot.render.layouts.list import render_list
from bot.render.layouts.magazine import render_magazine
from bot.render.layouts.options import LayoutOptions
from digests.model.delivery import Part
from digests.model.digest import Digest
from digests.model.layout import DigestStyle, Layout

RenderLayout = Callable[[Digest, DigestStyle, LayoutOptions, datetime], tuple[Part, ...]]

LAYOUTS: Mapping[Layout, RenderLayout] = MappingProxyType(
    {
        Layout.GALLERY: render_gallery,
        Layout.LIST: render_list,
        Layout.HEADLINES: render_headlines,
        Layout.MAGAZINE: render_magazine,
    }
)
