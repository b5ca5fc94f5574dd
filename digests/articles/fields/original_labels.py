"""The words that name an original or a source before a link, in the languages of the posts, and hosts of neither.

Seen in the posts of crawlers and in public Hexo sites; the other languages' are those of newspapers' sites.
"""

from __future__ import annotations

import re

ORIGINAL_LABELS = (
    # Chinese
    r"(?:英文|中文|日文|外文|微信)?原文(?:链接|鏈接|連結|地址|网址|網址|出处|出處|来源|來源)?",
    r"(?:点击|點擊)?(?:阅读|閱讀|查看|查看完整|查看英文)原文",
    r"原(?:始)?(?:链接|鏈接|連結)",
    r"(?:本文|文章|原文)?首[发發](?:于|於|在|地址|链接|連結)?",
    # Japanese, Korean
    r"元記事|原記事|転載元|引用元記事",
    r"원문(?: ?(?:링크|보기|주소))?|원본(?: ?(?:링크|글))?",
    # English
    r"(?:the )?original (?:article|post|link|story|url|source|version)",
    r"(?:this (?:article|post|story) (?:was |first )?)?(?:originally|first) (?:published|posted|appeared) (?:at|on|in)",
    r"read (?:the )?(?:full |original )(?:article|story|post)(?: (?:at|on))?",
    # German, French, Spanish, Italian
    r"(?:zum )?original(?:artikel|beitrag)",
    r"(?:lire l['’])?article (?:d['’])?originale?",
    r"artículo original|articolo originale",
)
"""Patterns of words that mark the link after them as the original, whatever its own text."""

LONG_LABEL = "原文(?:链接|鏈接|連結|地址|网址|網址|出处|出處)"
"""A label that nothing else is, whatever stands before it."""

SOURCE_LABELS = (
    r"(?:文章|本文|新闻|新聞|内容|內容|信息|资讯|資訊|消息|稿件)?"
    r"(?:来源|來源|出处|出處|转载自|轉載自|转自|轉自|来自|來自|翻译自|翻譯自|译自|譯自)",
    r"稿源|引用元|ソース|出典|출처",
    r"sources?|via|quelle|fuente|fonte",
)
"""Patterns of words that only hint at a source: such a link must lead to an article."""

LABEL_ENDS = (
    *(
        "原文",
        "链接",
        "鏈接",
        "連結",
        "地址",
        "网址",
        "網址",
        "出处",
        "出處",
        "来源",
        "來源",
        "于",
        "於",
        "在",
        "自",
        "首发",
        "首發",
    ),
    *("記事", "転載元", "引用元", "稿源", "ソース", "出典", "출처", "원문", "링크", "보기", "주소", "원본", "글"),
    *("article", "post", "link", "story", "url", "source", "sources", "version", "at", "on", "in", "via"),
    *("original", "originale", "artikel", "beitrag", "quelle", "fuente", "fonte"),
)
"""What all of these words end in: a look at the end spares nearly all links the patterns."""

ORIGINAL_TEXTS = (
    r"(?:点击|點擊)?(?:阅读|閱讀|查看|查看完整|继续阅读)?(?:英文)?原文(?:链接|鏈接|連結|地址|网址)?",
    r"元記事(?:を読む)?|원문(?: ?보기)?",
    r"(?:read |view |see )?(?:the )?original(?: article| post| story| link)?",
    r"read (?:the )?full (?:article|story|post)",
)
"""Patterns of a link's text that says of itself that it is the original."""

MORE_TEXTS = (r"続きを読む|阅读全文", r"read more|continue reading")
"""Patterns of a link's text that leads on, and in a feed to the original."""

NOTE = re.compile(
    r"^\W*[^\s：:]{1,12}\s?[:：]|转载|轉載|版权|版權|授权|授權|作者|译者|譯者|翻译|翻譯|著作権|訳|저자|번역"
    r"|^\W*(?:by|author|translated|translation|copyright|licen[cs]e|©|posted|written)\b|^\W*$",
    re.IGNORECASE,
)
"""Words of the short paragraphs in which a copy says who wrote it and who may copy it."""

MEDIA_WORD = re.compile(
    r"\b(?:video|photo|picture|image|clip|film|screenshot|foto|bild|vidéo|imagen|podcast)s?\b"
    r"|视频|影片|图片|圖片|照片|截图|动图|動画|写真|画像|영상|사진",
    re.IGNORECASE,
)
"""Words of a link that lead to a picture or a film."""

MEDIA_HOSTS = (
    *("youtube.com", "youtu.be", "vimeo.com", "bilibili.com", "b23.tv", "dailymotion.com", "twitch.tv"),
    *("flickr.com", "flic.kr", "unsplash.com", "pexels.com", "pixabay.com", "pixiv.net", "gettyimages.com"),
    *("shutterstock.com", "wikimedia.org", "music.163.com", "soundcloud.com", "open.spotify.com"),
    *("paypal.com", "paypal.me", "patreon.com", "ko-fi.com", "buymeacoffee.com", "afdian.net", "afdian.com"),
)
"""Hosts of pictures, films, music and gifts: a source there is the source of a picture, not of a post."""
