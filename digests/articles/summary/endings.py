"""How texts end: with a sentence, or with what feeds and themes append, as "Continue reading" and "[…]"."""

from __future__ import annotations

import re

# A full stop after a number of one or two digits is that of an ordinal, as in German dates. Each branch begins with a
# character of its own: `re` then skips all others.
_SENTENCE = re.compile(
    r"。|！|？|!|\?|…|；|;(?=\s)|\.(?:[\"'”’)」』）]|$|(?<!\b[0-9]\.)(?<!\b[0-9][0-9]\.)\s)",
)
_CUT = re.compile(r"\s*[\[(（【]\s?(?:…|\.{3}|more\s?(?:…|\.{3})?)\s?[\])）】](?:[\s→»›>.…]|&raquo;)*$", re.IGNORECASE)
_CONTINUED = re.compile(
    r"(?:^|(?<=[.!?…。！？»”\"\])）])|(?<=[.!?…。！？»”\"\])）]\s)|\s(?-i:(?=[CRKWLSVMI])))"
    r"(?:continue reading|read (?:more|on|the rest|the full|full|the whole)|keep reading"
    r"|view (?:post|original)|see more"
    r"|weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo"
    r"|leggi tutto|continua a leggere|leia mais|lees verder|читать далее"
    r"|続きを読む|もっと読む|(?:阅读|查看|閱讀|继续阅读|點擊閱讀)(?:原文|全文|更多|全部)|더\s?보기)"
    r"[^.。!?！？]{0,160}[\s→»›>.…]*$",
    re.IGNORECASE,
)
# What WordPress, in its languages, and Reddit put after each item of a feed, by a word of it: hardly a text has one.
_APPENDED = tuple(
    (hint, re.compile(rf"(?:{pattern})$", re.IGNORECASE))
    for hint, pattern in (
        ("appeared", r"\bThe post .{0,200} (?:first )?appeared (?:first )?on .{0,80}"),
        ("appeared", r"\b(?:The|This) article .{0,200}\b(?:first appeared|appeared first) (?:on|in) .{0,80}"),
        ("originally published in", r".{0,200} was originally published in .{0,100} on Medium, where people .{0,120}"),
        ("erschien", r"\bDer Beitrag .{0,200} erschien zuerst (?:auf|bei) .{0,80}"),
        ("apparu", r"\bL['’]article .{0,200} est apparu en premier sur .{0,80}"),
        ("primero en", r"\bLa entrada .{0,200} (?:se publicó|aparece|apareció) primero en .{0,80}"),
        ("proviene da", r"\bL['’]articolo .{0,200} proviene da .{0,80}"),
        ("il primo su", r"\bL['’]articolo .{0,200} sembra essere il primo su .{0,80}"),
        ("primeiro em", r"\bO post .{0,200} apareceu primeiro em .{0,80}"),
        ("verscheen", r"\bHet bericht .{0,200} verscheen eerst op .{0,80}"),
        ("först upp", r"\bInlägget .{0,200} dök först upp på .{0,80}"),
        ("pochodzi z", r"\bArtykuł .{0,200} pochodzi z serwisu .{0,80}"),
        ("появил", r"\b(?:Сообщение|Запись) .{0,220}появил\w{1,3} (?:сначала )?(?:на|в) .{0,80}"),
        ("最初に表示", r"投稿 .{0,200} は .{0,80} に最初に表示されました.{0,3}"),
        ("最先出", r"(?:^|(?<=[。！？!?.…]))[^。！？]{1,200}最先出[现現][在於].{0,80}"),
        ("submitted by", r"submitted by\s+/?u/\S{1,40}(?: to r/\S{1,40})?(?:\s+\[link\])?(?:\s+\[comments\])?"),
    )
)
TAIL = 360
"""Characters at the end of a text within which such words may stand."""
_TAIL_HINT = re.compile(
    r"\]|\)|）|】|…|\.\.\.|reading|read |see more|view |lesen|lire|leer|leyendo|leggi|continua|leia|lees"
    r"|читать|読む"
    r"|阅读|查看|閱讀|보기"
)
"""What one of the patterns above needs."""


def ends_sentence(text: str) -> bool:
    """Return whether a text has the end of a sentence in it."""
    return _SENTENCE.search(text) is not None


def without_tail(text: str) -> str:
    """Return the text without "[…]", "Continue reading" and the like at its end; "…" shows where it was cut."""
    start = max(0, len(text) - TAIL)
    tail = text[start:]
    shorter = _without_appended(tail)
    if _TAIL_HINT.search(shorter.lower()):
        shorter = _CONTINUED.sub("", shorter).rstrip()
        cut = _CUT.sub("", shorter).rstrip()
        if cut != shorter and cut and not ends_sentence(cut[-2:]):
            cut = cut.rstrip(".,;:，；：、") + "…"
        shorter = cut
    return (text[:start] + shorter).rstrip() if shorter != tail else text


def is_cut_off(text: str) -> bool:
    """Return whether a text ends where it was cut: with "…", "[…]", "Continue reading" and the like."""
    end = _without_appended(text[-TAIL:]).rstrip()
    return end.endswith(("…", "...")) or bool(_CUT.search(end) or _CONTINUED.search(end))


def _without_appended(tail: str) -> str:
    lowered = tail.lower()
    for hint, appended in _APPENDED:
        if hint in lowered:
            tail = appended.sub("", tail).rstrip()
    return tail
