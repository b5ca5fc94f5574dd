"""Telling what stands around an article's text from the text: labels, bylines, notices, calls, captions, counters.

The first word of a line decides nothing: "By 2031 every ferry ..." and 来源于 begin articles. A label is a label where
a colon or the like follows it, a call or a byline where the whole line is short. `boilerplate_words` has the words.
"""

from __future__ import annotations

import re

from digests.articles.summary import boilerplate_words as words

_UNKNOWN_LABEL = re.compile(r"[^:：。！？!?，,]{1,12}\s?[:：].{0,60}")
_ADDRESS_AFTER_LABEL = re.compile(r"[^。.!?！？]{1,40}\s?(?:[:：]|see|at|见)\s*(?:https?://|www\.)\S+\s*[)）]?")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ANY_LABEL = re.compile(r"(?:^|[\s/|｜，,；;])[^\s:：/|｜，,；;。.!?！？]{1,12}\s?[:：](?!//|[0-9])")
_REMARK_HINT = re.compile(":|：|本文|文章|該文")
_COLON = re.compile(r"[:：|｜丨/／=＝]")
_HEAD = 40
"""A label, with its colon, is in the first characters of a line."""
_INTRODUCTION = re.compile(r".{0,60}[:：]")

_CREDITED = re.compile(r"(?:[0-9]|\b(?:by|in|von|par|por|da)\b)")
_PARENTHESIS = re.compile(r"[(（【\[](.{0,80})[)）】\]]")
_CAPTION_TAIL = 70
_CAPTION_HINT = re.compile("[摄攝供图圖料截剧劇海现現合留示文撮写引ス제캡자/／(:©|]")
_CAPTION_WORD = re.compile("via|by|from|photo|image|credit")
_FORMULA = re.compile(r"\\(?:begin|\[|frac|sum|int)|\$\$|\$[^$]{1,300}\$[.,。，]?$")
_DIGIT = re.compile(r"[0-9]")
_COUNTER_PARTS = re.compile(r"[^\W\d_]+")


def is_noise(text: str, *, is_sentence: bool) -> bool:
    """Return whether a line says nothing of what the article says, whatever else there is.

    `is_sentence` tells whether it ends a sentence.
    """
    length = len(text)
    if (
        is_counter(text)
        or _ADDRESS_AFTER_LABEL.fullmatch(text)
        or (length <= 31 and text.endswith((":", "：")))
        or _FORMULA.match(text)
    ):
        return True
    if (length <= 60 or not is_sentence) and _COLON.search(text, 0, _HEAD) and words.LABEL.match(text):
        return True
    if length <= 300 and words.NOTICE_HINT.search(text.lower()) and words.ANY_NOTICE.search(text):
        return True
    if length <= 100 and (words.CALL.match(text) or words.WHOLE.fullmatch(text)):
        return True
    if (match := _PARENTHESIS.fullmatch(text)) is not None and words.PARENTHESIS_LABEL.match(match[1]):
        return True
    return not is_sentence and (_is_row_of_labels(text) or (length <= 80 and _is_credit(text)))


def is_remark(text: str, *, is_sentence: bool) -> bool:
    """Return whether a line is about the article or its pictures, and shown only if nothing else is there."""
    length = len(text)
    if length > 300:
        return False
    if _REMARK_HINT.search(text, 0, _HEAD) and words.NOTICE.match(text):
        return True
    if length <= 60 and words.GREETING.fullmatch(text):
        return True
    if length <= 120 and _is_caption(text, is_sentence=is_sentence):
        return True
    return (
        not is_sentence
        and length <= 80
        and bool(words.PSEUDO_HEADING.match(text) or _INTRODUCTION.fullmatch(text) or _UNKNOWN_LABEL.fullmatch(text))
    )


def is_counter(text: str) -> bool:
    """Return whether a line only counts, as in "7 likes 3 saves"."""
    if len(text) > 300 or _DIGIT.search(text) is None:
        return False
    counted = _COUNTER_PARTS.findall(text.casefold())
    return bool(counted) and words.COUNTED.issuperset(counted)


def _is_caption(text: str, *, is_sentence: bool) -> bool:
    if (len(text) <= 60 or not is_sentence) and words.CAPTION_START.match(text):
        return True
    tail = text[-_CAPTION_TAIL:]
    hinted = _CAPTION_HINT.search(tail) or _CAPTION_WORD.search(tail.lower())
    return hinted is not None and words.CAPTION_END.search(tail) is not None


def _is_row_of_labels(text: str) -> bool:
    """Return whether a line is `Label: value`, or several of them, as of a film or a book."""
    if ":" not in text and "：" not in text:
        return False
    if _UNKNOWN_LABEL.fullmatch(text) and _is_short_value(text):
        return True
    return len(_ANY_LABEL.findall(text[:600])) >= 3


def _is_short_value(text: str) -> bool:
    """Return whether what follows the label is a name or a number, and not a statement."""
    value = re.split("[:：]", text, maxsplit=1)[1]
    return len(value.split()) <= 5 and len(_WIDE.findall(value)) < 12 and "，" not in value


def _is_credit(text: str) -> bool:
    if words.REPORTER.fullmatch(text) or (words.DATED.fullmatch(text) and _CREDITED.search(text)):
        return True
    first, *rest = text.split()
    if first.lower().rstrip(":") not in words.BY or not rest:
        return False
    names = [word.strip(".,;:()\"'“”") for word in rest]
    return all(not name or not name[0].islower() or name.lower() in words.NAME_WORDS for name in names) and any(
        name[:1].isalpha() or name[:1] == "@" for name in names
    )
