"""Deciding how the bytes of a feed are to be read: by what they are, before what is said of them.

The order is that of RFC 7303 (section 3): a byte order mark, the charset of the HTTP header, the XML declaration.
Servers and generators are often wrong about it, so each claim is held against the bytes: what is valid UTF-8 is UTF-8,
whatever is claimed, and a claim under which the bytes make no text is dropped.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from digests.origins.feed.encoding_guess import guess_encoding, is_mistaken

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
"""Byte order marks; those of UTF-32 begin as those of UTF-16 do."""
_WIDE_STARTS = (
    (re.compile(rb"\x00\x00\x00[<{\[ \t\r\n]"), "utf-32be"),
    (re.compile(rb"[<{\[ \t\r\n]\x00\x00\x00"), "utf-32le"),
    (re.compile(rb"\x00[<{\[ \t\r\n]\x00[^\x00]"), "utf-16be"),
    (re.compile(rb"[<{\[ \t\r\n]\x00[^\x00]\x00"), "utf-16le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
"""How a document begins without a mark (XML 1.0, appendix F); the last is `<?xm` in EBCDIC."""
_EBCDIC = frozenset({"cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"})
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']\s{0,20}([A-Za-z0-9._:-]{1,40})")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,20}=\s{0,20}[\"']?\s{0,20}([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 2_048
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)

_READ_AS: dict[str, tuple[str, ...]] = {
    "ascii": ("cp1252", "latin-1"),
    "iso8859-1": ("cp1252", "latin-1"),
    "cp1252": ("cp1252", "latin-1"),
    "iso8859-9": ("cp1254", "iso8859-9"),
    "iso8859-11": ("cp874", "iso8859-11"),
    "tis-620": ("cp874", "tis-620"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "gb18030": ("gb18030",),
    "big5": ("cp950", "big5hkscs", "big5"),
    "cp950": ("cp950", "big5hkscs"),
    "big5hkscs": ("big5hkscs", "cp950"),
    "shift_jis": ("cp932", "shift_jis"),
    "cp932": ("cp932", "shift_jis"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "euc_kr": ("cp949", "euc_kr"),
    "cp949": ("cp949",),
    "utf-8-sig": ("utf-8",),
    # Without marks and unlike their first characters: of either order.
    "utf-16": ("utf-16",),
}
"""Python's codec for a name, and what is read instead: supersets that the web means by the name (WHATWG, Encoding)."""
_CODECS = frozenset({
    *_READ_AS, *_EBCDIC, *_WIDE, "utf-8", "iso2022_jp", "hz", "johab", "koi8-r", "koi8-u", "kz1048", "ptcp154",
    "mac-roman", "mac-cyrillic", "cp437", "cp850", "cp852", "cp855", "cp866", "cp874",
    *(f"cp125{number}" for number in range(9)), *(f"iso8859-{number}" for number in range(1, 17)),
    "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr", "euc_jis_2004", "shift_jis_2004", "utf-16-le",
})  # fmt: skip
"""The codecs that a feed may name. Python has others by which bytes become programs, or take minutes."""
_LABELS = {
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "x-gbk": "gbk",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "x-euc-jp": "euc_jp",
    "x-big5": "big5",
    "windows-874": "cp874",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "iso-10646-ucs-2": "utf-16",
    "ucs-2": "utf-16",
    "csunicode": "utf-16",
    "iso-10646-ucs-4": "utf-32",
    "ucs-4": "utf-32",
    "csucs4": "utf-32",
}
"""Names that Python does not know."""
_SHIFTED = frozenset({"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr", "hz"})
"""Encodings whose bytes are all ASCII, although the text is not."""
_DOUBLE_BYTE = frozenset({
    "gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949",
})  # fmt: skip
_NEARLY = 20
"""So many valid characters of UTF-8 for each byte that is not make a text UTF-8 with dirt in it."""


@dataclass(frozen=True, slots=True)
class DecodedFeed:
    """The text of a feed: without a byte order mark, with every sign that it was read from.

    Attributes:
        text: The text; it may hold anything, even characters that XML forbids.
        encoding: The name of the encoding that it was read by, in lower case.
        problems: Where what was claimed of it is wrong, and what could not be read.
    """

    text: str
    encoding: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claim:
    """Somebody's word on an encoding: `codec` is Python's name, "" for one that is not known."""

    by: str
    label: str
    codec: str

    def read(self, data: bytes) -> str | None:
        """Return the text of the bytes as the claim has it, None if they make none."""
        if not self.codec:
            return None
        for codec in _READ_AS.get(self.codec, (self.codec,)):
            text = _decoded(data, codec)
            if text is not None:
                return text
        return None


