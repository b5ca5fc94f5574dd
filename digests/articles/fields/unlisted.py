"""Whether the site shows a post in its lists, and why not: what the site does not show goes to no reader."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from digests.articles.fields.metadata import tags_of
from digests.articles.heads.front_matter import Field, FieldValue, FrontMatter
from digests.articles.options import PostOptions
from digests.articles.text import one_line
from digests.model.post_folders import DRAFTS_FOLDER, is_in_folder_named, split_at_posts

# Fields that keep a post out of lists when they are on. `draft` is Hugo's and Jekyll's; `hidden` is that of
# hexo-hide-posts, hexo-generator-index and Jekyll's paginator; `hide` that of the themes Fluid, Matery, Yun and of
# hexo-generator-indexed; `private` and `secret` are what such plugins are set to; `unlisted` is Docusaurus's and
# `headless` Hugo's. Fluid's `archive: true` and Yun's `hide: index` keep a post off the home page only.
_HIDING = ("draft", "hidden", "hide", "private", "secret", "unlisted", "invisible", "headless")
# Fields that do so when they are off; `visible: hide` is the theme Material's, `publish` Obsidian's.
_SHOWING = ("visible", "public", "publish", "listed")
_STATES = ("status", "post_status", "visibility")
_HIDDEN_STATES = frozenset({"draft", "private", "hidden", "unlisted", "pending", "trash", "unpublished", "protected"})
_BUILDS = ("build", "_build")
_FIELDS = frozenset({*_HIDING, *_SHOWING, *_STATES, *_BUILDS})
_ON = frozenset({"true", "yes", "on", "1", "y", "all"})
_OFF = frozenset({"false", "no", "off", "0", "n", "never", "hide", "hidden", "none"})
# hexo-blog-encrypt, Matery and NexT take a password; hexo-encrypt says `encrypt: true` and has its password elsewhere.
_PASSWORDS = ("password", "passwd", "passwords")
_ENCRYPTED = ("encrypt", "encrypted", "protected")
_LOCKS = frozenset({*_PASSWORDS, *_ENCRYPTED})
# What hexo-blog-encrypt shows to those who have no password.
_ABSTRACTS = ("abstract", "message")
_TOLD_ELSEWHERE = frozenset({"description", "excerpt", "summary", "subtitle", "desc", *_ABSTRACTS})
# What is false for js-yaml or for JavaScript, where it is not in quotes.
_FALSE = re.compile(r"false|False|FALSE|[-+]?0++(?:\.0*+)?")
# Not `.md` alone: that is what the crawler calls a post whose title is made of dots, and it is news like any other.
_HIDDEN_NAME = re.compile(r"(?:^|/)(?!\.md$)[_.]")

_AD_WORDS = (
    r"广告|廣告|広告|广告推广|推广|推廣|赞助|贊助|软文|광고|협찬|スポンサー|タイアップ|ad|ads|advert|advertisement|advertorial|anzeige"
    r"|werbung|publicidad|publicité|pubblicità|реклама|sponsored(?:\s(?:post|content))?|paid(?:\s(?:post|content))?|promoted"
)
_AD = re.compile(
    rf"\s*(?:[【\[［「『(（〔《](?:{_AD_WORDS})[】\]］」』)）〕》]|【PR】|［PR］|(?:sponsored|advertisement|anzeige)\s?[:：|])"
    rf"|.{{0,500}}(?:[【［〔](?:{_AD_WORDS}|PR)[】］〕]|[\[(（](?:广告|廣告|広告|광고|anzeige|sponsored)[\])）]"
    r"|(?:^|\s)[#＃](?:ad|sponsored|广告|廣告|広告|광고|PR))\s*$",
    re.IGNORECASE,
)


def unlisted_because(front: FrontMatter, path: str, options: PostOptions) -> str:
    """Return why the site keeps the post out of its lists, or "" for a post that it shows."""
    drafts = options.site is not None and options.site.render_drafts
    return (
        _because_of_path(path, options, drafts)
        or ("" if drafts else _because_unpublished(front))
        or _because_of_fields(front, drafts)
        or _because_of_plugins(front, options)
        or _because_protected(front, options)
    )


def unlisted_article_because(
    title: str, published_at: datetime | None, now: datetime | None, options: PostOptions
) -> str:
    """Return why readers don't get an article that its site lists or will list, or "" for what they get."""
    if not options.advertisements and calls_itself_advertisement(title):
        return "it calls itself an advertisement"
    waits = options.site is not None and not options.site.future and now is not None
    if waits and published_at is not None and now is not None and published_at > now:
        return "its date is in the future, and the site has future: false"
    return ""


