"""Texts with entities as HTML that a page can show."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulator.text.formatted import Entity, FormattedText
from bot.simulator.text.html_view import entities_to_html

KINDS = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "pre_code", "text_link", "url", "mention",
    "bot_command", "blockquote", "expandable_blockquote", "custom_emoji", "text_mention", "date_time",
)  # fmt: skip
ALLOWED = {
    "b": set(), "i": set(), "u": set(), "s": set(), "code": set(), "pre": set(), "blockquote": {"class"},
    "span": {"class"}, "a": {"href", "target", "rel", "class", "data-command"},
}  # fmt: skip
ARGUMENTS = ("http://a.b/", "javascript:alert(1)", '"><script>', "tg://user?id=1", "7", "x' onload='y")


class _StrictParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= ALLOWED[tag]
        for name, value in attrs:
            assert name != "href" or (value or "").startswith(("http://", "https://", "tg://"))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@settings(max_examples=400, deadline=None)
@given(
    st.text(alphabet="ab <>&\"'/😀\n汉", max_size=20),
    st.lists(
        st.builds(Entity, st.sampled_from(KINDS), st.integers(-1, 20), st.integers(-1, 20), st.sampled_from(ARGUMENTS)),
        max_size=6,
    ),
)
def test_html_holds_known_nested_tags_and_the_whole_text(text: str, entities: list[Entity]) -> None:
    reader = _StrictParser()
    reader.feed(entities_to_html(FormattedText(text, tuple(entities))))
    reader.close()
    assert reader.open == []
    assert reader.text.replace("\ufffd", "").replace("😀", "") == text.replace("😀", "")


def test_examples() -> None:
    text = "a <b> 😀 link"
    entities = (Entity("bold", 0, 8), Entity("text_link", 6, 7, 'https://a.b/?x=1&y="'))
    assert entities_to_html(FormattedText(text, entities)) == (
        '<b>a &lt;b&gt; <a href="https://a.b/?x=1&amp;y=&quot;" target="_blank" rel="noopener noreferrer">😀</a></b>'
        '<a href="https://a.b/?x=1&amp;y=&quot;" target="_blank" rel="noopener noreferrer"> link</a>'
    )
    assert (
        entities_to_html(FormattedText("secret", (Entity("spoiler", 0, 6),))) == '<span class="spoiler">secret</span>'
    )
    quote = FormattedText("q", (Entity("expandable_blockquote", 0, 1),))
    assert entities_to_html(quote) == '<blockquote class="expandable">q</blockquote>'
