"""Choosing the summary line: the one marked as such, else the first paragraph with something to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from digests.articles.fields.metadata import plain
from digests.articles.heads.front_matter import FrontMatter
from digests.articles.markdown.convert import plain_markdown
from digests.articles.markup.contents import Body, Paragraph
from digests.articles.markup.elements import (
    CAPTION,
    CELL,
    HEADING,
    LABEL,
    LIST_ITEM,
    MAIN_HEADING,
    NAVIGATION,
    NOTICE,
    PREFORMATTED,
    QUOTE,
)
from digests.articles.markup.formulas import without_formulas
from digests.articles.summary.boilerplate import is_noise, is_remark
from digests.articles.summary.endings import TAIL, ends_sentence, without_tail
from digests.articles.text import letters

_FIELDS = ("description", "excerpt", "summary", "abstract", "subtitle", "desc")
_MAX_LENGTH = 5_000
_MAX_PARAGRAPHS = 60
_MAX_FRAMING = 80
_NOT_TEXT = frozenset({MAIN_HEADING, HEADING, LABEL, CAPTION, NAVIGATION})
_BESIDE_TEXT = frozenset({LIST_ITEM, CELL, QUOTE, NOTICE, PREFORMATTED})

_NUMBERS = re.compile(r"[\W\d_]*")
_DATE = re.compile(
    r"(?:[\s\d:./,年月日号時时分秒()（）-]|上午|下午|星期[一二三四五六日天]|周[一二三四五六日]|am|pm|gmt|utc)*",
    re.IGNORECASE,
)
_TAGS_ONLY = re.compile(r"(?:[#＃][^\s#＃]+[#＃]?[\s,，、]*)+")
_URL_ONLY = re.compile(r"\S*https?://\S+")
_NULLS = re.compile(r"(?:null|undefined|nan|none|\[object Object\]|[\W\d_])*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[|｜]|(?<=\s)[·•/](?=\s)")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+")
_CODE_SIGNS = re.compile(r"[{}\[\]=<>$#|\\/*_`^&+~@]|;(?=\s|$)|\w\(|\(\)|--")
_SIGNS_PER_COMMAND = 12
_MANY_WIDE = 12
"""So many Chinese, Japanese or Korean characters are a statement, even without a full stop."""
_BARE_CALL = re.compile(r"[\w.]{1,60}\([^()]{0,100}\);?")
_CODE_START = re.compile(
    r"(?:\$|>>>|//|/\*|#!|<\?|(?:import|from|def|class|var|let|const|function|public|package|select|sudo|git|npm|pip|apt|curl|cd|docker)\s)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]")
_SIGNS_PER_CODE = 25
"""Of prose, fewer than every 25th character is a sign that code is full of."""
_BULLET = re.compile(r"(?:\[[ xX]\](?=\s)|[•·▪▫◦●○■□◆◇►▶➤✅☑✔✓★☆※‣⁃]\ufe0f?|[-*–](?=\s))\s*")
_NUMBERED = re.compile(r"([0-9]{1,2})\s?[.)、．](?![0-9])\s*")


class _Rank(IntEnum):
    """How good a summary a paragraph is; what is `NOISE` never is one."""

    PROSE = 1
    BESIDE = 2
    """A sentence in a list, a table, a quotation."""
    LAST = 3
    """Words, but no sentence."""
    NOISE = 4


def summary_of(front: FrontMatter, body: Body, title: str) -> str:
    """Return the summary line, unshortened, or '' if nothing in the post says more than its title."""
    return choose_summary(_marked(front, body), body, title)


def choose_summary(marked: Iterable[str], body: Body, title: str) -> str:
    """Return what `summary_of` does, of an article whose summary is one of the marked lines, if any says something."""
    known = letters(title)
    for line in marked:
        if line and letters(line) != known:
            return line[:_MAX_LENGTH].rstrip()
    paragraphs = body.paragraphs[:_MAX_PARAGRAPHS]
    if body.more and (line := _before_more(paragraphs[: body.more], known)):
        return line[:_MAX_LENGTH].rstrip()
    return _best(paragraphs, known)[:_MAX_LENGTH].rstrip()


def summary_line(body: Body, title: str) -> str:
    """Return the line that a text says which is a summary itself: its prose, joined; '' if it says nothing."""
    paragraphs = body.paragraphs[:_MAX_PARAGRAPHS]
    known = letters(title)
    return (_before_more(paragraphs, known) or _best(paragraphs, known))[:_MAX_LENGTH].rstrip()


def drop_boilerplate_end(body: Body) -> None:
    """Take the last paragraphs out that only lead elsewhere: "The post … appeared first on …", 阅读全文, "Comments".

    They stay where there is nothing else.
    """
    end = len(body.paragraphs)
    while end and _is_boilerplate_end(body.paragraphs[end - 1]):
        end -= 1
    if end:
        del body.paragraphs[end:]


def _is_boilerplate_end(paragraph: Paragraph) -> bool:
    text = paragraph.text
    if len(text) > TAIL:
        return False
    if not without_tail(text):
        return True
    is_linked = paragraph.links > 0 and paragraph.linked * 10 >= 8 * (len(text) - text.count(" "))
    return is_linked and is_noise(text, is_sentence=ends_sentence(text))


def _marked(front: FrontMatter, body: Body) -> Iterator[str]:
    for text in body.excerpts:
        yield without_tail(text)
    for key in _FIELDS:
        if (text := front.text(key)) and not _NULLS.fullmatch(text):
            yield without_tail(plain(plain_markdown(text), _MAX_LENGTH))


def _before_more(paragraphs: Iterable[Paragraph], title: str) -> str:
    """Return the prose before Hexo's mark, joined, or '' if there is none."""
    ranked = (_ranked(paragraph, title) for paragraph in paragraphs)
    return " ".join([text for rank, text in ranked if rank is _Rank.PROSE])


