"""Choosing the summary line: the one marked as such, else the first paragraph with something to say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digests.articles.front_matter import FrontMatter
from digests.articles.markdown import plain_markdown
from digests.articles.markup import Body, Paragraph
from digests.articles.metadata import plain
from digests.articles.text import letters, one_line

_FIELDS = ("description", "excerpt", "summary", "abstract", "subtitle", "desc")
_MAX_LENGTH = 5_000
_MAX_PARAGRAPHS = 60

_NUMBERS = re.compile(r"[\W\d_]*")
_DATE = re.compile(r"(?:[\s\d:./,年月日时時分秒()（）-]|上午|下午|am|pm|gmt|utc)*", re.IGNORECASE)
_TAGS_ONLY = re.compile(r"(?:[#＃][^\s#＃]+[#＃]?[\s,，、]*)+")
_URL_ONLY = re.compile(r"\S*https?://\S+")
# `Label: value`, short and not a whole sentence.
_LABELLED = re.compile(r"[^:：。！？!?，,]{1,12}\s?[:：].{0,60}")
_LABEL = re.compile(r".{0,30}[:：]")
_COUNTER = re.compile(
    r"[\W\d]*(?:views?|comments?|likes?|shares?|retweets?|replies|reads?|points?|阅读|浏览|点击|评论|点赞|收藏|转发|分享|播放|次"
    r"|人气|回复|閱讀|瀏覽|留言|観覧|件)[\W\d]*(?:(?:views?|comments?|likes?|shares?|by|阅读|浏览|评论|点赞|收藏|次|数|量)[\W\d]*)*",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"原标题|原標題|原題|原文|(?:阅读|閱讀|查看)原文|点击(?:查看|阅读|下载|进入)|下载(?:地址|链接)|下載|(?:相关|相關|推荐|延伸)(?:阅读|閱讀)"
    r"|关注.{0,12}公众号|扫码|扫描.{0,6}二维码|长按|本文(?:来源|来自|作者|转载|首发|版权|由.{0,20}授权)"
    r"|版权(?:所有|归|声明)|未经.{0,6}(?:授权|许可)"
    r"|责任编辑|责编|(?:编辑|作者|记者|文|图|来源|來源)[:：|｜/]|图源|圖源|图片(?:来源|说明)|题图|頭圖"
    r"|[▲△▼◆]|[(（](?:图|圖|图片|记者|通讯员|编辑|责编|原标题|来源|來自|来自)"
    r"|(?:by|via|posted by|published|written by|photo|image|credit|source|author|tags?|filed under|updated)\b[\s:]"
    r"|(?:read|view|see) (?:more|full|all|original)|continue reading|click here|download|advertisement"
    r"|the post .{0,300} (?:first )?appeared|your browser does not|share this|related:?|subscribe|sign up|©|copyright",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?…；;]|\.(?:\s|[\"'”’)]|$)|[。！？!?.][”」』）\"]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")


def summary_of(front: FrontMatter, body: Body, title: str) -> str:
    """Return the summary line, unshortened, or '' if nothing in the post says more than its title."""
    known = letters(title)
    for line in _marked(front, body):
        if line and letters(line) != known:
            return line[:_MAX_LENGTH].rstrip()
    fallback = ""
    for paragraph in body.paragraphs[:_MAX_PARAGRAPHS]:
        if _is_boilerplate(paragraph, known):
            continue
        if _is_sentence(paragraph.text):
            return paragraph.text[:_MAX_LENGTH].rstrip()
        fallback = fallback or paragraph.text
    return fallback[:_MAX_LENGTH].rstrip()


def _marked(front: FrontMatter, body: Body) -> Iterator[str]:
    yield from body.excerpts
    for key in _FIELDS:
        if text := front.text(key):
            yield plain(plain_markdown(text), _MAX_LENGTH)
    if body.more:
        yield one_line(
            " ".join(paragraph.text for paragraph in body.paragraphs[: body.more] if not paragraph.is_heading)
        )


def _is_boilerplate(paragraph: Paragraph, title: str) -> bool:
    text = paragraph.text
    if paragraph.is_heading or paragraph.tag in ("pre", "th", "figcaption", "nav", "footer", "dt"):
        return True
    if _NUMBERS.fullmatch(text) or letters(text[:1_000]) == title:
        return True
    if len(text) > 200:
        return False
    return bool(
        _DATE.fullmatch(text)
        or _TAGS_ONLY.fullmatch(text)
        or _URL_ONLY.fullmatch(text)
        or _COUNTER.fullmatch(text)
        or _LABEL.fullmatch(text)
        or _BOILERPLATE.match(text)
        or (_LABELLED.fullmatch(text) and not _SENTENCE.search(text))
        or (paragraph.linked * 10 >= 8 * len(text) and not _is_sentence(text))
    )


def _is_sentence(text: str) -> bool:
    """Return whether the text reads as prose: it ends a sentence or is long, and is not a list like `a | b | c`."""
    if text.count("|") + text.count("｜") + text.count("·") >= 2 and len(text) < 100:
        return False
    if _SENTENCE.search(text) and len(text) >= 3:
        return True
    wide = len(_WIDE.findall(text[:200]))
    return wide >= 12 or len(text) + wide >= 45
