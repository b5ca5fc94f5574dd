"""Which font has the letters of a language: asked of fontconfig, and looked for where Debian has it.

Pillow is not needed for it, so that `doctor` can say whether covers have words.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

logger = logging.getLogger(__name__)

_NOTO = Path("/usr/share/fonts/opentype/noto")
_ASK_SECONDS = 10
# Which face of Noto Sans CJK has the forms of characters that a language uses: the order in Debian's collections.
_FACES = {"ja": 0, "ko": 1, "zh-CN": 2, "zh-TW": 3, "zh-HK": 4}
_FALLBACK = "zh-CN"
_FACE_MASK = 0xFFFF


@dataclass(frozen=True, slots=True)
class FontFile:
    """A face in a font's file."""

    path: str
    face: int = 0


def find_font(language: str = _FALLBACK, *, bold: bool = False) -> FontFile | None:
    """Return a font with the Chinese, Japanese, Korean and Latin characters; None if none is installed.

    The same character looks different in each of these languages: `language` says whose form is preferred.
    """
    preferred = language if language in _FACES else _FALLBACK
    noto = _NOTO / f"NotoSansCJK-{'Bold' if bold else 'Regular'}.ttc"
    if noto.is_file():
        return FontFile(str(noto), _FACES[preferred])
    found = ask_fontconfig(f"sans-serif:lang={preferred.lower()}:weight={'bold' if bold else 'regular'}", "zh-cn")
    return found or (find_font(language) if bold else None)


def ask_fontconfig(pattern: str, language: str = "") -> FontFile | None:
    """Return the font that fontconfig chooses for a pattern; None if it has none, or none for that language."""
    program = shutil.which("fc-match")
    if program is None:
        return None
    command = [program, "--format", "%{file}\t%{index}\t%{lang}\t%{fontformat}", pattern]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_ASK_SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning("fontconfig does not answer", extra={"reason": str(error)})
        return None
    path, face, languages, form = (*done.stdout.decode("utf-8", "replace").split("\t"), "", "", "", "")[:4]
    if not path or form not in ("TrueType", "CFF") or (language and language not in languages.split("|")):
        return None
    # The upper bits name an instance of a variable font.
    return FontFile(path, int(face or 0) & _FACE_MASK)
