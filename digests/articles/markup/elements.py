"""What the elements of HTML, and the classes and styles that themes and feeds give them, mean to a reader.

Sources: the HTML standard (hidden, ins, del, ruby), WordPress (`more-link`, `screen-reader-text`, `wp-caption-text`),
Bootstrap (`sr-only`, `visually-hidden`), the preheaders of newsletters, Google's advertisements (`adsbygoogle`), WeChat
(`#js_content`, hidden until its script has run), Hexo's themes (`note`, `toc`, `post-meta`).
"""

from __future__ import annotations

import re
from typing import Final

MAIN_HEADING: Final = "h1"
HEADING: Final = "heading"
LABEL: Final = "dt"
CAPTION: Final = "caption"
LIST_ITEM: Final = "li"
CELL: Final = "td"
QUOTE: Final = "blockquote"
PREFORMATTED: Final = "pre"
NOTICE: Final = "aside"
NAVIGATION: Final = "nav"
PLAIN: Final = "p"

HIDDEN_TAG: Final = "noscript"
"""What an element that readers don't see is renamed to: its pictures count, its text doesn't."""
CAPTION_TAG: Final = "figcaption"
NAVIGATION_TAG: Final = "nav"
NOTICE_TAG: Final = "aside"
EXCERPT_TAG: Final = "x-excerpt"
MORE_TAG: Final = "x-more"
"""A link to the whole of what stands here cut: a link, but no text."""

ROLES: Final = {
    "h1": MAIN_HEADING,
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), HEADING),
    **dict.fromkeys(("legend", "summary", "th", "dt"), LABEL),
    **dict.fromkeys(("caption", "figcaption", "figure"), CAPTION),
    **dict.fromkeys(("li", "dd"), LIST_ITEM),
    **dict.fromkeys(("nav", "footer", "menu", "dialog", "form", "address"), NAVIGATION),
    "td": CELL,
    "blockquote": QUOTE,
    "pre": PREFORMATTED,
    "aside": NOTICE,
}
"""What a block's text is. A block that isn't here is what the block around it is."""
_LASTING = (MAIN_HEADING, HEADING, LABEL, CAPTION, NAVIGATION, PREFORMATTED)
"""Whatever is inside these counts as these, whatever its own element is."""
ROLES_WITHIN: Final[dict[str, dict[str, str]]] = {
    **dict.fromkeys((PLAIN, LIST_ITEM, CELL, QUOTE, NOTICE), ROLES),
    **{role: {} for role in _LASTING},
}
"""For each role, what the blocks in a text of that role are."""

_BLOCKS = (
    *("article", "body", "center", "details", "dir", "div", "dl", "fieldset", "header", "hr", "html", "main", "ol"),
    *("p", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"),
)
_SKIPPED = (
    *("audio", "button", "canvas", "head", "iframe", "math", "noframes", "noscript", "object", "option"),
    *("rp", "rt", "script", "select", "style", "svg", "template", "textarea", "title"),
    # What no longer holds. What replaces it is in <ins>, or follows.
    *("del", "s", "strike"),
)
KINDS: Final = {
    **dict.fromkeys((*ROLES, *_BLOCKS), "block"),
    **dict.fromkeys(_SKIPPED, "skipped"),
    **{tag: tag for tag in ("a", "br", "code", "img", "source", "sub", "sup", "video")},
    EXCERPT_TAG: "excerpt",
    MORE_TAG: "more",
}
"""How the elements are read that are more than a piece of a line."""

_EXCERPT_WORDS = ("text-description", "excerpt", "summary", "abstract", "lead", "lede", "standfirst")
_CLASSES: Final = {
    **{
        f"{prefix}{word}": EXCERPT_TAG
        for prefix in ("", "js-", "post-", "entry-", "article-")
        for word in _EXCERPT_WORDS
    },
    **dict.fromkeys(
        (
            *("screen-reader-text", "screen-reader-only", "screenreader-only", "sr-only", "visually-hidden"),
            *(
                "visuallyhidden",
                "preheader",
                "preheader-text",
                "preview-text",
                "adsbygoogle",
                "sharedaddy",
                "feedflare",
            ),
            *("jp-relatedposts", "footnote-ref", "footnote-backref", "headerlink", "header-anchor"),
        ),
        HIDDEN_TAG,
    ),
    **dict.fromkeys(("more-link", "read-more", "readmore", "read-more-link", "continue-reading"), MORE_TAG),
    **dict.fromkeys(
        ("caption", "credit", "credits", "wp-caption-text", "wp-element-caption", "img_descr", "img-descr"), CAPTION_TAG
    ),
    **dict.fromkeys(
        (
            *("toc", "table-of-contents", "toc_container", "ez-toc-container", "toc-container", "post-toc", "byline"),
            *("post-meta", "entry-meta", "article-meta", "post-tags", "entry-footer", "breadcrumb", "breadcrumbs"),
            *("share", "share-buttons", "social-share", "related", "related-posts", "post-copyright", "footnotes"),
            *("pagination", "sponsor", "sponsored", "advertisement"),
        ),
        NAVIGATION_TAG,
    ),
    **dict.fromkeys(
        (
            *("note", "notice", "alert", "admonition", "callout", "custom-block", "markdown-alert", "hint"),
            *("tip", "warning", "epigraph"),
        ),
        NOTICE_TAG,
    ),
}
_CAPTION_CLASS = re.compile(
    r".{0,60}(?:^|[-_])(?:(?:img|image|pic|photo|picture|figure|media)[-_]?"
    r"(?:desc(?:r|ription)?|credits?|source|alt|text|info|title|note)|caption(?:[-_]?text)?)",
)
_HIDING = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|clip\s*:\s*rect\(\s*[01]"
    r"|(?:max-height|opacity|font-size)\s*+:\s*+(?:0++(?:\.0*+)?+|\.0++)(?:px|em|rem|pt|%)?\s*+(?:[;!]|$)"
    r"|(?:text-indent|left)\s*:\s*-[0-9]{4,})",
    re.IGNORECASE,
)
_SIZE = re.compile(r"font-size\s*+:[^;]*+", re.IGNORECASE)
_OPACITY = re.compile(r"opacity\s*+:[^;]*+", re.IGNORECASE)
_AWAITED = re.compile(r"(?:^|[;\s])(?:opacity|visibility)\s*+:", re.IGNORECASE)


def tag_by_class(names: str) -> str | None:
    """Return the tag that an element with these classes stands for, or None where they say nothing."""
    for name in names.lower().split():
        if tag := _CLASSES.get(name):
            return tag
        if _CAPTION_CLASS.fullmatch(name):
            return CAPTION_TAG
    return None


def hides(style: str) -> bool:
    """Return whether the style makes an element invisible."""
    return _HIDING.search(style) is not None


def only_by_size(style: str) -> bool:
    """Return whether nothing but a size of zero hides it, which what is within may set anew, as in WeChat's posts."""
    return not hides(_SIZE.sub("", style))


def only_by_opacity(style: str) -> bool:
    """Return whether nothing but its opacity hides it, as of what fades in when a page is scrolled."""
    return not hides(_OPACITY.sub("", style))


def is_awaited(style: str) -> bool:
    """Return whether scripts are wont to show what this style hides, as WeChat's do with whole articles."""
    return _AWAITED.search(style) is not None
