"""Rich HTML: which blocks it becomes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.refusal import Refusal
from bot.simulator.rich.blocks import parse_rich_html
from bot.simulator.rich.limits import MAX_BLOCKS, MAX_CHARACTERS, check_rich_limits, measure_blocks
from bot.simulator.rich.lists import format_label
from bot.simulator.rich.plain import blocks_to_text, buttons_of
from bot.simulator.text.attributes import MarkupError

SHARED = Path(__file__).resolve().parents[4] / "shared" / "botapi"
# Every block and every kind of text that the parser reads.
EVERYTHING = """
<a name="top"></a>
<h1>News of <mark>today</mark></h1>
<p>Inside: <a href="#science">Science</a>, <a href="#">up</a>, <a href="#note">a note</a></p>
<a name="science"></a>
<h2>Science</h2>
<figure><img src="tg://photo?id=a1" tg-spoiler/><figcaption>A <b>comet</b><cite>Site</cite></figcaption></figure>
<p><a href="https://example.com/a">Title</a><br><i>Source</i> · <tg-time unix="1700000000" format="wDT">now</tg-time>
 H<sub>2</sub>O e<sup>x</sup> <u>u</u> <s>s</s> <code>c</code> <tg-spoiler>x</tg-spoiler>
 <tg-reference name="note">note</tg-reference> <tg-emoji emoji-id="5368324170671202286">👍</tg-emoji></p>
<p><a href="mailto:a@b.de">mail</a> <a href="tel:+49">call</a> <a href="tg://user?id=5">Ada</a></p>
<ul><li>one</li><li><input type="checkbox" checked>two</li></ul>
<ol start="3" type="a"><li>three</li><li value="7" type="i"><p>four</p></li></ol>
<blockquote>Said<cite>Who</cite></blockquote><blockquote expandable>Long</blockquote><aside>Pulled</aside>
<pre><code class="language-python">a
b</code></pre>
<table bordered striped compact><caption>T</caption><tr><th>H</th><td colspan="2" align="right">1</td></tr></table>
<details open><summary>More</summary><p>rest</p><details><summary>Deeper</summary>text</details></details>
<tg-collage><img src="tg://photo?id=a1"/><img src="https://example.com/b.jpg"/><figcaption>C</figcaption></tg-collage>
<tg-slideshow><img src="tg://photo?id=a1"/></tg-slideshow>
<hr/>
<p>Press <tg-button type="callback_data" style="link" data="more">More</tg-button></p>
<tg-button-row align="center"><tg-button type="url" style="primary" url="https://example.com">Go</tg-button>
<tg-button type="copy_text" text="abc">Copy</tg-button><tg-button type="disabled">Off</tg-button></tg-button-row>
<footer>The end</footer>
"""


def blocks(html: str, *, detects: bool = False) -> list[dict[str, Any]]:
    return parse_rich_html(html, detects=detects).blocks


def test_every_block_has_the_shape_that_the_bot_api_describes() -> None:
    parsed = parse_rich_html(EVERYTHING)
    assert [block["type"] for block in parsed.blocks] == [
        "anchor", "heading", "paragraph", "anchor", "heading", "photo", "paragraph", "paragraph", "list", "list",
        "blockquote", "expandable_blockquote", "pullquote", "pre", "table", "details", "collage", "slideshow",
        "divider", "paragraph", "buttons", "footer",
    ]  # fmt: skip
    assert parsed.dangling == []
    assert len(parsed.photos) == 4
    assert {button["text"] for button in buttons_of(parsed.blocks)} == {"More", "Go", "Copy", "Off"}
    heading, contents = parsed.blocks[1:3]
    assert heading == {"type": "heading", "size": 1, "text": ["News of ", {"type": "marked", "text": "today"}]}
    assert contents["text"] == [
        "Inside: ",
        {"type": "anchor_link", "text": "Science", "anchor_name": "science"},
        ", ",
        {"type": "anchor_link", "text": "up", "anchor_name": ""},
        ", ",
        {"type": "reference_link", "text": "a note", "reference_name": "note"},
    ]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="needs the description of the Bot API beside the checkout")
def test_every_field_is_one_of_the_bot_api() -> None:
    known: dict[str, Any] = json.loads((SHARED / "api-10.2.json").read_text())["types"]
    later: dict[str, Any] = json.loads((SHARED / "api-10.3-delta.json").read_text())
    fields: dict[str, set[str]] = {}
    for name, described in known.items():
        if name.startswith(("RichBlock", "RichText")):
            added = later["new_fields"].get(name, {})
            names = {field["name"] for field in described.get("fields", [])} | set(added)
            fields.setdefault(_type_of(described), set()).update(names)
    for name, described in later["new_types"].items():
        if name.startswith(("RichBlock", "RichText")):
            fields[described["type"]["type"].partition(".")[2].rstrip("]").lower()] = set(described)
    for typed in _typed(parse_rich_html(EVERYTHING).blocks):
        assert set(typed) - {"src"} <= fields[str(typed["type"])] | {"photo"}, typed


def _type_of(described: dict[str, Any]) -> str:
    """Return the `type` of a kind of block or text, which stands in the field's description."""
    for field in described.get("fields", []):
        if field["name"] == "type" and "always '" in field["description"]:
            return str(field["description"].partition("always '")[2].partition("'")[0])
    return str(described["name"])


