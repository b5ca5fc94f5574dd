"""Guessing the encoding of a text of which nobody says it rightly, by the characters that it would have."""

from __future__ import annotations

import re

_SAMPLE_BYTES = 65_536
_STRANGE = re.compile(r"[^\x00-\x7f]")

# The characters that make up a third to a half of nearly any text of a language. The names of months and of what feeds
# are about would be too few: a title may be all that is not ASCII.
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去"
    "法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点"
    "正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教"
    "儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市"
    "，。、：；“”！？（）《》"
)
_TRADITIONAL = (
    "的一是不了人我在有他這為之大來以個中上們到說國和地也子時道出而要於就下得可你年生自會那後能對著事其裡所去行過家十用發天如然作方"
    "成者多日都三小軍二無同麼經法當起與好看學進種將還分此心前面又定見只主沒公從開長動意樣現但性本間話想理情因無明點高已工實"
    "新最關產問題電業體機會網路資訊報導台灣，。、：；「」！？（）《》"
)
_KANA = (
    "".join(chr(code) for code in range(0x3041, 0x30FF))
    + "、。「」・ー日本年月大人会新社的中国出一上生時分行者間地方見事自前"
)
_DOUBLE_BYTE: tuple[tuple[str, frozenset[str]], ...] = (
    ("gb18030", frozenset(_SIMPLIFIED)),
    ("big5hkscs", frozenset(_TRADITIONAL)),
    ("cp932", frozenset(_KANA)),
    ("euc_jp", frozenset(_KANA)),
    ("cp949", frozenset()),
)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_COMMON_HANGUL = frozenset("이다는의에을가하고지로사은를한기도서어나리인대자시과그일해아스부정상원들전구제있장수보라")
_SINGLE_BYTE = (
    ("windows-1251", frozenset("оеаинтсрвлкмдпуяыьг")),
    ("koi8-r", frozenset("оеаинтсрвлкмдпуяыьг")),
    ("windows-1255", frozenset("יוהלאמרתבשנםדע")),
    ("cp874", frozenset("านรอกเงมยลวดทตสหบปคะั่้ิีแไใ็ไ")),
    ("windows-1253", frozenset("αοιετνσρκπυλμςηάόίέ")),
    ("windows-1256", frozenset("اليمونرتبدسعفهكحق")),
    ("windows-1252", frozenset("éèàüöäßçñáíóúåøæêâîôœ’“”‘–—…•€£©®°·»«")),
    ("windows-1250", frozenset("ąęółżśćńźěščřžýáíéůúőű„”–")),
)
_SURE = 0.25
"""The share of common characters from which a double-byte encoding is believed: of others it makes rare characters."""

_WESTERN = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
_NO_OTHER = frozenset({"windows-1252", "windows-1250"})
_CYRILLIC = frozenset({"cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "mac-cyrillic"})
_RUN = re.compile(r"[^\x00-\x7f]{4,}")
_INVERTED, _CAPITALISED = re.compile(r"\b[а-яё][А-ЯЁ]{2,}"), re.compile(r"\b[А-ЯЁ][а-яё]{2,}")
_ENOUGH_INVERTED = 2

_FEW = 8
"""So few bytes that are not ASCII are the quotation marks and dashes of windows-1252."""


def guess_encoding(data: bytes) -> str:
    """Return the codec under which the bytes look most like a text; windows-1252 where nothing does."""
    sample = _sample(data)
    double = [(_double_byte_share(sample, codec, common), codec) for codec, common in _DOUBLE_BYTE]
    share, codec = max(double, key=lambda guess: guess[0])
    single_share, single = max(
        ((_share(sample.decode(codec, "replace"), common), codec) for codec, common in _SINGLE_BYTE),
        key=lambda guess: guess[0],
    )
    # A double-byte text is never mostly common letters of a single-byte encoding, but three quarters may be.
    if share >= _SURE and (share >= single_share or single_share < 0.6):
        return codec
    return single if single_share > 0 and len(_STRANGE.findall(sample.decode("latin-1"))) >= _FEW else "windows-1252"


def is_mistaken(codec: str, text: str, data: bytes) -> bool:
    """Return whether bytes are no text under a codec that takes any bytes, and are one under another.

    Programs write `ISO-8859-1` without knowing what it is, and every byte is a letter of it.

    Args:
        codec: Python's name of the codec.
        text: What the bytes are under it.
        data: The bytes.
    """
    sample = text[: 16 * _SAMPLE_BYTES]
    if codec in _WESTERN:
        # Letters with accents hardly ever stand next to each other; those of other scripts always do.
        strange = len(_STRANGE.findall(sample))
        in_runs = sum(map(len, _RUN.findall(sample)))
        return strange >= _FEW and 2 * in_runs > strange and guess_encoding(data) not in _NO_OTHER
    if codec in _CYRILLIC:
        # Small and capital letters change places: `мНБНЯРХ`.
        inverted = len(_INVERTED.findall(sample))
        return inverted >= _ENOUGH_INVERTED and inverted > len(_CAPITALISED.findall(sample))
    return False


def _sample(data: bytes) -> bytes:
    """Return the beginning of the lines that are not ASCII."""
    taken = []
    size = 0
    for line in data[: 16 * _SAMPLE_BYTES].splitlines(keepends=True):
        if not line.isascii():
            taken.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"".join(taken)


def _double_byte_share(sample: bytes, codec: str, common: frozenset[str]) -> float:
    text = sample.decode(codec, "replace")
    strange = _STRANGE.findall(text)
    # A few bytes may be dirt, and a sample may be cut within a character.
    if not strange or text.count("\ufffd") > 1 + len(strange) // 20:
        return 0.0
    if codec == "cp949":
        syllables = _HANGUL.findall(text)
        # Hanja are rare in Korean text; Chinese text read as Korean is full of them.
        return (len(syllables) + sum(sign in _COMMON_HANGUL for sign in syllables)) / (2 * len(strange))
    return sum(sign in common for sign in strange) / len(strange)


def _share(text: str, common: frozenset[str]) -> float:
    strange = _STRANGE.findall(text)
    return sum(sign in common for sign in strange) / len(strange) if strange else 0.0