def _best(paragraphs: Sequence[Paragraph], title: str) -> str:
    """Return the first paragraph of the best rank that any has."""
    best, at = (_Rank.NOISE, ""), 0
    for number, paragraph in enumerate(paragraphs):
        ranked = _ranked(paragraph, title)
        if ranked[0] is _Rank.PROSE:
            return _without_number(ranked[1], paragraphs[number + 1 :])
        if ranked[0] < best[0]:
            best, at = ranked, number
    return _without_number(best[1], paragraphs[at + 1 :])


def _ranked(paragraph: Paragraph, title: str) -> tuple[_Rank, str]:
    if paragraph.role in _NOT_TEXT:
        return _Rank.NOISE, ""
    text = _without_framing(paragraph, title) if paragraph.broken else paragraph.text
    text = without_tail(text[:_MAX_LENGTH])
    if paragraph.role in _BESIDE_TEXT or not text[:1].isalnum():
        text = _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
    laden = (formulas := without_formulas(text)) is None
    text = text if formulas is None else formulas
    if not text or _says_nothing(text, title):
        return _Rank.NOISE, ""
    ends = ends_sentence(text)
    if (
        _is_row_of_links(paragraph, is_sentence=ends)
        or is_noise(text, is_sentence=ends)
        or (paragraph.role == PREFORMATTED and _is_code(text))
    ):
        return _Rank.NOISE, ""
    if laden or is_remark(text, is_sentence=ends) or not _is_prose(text, is_sentence=ends):
        return _Rank.LAST, text
    if paragraph.under_picture and not ends and _is_short(text):
        # The caption of the picture above.
        return _Rank.LAST, text
    return (_Rank.BESIDE if paragraph.role in _BESIDE_TEXT else _Rank.PROSE), text


def _without_framing(paragraph: Paragraph, title: str) -> str:
    """Return the paragraph without the lines at its beginning and end that say nothing, as `文/…<br>` before a text."""
    lines = paragraph.lines
    while lines and _is_framing(lines[0], title):
        lines.pop(0)
    while lines and _is_framing(lines[-1], title):
        lines.pop()
    return " ".join(lines)


def _is_framing(line: str, title: str) -> bool:
    if len(line) > _MAX_FRAMING:
        return False
    return _says_nothing(line, title) or is_noise(line, is_sentence=ends_sentence(line))


def _says_nothing(text: str, title: str) -> bool:
    return bool(
        _NUMBERS.fullmatch(text)
        or (len(text) < 2 * len(title) + 60 and letters(text) == title)
        or _DATE.fullmatch(text)
        or _TAGS_ONLY.fullmatch(text)
        or _URL_ONLY.fullmatch(text)
        or _NULLS.fullmatch(text)
    )


def _is_row_of_links(paragraph: Paragraph, *, is_sentence: bool) -> bool:
    """Return whether nearly all of it is linked: one link that is no sentence, or several."""
    length = len(paragraph.text)
    if not paragraph.links or paragraph.linked * 10 < 8 * (length - paragraph.text.count(" ")):
        return False
    return paragraph.links >= 3 or not is_sentence


def _is_code(text: str) -> bool:
    """Return whether preformatted text is code, a listing, or art; a letter in it is prose."""
    sample = text[:600]
    if _CODE_START.match(sample) or len(_CODE_SIGNS.findall(sample)) * _SIGNS_PER_CODE > len(sample):
        return True
    if len(_DIGITS.findall(sample)) * 12 > len(sample):
        return True
    return not ends_sentence(sample) and len(sample.split()) < 12 and _wide(sample) < _MANY_WIDE


def _is_short(text: str) -> bool:
    return len(text) <= 120 and len(text) + _wide(text) <= 120


def _wide(text: str) -> int:
    """Return how many characters say about as much as a syllable or a word."""
    return sum(map(len, _WIDE.findall(text)))


def _is_prose(text: str, *, is_sentence: bool) -> bool:
    """Return whether the text reads as prose: it ends a sentence or is long, and is not a list like `a | b | c`."""
    if len(text) < 100 and len(_SEPARATOR.findall(text)) >= 2:
        return False
    if text[-1:] in "{;" or _BARE_CALL.fullmatch(text):
        # A line of code that is not marked as such.
        return False
    if is_sentence and len(text) >= 3:
        return True
    wide = _wide(text[:200])
    if wide < _MANY_WIDE and len(_CODE_SIGNS.findall(text[:200])) * _SIGNS_PER_COMMAND > min(len(text), 200):
        return False
    return wide >= _MANY_WIDE or len(text) + wide >= 45


def _without_number(text: str, following: Iterable[Paragraph]) -> str:
    """Return an item of a numbered list without its number: the next one has the next number."""
    if (mark := _NUMBERED.match(text)) is None:
        return text
    successor = str(int(mark[1]) + 1)
    for paragraph in following:
        if (other := _NUMBERED.match(paragraph.text)) is not None and other[1] == successor:
            return text[mark.end() :]
    return text
