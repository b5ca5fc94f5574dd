"""Telegram's HTML, read by its own rules: for where tdjson is not installed.

It is held against TDLib's parser by a property test: same refusals in the same words, same text, same entities.
TDLib works on bytes and names byte offsets, so this does too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.simulator.text.attributes import MarkupError, check_emoji, read_argument, read_format, read_int32
from bot.simulator.text.formatted import Entity, Formatted, sort_key
from bot.simulator.text.links import checked_link, user_of_link

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS = KINDS.keys() | {"a", "tg-emoji", "tg-time", "pre", "code", "blockquote"}
_SPACE = b" \t\r\n\x00\x0b"
_NAMED = {b"lt": 0x3C, b"gt": 0x3E, b"amp": 0x26, b"quot": 0x22}
_REFERENCE = re.compile(rb"&(?:#[xX]([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*));?")
_LONGEST_NUMBER = 10
_LAST_CHARACTER = 0x10FFFF


class _OpenEntity(NamedTuple):
    tag: str
    argument: str
    date: int
    offset: int
    start: int


def parse_html(text: str) -> Formatted:
    """The text without its markup, and its entities. Raises MarkupError."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        # Zeros at the end, as in C: no look ahead can leave the text.
        self._data = text.encode() + b"\x00\x00\x00"
        self._size = len(self._data) - 3
        self._at = 0
        self._out = bytearray()
        self._offset = 0
        self._open: list[_OpenEntity] = []
        self._entities: list[Entity] = []

    def read(self) -> Formatted:
        while self._at < self._size:
            byte = self._data[self._at]
            if byte == 0x26 and self._reference():
                continue
            if byte == 0x3C:
                if self._data[self._at + 1] == 0x2F:
                    self._end_tag()
                else:
                    self._start_tag()
                continue
            self._plain()
        if self._open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return self._result()

    def _plain(self) -> None:
        """Copies what stands before the next markup."""
        start = self._at
        end = start + 1
        while end < self._size and self._data[end] not in b"&<":
            end += 1
        piece = self._data[start:end]
        self._out += piece
        self._offset += _utf16_units(piece)
        self._at = end

    def _reference(self) -> bool:
        code, end = _decode(self._data, self._at)
        if code == 0:
            return False
        self._at = end
        self._offset += 1 + (code > 0xFFFF)
        self._out += _utf8(code)
        return True

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._word(b">").lower()
        if self._data[self._at] == 0:
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")
        name = tag.decode(errors="replace")
        if name not in _TAGS:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument, date = self._attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_OpenEntity(name, argument, date, self._offset, len(self._out)))
        self._at += 1

    def _attributes(self, tag: str, begin: int) -> tuple[str, int]:
        argument, date = "", 0
        while self._data[self._at] != 0x3E:
            self._spaces()
            if self._data[self._at] == 0x3E:
                break
            name = self._word(b"=>/\"'")
            if not name:
                raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._spaces()
            if self._data[self._at] != 0x3D:
                if self._ended():
                    raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {begin}')
                if tag == "blockquote" and name == b"expandable":
                    argument = "1"
                continue
            self._at += 1
            value = self._value(tag, begin)
            if tag == "tg-time" and name == b"unix":
                date = read_int32(value)
            else:
                argument = read_argument(tag, name, value, argument)
        return argument, date

    def _value(self, tag: str, begin: int) -> bytes:
        self._spaces()
        if self._ended():
            raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        quote = self._data[self._at]
        if quote not in b"\"'":
            value = self._token()
        else:
            self._at += 1
            value = self._quoted(quote)
        if self._ended():
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")
        return value

    def _token(self) -> bytes:
        start = self._at
        while _is_token(self._data[self._at]):
            self._at += 1
        if self._data[self._at] not in _SPACE + b">":
            raise MarkupError(f"Unexpected end of name token at byte offset {start}")
        return self._data[start : self._at].lower()

    def _quoted(self, quote: int) -> bytes:
        value = bytearray()
        while self._data[self._at] != quote and not self._ended():
            if self._data[self._at] == 0x26:
                code, end = _decode(self._data, self._at)
                if code:
                    value += _utf8(code)
                    self._at = end
                    continue
            value.append(self._data[self._at])
            self._at += 1
        if self._data[self._at] == quote:
            self._at += 1
        return bytes(value)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise MarkupError(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        found = self._word(b">").lower().decode(errors="replace")
        self._spaces()
        if self._data[self._at] != 0x3E:
            raise MarkupError(f"Unclosed end tag at byte offset {begin}")
        opened = self._open[-1]
        if found and found != opened.tag:
            raise MarkupError(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{found}>"'
            )
        if self._offset > opened.offset:
            self._close(opened)
        self._open.pop()
        self._at += 1

    def _close(self, opened: _OpenEntity) -> None:
        length = self._offset - opened.offset
        kind = argument = ""
        match opened.tag:
            case "a":
                kind, argument = self._link(opened)
            case "tg-emoji":
                kind, argument = "custom_emoji", check_emoji(opened.argument)
            case "tg-time":
                form = read_format(opened.argument)
                kind, argument = ("date_time", f"{opened.date}:{form}") if opened.date > 0 else ("", "")
            case "blockquote":
                kind = "expandable_blockquote" if opened.argument else "blockquote"
            case "pre" | "code":
                self._code(opened, length)
                return
            case _:
                kind = KINDS[opened.tag]
        if kind:
            self._entities.append(Entity(kind, opened.offset, length, argument))

    def _link(self, opened: _OpenEntity) -> tuple[str, str]:
        url = opened.argument or self._out[opened.start :].decode(errors="surrogatepass")
        user = user_of_link(url)
        if user:
            return "text_mention", str(user)
        checked = checked_link(url)
        return ("text_link", checked) if checked else ("", "")

    def _code(self, opened: _OpenEntity, length: int) -> None:
        """<pre><code class="language-x">, either way round, is one entity."""
        last = self._entities[-1] if self._entities else None
        same = last is not None and (last.offset, last.length) == (opened.offset, length)
        if opened.tag == "pre":
            if same and last and last.kind == "code" and last.argument:
                self._entities[-1] = last._replace(kind="pre_code")
            else:
                self._entities.append(Entity("pre", opened.offset, length))
        elif same and last and last.kind == "pre" and opened.argument:
            self._entities[-1] = last._replace(kind="pre_code", argument=opened.argument)
        else:
            self._entities.append(Entity("code", opened.offset, length, opened.argument))

    def _result(self) -> Formatted:
        plain = (one._replace(argument="") if one.kind == "code" else one for one in self._entities)
        try:
            text = self._out.decode()
        except UnicodeDecodeError as error:
            raise MarkupError(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ) from error
        return Formatted(text, tuple(sorted(plain, key=sort_key)))

    def _word(self, ends: bytes) -> bytes:
        start = self._at
        while self._data[self._at] not in _SPACE and self._data[self._at] not in ends:
            self._at += 1
        return self._data[start : self._at]

    def _spaces(self) -> None:
        while self._data[self._at] in _SPACE and not self._ended():
            self._at += 1

    def _ended(self) -> bool:
        return self._data[self._at] == 0


def _decode(data: bytes, at: int) -> tuple[int, int]:
    """The character that a reference at `at` stands for, and where it ends; 0 for one that stays as it is."""
    match = _REFERENCE.match(data, at)
    if match is None:
        return 0, at
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, 0), match.end()
    end = match.end() - data[at : match.end()].endswith(b";")
    # TDLib counts in 32 bits, and then looks at the length.
    code = int((hexadecimal if hexadecimal is not None else decimal) or b"0", 16 if hexadecimal is not None else 10)
    if code == 0 or end - at >= _LONGEST_NUMBER or code >= _LAST_CHARACTER:
        return 0, at
    return code, match.end()


def _utf8(code: int) -> bytes:
    return chr(code).encode(errors="surrogatepass")


def _utf16_units(piece: bytes) -> int:
    return sum(1 + (byte >= 0xF0) for byte in piece if byte & 0xC0 != 0x80)


def _is_token(byte: int) -> bool:
    return bytes([byte]).isalnum() or byte in b".-"
