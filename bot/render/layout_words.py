"""The layouts of digests in words: what each is called, and what it is like (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.i18n import Translator, gettext_noop
from bot.text.markup import Html
from digests.model.layout import Layout

_NAMES: Mapping[Layout, str] = MappingProxyType(
    {
        Layout.GALLERY: gettext_noop("Gallery"),
        Layout.LIST: gettext_noop("List"),
        Layout.HEADLINES: gettext_noop("Headlines"),
        Layout.MAGAZINE: gettext_noop("Magazine"),
    }
)
_LIKE: Mapping[Layout, str] = MappingProxyType(
    {
        Layout.GALLERY: gettext_noop(
            "All pictures together on top, and below them the articles with the same numbers."
        ),
        Layout.LIST: gettext_noop("One large picture on top, and below it every article with its summary."),
        Layout.HEADLINES: gettext_noop("Titles alone, many at a glance."),
        Layout.MAGAZINE: gettext_noop("Everything in one message to leaf through, each article with its picture."),
    }
)


def layout_name(layout: Layout, t: Translator) -> str:
    """Return what a layout is called."""
    return t(_NAMES[layout])


def layout_html(layout: Layout, t: Translator) -> Html:
    """Return what a layout is called, and a line on what it is like."""
    return t.html("<b>{name}</b> – {like}", name=layout_name(layout, t), like=t(_LIKE[layout]))
