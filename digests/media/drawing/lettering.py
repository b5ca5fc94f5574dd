"""Fonts by size, and words set in them: characters without a glyph are left out, so that no empty boxes are drawn."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

from digests.media.fonts import FontFile, ask_fontconfig, find_font

_LONGEST = 400
"""Characters of a text that are looked at; more never fit."""
_ELLIPSIS = "…"
_JOINERS = "\u200c\u200d"
_MISSING = "\U0010fffe"
"""A character that no font has."""
_SPACE = re.compile(r"\s+")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_BY_ITSELF = 0.3
"""The share of a text that a font may lack before another is asked for."""


@dataclass(frozen=True, slots=True)
class Type:
    """A font in a size, in pixels. Without a system's font, Pillow's own has Latin letters."""

    size: int
    file: FontFile | None = None

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        """The font, loaded once."""
        return _loaded(self.file, self.size)

    def width(self, text: str) -> float:
        """Return how wide the text is, in pixels."""
        return float(self.font.getlength(text))


@dataclass(frozen=True, slots=True)
class Word:
    """A text on one line, in the type that can show it."""

    text: str
    type: Type

    @property
    def width(self) -> float:
        """How wide it is, in pixels."""
        return self.type.width(self.text)


def set_word(kind: Type, text: str, width: float) -> Word:
    """Return as much of a text as can be shown and fits into a line of this width."""
    shown = type_with(kind, text)
    return Word(fit(shown, printable(shown, text), width), shown)


def forget_fonts() -> None:
    """Look for fonts again: some were installed or removed."""
    _font_of.cache_clear()
    _font_with.cache_clear()


def choose_type(size: int, language: str, *, bold: bool = False) -> Type:
    """Return the type for texts in this language, and in whatever else they may be."""
    return Type(size, _font_of(language, bold=bold))


def type_for(size: int, text: str, language: str = "zh-CN", *, bold: bool = False) -> Type:
    """Return the type for a text: with the forms of characters that it has in its language, as far as its letters tell.

    `language` is the one whose readers it is for.
    """
    language = "ja" if _KANA.search(text) else "ko" if _HANGUL.search(text) else language
    return type_with(choose_type(size, language, bold=bold), text)


def type_with(kind: Type, text: str) -> Type:
    """Return this type or, for a text that it can't show, the one of the same size that can show more of it."""
    letters = "".join(dict.fromkeys(char for char in text[:_LONGEST] if char.isalpha()))
    missing = [char for char in letters if not _has_glyph(kind.file, char)]
    if len(missing) <= _BY_ITSELF * len(letters):
        return kind
    wanted = " ".join(f"{ord(char):x}" for char in missing[:40])
    other = Type(kind.size, _font_with(f"sans-serif:charset={wanted}"))
    lacking = [char for char in letters if other.file is None or not _has_glyph(other.file, char)]
    return other if len(lacking) < len(missing) else kind


def printable(kind: Type, text: str) -> str:
    """Return the text on one line, without what the font has no glyph for, such as emoji, and without controls."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", text[:_LONGEST]):
        if char.isspace():
            kept.append(" ")
        elif char in _JOINERS:
            # They shape letters of some scripts; elsewhere they join emoji.
            if kept and unicodedata.category(kept[-1]) in ("Lo", "Mn", "Mc"):
                kept.append(char)
        elif unicodedata.category(char)[0] != "C" and not _is_selector(char) and _has_glyph(kind.file, char):
            kept.append(char)
    return _SPACE.sub(" ", "".join(kept)).strip()


def fit(kind: Type, text: str, width: float) -> str:
    """Return the text as far as it fits into a line of this width, with an ellipsis if it was cut; "" if none does."""
    if kind.width(text) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if kind.width(text[:middle].rstrip() + _ELLIPSIS) <= width else (low, middle - 1)
    head = text[:low].rstrip(" ,;:，；：、·-–—(（[【「『“‘《〈")
    return head + _ELLIPSIS if head else ""


def runs_right_to_left(text: str) -> bool:
    """Return whether the first letter is of a script that is written from the right."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return strong != "L"


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\U0001f3fb" <= char <= "\U0001f3ff"


@lru_cache(maxsize=64)
def _font_of(language: str, *, bold: bool) -> FontFile | None:
    return find_font(language, bold=bold)


@lru_cache(maxsize=256)
def _font_with(pattern: str) -> FontFile | None:
    return ask_fontconfig(pattern)


@lru_cache(maxsize=64)
def _loaded(file: FontFile | None, size: int) -> ImageFont.FreeTypeFont:
    if file is not None:
        return ImageFont.truetype(file.path, size, index=file.face)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


_PROBE_SIZE = 16


@lru_cache(maxsize=16384)
def _has_glyph(file: FontFile | None, char: str) -> bool:
    """Return whether the font can show the character. Pillow doesn't say: it draws the font's sign for "missing"."""
    if char.isspace():
        return True
    font = _probe(file)
    mask, missing = font.getmask(char), font.getmask(_MISSING)
    return mask.size != missing.size or bytes(mask) != bytes(missing)


@lru_cache(maxsize=16)
def _probe(file: FontFile | None) -> ImageFont.FreeTypeFont:
    if file is not None:
        return ImageFont.truetype(file.path, _PROBE_SIZE, index=file.face, layout_engine=ImageFont.Layout.BASIC)
    return _loaded(None, _PROBE_SIZE)