def _typed(value: object) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for part in value for found in _typed(part)]
    if not isinstance(value, dict):
        return []
    inner = [found for part in value.values() for found in _typed(part)]
    # An item of an ordered list has a type of its own kind.
    return [value, *inner] if "type" in value and "label" not in value else inner


def test_white_space_collapses_and_only_br_breaks_a_line() -> None:
    (paragraph,) = blocks("<p>\n a  b\n<b> c </b> d<br>\n  e </p>\n\n")
    assert paragraph["text"] == ["a b ", {"type": "bold", "text": "c "}, "d\ne"]
    assert blocks("<pre>\n a\tb\n  c\n</pre>")[0]["text"] == " a b\n  c"


def test_texts_between_blocks_are_paragraphs() -> None:
    assert [block["type"] for block in blocks("a <b>b</b><hr>c<p>d</p> ")] == [
        "paragraph", "divider", "paragraph", "paragraph",
    ]  # fmt: skip


def test_entities() -> None:
    html = "<p>&lt;&amp;&#39;&#x4e2d;&hellip;&nbsp;&copy;&#0;&#xD800;&amp;lt;</p>"
    assert blocks(html)[0]["text"] == "<&'中…\u00a0&copy;&#0;&#xD800;&lt;"


def test_links_are_detected_unless_the_message_says_otherwise() -> None:
    html = "<p>See example.com, @ada_l and /stop <code>@ada_l</code> <a href='https://a.b'>@ada_l</a></p>"
    found = parse_rich_html(html).blocks[0]["text"]
    assert isinstance(found, list)
    kinds = [part["type"] for part in found if isinstance(part, dict)]
    assert kinds == ["url", "mention", "bot_command", "code", "url"]
    quiet = blocks(html)[0]["text"]
    assert [part["type"] for part in quiet if isinstance(part, dict)] == ["code", "url"]


def test_a_link_to_no_anchor_is_noticed() -> None:
    parsed = parse_rich_html('<p><a href="#gone">x</a></p>')
    assert parsed.dangling == ["gone"]
    assert parsed.blocks[0]["text"] == {"type": "url", "text": "x", "url": "#gone"}


def test_lists_are_labelled() -> None:
    bullets, letters = blocks(EVERYTHING)[8:10]
    assert [item["label"] for item in bullets["items"]] == ["•", "•"]
    assert bullets["items"][1]["is_checked"] is True
    assert [(item["label"], item["value"]) for item in letters["items"]] == [("c.", 3), ("vii.", 7)]
    (backwards,) = blocks("<ol reversed><li>a</li><li>b</li></ol>")
    assert [item["label"] for item in backwards["items"]] == ["2.", "1."]


