"""Front matter is read as its writer meant it, salvaged where YAML fails, refused where nobody could read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digests.articles.heads.salvage import unquote
from tests.unit.articles.writing import read, refuse, write, write_raw


@pytest.mark.parametrize(
    "title",
    [
        "2019",
        "12_00",
        "no",
        "yes",
        "on",
        "1e5",
        "0123",
        "0x1F",
        "1.10",
        "true",
        "12:30",
        "2021-03-22",
        "=",
        "<<",
        "null",
        "1_000",
        ".5",
        "#",
        "# hot",
        "C # basics",
        "x # y",
        "&x y",
        "!tag y",
        "[x]",
        "{x}",
        "@x",
        "`x`",
        "%x",
        "*x",
        "[快讯] x",
        "a: b",
        "- x",
        "? x",
        "| x",
        "> x",
        "x:",
        "-",
        "..",
        "...",
        "C++ & C#",
        "100%",
        "a  #b",
    ],
)
def test_a_title_is_the_text_that_is_written(title: str) -> None:
    """The crawler's first layout quotes nothing, and no value has a type."""
    assert read(write_raw(f"title: {title}\nauthor: a")).title == " ".join(title.split())


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("'单引号'", "单引号"),
        ('"双引号"', "双引号"),
        ("'It''s'", "It's"),
        ("'It's'", "It's"),
        ('"It\'s"', "It's"),
        ('"It\'s "so" called"', 'It\'s "so" called'),
        ('""Polska" isn\'t far"', '"Polska" isn\'t far'),
        ("'\"黄蜂女\"的故事'", '"黄蜂女"的故事'),
        ('\'"Polska""\'', '"Polska""'),
        ('"""\'三层\'"""', "三层"),
        ('"""""""\'"她"说了\'"""""""', '"她"说了'),
        ('""""""""Japan\'s Views""""""""', "Japan's Views"),
        ("'We are not the virus'_ Hundreds rally", "'We are not the virus'_ Hundreds rally"),
        ('"A" and "B"', '"A" and "B"'),
        ("'没关上的引号", "没关上的引号"),
        ('"C:\\x"', "C:\\x"),
        ("&#123;花括号&#125;", "{花括号}"),
        ("'&#123;花括号&#125; &amp; Co'", "{花括号} & Co"),
        ("'a&copy=1'", "a&copy=1"),
        ("'<em>红</em>字 <b>x</b>'", "红字 x"),
        ("'  空\t格  '", "空 格"),
        ("'不\u00a0断'", "不 断"),
        ("'反\u202e向\u2066x'", "反向x"),
        ("'零\u200b宽\ufeff'", "零宽"),
        ("'家 👨\u200d👩\u200d👧'", "家 👨\u200d👩\u200d👧"),
        ("00_26\n                    \n                  USDT总市值", "00_26 USDT总市值"),
        ("|\n  一\n  二", "一 二"),
        ("第一行\n第二行", "第一行 第二行"),
        ("''", ""),
        ("", ""),
        (" ", ""),
    ],
)
def test_titles(written: str, title: str) -> None:
    assert read(write_raw(f"title: {written}\nauthor: a")).title == title


def test_what_yaml_refuses_is_salvaged_and_noted() -> None:
    parsed = read(write('"""\'三层\'"""'))
    assert parsed.title == "三层"
    assert parsed.categories == ("新媒体", "海鸥网", "资讯")
    assert parsed.author == "海鸥网"
    assert parsed.published_at is not None
    assert len(parsed.problems) == 1
    assert "line 3: title is not valid YAML" in parsed.problems[0]


def test_a_good_post_has_no_problems() -> None:
    assert read(write()).problems == ()


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ("title: x\ntitle: y", "line 3: title is given twice"),
        ("title: x\nauthor: a: b: c", "line 3: author is not valid YAML"),
        ("title: x\nbase: &a [b]\nmore: *a", "not valid YAML"),
        ("title: x\ndate: gestern", 'the date "gestern" can\'t be read'),
        ("title: x\x07y", "control characters"),
    ],
)
def test_each_salvage_is_one_sentence(front: str, problem: str) -> None:
    assert any(problem in noted for noted in read(write_raw(front)).problems)


def test_of_a_field_given_twice_the_last_counts_unless_it_is_empty() -> None:
    assert read(write_raw("title: x\ntitle: y")).title == "y"
    assert read(write_raw("title: x\ntitle:")).title == "x"


@pytest.mark.parametrize(
    "data",
    [
        b"---\ntitle: x\n---\n",
        b"\n---\ntitle: x\n---\n",
        b"\n\n  \n---\ntitle: x\n---\n",
        b"\xef\xbb\xbf---\ntitle: x\n---\n",
        b"\xef\xbb\xbf\n---\ntitle: x\n---\n",
        b"---\r\ntitle: x\r\n---\r\nbody",
        b"---\rtitle: x\r---\r",
        b"---  \ntitle: x\n-----\n",
        b"# a comment\n---\ntitle: x\n---\n",
        b"title: x\nauthor: y\n---\nbody",
        b"---\ntitle: x\n--- the end\nbody",
        b"---\ntitle: x\n---",
        b"---\nTitle: x\n---\n",
        b"---\ntitle: x\nauthor:\ty\n---\n",
        b"---\ntitle: x\x00\n---\n" + b"body " * 20,
    ],
)
def test_ways_to_begin_and_to_end(data: bytes) -> None:
    assert read(data).title == "x"


def test_lines_of_dashes_in_the_body_stay_there() -> None:
    assert (
        read(write_raw("title: x", "<div>\n<p>上文说过。</p>\n---\n<p>下文。</p>\n</div>")).text
        == "上文说过。 --- 下文。"
    )


