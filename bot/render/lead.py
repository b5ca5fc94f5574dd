"""What an article's summary says beyond its title (pure)."""

from __future__ import annotations

from bot.render.shorten import DENSE

_CUT = ("…", "...")
_SENTENCE_END = "。！？!?…】」』.;；"
_MIN_LETTERS = 6


def beyond_title(summary: str, title: str) -> str:
    """Return the summary without the words of the title that it begins with, so that nobody reads them twice.

    The titles of microblogs are the beginning of the text, cut: the summary then goes on where the title stops, with an
    ellipsis, at the beginning of a word. A title that is the summary's first sentence is left out with its end. What
    merely begins with the same words stays.
    """
    is_cut = title.rstrip().endswith(_CUT)
    at = _end_of(title, summary)
    if at is None:
        return summary
    rest = summary[at:]
    if is_cut:
        if rest[:1].isalnum() and not DENSE.match(rest):
            at = max(summary.rfind(" ", 0, at) + 1, 0)
            rest = summary[at:]
        rest = rest.lstrip(" ,;:，；：、。.…")
        return "…" + rest if rest else ""
    if not rest.strip():
        return ""
    ended = rest.lstrip(_SENTENCE_END)
    if ended == rest or (rest[0] == "." and ended[:1].isalnum()):
        return summary
    return ended.strip()


def _end_of(title: str, summary: str) -> int | None:
    """Return where in the summary the title's letters end, spaces and signs aside, or None if it doesn't begin so."""
    # Most summaries differ in their first letter, and these are very many.
    if _first_letter(title) != _first_letter(summary):
        return None
    wanted = [character for character in title.casefold() if character.isalnum()]
    if len(wanted) < _MIN_LETTERS:
        return None
    at = 0
    for position, character in enumerate(summary):
        for letter in character.casefold():
            if not letter.isalnum():
                continue
            if letter != wanted[at]:
                return None
            at += 1
            if at == len(wanted):
                return position + 1
    return None


def _first_letter(text: str) -> str:
    return next((letter for character in text for letter in character.casefold() if letter.isalnum()), "")