def decode_feed(data: bytes, content_type: str) -> DecodedFeed:
    """Return the text of a feed, a page or whatever the bytes are; never raises.

    `content_type` is the header of that name, "" for none.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _by_mark(data[len(mark) :], encoding)
    head = data[:_HEAD_BYTES]
    for start, encoding in _WIDE_STARTS:
        if start.match(head):
            return _wide(data, encoding)
    claims = _claims(head, content_type)
    if data.isascii():
        return _ascii(data, claims)
    text = _decoded(data, "utf-8")
    if text is not None:
        return _utf8(text, data, claims)
    return _by_claims(data, claims)


def media_type(content_type: str) -> str:
    """Return the media type of a header, in lower case and without parameters: `application/rss+xml`."""
    return content_type.partition(";")[0].strip().lower()


def _claims(head: bytes, content_type: str) -> list[_Claim]:
    """Return what is claimed of the encoding, whose word counts most first."""
    found = _CHARSET.search(content_type[:500])
    claims = [_claim("the HTTP header", found[1])] if found else []
    if declared := _DECLARED.search(head):
        claims.append(_claim("the XML declaration", declared[1].decode("ascii")))
    elif declared := _META.search(head):
        claims.append(_claim("the page", declared[1].decode("ascii")))
    return claims


def _claim(by: str, label: str) -> _Claim:
    name = label.strip().lower()
    try:
        codec = codecs.lookup(_LABELS.get(name, name)).name
    except (LookupError, ValueError):
        codec = ""
    return _Claim(by, name, codec if codec in _CODECS else "")


def _by_mark(data: bytes, encoding: str) -> DecodedFeed:
    text = _decoded(data, encoding)
    if text is not None:
        return DecodedFeed(text, encoding)
    return _dirty_utf8(data) if encoding == "utf-8" else _wide(data, encoding)


def _wide(data: bytes, encoding: str) -> DecodedFeed:
    """Read UTF-16, UTF-32 or EBCDIC, whose first bytes say what they are, as far as it goes."""
    if encoding in _EBCDIC:
        head = data[:_HEAD_BYTES].decode(encoding, "replace").encode("ascii", "replace")
        if (declared := _DECLARED.search(head)) and (name := _claim("", declared[1].decode()).codec) in _EBCDIC:
            encoding = name
    text = _decoded(data, encoding)
    if text is not None:
        return DecodedFeed(text, encoding)
    text = data.decode(encoding, "replace")
    return DecodedFeed(text, encoding, (f"Some bytes are no {encoding}; the first is on line {_bad_line(text)}.",))


def _ascii(data: bytes, claims: list[_Claim]) -> DecodedFeed:
    """Read bytes that nearly every encoding reads in the same way."""
    for claim in claims:
        if claim.codec in _SHIFTED and (text := claim.read(data)) is not None:
            return DecodedFeed(text, claim.label)
    text = data.decode("ascii")
    unknown = tuple(_unknown(claim) for claim in claims if not claim.codec)
    known = next((claim.label for claim in claims if claim.codec and claim.codec not in _WIDE | _EBCDIC), "utf-8")
    return DecodedFeed(text, _public_name(known), unknown)


def _utf8(text: str, data: bytes, claims: list[_Claim]) -> DecodedFeed:
    """Read bytes that are valid UTF-8, which others hardly ever are by chance."""
    for claim in claims:
        if claim.codec in _DOUBLE_BYTE and _may_be_chance(text):
            read = claim.read(data)
            if read is not None:
                return DecodedFeed(read, _public_name(claim.label))
    wrong = tuple(
        f'{claim.by.capitalize()[:1]}{claim.by[1:]} says "{claim.label}", but it is UTF-8.'
        for claim in claims
        if claim.codec not in ("utf-8", "ascii")
    )
    return DecodedFeed(text, "utf-8", wrong)


def _may_be_chance(text: str) -> bool:
    """Whether so little in a text is not ASCII that two bytes of another encoding may have made it."""
    strange = [character for character in text if character > "\x7f"]
    return len(strange) <= 8 and max(strange) < "\u0800"


def _by_claims(data: bytes, claims: list[_Claim]) -> DecodedFeed:
    """Read bytes that are no UTF-8."""
    if (text := _by_halves(data)) is not None:
        return DecodedFeed(text, "utf-8", ("Some of its characters are written in halves (CESU-8).",))
    problems: list[str] = []
    for claim in claims:
        text = claim.read(data) if claim.codec not in _WIDE | _EBCDIC else None
        if text is not None and not is_mistaken(claim.codec, text, data):
            return DecodedFeed(text, _public_name(claim.label), tuple(problems))
        problems.append(_unknown(claim) if not claim.codec else f'It is no "{claim.label}", as {claim.by} says.')
    if _is_nearly_utf8(data):
        return _dirty_utf8(data)
    encoding = guess_encoding(data)
    text = data.decode(encoding, "replace")
    problems.append(f"It is read as {encoding}, by what it looks like.")
    return DecodedFeed(text, encoding, tuple(problems))


def _by_halves(data: bytes) -> str | None:
    """Read UTF-8 in which emoji are two halves of three bytes each, as databases and Java write them (CESU-8)."""
    try:
        return data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except UnicodeError:
        return None


def _is_nearly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    # Every byte of a text that is not ASCII is in a character of UTF-8, or is bad.
    good = (len(data) - len(text)) // 2
    return bad * _NEARLY <= good or (bad == 1 and good > 1 and text.rstrip().endswith("\ufffd"))


def _dirty_utf8(data: bytes) -> DecodedFeed:
    text = data.decode("utf-8", "replace")
    return DecodedFeed(text, "utf-8", (f"Some bytes are no UTF-8; the first is on line {_bad_line(text)}.",))


def _bad_line(text: str) -> int:
    return text.count("\n", 0, text.find("\ufffd")) + 1


def _decoded(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _public_name(label: str) -> str:
    return "gb18030" if label in ("gb2312", "gbk") else label


def _unknown(claim: _Claim) -> str:
    return f'{claim.by[:1].upper()}{claim.by[1:]} names an encoding that is not known: "{claim.label}".'
