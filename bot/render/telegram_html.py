"""Checks HTML as Telegram does, to refuse what it would refuse before anything is sent (pure).

Written from Telegram's rules, and compared with TDLib by a property test. A link that Telegram silently drops is not a
fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

_TAGS = frozenset(
    "a b blockquote code del em i ins pre s span strike strong tg-emoji tg-spoiler tg-time u".split()  # noqa: SIM905
)
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_SPACE = r" \t\r\n\x0b"
_PLAIN = re.compile(r"[^&<]+")
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*));?")
_SPACES = re.compile(rf"[{_SPACE}]*")
_NAME = re.compile(rf"[^{_SPACE}>]*")
_ATTRIBUTE = re.compile(rf"""[^{_SPACE}=>/"']*""")
_TOKEN = re.compile(rf"[A-Za-z0-9.-]*(?=[{_SPACE}>]|\Z)")
_EMOJI_ID = re.compile(r"-?[1-9][0-9]*")
_TIME_FORMAT = re.compile(r"[rR]|[tTdDwW]*")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_LONGEST_REFERENCE = 10
_LAST_CHARACTER = 0x10FFFF
_LAST_ID = 2**63
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")
# Telegram removes or blanks these before it checks whether anything is left.
_UNSEEN = re.compile("[\\s\x00-\x20\u2028-\u202e\u0333\u033f\u030a]*")


class HtmlFault(ValueError):  # noqa: N818 - it names the finding
    """Where Telegram would refuse a text, and why. Line and column count from 1."""

    def __init__(self, html: str, at: int, what: str) -> None:
        self.line = html.count("\n", 0, at) + 1
        self.column = at - (html.rfind("\n", 0, at) + 1) + 1
        self.what = what
        super().__init__(f"line {self.line}, column {self.column}: {what}")


def visible_text(html: str) -> str:
    """Return the text that readers see, whose code points Telegram counts.

    Raises:
        HtmlFault: when Telegram would refuse the markup.
    """
    if (unsendable := _UNSENDABLE.search(html)) is not None:
        raise HtmlFault(html, unsendable.start(), "this is not a character that can be sent")
    return _Checker(html).read()


def is_blank(text: str) -> bool:
    """Return whether a visible text shows nothing."""
    return _UNSEEN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class _OpenTag:
    """A tag that must be closed. `argument` is its only attribute that can be wrong, `start` where its text begins."""

    tag: str
    argument: str
    at: int
    start: int