@pytest.mark.parametrize(
    ("value", "kind", "label"),
    [(27, "a", "aa"), (26, "A", "Z"), (1999, "I", "MCMXCIX"), (0, "i", "0"), (4000, "i", "4000"), (-1, "a", "-1"),
     (12, "1", "12")],
)  # fmt: skip
def test_labels(value: int, kind: str, label: str) -> None:
    assert format_label(value, kind) == label


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("中<div>x</div>", 'Unsupported start tag "div" at byte offset 3'),
        ("<!-- x -->", "Unclosed or unsupported start tag at byte offset 0"),
        ("<p>1 < 2</p>", "Unclosed or unsupported start tag at byte offset 5"),
        ("<p>x", "Can't find end tag corresponding to start tag \"p\""),
        ("</p>", "Unexpected end tag at byte offset 0"),
        ("<p><b>x</p></b>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</p>"'),
        ('<p onclick="x">x</p>', 'Unsupported attribute "onclick" in the tag "p" at byte offset 0'),
        ("<p/>", 'Unclosed start tag "p" at byte offset 0'),
        ("<ul>x</ul>", 'Text is not allowed in the tag "ul"'),
        ("<ul><p>x</p></ul>", 'Tag "p" is not allowed in the tag "ul"'),
        ("<li>x</li>", 'Tag "li" is not allowed there'),
        ("<figure><p>x</p></figure>", 'Tag "p" is not allowed in the tag "figure"'),
        ('<table><tr><td align="up">x</td></tr></table>', 'Invalid align "up" in the tag "td"'),
        ("<details><summary>a</summary><summary>b</summary>c</details>", 'Tag "details" can have only one "summary"'),
        ('<p><a name="x">text</a></p>',
         'Tag "a" must have the attribute "href", or only the attribute "name" and no content'),
        ('<p><tg-emoji emoji-id="x">x</tg-emoji></p>', "Invalid custom emoji identifier specified"),
    ],
)  # fmt: skip
def test_markup_that_is_not_rich_html(html: str, reason: str) -> None:
    with pytest.raises(MarkupError) as error:
        parse_rich_html(html)
    assert str(error.value) == reason


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<h1> </h1>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<p></p>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<p>x<ul><li>y</li></ul></p>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ('<p>x<img src="https://a.b/c.jpg"></p>', "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<details>x</details>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<details><summary>x</summary></details>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<tg-collage></tg-collage>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<figure></figure>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<ul></ul>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<table></table>", "RICH_MESSAGE_CONTENT_REQUIRED"),
        ("<img>", "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"),
        ('<p><a href="/relative">x</a></p>', "RICH_MESSAGE_URL_INVALID"),
        ('<p><a href="javascript:alert(1)">x</a></p>', "RICH_MESSAGE_URL_INVALID"),
        ('<p><a href="https://a.b">x <a href="https://c.d">y</a></a></p>', "RICH_MESSAGE_ENTITIES_INVALID"),
        ('<p><tg-time unix="soon">x</tg-time></p>', "RICH_MESSAGE_DATE_INVALID"),
        ('<p><tg-time unix="1" format="x">x</tg-time></p>', "RICH_MESSAGE_DATE_INVALID"),
        ('<p><tg-button type="callback_data" data="">x</tg-button></p>', "BUTTON_DATA_INVALID"),
        (f'<p><tg-button type="callback_data" data="{"x" * 65}">x</tg-button></p>', "BUTTON_DATA_INVALID"),
        ('<p><tg-button type="url" url="x">x</tg-button></p>', "BUTTON_URL_INVALID"),
        ('<p><tg-button type="url" style="link" url="https://a.b">x</tg-button></p>', "BUTTON_STYLE_INVALID"),
        ('<p><tg-button type="nothing">x</tg-button></p>', "BUTTON_TYPE_INVALID"),
        ('<p><tg-button type="disabled"><b>x</b></tg-button></p>', "BUTTON_TEXT_INVALID"),
        ('<p><tg-button type="disabled"></tg-button></p>', "BUTTON_TEXT_INVALID"),
        ("<tg-button-row>" + '<tg-button type="disabled">x</tg-button>' * 9 + "</tg-button-row>",
         "RICH_MESSAGE_BUTTONS_INVALID"),
        ("<blockquote>" * 100 + "x" + "</blockquote>" * 100, "RICH_MESSAGE_DEPTH_INVALID"),
    ],
)  # fmt: skip
def test_content_that_telegram_refuses(html: str, code: str) -> None:
    with pytest.raises(Refusal) as error:
        parse_rich_html(html)
    assert error.value.description == f"Bad Request: {code}"