def calls_itself_advertisement(title: str) -> bool:
    """Return whether the title says so, as `【广告】`, `[Sponsored]` and `… #ad` do."""
    return _AD.match(title) is not None


def is_protected(front: FrontMatter, options: PostOptions) -> bool:
    """Return whether readers need a password for the post: its own, or that of a tag; an empty one turns that off."""
    tags = options.site.listing.protected_tags if options.site is not None else ()
    if tags and "password" not in front.fields and any(tag.lower() in tags for tag in tags_of(front)):
        return True
    if _LOCKS.isdisjoint(front.fields):
        return False
    return any(_is_set(front.fields[key]) for key in _PASSWORDS if key in front.fields) or any(
        _is_on(front.fields[key].value) for key in _ENCRYPTED if key in front.fields
    )


def without_secrets(front: FrontMatter) -> FrontMatter:
    """Return a protected post with only what its author wrote for those without the password."""
    abstract = front.text(*_ABSTRACTS)
    fields = {key: field for key, field in front.fields.items() if key not in _TOLD_ELSEWHERE}
    if abstract:
        fields["description"] = Field("description", abstract, 1)
    return replace(front, fields=fields, body="")


def without_lock_note(front: FrontMatter) -> FrontMatter:
    """Return an open post without the abstract that is for readers without the password.

    Templates fill it in for every post, with the password left empty.
    """
    if "abstract" not in front.fields or front.fields.keys().isdisjoint({*_LOCKS, "message"}):
        return front
    return replace(front, fields={key: field for key, field in front.fields.items() if key != "abstract"})


def _because_of_path(path: str, options: PostOptions, drafts: bool) -> str:
    if not drafts and is_in_folder_named(path, DRAFTS_FOLDER):
        return "it is in _drafts/"
    folder, below = split_at_posts(path)
    # In neither folder, the origin of a site is the folder of posts itself.
    if folder == DRAFTS_FOLDER or (not folder and options.site is None):
        return ""
    # Hexo's processor skips them.
    return "the name of the file or of its folder begins with _ or ." if _HIDDEN_NAME.search(below) else ""


def _because_unpublished(front: FrontMatter) -> str:
    """Follow Hexo: false, 0, 'false', '0' and '' are unpublished; null, `no` and any other text are published."""
    field = front.fields.get("published")
    if field is None or not isinstance(field.value, str):
        return ""
    if field.node is not None and field.node.style:
        unpublished = field.value in ("", "false", "0")
    else:
        unpublished = _FALSE.fullmatch(field.value) is not None
    return f"published: {_shown(field.value)}" if unpublished else ""


def _because_of_fields(front: FrontMatter, drafts: bool) -> str:
    if _FIELDS.isdisjoint(front.fields):
        return ""
    for key in _HIDING:
        if (field := front.fields.get(key)) is not None and _is_on(field.value) and not (drafts and key == "draft"):
            return f"{key}: {_shown(field.value)}"
    for key in _SHOWING:
        if (field := front.fields.get(key)) is not None and _word(field.value) in _OFF:
            return f"{key}: {_shown(field.value)}"
    for key in _STATES:
        if (field := front.fields.get(key)) is not None and _word(field.value) in _HIDDEN_STATES:
            return f"{key}: {_shown(field.value)}"
    for key in _BUILDS:
        field = front.fields.get(key)
        if field is not None and isinstance(field.value, dict) and _word(field.value.get("list", "")) in _OFF:
            return f"{key}.list: {_shown(field.value['list'])}"
    return ""


def _because_of_plugins(front: FrontMatter, options: PostOptions) -> str:
    key = options.site.listing.hidden_field if options.site is not None else ""
    field = front.fields.get(key) if key else None
    return f"{key}: {_shown(field.value)}" if field is not None and _is_on(field.value) else ""


def _because_protected(front: FrontMatter, options: PostOptions) -> str:
    if not is_protected(front, options) or (options.protected == "abstract" and front.text(*_ABSTRACTS)):
        return ""
    return "it has a password"


def _is_set(field: Field) -> bool:
    """Return whether the value is one for JavaScript, as plugins ask."""
    if not isinstance(field.value, str):
        return bool(field.value)
    if field.node is not None and field.node.style:
        return field.value != ""
    return _word(field.value) not in ("", "~", "null", "false", "0")


def _is_on(value: FieldValue) -> bool:
    return _word(value) in _ON


def _word(value: FieldValue) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _shown(value: FieldValue) -> str:
    return one_line(value)[:40] if isinstance(value, str) and value.strip() else "''"