@pytest.mark.parametrize(
    ("data", "cause", "line"),
    [
        (b"", "empty", 1),
        (b" \n\n", "empty", 1),
        (b"just text", "no front matter", 1),
        (b"---\ntitle: x\nauthor: y\n", "has no closing line", 1),
        (b"\n---\ntitle: x\n\n<div>\n<p>body</p>\n---\n</div>", "has no closing line", 2),
        (b"---\n---\nbody", "empty", 2),
        (b"---\njust a text\n---\nbody", "holds no fields", 2),
        ("---\ntitle: x\n---\n".encode("utf-16"), "UTF-16", 1),
        ("---\ntitle: x\n---\n".encode("utf-16-le"), "NUL", 1),
        ("---\ntitle: 标题\n---\n".encode("gbk"), "byte 0xb1 at byte 8 of line 2", 2),
        (b"---\ntitle: x\n---\n\n<p>\xff</p>", "byte 0xff at byte 4 of line 5", 5),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00\x00\x00", "NUL", 1),
    ],
)
def test_what_nobody_could_read_is_refused_with_a_fix(data: bytes, cause: str, line: int) -> None:
    refused = refuse(data)
    assert cause in refused.cause
    assert refused.line == line
    assert refused.fix


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("author: Ada # intern", "Ada"),
        ("author: Ada\t# intern", "Ada"),
        ("author: 'Ada # 1' # intern", "Ada # 1"),
        ('author: "Ada" # intern', "Ada"),
        ("author: # nobody", ""),
        ("author: Ada: B # not YAML", "Ada: B"),
        ("author: @ada # not YAML", "@ada"),
        ("author: 'Ada # 1' B # not YAML", "'Ada # 1' B"),
        ("author:\n  - Ada # first\n  - Bob# B", "Ada, Bob# B"),
        ("author: C#", "C#"),
        ("author: #1", ""),
        ("author: A#1 # B", "A#1"),
    ],
)
def test_what_follows_a_blank_and_a_number_sign_is_a_remark(line: str, author: str) -> None:
    assert read(write_raw(f"title: x\n{line}")).author == author


def test_a_remark_is_none_in_an_address_and_in_a_title() -> None:
    parsed = read(write_raw("title: C # basics # more\nurl: https://x.example/a#top # canonical"))
    assert (parsed.title, parsed.url) == ("C # basics # more", "https://x.example/a#top")
    assert read(write_raw("title: 'C # basics' # a remark")).title == "C # basics"


def test_every_field_may_have_a_remark() -> None:
    parsed = read(
        write_raw(
            "title: x\ndate: 2026-11-24 10:00:00 # moved\ncategories: News # the main one\ntags: # two\n  - a # first\n"
            "  - b\ncover: https://x.example/p.jpg # by the editor"
        )
    )
    assert parsed.published_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert parsed.categories == ("News",)
    assert parsed.tags == ("a", "b")
    assert parsed.thumbnail == "https://x.example/p.jpg"


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("[R&D, A & B]", ("R&D", "A & B")),
        ("[&more x, !new, c]", ("&more x", "!new", "c")),
        ("[*starred, '@a, b', C#, #1] # a remark", ("*starred", "@a, b", "C#", "1")),
        ("\n  - &more x\n  - *starred # a remark\n  - R&D", ("&more x", "*starred", "R&D")),
        ("#a #b", ("a", "b")),
        ("# a remark", ()),
        ("[a, b] # a remark", ("a", "b")),
        ("\n\t- a\n\t- b", ("a", "b")),
    ],
)
def test_names_are_read_as_they_are_written(written: str, tags: tuple[str, ...]) -> None:
    assert read(write_raw(f"title: x\ntags: {written}")).tags == tags


@pytest.mark.parametrize("title", ["Q&A", "A & B: C", "*starred*", "& Co", "R&D: why", "5 * 3", "*"])
def test_titles_with_the_marks_of_yaml(title: str) -> None:
    assert read(write_raw(f"title: {title}\nauthor: a")).title == title


def test_tabs_at_the_beginning_of_a_line_are_blanks() -> None:
    """As for Hexo, which makes two blanks of each."""
    parsed = read(write_raw("title: x\ncategories:\n\t- - a\n\t  - b\n\t- - c"))
    assert parsed.branches == (("a", "b"), ("c",))
    assert parsed.problems == ()


@pytest.mark.parametrize(
    "front",
    [
        "title:海鸥回来了\nauthor:甲\ndate: 2026-11-25",
        "title：海鸥回来了\nauthor：甲\ndate：2026-11-25",
        "\ttitle: 海鸥回来了\nauthor: 甲\ndate: 2026-11-25",
        "   title: 海鸥回来了\nauthor: 甲\ndate:2026-11-25",
    ],
)
def test_slips_at_the_beginning_of_a_field(front: str) -> None:
    parsed = read(write_raw(front))
    assert (parsed.title, parsed.author) == ("海鸥回来了", "甲")
    assert parsed.published_at == datetime(2026, 11, 25, tzinfo=UTC)
    assert parsed.problems


def test_an_address_is_no_field() -> None:
    assert read(write_raw("title: 'a' b\nhttps://x.example\nauthor: me")).author == "me"


def test_three_dots_end_a_block_that_no_dashes_end() -> None:
    assert read(b"---\ntitle: x\n...\nbody").title == "x"
    assert read(b"---\ntitle: x\n---\nbody\n...\nmore").text == "body ... more"


@pytest.mark.parametrize(
    ("written", "title"),
    [("'x'", "x"), ('"x"', "x"), ("x", "x"), ("'", "'"), ('""', '""'), ("'x\" y'", 'x" y'), ("''x''", "'x'"), ("", "")],
)
def test_unquote(written: str, title: str) -> None:
    assert unquote(written) == title
