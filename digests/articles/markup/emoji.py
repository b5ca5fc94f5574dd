"""Emoji that are pictures in a post: WordPress, Twemoji and EmojiOne write the emoji or its short name as `alt`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CLASS = re.compile(
    r"(?:^|[\s_-])(?:emoji|emojione|twemoji|wp-smiley|smiley|emoticon|joypixels)(?:$|[\s_-])", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"//s\.w\.org/images/core/emoji/|/(?:twemoji|emojione|joypixels)[/@]|/emoji/(?:unicode|assets)/|/images/smilies/",
    re.IGNORECASE,
)
_CODE_POINTS = re.compile(r"/((?:[0-9a-f]{2,6})(?:-[0-9a-f]{2,6}){0,9})\.(?:png|svg|gif|webp)(?:\?|$)", re.IGNORECASE)
_EMOJI = re.compile(
    "[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff\u200d\ufe0f\u20e3#*0-9\U000e0020-\U000e007f]{1,16}"
)
_SHORT_NAMES = {
    **dict.fromkeys((":)", ":-)", "smile", "slight_smile", "blush"), "🙂"),
    **dict.fromkeys((";)", ";-)", "wink"), "😉"),
    **dict.fromkeys((":(", ":-(", "frowning", "slight_frown"), "🙁"),
    **dict.fromkeys((":d", ":-d", "grinning", "grin", "smiley"), "😀"),
    **dict.fromkeys((":p", ":-p", "stuck_out_tongue"), "😛"),
    **dict.fromkeys((":o", ":-o", "open_mouth"), "😮"),
    **dict.fromkeys(("joy", "lol"), "😂"),
    **dict.fromkeys(("+1", "thumbsup"), "👍"),
    **dict.fromkeys(("-1", "thumbsdown"), "👎"),
    **dict.fromkeys(("heart", "<3"), "❤️"),
    **dict.fromkeys(("tada", "hooray"), "🎉"),
    **dict.fromkeys(("cry", "sob"), "😢"),
    **dict.fromkeys(("white_check_mark", "heavy_check_mark"), "✅"),
    "clap": "👏",
    "eyes": "👀",
    "fire": "🔥",
    "heart_eyes": "😍",
    "muscle": "💪",
    "ok_hand": "👌",
    "pray": "🙏",
    "rocket": "🚀",
    "sparkles": "✨",
    "star": "⭐",
    "sunglasses": "😎",
    "sweat_smile": "😅",
    "thinking": "🤔",
    "warning": "⚠️",
    "wave": "👋",
    "x": "❌",
}
"""The commonest short names of GitHub's list (gemoji) and WordPress's smilies."""


def emoji_of(image: Mapping[str, str]) -> str | None:
    """Return the emoji that a picture is, "" for one that has no name here, or None for a real picture."""
    names, address = image.get("class"), image.get("src", "")
    if not ((names and _CLASS.search(names)) or (_mentions_emoji(address) and _ADDRESS.search(address[:500]))):
        return None
    words = image.get("alt", "").strip()
    if _EMOJI.fullmatch(words):
        return words
    if known := _SHORT_NAMES.get(words.strip(":").lower()) or _SHORT_NAMES.get(words.lower()):
        return known
    points = _CODE_POINTS.search(address[-100:])
    emoji = (
        "".join(chr(int(point, 16)) for point in points[1].split("-") if int(point, 16) < 0x11_0000) if points else ""
    )
    return emoji if _EMOJI.fullmatch(emoji) else ""


def _mentions_emoji(address: str) -> bool:
    return "emoji" in address or "smilies" in address or "joypixels" in address
