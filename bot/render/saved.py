"""What people keep to read later: as a screen, and as a file to take away (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from bot.i18n import Translator
from bot.render.article import short_title, shown_title, source_and_time, zone
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html, escape, link, safe_url, seen
from digests.model.saved import SavedEntry, SavedPage

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&$])")


def saved_html(
    page: SavedPage, t: Translator, timezone: str, now: datetime, *, words: str = "", category: str = ""
) -> Html:
    """Return a page of what somebody keeps; `words` and `category` are what it was asked to have."""
    heading = t.count_html("🔖 <b>Saved</b> · {n} article", "🔖 <b>Saved</b> · {n} articles", page.total)
    if category:
        heading = heading + " · " + inert_in_line(category)
    if words:
        heading = heading + " · " + t.html("“{words}”", words=words[:100])
    if not page.kept:
        return heading + "\n\n" + t.html("Nothing yet: press 🔖 Save below an article, and it waits for you here.")
    if not page.entries:
        return heading + "\n\n" + t.html("None of what you saved matches that.")
    items = [_item(number, entry, t, timezone, now) for number, entry in enumerate(page.entries, 1)]
    return escape("\n\n").join([heading, *items])


def _item(number: int, entry: SavedEntry, t: Translator, timezone: str, now: datetime) -> Html:
    article = entry.article
    if article is None:
        return t.html("{n}. <i>This article is gone.</i>", n=number)
    lines = [Html(f"{number}. ") + link(inert_in_line(short_title(article, t)), article.url)]
    if when := source_and_time(article, t, timezone, now):
        lines.append(Html(f"<i>{when}</i>"))
    return LINE_BREAK.join(lines)


def saved_markdown(entries: Sequence[SavedEntry], t: Translator, timezone: str) -> str:
    """Return a Markdown list of what somebody keeps, with links, sources and the days of the place's zone."""
    heading, gone = t("Saved articles"), _escaped(t("This article is gone."))
    lines = [f"# {heading}", ""]
    for entry in entries:
        day = entry.at.astimezone(zone(timezone)).date().isoformat()
        if entry.article is None:
            lines.append(f"- *{gone}* ({day})")
            continue
        article = entry.article
        title, address = _escaped(shown_title(article, t)), safe_url(article.url)
        named = f"[{title}](<{address.replace('<', '%3C').replace('>', '%3E')}>)" if address else title
        details = [_escaped(article.source)] if article.source else []
        if article.is_dated:
            details.append(article.shown_at.astimezone(zone(timezone)).date().isoformat())
        details.append(t("saved {day}", day=day))
        lines.append(f"- {named} – {', '.join(details)}")
    return "\n".join([*lines, ""])


def saved_json(entries: Sequence[SavedEntry]) -> str:
    """Return what somebody keeps as JSON; of an article that is gone only when it was saved."""
    return json.dumps({"saved": [_row(entry) for entry in entries]}, ensure_ascii=False, indent=2) + "\n"


def _row(entry: SavedEntry) -> dict[str, object]:
    article, saved_at = entry.article, entry.at.isoformat()
    if article is None:
        return {"saved_at": saved_at, "gone": True}
    return {
        "saved_at": saved_at,
        "title": article.title,
        "url": article.url,
        "original_url": article.original_url,
        "source": article.source,
        "categories": list(article.categories),
        "published_at": article.shown_at.isoformat() if article.is_dated else None,
        "summary": article.summary,
    }


def _escaped(text: str) -> str:
    """Return a text of which Markdown makes nothing but itself, on a single line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(seen(text).split()))
