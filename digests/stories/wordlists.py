"""What titles are judged by: words that say nothing, words that exclude each other, and numbers (pure).

All functions take text that is folded (digests.search.tokens.fold).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list that is written as text."""
    return frozenset(text.split())


STOP = words_of(
    "a an the and or but nor so of in on at to for from by with as is are was were be been it its this that these "
    "those he she they we you i his her their our your not no into about than then also more most has have had will "
    "would can could may might should do does did if when while how why what who where which via vs per all some any "
    "just s t re ll ve m"
)
"""Latin words that distinguish no article from another."""

GENERIC = words_of(
    "best top deal pick week weekly dai daily morn morning even evening brief briefing roundup review recap guid "
    "newslett newsletter digest link thread read stor story thing know far question answer help discuss open job "
    "hir who what "
    "每日 每周 本周 一周 今日 早报 晚报 日报 周报 榜单 精选 盘点 汇总 推荐 回顾 热点 要闻 新闻 头条 合集 速览 简报 发生"
)
"""Words of column headings, whatever the source."""

_NEUTRAL_WORDS = words_of(
    "after amid over up off out before ahead say said tell told announce unveil launch release reveal report show "
    "introduce present new now today latest update break breaking live exclusive official officially set plan confirm "
    "get expect according watch video photo picture here make made take took debut roll"
)
_NEUTRAL = re.compile(
    "正式|官方|官宣|宣布|发布|推出|公布|表示|回应|最新|消息|重磅|突发|快讯|独家|据悉|今日|今天|昨日|近日|日前|即将|已经"
    "|目前|新款|全新|上线|亮相|に発表|を発表|発表|公开|公開|[将已称拟了的或曝]"
)
"""Words that headlines of the same news may have or lack."""

# Each line has sides; two titles of the same news never take different ones.
_SIDES = tuple(
    tuple(words_of(side) for side in line.split("/"))
    for line in (
        "ris gain climb jump surg soar rally / fall drop slip slid sink tumbl plung declin",
        "win beat defeat / los",
        "buy acquir / sell",
        "rais lift hik / cut lower slash",
        "approv / reject deny",
        "open start begin / clos end finish",
        "upgrad / downgrad",
        "import / export",
        "profit / loss",
        "men / women / boy / girl",
        "north northern / south southern / east eastern / west western",
        "morning / afternoon / evening / night / midday",
        "上涨 大涨 涨停 走高 高开 收涨 / 下跌 大跌 跌停 走低 低开 收跌",
        "增长 / 下降 下滑",
        "增持 / 减持",
        "买入 流入 收购 / 卖出 流出 出售",
        "上调 / 下调",
        "升级 / 降级",
        "加息 / 降息",
        "上半 / 下半",
        "上篇 上集 / 中篇 中集 / 下篇 下集",
        "早报 / 午报 / 晚报 / 日报 / 周报 / 月报",
        "早盘 / 午盘 / 尾盘",
        "早间 / 午间 / 晚间",
        "白天 / 夜间",
        "开盘 / 收盘",
        "开幕 / 闭幕",
        "男单 / 女单 / 男双 / 女双 / 混双",
        "男子 男队 男足 男篮 男排 / 女子 女队 女足 女篮 女排",
        "主场 / 客场",
        "击败 / 不敌",
        "进口 / 出口",
        "盈利 / 亏损",
        "通过 / 否决",
    )
)