class _Checker:
    def __init__(self, html: str) -> None:
        self._html = html
        self._at = 0
        self._text: list[str] = []
        self._length = 0
        self._open: list[_OpenTag] = []

    def read(self) -> str:
        while self._at < len(self._html):
            if self._html.startswith("</", self._at):
                self._end_tag()
            elif self._html[self._at] == "<":
                self._start_tag()
            elif self._html[self._at] == "&":
                self._reference()
            else:
                self._take(self._match(_PLAIN))
        if self._open:
            last = self._open[-1]
            self._refuse(f"<{last.tag}> is never closed: write </{last.tag}>", last.at)
        return "".join(self._text)

    def _take(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)

    def _reference(self) -> None:
        at = self._at
        character, self._at = _decoded(self._html, at)
        if _UNSENDABLE.fullmatch(character):
            self._refuse("this stands for half of a character", at)
        self._take(character)

    def _start_tag(self) -> None:
        at = self._at
        self._at += 1
        name = self._match(_NAME)
        tag = name.translate(_LOWER)
        self._refuse_at_end("<", at)
        if tag not in _TAGS:
            self._refuse(_why_no_tag(name), at)
        argument = self._attributes(tag, at)
        if tag == "span" and argument != "tg-spoiler":
            self._refuse('<span> needs class="tg-spoiler"', at)
        self._at += 1
        self._open.append(_OpenTag(tag, argument, at, self._length))

    def _attributes(self, tag: str, at: int) -> str:
        """Read up to the end of the tag, and return the value of the attribute that Telegram checks."""
        argument = ""
        while True:
            self._match(_SPACES)
            self._refuse_at_end(tag, at)
            if self._html[self._at] == ">":
                return argument
            name = self._match(_ATTRIBUTE)
            if not name:
                self._refuse(f"<{tag}> has an attribute without a name here", self._at)
            self._match(_SPACES)
            self._refuse_at_end(tag, at)
            if self._html[self._at] != "=":
                continue
            self._at += 1
            value = self._value(tag, name, at)
            is_judged = (tag, name) in (("tg-emoji", "emoji-id"), ("tg-time", "format"))
            if is_judged or ((tag, name) == ("span", "class") and value.startswith("tg-")):
                argument = value

    def _value(self, tag: str, name: str, at: int) -> str:
        self._match(_SPACES)
        self._refuse_at_end(tag, at)
        quote = self._html[self._at]
        if quote not in "\"'":
            found = _TOKEN.match(self._html, self._at)
            if found is None:
                self._refuse(f"the value of {name} must be in quotes", self._at)
            self._at = found.end()
            value = found[0].translate(_LOWER)
        else:
            value = self._quoted(quote)
        self._refuse_at_end(tag, at)
        return value

    def _quoted(self, quote: str) -> str:
        value = []
        self._at += 1
        while self._at < len(self._html) and self._html[self._at] != quote:
            character, self._at = _decoded(self._html, self._at)
            value.append(character)
        self._at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        at = self._at
        self._at += 2
        name = self._match(_NAME)
        self._match(_SPACES)
        if not self._open:
            self._refuse(f"</{name[:20]}> closes nothing", at)
        if not self._html.startswith(">", self._at):
            self._refuse(f"</{name[:20]} does not end with >", at)
        self._at += 1
        opened = self._open.pop()
        if name and name.translate(_LOWER) != opened.tag:
            self._refuse(f"</{name[:20]}> where </{opened.tag}> is expected", at)
        if self._length > opened.start:
            self._check_argument(opened)

    def _check_argument(self, opened: _OpenTag) -> None:
        """Check the argument of a tag with text; Telegram does not check others."""
        if opened.tag == "tg-emoji":
            number = opened.argument
            if not _EMOJI_ID.fullmatch(number) or not -_LAST_ID <= int(number) < _LAST_ID:
                self._refuse("<tg-emoji> needs emoji-id, with the number of an emoji", opened.at)
        elif opened.tag == "tg-time" and not _TIME_FORMAT.fullmatch(opened.argument):
            self._refuse("the format of <tg-time> must be r, or of the letters w d D t T", opened.at)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._html, self._at)
        assert found is not None
        self._at = found.end()
        return found[0]

    def _refuse_at_end(self, tag: str, at: int) -> None:
        if self._at >= len(self._html):
            what = "“<” begins a tag that never ends: write &lt; for the sign" if tag == "<" else f"<{tag} never ends"
            self._refuse(what, at)

    def _refuse(self, what: str, at: int) -> NoReturn:
        raise HtmlFault(self._html, at, what)


def _decoded(html: str, at: int) -> tuple[str, int]:
    """Return the character here, or the one that a reference here stands for, and where it ends."""
    found = _REFERENCE.match(html, at)
    if found is None:
        return html[at], at + 1
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return (_NAMED[name], found.end()) if name in _NAMED else (html[at], at + 1)
    digits, base = (decimal, 10) if hexadecimal is None else (hexadecimal, 16)
    if not digits or len(found[0].removesuffix(";")) >= _LONGEST_REFERENCE:
        return html[at], at + 1
    code = int(digits, base)
    return (chr(code), found.end()) if 0 < code < _LAST_CHARACTER else (html[at], at + 1)


def _why_no_tag(name: str) -> str:
    if name.startswith("!"):
        return "Telegram takes no comments"
    if not re.match("[A-Za-z]", name):
        return "“<” does not begin a tag here: write &lt; for the sign"
    return f"<{name[:20]}> is not a tag that Telegram knows; it knows {', '.join(sorted(_TAGS))}"
