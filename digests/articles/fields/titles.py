"""A post's title: the one in its head, else its first heading, else its file's name."""

from __future__ import annotations

import re

from digests.articles.fields.metadata import given_title, plain
from digests.articles.heads.file_names import slug_of, title_in_name
from digests.articles.heads.front_matter import FrontMatter
from digests.articles.hexo.site import SiteRules
from digests.articles.markup.contents import Body
from digests.articles.markup.elements import HEADING, MAIN_HEADING
from digests.model.gaps import Gap, GapKind

_MAX_TITLE = 500
_TITLE_TAG = re.compile(r"<title(?:\s[^<>]{0,200})?>([^<]{1,1000})</title", re.IGNORECASE)
_MOST_LOOKED_AT = 60
_MAX_BEFORE = 200
# Headings of a part of a text say nothing about the whole.
_PARTS = re.compile(
    r"前言|序言?|引[言子]|导[语读]|導[語讀]|简介|簡介|介绍|介紹|概[述要]|摘要|背景|目[录錄次]|正文|总结|總結|后记|後記|前書き|序文|はじめに|導入"
    r"|起步|需求|安装|安裝|快速开始|知识点|まとめ|머리말|서론|소개|개요|목차|배경|들어가며|시작하며"
    r"|abstract|background|contents|foreword|intro|introduction|motivation|overview|preface|summary"
    r"|table of contents|tl;?dr|toc|getting started|quick ?start|installation|requirements"
    r"|einleitung|einführung|inhalt|vorwort|überblick|zusammenfassung|introducción|resumen|índice|sommaire"
    r"|résumé|введение|содержание|оглавление|предисловие",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^第?[0-9一二三四五六七八九十]{1,4}[章节節]?[\s、.．:：)）]+")
_EDGES = re.compile(r"^[\W\d_]+|[\W_]+$")


def title_of(front: FrontMatter, body: Body, path: str, site: SiteRules | None = None) -> tuple[str, Gap | None]:
    """Return the title for readers, on one line, and what is missing if the post names none.

    A heading that becomes the title is taken out of the body, which would repeat it.
    """
    if title := given_title(front):
        return title, None
    if title := _page_title(front) or take_heading(body):
        return title, None
    rule = site.new_post_name if site is not None else ""
    literal = site is not None and site.use_slug_as_post_title and "title" not in front.fields
    title = plain(slug_of(path, rule) if literal else title_in_name(path, rule), _MAX_TITLE)
    return title, Gap(GapKind.TITLE, "file name" if title else "none")


def _page_title(front: FrontMatter) -> str:
    """Return the title of a whole page in HTML, which has no other head."""
    if front.syntax != "none" or "<title" not in (beginning := front.body[:20_000]):
        return ""
    match = _TITLE_TAG.search(beginning)
    return plain(match[1], _MAX_TITLE) if match else ""


def take_heading(body: Body) -> str:
    """Return the first heading, and take it out; '' if it is the heading of a part, or too far below for a title."""
    before = 0
    for number, paragraph in enumerate(body.paragraphs[:_MOST_LOOKED_AT]):
        if paragraph.role not in (MAIN_HEADING, HEADING):
            before += len(paragraph.text)
            continue
        words = _EDGES.sub("", _NUMBERED.sub("", paragraph.text[:_MAX_TITLE]))
        is_below = before > _MAX_BEFORE and paragraph.role != MAIN_HEADING
        if not words or _PARTS.fullmatch(words) or is_below:
            return ""
        del body.paragraphs[number]
        if body.more is not None and number < body.more:
            body.more -= 1
        return paragraph.text[:_MAX_TITLE].rstrip()
    return ""