_WORD_NUMBERS = {
    word: str(number)
    for words in (
        "two three four five six seven eight nine ten eleven twelve",
        "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
        "ii iii iv v vi vii viii ix x xi xii",
    )
    for number, word in enumerate(words.split(), 2)
    if len(word) > 1
} | {
    "first": "1",
    **{f"{day}day": day for day in words_of("mon tues wednes thurs fri satur sun")},
    **{
        month: month[:3]
        for month in words_of("january february april june july august september october november december")
    },
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = re.compile(
    r"(?P<arabic>\d+(?:[.,]\d+)*)"
    r"|\((?P<part>[上中下终完一])\)"
    r"|(?P<weekday>(?:周|星期|礼拜)[一二三四五六日天])"
    r"|第(?P<ordinal>[零〇一二两三四五六七八九十百千]+)"
    r"|(?P<han>[二两三四五六七八九十百千][零〇一二两三四五六七八九十百千]*)"
    r"|(?P<word>(?<![a-z])[a-z]{2,9}(?![a-z]))"
)
_BEFORE = re.compile(r"([a-z]+|[^\W\d_])\W*$")
_AFTER = re.compile(r"\W*?([a-z]+|[^\W\d_])")
_DATE_OR_TIME = re.compile(
    r"\d+月\d+日|\d+[日年]|(?:19|20)\d\d|\d+:\d+(?::\d+)?|\d+-\d+-\d+|\d+/\d+/\d+"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}(?!\d)"
    r"|(?<!\d)\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
)
_ARABIC = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the words before and after it, each '' at the end of the text."""

    value: str
    before: str
    after: str


def numbers(folded: str) -> Iterator[Number]:
    """Yield everything that counts or orders: 12, 第十二期, 周三, two, third, part iv, friday, july."""
    for match in _NUMBER.finditer(folded):
        kind = match.lastgroup
        if kind == "word":
            value = _WORD_NUMBERS.get(match[0])
            if value is None:
                continue
        elif kind == "arabic":
            value = _normalize(match[0])
        elif kind == "weekday":
            value = "周" + match[0][-1].replace("天", "日")
        elif kind == "part":
            value = match["part"].replace("一", "1")
        else:
            value = _parse_han(match[kind or 0])
        start = match.start()
        before = "第" if kind == "ordinal" else _first(_BEFORE.search(folded[max(0, start - 24) : start]))
        yield Number(value, before, _first(_AFTER.match(folded, match.end())))


def amounts(folded: str) -> set[str]:
    """Return the numbers in digits that are not dates or times; articles about different news differ in these."""
    return {_normalize(digits) for digits in _ARABIC.findall(_DATE_OR_TIME.sub(" ", folded))}


def opposed(terms: frozenset[str], others: frozenset[str]) -> bool:
    """Return whether two titles take different sides: rises and falls, the women's and the men's."""
    for sides in _SIDES:
        taken = [not side.isdisjoint(terms) for side in sides]
        if any(taken):
            taken_by_others = [not side.isdisjoint(others) for side in sides]
            if any(taken_by_others) and not any(map(lambda a, b: a and b, taken, taken_by_others)):
                return True
    return False


def without_neutral(folded: str) -> str:
    """Return a title without the Chinese and Japanese words that say little."""
    return _NEUTRAL.sub(" ", folded)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the form that trims, trimmed and trim share; '' for a word that says little. Crude, but enough here."""
    if word in STOP or word in _NEUTRAL_WORDS:
        return ""
    bare = word
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) - len(ending) >= 3 and word.endswith(ending) and not word.endswith("ss"):
            bare = word[: -len(ending)]
            break
    if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "sl":
        bare = bare[:-1]
    bare = bare.removesuffix("i") + "y" if bare.endswith("i") and len(bare) > 3 else bare
    return "" if bare in _NEUTRAL_WORDS or f"{bare}e" in _NEUTRAL_WORDS else bare


def _normalize(digits: str) -> str:
    """Return the form that 1,234.50 and 1234.5 share, and 3.12.0 and 3.12."""
    whole, _, rest = digits.replace(",", "").partition(".")
    rest = rest.rstrip("0.")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


def _parse_han(han: str) -> str:
    """Return a Chinese number in Arabic digits: 十二 is 12; a sequence of digits (二〇二一) is read digit by digit."""
    if not any(character in _UNITS for character in han):
        return "".join(str(_DIGITS[character]) for character in han)
    total, digit = 0, 0
    for character in han:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return str(total + digit)


def _first(match: re.Match[str] | None) -> str:
    return match[1] if match else ""
