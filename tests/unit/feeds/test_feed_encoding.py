"""What a feed's bytes are decides how they are read, before what is said of them."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.origins.feed.encoding import decode_feed, media_type
from digests.origins.feed.parsing import parse_contents

CHINESE = "今天的新闻：中国的公司在市场上发布了新的产品，我们来看一看这个是不是真的有用。"
TRADITIONAL = "今天的新聞：這個公司在市場上發布了新的產品，我們來看一看這是不是真的有用，還有什麼問題。"
JAPANESE = "きょうのニュースです。この会社は新しい製品を発表しました。とてもおもしろいと思います。"
KOREAN = "오늘의 뉴스입니다. 이 회사는 새로운 제품을 시장에 발표했습니다. 정말 좋은지 보겠습니다."
RUSSIAN = "Сегодня компания представила новый продукт на рынке. Посмотрим, полезен ли он на самом деле."


def feed(text: str, encoding: str | None = None) -> str:
    declared = f' encoding="{encoding}"' if encoding else ""
    return (
        f'<?xml version="1.0"{declared}?><rss version="2.0"><channel><item><title>{text}</title></item></channel></rss>'
    )


def title(data: bytes, content_type: str = "") -> str:
    return parse_contents(data, content_type, "").entries[0].title


@pytest.mark.parametrize(
    "declared", ["gb2312", "big5", "iso-8859-1", "windows-1252", "shift_jis", "euc-kr", "us-ascii"]
)
def test_utf8_is_utf8_whatever_is_declared(declared: str) -> None:
    data = feed(CHINESE, declared).encode()
    contents = parse_contents(data, "", "")
    assert contents.entries[0].title == CHINESE
    if declared != "us-ascii":
        assert contents.problems == (f'The XML declaration says "{declared}", but it is UTF-8.',)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"), (CHINESE, "gbk"), (TRADITIONAL, "big5"), (JAPANESE, "shift_jis"), (JAPANESE, "euc-jp"),
        (KOREAN, "euc-kr"), (RUSSIAN, "windows-1251"), (RUSSIAN, "koi8-r"),
        ("Café à la crème – déjà vu, élève", "windows-1252"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("declared", ["utf-8", None, "bogus"])
def test_what_is_no_utf8_is_found_out(text: str, encoding: str, declared: str | None) -> None:
    data = feed(text, declared).encode(encoding)
    contents = parse_contents(data, "", "")
    assert contents.entries[0].title == text
    assert contents.problems


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb2312"), (CHINESE, "hz"), (TRADITIONAL, "big5"), (JAPANESE, "shift_jis"), (JAPANESE, "iso-2022-jp"),
        (KOREAN, "euc-kr"), (RUSSIAN, "koi8-r"),
    ],
)  # fmt: skip
def test_right_declarations_are_believed(text: str, encoding: str) -> None:
    data = feed(text, encoding).encode(encoding)
    assert parse_contents(data, "", "").problems == ()
    assert title(data) == text
    assert title(feed(text).encode(encoding), f'application/rss+xml; charset="{encoding.upper()}"') == text


def test_the_header_comes_before_the_declaration_and_what_it_is_before_both() -> None:
    data = feed(CHINESE, "big5").encode("gb18030")
    assert title(data, "text/xml; charset=gbk") == CHINESE
    contents = parse_contents(feed(CHINESE, "gbk").encode("gb18030"), "text/xml; charset=utf-8", "")
    assert contents.entries[0].title == CHINESE
    assert contents.problems == ('It is no "utf-8", as the HTTP header says.',)


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("declared", ["utf-16", "utf-8", None])
def test_wide_encodings_are_known_by_their_first_bytes(mark: bool, encoding: str, declared: str | None) -> None:
    data = feed(CHINESE, declared).encode(encoding)
    if mark:
        data = "\ufeff".encode(encoding) + data
    assert title(data) == CHINESE
    assert title(data, "application/xml; charset=iso-8859-1") == CHINESE


def test_marks_come_before_everything() -> None:
    assert title(codecs.BOM_UTF8 + feed(CHINESE, "gbk").encode(), "text/xml; charset=big5") == CHINESE


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140"])
def test_ebcdic_is_read(encoding: str) -> None:
    data = feed("Hello, world", encoding).encode(encoding)
    assert title(data) == "Hello, world"


def test_a_text_of_one_sign_that_could_be_both_is_read_as_declared() -> None:
    # 小 in GBK is С, a letter of Russian, in UTF-8.
    data = feed("小", "gbk").encode("gbk")
    assert title(data) == "小"
    assert title(feed("С", "utf-8").encode()) == "С"


def test_dirt_in_utf8_costs_only_itself() -> None:
    data = feed(CHINESE, "utf-8").encode().replace("有用".encode(), b"\xff" + "有用".encode())
    contents = parse_contents(data, "", "")
    assert contents.entries[0].title == CHINESE.replace("有用", "\ufffd有用")
    assert contents.problems == ("Some bytes are no UTF-8; the first is on line 1.",)


@pytest.mark.parametrize(
    "codec", ["zlib", "hex", "rot13", "unicode_escape", "punycode", "idna", "utf-7", "undefined", "base64"]
)
def test_only_encodings_of_text_may_be_named(codec: str) -> None:
    decoded = decode_feed(feed("ö", codec).encode(), f"text/xml; charset={codec}")
    assert decoded.encoding == "utf-8"
    assert decoded.problems


def test_json_in_utf16_is_read() -> None:
    assert decode_feed('{"items": []}'.encode("utf-16-le"), "").text == '{"items": []}'


def test_media_types_are_without_parameters() -> None:
    assert media_type("Text/XML; charset=utf-8") == "text/xml"
    assert media_type("") == ""


@given(st.binary(max_size=400), st.sampled_from(["", "text/xml; charset=gbk", "a;charset=utf-16", "x;charset='"]))
def test_any_bytes_have_a_text(data: bytes, content_type: str) -> None:
    decoded = decode_feed(data, content_type)
    assert isinstance(decoded.text, str)


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_texts_survive(text: str, encoding: str) -> None:
    text = "<" + text.encode("utf-8", "replace").decode()
    assert decode_feed(text.encode(encoding), "").text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("政府网站新闻：关于印发通知的公告", "gbk"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (KOREAN, "euc-kr"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
    ],
)
@pytest.mark.parametrize("declared", ["ISO-8859-1", "us-ascii", "windows-1252"])
def test_no_western_encoding_is_believed_of_another_script(text: str, encoding: str, declared: str) -> None:
    data = feed(text, declared).encode(encoding)
    assert title(data) == text
    assert title(feed(text).encode(encoding), f"text/xml; charset={declared}") == text


@pytest.mark.parametrize(("written", "declared"), [("windows-1251", "koi8-r"), ("koi8-r", "windows-1251")])
def test_russian_with_small_and_capital_letters_in_each_others_place_is_the_other(written: str, declared: str) -> None:
    text = f"Новости России. {RUSSIAN}"
    assert title(feed(text, declared).encode(written)) == text
    assert title(feed(text, written).encode(written)) == text
    assert title(feed(text.upper(), written).encode(written)) == text.upper()


@pytest.mark.parametrize(
    "text", ["Être à l’été — «déjà vu»… où ça ?", "Größe: ÄÖÜß, Maße", "½¼¾ £€¥ ©®", "ÆØÅ æøå ÉÈÊË"]
)
def test_western_text_stays_what_it_is_declared_to_be(text: str) -> None:
    assert title(feed(text, "ISO-8859-1").encode("windows-1252")) == text


def test_halves_of_emoji_are_put_together() -> None:
    data = feed("Rocket \ud83d\ude80 and 中文").encode("utf-8", "surrogatepass")
    assert title(data) == "Rocket 🚀 and 中文"
    assert title(feed("half \ud83d of one").encode("utf-8", "surrogatepass")) == "half \ufffd of one"
