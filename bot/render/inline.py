"""Articles as results of inline mode: what the list shows, and the message that is sent of the one chosen (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.i18n import Translator
from bot.render.article import short_title, shown_summary, source_and_time
from bot.render.card import card_html
from bot.render.shorten import shorten
from bot.text.markup import plain_text, safe_url, seen
from digests.fetch.guard import host_fault
from digests.model.article import Article

_DESCRIPTION = 140
_HTTPS = 443


def inline_result(
    article: Article,
    t: Translator,
    timezone: str,
    now: datetime,
    also: Sequence[Article],
    link: str,
    *,
    has_picture: bool,
) -> dict[str, Any]:
    """Return an article as Telegram's InlineQueryResultArticle; `link` opens it in the bot.

    Telegram's servers fetch the picture, and its address is shown to everybody in the chat.
    """
    title = short_title(article, t)
    picture = public_address(article.thumbnail) if has_picture else None
    about = [plain_text(source_and_time(article, t, timezone, now)), shown_summary(article, title)]
    preview = (
        {"url": picture, "prefer_large_media": True, "show_above_text": True} if picture else {"is_disabled": True}
    )
    result: dict[str, Any] = {
        "type": "article",
        "id": str(article.id),
        "title": _one_line(title) or t("(untitled)"),
        "description": shorten(_one_line("\n".join(filter(None, about))), _DESCRIPTION),
        "input_message_content": {
            "message_text": card_html(article, t, timezone, now, also),
            "parse_mode": "HTML",
            "link_preview_options": preview,
        },
        "reply_markup": {"inline_keyboard": [[{"text": t("Open in the bot"), "url": link}]]},
    }
    return result | ({"thumbnail_url": picture} if picture else {})


def public_address(url: str | None) -> str | None:
    """Return the address of a picture if Telegram can fetch it from the web, over TLS; else None."""
    address = safe_url(url)
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _HTTPS
    except ValueError:
        return None
    is_public = "." in host and port == _HTTPS and "@" not in parts.netloc and not host_fault(host, port)
    return address if parts.scheme == "https" and is_public else None


def _one_line(text: str) -> str:
    return " · ".join(filter(None, (" ".join(line.split()) for line in seen(text).splitlines())))
