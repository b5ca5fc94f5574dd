"""Link previews: the bot's options for them, and what a person would see."""

from __future__ import annotations

from typing import NamedTuple

from bot.simulator.botapi.call import Call
from bot.simulator.botapi.fetching import fetch_page, is_on_this_machine
from bot.simulator.refusal import bad_request
from bot.simulator.text.formatted import FormattedText, Json
from bot.simulator.text.links import try_normalize_link

_OPTIONS = ("is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text")


class PreviewedPage(NamedTuple):
    """What Telegram fetched for a preview: whether that failed, and the PhotoSize of what is itself a picture."""

    fails: bool = False
    photo: Json | None = None


NO_PAGE = PreviewedPage()


def read_preview_options(call: Call) -> Json | None:
    """Return the call's link_preview_options, as a message shows them."""
    given = call.json("link_preview_options", "link preview options")
    if given is None:
        return {"is_disabled": True} if call.flag("disable_web_page_preview") else None
    if not isinstance(given, dict):
        raise bad_request("Object expected as link preview options")
    return {name: given[name] for name in _OPTIONS if given.get(name)} or None


async def fetch_preview(call: Call, body: FormattedText | None, options: Json | None) -> PreviewedPage:
    """Fetch the page of a message's preview. Of one that can't be fetched, Telegram shows no preview."""
    url = _previewed_url(body, options)
    if url is None:
        return NO_PAGE
    if call.world.faults.bad_picture(url):
        return PreviewedPage(fails=True)
    if not is_on_this_machine(url):
        return NO_PAGE
    page = await fetch_page(call.world, url)
    if page.refusal:
        return PreviewedPage(fails=not page.is_reachable)
    name = url.rpartition("/")[2]
    file = call.world.files.add("photo", name, page.mime, page.content, size=(page.width, page.height), url=url)
    return PreviewedPage(photo=file.sizes_json()[-1])


def preview_view(body: FormattedText | None, options: Json | None) -> Json | None:
    """Return the preview that Telegram would show: of the given address, or else of the first in the text."""
    url = _previewed_url(body, options)
    options = options or {}
    if url is None:
        return None
    return {
        "url": url,
        "large": bool(options.get("prefer_large_media")) and not options.get("prefer_small_media"),
        "above": bool(options.get("show_above_text")),
    }


def _previewed_url(body: FormattedText | None, options: Json | None) -> str | None:
    options = options or {}
    if body is None or options.get("is_disabled"):
        return None
    url = try_normalize_link(str(options["url"])) if options.get("url") else _first_url(body)
    return url if url is not None and url.startswith(("http://", "https://")) else None


def _first_url(body: FormattedText) -> str | None:
    for entity in body.entities:
        if entity.kind == "text_link":
            return entity.argument
        if entity.kind == "url":
            units = body.text.encode("utf-16-le")
            return try_normalize_link(units[entity.offset * 2 : entity.end * 2].decode("utf-16-le"))
    return None
