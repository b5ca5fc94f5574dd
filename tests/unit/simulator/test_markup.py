"""Our parser of Telegram's HTML, compared with TDLib's."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.simulator.text import tdlib
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import FormattedText
from bot.simulator.text.markup import parse_html

TAGS = (
    "a", "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "tg-spoiler", "span",
    "tg-emoji", "tg-time", "B", "Blockquote", "p", "br", "h1", "!--", "", "img", "ul",
)  # fmt: skip
HREFS = (
    "http://a.b", "https://Ex.com/a?b=1&amp;c=2#d", "/x", "javascript:alert(1)", "tg://user?id=5", "http://a_b",
    "tg://resolve?domain=x", "ftp://a.b", "a.b", "mailto:x@y.z", "", "http://a b.c", "HTTP://X.Y:0080/é",
    "http://[::1]/", "http://u:p@h.i",
    "http://%41.b", "http://%4.b", "ton://x", "tonsite://a.b/c", "tg:user?id=0", "http://a.b:99999", "http://.",
    "//a.b/c", "http://é.com/ü", "http://a.b/\tc ", "tg://USER?x=1&id=77#f", "data:text/html,x", "&lt;",
    "x&quot;y.z",
)  # fmt: skip
WORDS = (
    "x", " ", "\n", "é", "汉字", "😀", "&lt;", "&gt;", "&amp;", "&quot;", "&nbsp;", "&apos;", "&#39;", "&#x1F600;",
    "&#X41;", "&#0;", "&#1114111;", "&#99999999;", "&lt", "&ltx", "&", "&#", "&#x", "&;", "<", ">", '"', "'", "\x00",
    "\t", "\r", "\u200b", "http://site.org", "=", "/", "\u200e\u200f", "e\u0301",
)  # fmt: skip

ATTRIBUTES = (
    ' class="language-python"', " class='language-'", ' class="tg-spoiler"', ' class="tg-"', " class=tg-spoiler",
    " expandable", ' expandable="x"', ' expandable=""', ' emoji-id="5368324170671202286"', ' emoji-id="007"',
    ' emoji-id="x"', ' emoji-id="-5"', ' emoji-id="99999999999999999999"', ' unix="1700000000" format="wDT"',
    ' unix="-5"', ' unix="5" format="r"', ' format="q"', " x", ' x="y', " =", ' a="b"c="d"', " /", "/",
    '\n\thref = "http://q.r" ', ' unix="99999999999"', " x='&quot;&amp;&x;'", ' unix="7" format="dtT"',
    " HREF='http://a.b'", "\x0bhref='http://a.b'", " format='Dwt' unix='9'", ' href="http://a.b"', " href='/x'",
)  # fmt: skip
MORE_HREFS = (
    "tg://user?id=1099511627776", "tg://user?id=99999999999", "tg://user/?id=5", "tg://users?id=5", "http://a.b:0",
    "http://a.b:", "http://x@:1", "http://[::1]:80/x", "http://[zz]/", "t.me/x", "HTTPS://A.B?x#y", "http://a.b/汉 字",
    "http://a.b/\x01", "tonsite://a_b", "ton:x?y=z", "tg:https://x", "tg://x:5", "tg://[::1]", "tg:http://x",
    "http://a@b@c.d", "http://a:b:c@d.e", "http://a/b.c", "http://a.b%", "x://y.z", "http:a.b", "tonsite:https://a.b",
    "tg://a.b", "tg://user?name=x", "tg://user#?id=5", "tg://user?id=05",
)  # fmt: skip

_attribute = st.one_of(
    st.sampled_from(HREFS).map(lambda href: f' href="{href}"'),
    st.sampled_from(HREFS).map(lambda href: f" href='{href}'"),
    st.sampled_from(HREFS).map(lambda href: f" href={href}"),
    st.sampled_from(ATTRIBUTES),
)
_start = st.builds(
    lambda tag, attributes, end: f"<{tag}{''.join(attributes)}{end}",
    st.sampled_from(TAGS),
    st.lists(_attribute, max_size=2),
    st.sampled_from((">", ">", ">", ">", " >", "/>", "")),
)
_end = st.builds(
    lambda tag, end: f"</{tag}{end}", st.sampled_from(TAGS), st.sampled_from((">", ">", ">", " >", "\n>", "", " x>"))
)
_soup = st.lists(st.one_of(_start, _end, st.sampled_from(WORDS), st.text(max_size=4)), max_size=12).map("".join)


def _nest(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.builds(
        lambda tag, attributes, content: f"<{tag}{''.join(attributes)}>{content}</{tag}>",
        st.sampled_from(TAGS[:19]),
        st.lists(_attribute, max_size=2),
        inside,
    )
    return st.one_of(pair, st.lists(st.one_of(inside, pair), max_size=4).map("".join))


_tree = st.recursive(st.sampled_from(WORDS), _nest, max_leaves=8)


def _ours(text: str) -> FormattedText | str:
    try:
        parsed = parse_html(text)
    except MarkupError as error:
        return str(error)
    return FormattedText(parsed.text, tuple(sorted(parsed.entities)))


def _tdlib(text: str) -> FormattedText | str:
    try:
        parsed = tdlib.parse_markup(text, "html")
    except MarkupError as error:
        return str(error)
    return FormattedText(parsed.text, tuple(sorted(parsed.entities)))


@pytest.mark.parametrize("href", [*HREFS, *MORE_HREFS])
def test_links_match_tdlib(href: str) -> None:
    for quote in ('"', "'", ""):
        text = f"<a href={quote}{href}{quote}>x</a>"
        assert _ours(text) == _tdlib(text)
    assert _ours(f"<a>{href}</a>") == _tdlib(f"<a>{href}</a>")


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag])
def test_attributes_match_tdlib(tag: str) -> None:
    for attribute in ATTRIBUTES:
        text = f"<{tag}{attribute}>x</{tag}>"
        assert _ours(text) == _tdlib(text)


@settings(max_examples=1500, deadline=None)
@given(st.one_of(_soup, _tree))
@example('<a href="http://a.b">x</a>')
@example("<b>x")
@example("a < b")
@example("&#xD800;")
@example("<a>http://a.b</a>")
@example("<tg-time unix='5' format='Dw'>x</tg-time>")
@example("<pre><code class='language-c'>x</code></pre>")
@example("<code class='language-c'><pre>x</pre></code>")
def test_parsing_matches_tdlib(text: str) -> None:
    assert _ours(text) == _tdlib(text)
