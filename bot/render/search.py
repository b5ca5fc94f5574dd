"""What is said above what a search found (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.render.shorten import shorten
from bot.text.markup import Html

_WORDS = 100
_NAME = 60
_MOST_UNKNOWN = 3


def found_heading(words: str, total: int, counted: int, t: Translator) -> Html:
    """Return the heading above hits; more than `counted` are not counted."""
    if total > counted:
        return t.html("🔎 <b>{words}</b> · more than {n} articles", words=shorten(words, _WORDS), n=t.number(counted))
    return t.count_html(
        "🔎 <b>{words}</b> · {n} article", "🔎 <b>{words}</b> · {n} articles", total, words=shorten(words, _WORDS)
    )


def unknown_html(unknown: Sequence[str], t: Translator) -> Html:
    """Return what is said of names in a query that mean nothing here; empty if there are none."""
    if not unknown:
        return Html()
    names = t.joined(f"“{shorten(name, _NAME)}”" for name in unknown[:_MOST_UNKNOWN])
    return t.html("I don't know what {names} is.", names=names)


def days_text(days: int, t: Translator) -> str:
    """Return the name of the last so many days: a day, a week or a month."""
    return {1: t("Last day"), 7: t("Last week"), 30: t("Last month")}[days]
