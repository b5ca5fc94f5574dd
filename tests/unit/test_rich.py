"""The HTML of rich messages without some of its pictures, and its bare text."""

from __future__ import annotations

import json
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.answers import rich_photo_ids_of
from bot.telegram.messages import rich_fields
from bot.telegram.rich import bare_text, pictures_in, with_pictures
from digests.model.delivery import RichText


def without_pictures(html: str, left: Collection[int]) -> str:
    return with_pictures(html, {number: number for number in left})


def img(number: int) -> str:
    return f'<img src="tg://photo?id=p{number}">'


@pytest.mark.parametrize(
    ("html", "left", "expected"),
    [
        (f"<h1>a</h1>{img(1)}<p>b</p>", (), "<h1>a</h1><p>b</p>"),
        (f"{img(1)}{img(2)}{img(12)}", (2,), img(2)),
        (f"<figure>{img(1)}<figcaption>one <b>more</b></figcaption></figure>x", (), "x"),
        (
            f"<figure>{img(1)}<figcaption>one</figcaption></figure>x",
            (1,),
            f"<figure>{img(1)}<figcaption>one</figcaption></figure>x",
        ),
        (f"<tg-collage>{img(1)}{img(2)}</tg-collage>", (2,), f"<tg-collage>{img(2)}</tg-collage>"),
        (f"<tg-collage>{img(1)}{img(2)}</tg-collage>", (), ""),
        (f"<figure><tg-slideshow>{img(1)}{img(2)}</tg-slideshow><figcaption>c</figcaption></figure>", (), ""),
        (f'<p><a href="https://a.example/?a=1">{img(1)}</a></p><p>text</p>', (), "<p>text</p>"),
        (f'<a href="https://a.example/">{img(1)} title</a>', (), '<a href="https://a.example/"> title</a>'),
        (f"<details><summary>s</summary>{img(1)}</details>", (), "<details><summary>s</summary></details>"),
        ("<p></p><figure><figcaption>no picture at all</figcaption></figure>", (), None),
        ('<img src="https://a.example/tg://photo?id=p1.jpg">', (), None),
        ('<p>&lt;img src="tg://photo?id=p1"&gt;</p>', (), None),
        (f"<ul><li>{img(1)}</li><li>b{img(2)}</li></ul>", (), "<ul><li>b</li></ul>"),
        (f"<FIGURE><IMG SRC='x'>{img(1)}</FIGURE>", (), ""),
        (f"</p>{img(1)}<figure>", (), "</p><figure>"),
    ],
)
def test_html_without_pictures(html: str, left: tuple[int, ...], expected: str | None) -> None:
    assert without_pictures(html, left) == (html if expected is None else expected)


def test_pictures_are_numbered_in_the_order_in_which_they_are_shown() -> None:
    assert pictures_in(f"{img(3)}<p>x</p><figure>{img(1)}</figure>{img(3)}") == (3, 1, 3)
    assert pictures_in("<p>tg://photo?id=p1</p>") == ()


ELEMENTS = st.sampled_from(["figure", "p", "a", "tg-collage", "details", "li", "b"])


@st.composite
def markup(draw: st.DrawFn) -> str:
    """Return markup of nested elements with texts and pictures in them."""
    pieces = draw(st.lists(st.one_of(st.integers(1, 9).map(img), st.sampled_from(["word", "&lt;img", "\n", ""]))))
    for _ in range(draw(st.integers(0, 6))):
        at, to = sorted((draw(st.integers(0, len(pieces))), draw(st.integers(0, len(pieces)))))
        name = draw(ELEMENTS)
        pieces[at:to] = [f"<{name}>" + "".join(pieces[at:to]) + f"</{name}>"]
    return "".join(pieces)


@given(markup(), st.frozensets(st.integers(1, 9)))
def test_no_other_pictures_are_left_and_elements_stay_closed(html: str, left: frozenset[int]) -> None:
    made = without_pictures(html, left)
    assert set(pictures_in(made)) == set(pictures_in(html)) & left
    for name in ("figure", "p", "a", "tg-collage", "details", "li", "b"):
        assert made.count(f"<{name}>") == made.count(f"</{name}>")
    assert without_pictures(made, left) == made
    assert without_pictures(html, frozenset(range(1, 10))) == html
    words = "word", "&lt;img"
    if "<figure" not in html and "<tg-collage" not in html:
        assert [made.count(word) for word in words] == [html.count(word) for word in words]


def test_the_request_names_the_pictures_that_are_shown_and_no_others() -> None:
    rich = RichText(f"<p>x</p>{img(1)}<figure>{img(2)}</figure>{img(7)}", ("a", "b", "never shown"))
    assert rich_fields(rich, ("file-a", "", "file-c")) == {
        "html": f"<p>x</p>{img(1)}",
        "skip_entity_detection": True,
        "media": [{"id": "p1", "media": {"type": "photo", "media": "file-a"}}],
    }
    assert rich_fields(rich, ()) == {"html": "<p>x</p>", "skip_entity_detection": True}


def test_a_picture_that_is_shown_twice_is_given_once() -> None:
    rich = RichText(f"{img(1)}{img(2)}{img(3)}", ("a", "b", "a"))
    fields = rich_fields(rich, ("file-a", "file-b", "file-a"))
    assert fields["html"] == f"{img(1)}{img(2)}{img(1)}"
    assert [entry["id"] for entry in fields["media"]] == ["p1", "p2"]


def test_the_bare_text_has_the_lines_of_the_message() -> None:
    html = (
        '<h1>News</h1><p>One &amp; <a href="https://a.example">two</a></p><figure><img src="tg://photo?id=p1"></figure>'
        "<ul><li>a</li><li>b</li></ul><hr><p>it&apos;s&nbsp;over</p>"
    )
    assert bare_text(html, 4096) == "News\nOne & two\na\nb\n\nit's over"
    assert bare_text(html, 16) == "News\nOne & two…"
    assert bare_text("<p>" + "文" * 50 + "</p>", 10) == "文" * 9 + "…"


def test_the_file_ids_of_a_rich_message_are_those_of_the_largest_sizes_in_order() -> None:
    def photo(name: str) -> dict[str, object]:
        sizes = [
            {"file_id": f"small {name}", "width": 90, "height": 90},
            {"file_id": name, "width": 800, "height": 500},
            {"file_id": f"tall {name}", "width": 90, "height": 900},
        ]
        return {"type": "photo", "photo": sizes, "caption": {"text": "photo"}}

    blocks = [
        {"type": "heading", "text": [{"type": "bold", "text": "photo"}]},
        photo("a"),
        {"type": "details", "summary": "s", "blocks": [photo("b"), {"type": "collage", "blocks": [photo("c")]}]},
        {"type": "photo", "photo": "nonsense"},
        {"type": "list", "items": [{"blocks": [photo("d")]}]},
    ]
    answer = {"ok": True, "result": {"message_id": 1, "rich_message": {"blocks": blocks}, "photo": []}}
    assert rich_photo_ids_of(json.dumps(answer).encode()) == ("a", "b", "c", "", "d")


@pytest.mark.parametrize(
    "payload", [b"", b"<html>", b'{"ok":true,"result":true}', b'{"result":{"rich_message":7}}', b"[" * 10_000]
)
def test_an_answer_that_cannot_be_read_has_no_file_ids(payload: bytes) -> None:
    assert rich_photo_ids_of(payload) == ()
