"""Telegram's HTML is judged as Telegram does, by TDLib."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands.announce import html_of
from bot.render.telegram_html import HtmlFault, is_blank, visible_text
from digests.errors import InvalidInput
from tests.telegram_markup import read_html

TAGS = (
    "a", "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "tg-spoiler",
    "span", "tg-emoji", "tg-time", "B", "Blockquote", "\u212a", "p", "br", "br/", "ul", "h1", "!--", "", "img", "b/",
    "1",
)  # fmt: skip
ATTRIBUTES = (
    ' href="http://a.b"', " href=http://a.b", " href=a.b", " HREF='x'", " href=", ' href="', " href='x",
    ' class="tg-spoiler"', " class=tg-spoiler", " class=TG-Spoiler", ' class="tg-"', ' class="x"',
    ' CLASS="tg-spoiler"', ' class="tg-&#115;poiler"', ' class="language-c"', " expandable", ' expandable="x"',
    ' emoji-id="5368324170671202286"', " emoji-id=5", ' emoji-id="0"', ' emoji-id="007"', ' emoji-id="-5"',
    ' emoji-id="9223372036854775807"', ' emoji-id="9223372036854775808"', ' emoji-id="&#53;"', ' unix="1"',
    ' format="wDT"', ' format="q"', ' format="r"', ' format="rr"', " x", " =", ' a="b"c="d"', " /", "/", "\x0bx",
    "\n", ' x="&lt;&#0;&#xd800;&nope;"', ' x=">"', " x='<'", " x=y&z",
)  # fmt: skip
WORDS = (
    "x", " ", "\n", "é", "汉字", "😀", "&lt;", "&gt;", "&amp;", "&quot;", "&nbsp;", "&apos;", "&#39;", "&#x1F600;",
    "&#X41;", "&#0;", "&#1114111;", "&#1114110;", "&#x10FFFF;", "&#xD800;", "&#55357;&#56832;", "&#99999999;",
    "&#000000065;", "&#00000065;", "&lt", "&ltx", "&LT;", "&", "&#", "&#x", "&;", "<", ">", '"', "'", "\t", "\r",
    "\x0c", "\u200b", "\u00a0", "=", "/", "<!-- x -->", "<![CDATA[x]]>", "</>", "<>",
)  # fmt: skip

_attributes = st.lists(st.sampled_from(ATTRIBUTES), max_size=2).map("".join)
_start = st.builds(
    "<{}{}{}".format, st.sampled_from(TAGS), _attributes, st.sampled_from((">", ">", ">", " >", "/>", ""))
)
_end = st.builds("</{}{}".format, st.sampled_from(TAGS), st.sampled_from((">", ">", " >", "\n>", "", " x>", "/>")))
_sendable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_soup = st.lists(st.one_of(_start, _end, st.sampled_from(WORDS), st.text(_sendable, max_size=4)), max_size=12).map(
    "".join
)


def _nest(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tag = st.sampled_from(TAGS[:19])
    pair = st.builds(lambda tag, attributes, text: f"<{tag}{attributes}>{text}</{tag}>", tag, _attributes, inside)
    return st.one_of(pair, st.lists(st.one_of(inside, pair), max_size=4).map("".join))


_tree = st.recursive(st.sampled_from(WORDS), _nest, max_leaves=8)
_signs = st.text(st.sampled_from("<>/&;#x=\"' abp\n-!"), max_size=14)


def judged(html: str) -> str | None:
    """Return what readers would see, or None for what is refused."""
    try:
        return visible_text(html)
    except HtmlFault:
        return None


def by_telegram(html: str) -> str | None:
    answer = read_html(html)
    return str(answer["text"]) if answer["@type"] == "formattedText" else None


@settings(max_examples=2500, deadline=None)
@given(st.one_of(_soup, _tree, _signs))
@example("<tg-emoji emoji-id='x'></tg-emoji>")
@example("<tg-time unix=5 format='q'>x</tg-time>")
@example("&#xD83D;&#xDE00;")
@example("<b>x</>")
@example("<b></i>")
@example("x\n<b")
def test_html_is_judged_and_read_as_telegram_does(html: str) -> None:
    assert judged(html) == by_telegram(html)


@pytest.mark.parametrize("tag", [tag for tag in TAGS if tag])
def test_every_attribute_of_every_tag(tag: str) -> None:
    for attribute in ATTRIBUTES:
        for text in ("x", ""):
            html = f"<{tag}{attribute}>{text}</{tag}>"
            assert judged(html) == by_telegram(html), html


@pytest.mark.parametrize(
    ("html", "line", "column", "what"),
    [
        ("<p>Hello</p>", 1, 1, "<p> is not a tag that Telegram knows"),
        ("Hello<br>you", 1, 6, "<br> is not a tag that Telegram knows"),
        ("Hello\nto you<br/>", 2, 7, "<br/> is not a tag"),
        ("a\n\n<ul><li>x</li></ul>", 3, 1, "<ul> is not a tag"),
        ("<h1>x</h1>", 1, 1, "<h1> is not a tag"),
        ("x <!-- y -->", 1, 3, "no comments"),
        ("<b>Hello", 1, 1, "<b> is never closed: write </b>"),
        ("<b><i>x</b></i>", 1, 8, "</b> where </i> is expected"),
        ("x</b>", 1, 2, "</b> closes nothing"),
        ("你好 <a href=http://x.example>x</a>", 1, 12, "the value of href must be in quotes"),
        ('<a href="http://x.example>x</a>', 1, 1, "<a never ends"),
        ("1 < 2", 1, 3, "write &lt; for the sign"),
        ("1 <2 >", 1, 3, "write &lt; for the sign"),
        ("x <", 1, 3, "write &lt; for the sign"),
        ("<span>x</span>", 1, 1, 'needs class="tg-spoiler"'),
        ("<tg-emoji>x</tg-emoji>", 1, 1, "needs emoji-id"),
        ("<tg-time format='q'>x</tg-time>", 1, 1, "the format of <tg-time>"),
        ('<b ="x">x</b>', 1, 4, "without a name"),
        ("x &#xD800;", 1, 3, "half of a character"),
        ("x\udcff", 1, 2, "not a character that can be sent"),
        ("x\0", 1, 2, "not a character that can be sent"),
    ],
)
def test_a_fault_is_reported_with_its_position(html: str, line: int, column: int, what: str) -> None:
    with pytest.raises(HtmlFault) as caught:
        visible_text(html)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert what in caught.value.what
    with pytest.raises(InvalidInput, match=rf"--text, line {line}, column {column}: "):
        html_of("--text", html, 4096, is_html=True)


@pytest.mark.parametrize(
    "html",
    ["", " ", "\n\t", "<b></b>", "<b> </b>", "\u2028", "\u202e<i>\r</i>", "&#32;", "<a href='http://x.example'></a>"],
)
def test_what_shows_nothing_is_blank(html: str) -> None:
    assert is_blank(visible_text(html))
    with pytest.raises(InvalidInput, match="1 to 4,096"):
        html_of("--text", html, 4096, is_html=True)


def test_the_limit_counts_visible_characters() -> None:
    for unit in ("x", "😀", "&lt;", "&#x1F600;", "<b>x</b>", "&amp;", "汉"):
        assert html_of("--text", unit * 1024, 1024, is_html=True) == unit * 1024
        with pytest.raises(InvalidInput, match="this one has 1,025"):
            html_of("--text", unit * 1025, 1024, is_html=True)
    # Telegram shows this as it stands.
    assert html_of("--text", "&nbsp;" * 682, 4096, is_html=True)
    with pytest.raises(InvalidInput, match="this one has 4,098"):
        html_of("--text", "&nbsp;" * 683, 4096, is_html=True)


@pytest.mark.parametrize("letter", ["x", "汉"])
def test_the_limit_of_markup_counts_bytes(letter: str) -> None:
    begin, end = '<a href="http://x.y/', '">x</a>'
    room = (1 << 15) - len(begin + end)
    number, rest = divmod(room, len(letter.encode()))
    longest = f"{begin}{letter * number}{'x' * rest}{end}"
    assert html_of("--text", f" {longest}\n", 4096, is_html=True) == longest
    with pytest.raises(InvalidInput, match="32,768 bytes with its markup; this one has 32,769"):
        html_of("--text", longest.replace('">', 'x">'), 4096, is_html=True)


@given(st.text(max_size=40))
def test_telegram_accepts_any_plain_text(text: str) -> None:
    try:
        html = html_of("--text", text, 4096, is_html=False)
    except InvalidInput:
        return
    assert by_telegram(html) == judged(html) is not None
