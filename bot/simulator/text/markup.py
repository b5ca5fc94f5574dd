"""A parser of Telegram's HTML, for where tdjson is not installed.

A property test compares it with TDLib's parser: same refusals in the same words, same text, same entities. TDLib works
on bytes and reports byte offsets, so this does too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.simulator.text.attributes import MarkupError, check_emoji, read_attribute, read_date_format, read_int32
from bot.simulator.text.formatted import Entity, FormattedText, sort_key
from bot.simulator.text.links import mentioned_user, try_normalize_link

STYLE_TAGS = {
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
_TAGS = STYLE_TAGS.keys() | {"a", "tg-emoji", "tg-time", "pre", "code", "blockquote"}
_SPACES = b" \t\r\n\x00\x0b"
_NAMED = {b"lt": 0x3C, b"gt": 0x3E, b"amp": 0x26, b"quot": 0x22}
_REFERENCE = re.compile(rb"&(?:#[xX]([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*));?")
_MAX_REFERENCE = 10
_LAST_CHARACTER = 0x10FFFF


class _OpenEntity(NamedTuple):
    tag: str
    argument: str
    date: int
    offset: int
    start: int


def parse_html(text: str) -> FormattedText:
    """Return the text without its markup, and its entities; raise MarkupError for markup that can't be read."""
    return _HtmlParser(text).parse()


class _HtmlParser:
    def __init__(self, text: str) -> None:
        # Zeros at the end, as in C, so that looking ahead never leaves the text.
        self._data = text.encode() + b"\x00\x00\x00"
        self._size = len(self._data) - 3
        self._at = 0
        self._out = bytearray()
        self._offset = 0
        self._open: list[_OpenEntity] = []
        self._entities: list[Entity] = []

    def parse(self) -> FormattedText:
        while self._at < self._size:
            byte = self._data[self._at]
            if byte == 0x26 and self._read_reference():
                continue
            if byte == 0x3C:
                if self._data[self._at + 1] == 0x2F:
                    self._read_end_tag()
                else:
                    self._read_start_tag()
                continue
            self._copy_plain()
        if self._open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return self._result()

    def _copy_plain(self) -> None:
        """Copy the text before the next markup."""
        start = self._at
        end = start + 1
        while end < self._size and self._data[end] not in b"&<":
            end += 1
        piece = self._data[start:end]
        self._out += piece
        self._offset += _utf16_units(piece)
        self._at = end

    def _read_reference(self) -> bool:
        code, end = _decode_reference(self._data, self._at)
        if code == 0:
            return False
        self._at = end
        self._offset += 1 + (code > 0xFFFF)
        self._out += _utf8(code)
        return True

    def _read_start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._read_word(b">").lower()
        if self._data[self._at] == 0:
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")
        name = tag.decode(errors="replace")
        if name not in _TAGS:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument, date = self._read_attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_OpenEntity(name, argument, date, self._offset, len(self._out)))
        self._at += 1

    def _read_attributes(self, tag: str, begin: int) -> tuple[str, int]:
        argument, date = "", 0
        while self._data[self._at] != 0x3E:
            self._skip_spaces()
            if self._data[self._at] == 0x3E:
                break
            name = self._read_word(b"=>/\"'")
            if not name:
                raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._skip_spaces()
            if self._data[self._at] != 0x3D:
                if self._is_at_end():
                    raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {begin}')
                if tag == "blockquote" and name == b"expandable":
                    argument = "1"
                continue
            self._at += 1
            value = self._read_value(tag, begin)
            if tag == "tg-time" and name == b"unix":
                date = read_int32(value)
            else:
                argument = read_attribute(tag, name, value, argument)
        return argument, date

    def _read_value(self, tag: str, begin: int) -> bytes:
        self._skip_spaces()
        if self._is_at_end():
            raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        quote = self._data[self._at]
        if quote not in b"\"'":
            value = self._read_token()
        else:
            self._at += 1
            value = self._read_quoted(quote)
        if self._is_at_end():
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")
        return value

    def _read_token(self) -> bytes:
        start = self._at
        while _is_token(self._data[self._at]):
            self._at += 1
        if self._data[self._at] not in _SPACES + b">":
            raise MarkupError(f"Unexpected end of name token at byte offset {start}")
        return self._data[start : self._at].lower()

    def _read_quoted(self, quote: int) -> bytes:
        value = bytearray()
        while self._data[self._at] != quote and not self._is_at_end():
            if self._data[self._at] == 0x26:
                code, end = _decode_reference(self._data, self._at)
                if code:
                    value += _utf8(code)
                    self._at = end
                    continue
            value.append(self._data[self._at])
            self._at += 1
        if self._data[self._at] == quote:
            self._at += 1
        return bytes(value)

    def _read_end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise MarkupError(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        found = self._read_word(b">").lower().decode(errors="replace")
        self._skip_spaces()
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
                form = read_date_format(opened.argument)
                kind, argument = ("date_time", f"{opened.date}:{form}") if opened.date > 0 else ("", "")
            case "blockquote":
                kind = "expandable_blockquote" if opened.argument else "blockquote"
            case "pre" | "code":
                self._close_code(opened, length)
                return
            case _:
                kind = STYLE_TAGS[opened.tag]
        if kind:
            self._entities.append(Entity(kind, opened.offset, length, argument))

    def _link(self, opened: _OpenEntity) -> tuple[str, str]:
        url = opened.argument or self._out[opened.start :].decode(errors="surrogatepass")
        user = mentioned_user(url)
        if user:
            return "text_mention", str(user)
        checked = try_normalize_link(url)
        return ("text_link", checked) if checked else ("", "")

    def _close_code(self, opened: _OpenEntity, length: int) -> None:
        """Add a code entity, or merge it: <pre><code class="language-x">, in either order, is a single entity."""
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

    def _result(self) -> FormattedText:
        entities = (entity._replace(argument="") if entity.kind == "code" else entity for entity in self._entities)
        try:
            text = self._out.decode()
        except UnicodeDecodeError as error:
            raise MarkupError(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ) from error
        return FormattedText(text, tuple(sorted(entities, key=sort_key)))

    def _read_word(self, ends: bytes) -> bytes:
        start = self._at
        while self._data[self._at] not in _SPACES and self._data[self._at] not in ends:
            self._at += 1
        return self._data[start : self._at]

    def _skip_spaces(self) -> None:
        while self._data[self._at] in _SPACES and not self._is_at_end():
            self._at += 1

    def _is_at_end(self) -> bool:
        return self._data[self._at] == 0


def _decode_reference(data: bytes, at: int) -> tuple[int, int]:
    """Return the code point of the reference at `at`, and its end; code point 0 for one that is left as it is."""
    match = _REFERENCE.match(data, at)
    if match is None:
        return 0, at
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, 0), match.end()
    end = match.end() - data[at : match.end()].endswith(b";")
    # TDLib computes in 32 bits, and then checks the length.
    code = int((hexadecimal if hexadecimal is not None else decimal) or b"0", 16 if hexadecimal is not None else 10)
    if code == 0 or end - at >= _MAX_REFERENCE or code >= _LAST_CHARACTER:
        return 0, at
    return code, match.end()


def _utf8(code: int) -> bytes:
    return chr(code).encode(errors="surrogatepass")


def _utf16_units(piece: bytes) -> int:
    return sum(1 + (byte >= 0xF0) for byte in piece if byte & 0xC0 != 0x80)


def _is_token(byte: int) -> bool:
    return bytes([byte]).isalnum() or byte in b".-"
