"""The language that a feed says it is written in."""

from __future__ import annotations

_SCRIPTS = {
    **dict.fromkeys(("zh", "zh-cn", "zh-sg", "zh-hans", "zh-hans-cn", "zh-hans-sg", "zh-chs"), "zh-Hans"),
    **dict.fromkeys(("zh-tw", "zh-hk", "zh-mo", "zh-hant", "zh-hant-tw", "zh-hant-hk", "zh-cht"), "zh-Hant"),
}


def plain_language(written: str) -> str:
    """Return a language as texts have it that tell their own: `zh-Hans` of zh-cn, `en` of en-us; '' of what is none."""
    name = written.strip().lower().replace("_", "-")
    if name in _SCRIPTS:
        return _SCRIPTS[name]
    language = name.partition("-")[0]
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else ""
