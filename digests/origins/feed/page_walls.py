"""Pages that keep their text from those who have not paid, logged in, agreed or proved to be a person (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_SHORT = 1_500
"""Characters of text below which a page that speaks of a wall is one; an article about cookies is longer."""

# The challenges of Cloudflare, DataDome, PerimeterX, Akamai, DDoS-Guard and Imperva, and of Chinese sites. Scripts that
# they put into ordinary pages too say nothing.
_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|checking your browser|verifying you are human|are you a (?:human|robot)"
    r"|access denied|ddos-guard|pardon our interruption|security check|robot check|captcha"
    r"|安全验证|人机验证|访问验证|滑动验证|验证码",
    re.IGNORECASE,
)
_CHALLENGE_MARKUP = re.compile(
    r"_cf_chl_opt|/challenge-platform/h/\w/orchestrate|cf-browser-verification|captcha-delivery\.com|px-captcha"
    r"|sec-if-cpt-container",
    re.IGNORECASE,
)
_WALL_WORDS = re.compile(
    r"subscribe (?:now )?to (?:continue|keep|read)|(?:continue|keep) reading with a (?:free )?(?:trial|subscription)"
    r"|already a (?:subscriber|member)|for (?:paid )?(?:subscribers|members) only"
    r"|this (?:article|post|story) is (?:only )?for (?:our |paid |paying )*(?:subscribers|members)"
    r"|(?:sign|log) in to (?:continue|read|view)|create a free account to|register to (?:continue|read)"
    r"|(?:we|our partners) (?:and our partners )?use cookies|we value your privacy|accept (?:all )?cookies"
    r"|cookie (?:policy|settings|preferences)|manage (?:your )?consent|enable (?:javascript|cookies)"
    r"|(?:javascript|cookies) (?:is|are) (?:disabled|required)"
    r"|登录后(?:查看|阅读|继续)|请先登录|登入後|订阅后(?:继续)?阅读|訂閱後|付费(?:阅读|内容|后)|會員專享|会员(?:专享|可读)"
    r"|剩余\s*\d+%\s*(?:内容|未读)|扫码(?:登录|关注)后|在微信(?:客户端)?中打开|请在微信客户端打开|环境异常"
    r"|启用\s*javascript|abonniere|bereits abonnent|réservé aux abonnés|solo para suscriptores",
    re.IGNORECASE,
)


def is_wall(title: str, text: str, html: str, described: Iterable[object]) -> bool:
    """Return whether a page shows something in front of its article, or only its beginning.

    Args:
        title: The page's title.
        text: The text that was found in it.
        html: Its markup.
        described: What it says of itself as JSON-LD.
    """
    if any(_is_paid(each) for each in described):
        return True
    if len(text) >= _SHORT:
        return False
    return bool(_CHALLENGE_TITLE.search(title) or _CHALLENGE_MARKUP.search(html) or _WALL_WORDS.search(text))


def _is_paid(described: object) -> bool:
    """Return whether a page calls its article paid (schema.org, isAccessibleForFree)."""
    return any(str(thing.get("isAccessibleForFree")).strip().lower() == "false" for thing in _things(described))


def _things(described: object) -> Iterator[dict[str, object]]:
    """Yield the things that JSON-LD names at its top, in its graph, or as the page's main thing."""
    waiting, seen = [described], 0
    while waiting and seen < 1_000:
        seen += 1
        match waiting.pop():
            case dict() as thing:
                yield thing
                waiting.extend(thing.get(name) for name in ("@graph", "mainEntity", "mainEntityOfPage"))
            case list() as things:
                waiting.extend(things[:1_000])
            case _:
                pass