@pytest.mark.parametrize(
    ("fits", "too_much", "code"),
    [
        (f"<p>{'中' * MAX_CHARACTERS}</p>", f"<p>{'中' * (MAX_CHARACTERS + 1)}</p>", "RICH_MESSAGE_TEXT_TOO_LONG"),
        ("<p>x</p>" * MAX_BLOCKS, "<hr>" * (MAX_BLOCKS + 1), "RICH_MESSAGE_BLOCKS_TOO_MANY"),
        ("<ul>" + "<li>x</li>" * 249 + "</ul>", "<ul>" + "<li>x</li>" * 250 + "</ul>", "RICH_MESSAGE_BLOCKS_TOO_MANY"),
        ("<table>" + "<tr><td>x</td></tr>" * 499 + "</table>", "<table>" + "<tr><td>x</td></tr>" * 500 + "</table>",
         "RICH_MESSAGE_BLOCKS_TOO_MANY"),
        ("<blockquote>" * 15 + "x" + "</blockquote>" * 15, "<blockquote>" * 16 + "x" + "</blockquote>" * 16,
         "RICH_MESSAGE_DEPTH_INVALID"),
        ('<img src="https://a.b/c.jpg">' * 50, '<img src="https://a.b/c.jpg">' * 51, "RICH_MESSAGE_MEDIA_TOO_MANY"),
        ("<table><tr>" + "<td>x</td>" * 20 + "</tr></table>",
         "<table><tr>" + "<td>x</td>" * 19 + '<td colspan="2">x</td></tr></table>', "RICH_MESSAGE_TABLE_COLS_TOO_MANY"),
        ("x", " ", "RICH_MESSAGE_EMPTY"),
    ],
)  # fmt: skip
def test_limits(fits: str, too_much: str, code: str) -> None:
    check_rich_limits(blocks(fits))
    with pytest.raises(Refusal) as error:
        check_rich_limits(blocks(too_much))
    assert error.value.description == f"Bad Request: {code}"


def test_sizes_count_all_that_a_message_holds() -> None:
    size = measure_blocks(parse_rich_html(EVERYTHING).blocks)
    assert size.media == 4
    assert size.columns == 3
    assert size.blocks > 30
    assert size.depth == 3


@given(st.text(alphabet='<>/abp "=&;#h1x中\n', max_size=60))
def test_any_text_is_read_or_refused(html: str) -> None:
    try:
        parsed = parse_rich_html(html)
    except (MarkupError, Refusal):
        return
    assert "<" not in blocks_to_text(parsed.blocks) or "&" in html


@given(st.text(max_size=60))
def test_escaped_text_comes_back(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\u0000", "")
    (code,) = blocks(f"<p>.<code>{escaped}</code>.</p>")
    wanted = "." + "".join(text.split("\u0000")) + "."
    shown = blocks_to_text([code])
    assert "".join(shown.split()) == "".join(wanted.split())
