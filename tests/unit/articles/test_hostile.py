"""Everything in a post is hostile: any bytes give an article that keeps its promises, or a refusal."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digests.articles.hexo.site import Abbrlink, SiteConfigError, SiteRules, read_site_config
from digests.articles.markdown.convert import linked_text, plain_markdown
from digests.articles.options import PostOptions
from digests.articles.reading import read_post, survey
from digests.model.article import ParsedPost, Unreadable
from tests.unit.articles.promises import check_promises
from tests.unit.articles.writing import read, unlinked_because, write, write_raw

LIGHT = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SITE = SiteRules(
    url="https://news.example.org", permalink=":year/:category/:post_title/:abbrlink/", abbrlink=Abbrlink(True)
)

anything = st.one_of(st.text(max_size=60), st.text("\"'&#*:[]{}<>|!%@`-?, \n\tx1_年\\", max_size=30))
markup = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<br>",
            "<a href='http://x.yz/a'>",
            "</a>",
            "<img src='//x.yz/b.jpg'>",
            "<",
            ">",
            "<script>",
            "<!-- more -->",
            "<!--",
            "-->",
            "&#0;",
            "&#xD800;",
            "&#x202e;",
            "\x00",
            "\x1e",
            "\x02",
            "原文链接：",
            "via ",
            "```",
            "**",
            "![a](",
            "[x](http://x.yz)",
            "\n",
            "\n---\n",
            "<svg>",
            "<noscript>",
            "<p class='excerpt'>",
            "文字。",
            "a",
        ]
    ),
    max_size=30,
).map("".join)


@LIGHT
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    check_promises(read_post(data, "x.md", PostOptions(site=SITE)))


@LIGHT
@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_post_with_a_hole(noise: bytes, place: int) -> None:
    post = write()
    check_promises(read_post(post[:place] + noise + post[place:], "x.md", PostOptions(site=SITE)))


@LIGHT
@given(anything, anything, anything, markup, st.text(max_size=30))
def test_any_fields_and_any_body(title: str, category: str, date: str, body: str, path: str) -> None:
    data = write(title, body, categories=category, date=date, thumbnail=title, link=category, abbrlink=date)
    check_promises(read_post(data, path, PostOptions(site=SITE)))
    check_promises(read_post(write_raw(f"title: {title}\n{category}: {date}", body), path, PostOptions(site=SITE)))
    survey([(data, path)], SITE)


@LIGHT
@given(markup)
def test_any_markup(body: str) -> None:
    check_promises(read_post(write(body=body), "x.md"))


@LIGHT
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=40), st.sampled_from("ABCD"))
def test_the_identity_does_not_move_with_quotes_path_date_and_picture(title: str, layout: str) -> None:
    plain = (
        " ".join("".join(letter for letter in title if letter.isalnum() or letter in " ，。！").split()) + " 松果汽车"
    )
    before = read(write(f"'{plain}'"))
    written = {"A": plain, "B": f'"""\'{plain}\'"""', "C": f'"{plain}"', "D": f"'{plain}'"}[layout]
    again = read(
        write(written, date="2022-01-01 10:00:00", thumbnail="https://picsum.photos/4/3?random=1"), f"{plain}.md"
    )
    assert again.title == before.title
    assert again.identity == before.identity


@LIGHT
@given(st.text(max_size=200))
def test_any_site_configuration(text: str) -> None:
    try:
        rules = read_site_config(text)
    except SiteConfigError as error:
        sentence = str(error)
        if "\n" in sentence:
            pytest.fail(sentence)
    else:
        check_promises(read_post(write(), "x.md", PostOptions(site=rules)))


HOME = "title: x\nurl: https://news.example.org\n"
CATEGORIES = read_site_config(HOME + "permalink: :year/:category/:lang/:title/")
TITLES = read_site_config(HOME + "permalink: :post_title/:name/:hash/")


SLOWER = 5 if "coverage" in sys.modules else 1
"""How many times as long Python takes for everything while coverage is measured."""
MOST_SECONDS = 2.0
"""The promise: a post takes no longer, whatever it holds."""


def check_quickly(reading: Callable[[], ParsedPost | Unreadable]) -> None:
    """Read a post that is small, in a moment."""
    begun = process_time()
    check_promises(reading())
    assert process_time() - begun < MOST_SECONDS / 2 * SLOWER


FRONT = "---\ntitle: x\n---\n"
BIG: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda size: FRONT + "<div>" + "<p>你好世界。</p>" * (size // 25) + "</div>",
    "nested tags": lambda size: FRONT + "<div>" * (size // 5) + ">",
    "nested inline tags": lambda size: FRONT + "<b>" * (size // 3),
    "links": lambda size: FRONT + "<div>" + "<a href='http://x.yz/a'>via</a> " * (size // 33) + "</div>",
    "images": lambda size: FRONT + "<div>" + "<img src=/a.png width=1>" * (size // 24) + "</div>",
    "one attribute": lambda size: FRONT + "<img src='" + "a" * size + "'>",
    "a srcset": lambda size: FRONT + "<img srcset='" + "a 1x," * (size // 5) + "'>",
    "srcsets": lambda size: FRONT + "<img srcset='(a (a 3w,'>" * (size // 24),
    "sources": lambda size: FRONT + "<picture>" + "<source srcset=/a.png>" * (size // 22),
    "relative pictures": lambda size: FRONT + "<div>" + "<img src=x/a.svg>" * (size // 17) + "</div>.",
    "a picture's address": lambda size: FRONT + "<img src='https://x.yz/" + "o/-_open." * (size // 9) + "'>",
    "photos": lambda size: "---\ntitle: x\nphotos: [" + "a.svg," * (size // 6) + "]\n---\n",
    "a gradient": lambda size: "---\ntitle: x\ncover: " + "url( " * (size // 5) + "\n---\n",
    "brackets of a cover": lambda size: "---\ntitle: x\ncover: " + "![" * (size // 2) + "\n---\n",
    "comments": lambda size: FRONT + "<div>" + "<!-- more -->" * (size // 13) + "</div>",
    "stars": lambda size: FRONT + "*" * size,
    "brackets": lambda size: FRONT + "[" * size,
    "half links": lambda size: FRONT + "[a](" * (size // 4),
    "table rules": lambda size: FRONT + ("|-" * 200 + "x\n") * (size // 402),
    "blank lines": lambda size: FRONT + "\n" * size + "x",
    "dashes": lambda size: "-" * size,
    "lines of dashes": lambda size: "---\n" * (size // 4),
    "dashes and blanks": lambda size: ("-" * 5000 + " " * 5000 + "x\n") * (size // 10_001),
    "white space": lambda size: " \n" * (size // 2) + "x",
    "a long title": lambda size: "---\ntitle: " + "x" * size + "\n---\n",
    "fields": lambda size: "---\n" + "a: b\n" * (size // 5) + "---\n",
    "quotes": lambda size: "---\ntitle: " + "'\"" * (size // 2) + "\n---\n",
    "flow brackets": lambda size: "---\ntitle: " + "[" * size + "\n---\n",
    "compact lists": lambda size: "---\ntitle: x\nc: " + "- " * (size // 2) + "\n---\n",
    "blank lines in an element": lambda size: FRONT + "<div>\n" + "\n" * size + "</div>",
    "carriage returns in an element": lambda size: FRONT + "<div>\n" + "\r" * size + "</div>",
    "unknown tags, each on a line": lambda size: FRONT + "<div>\n" + "<x>\n" * (size // 4) + "</div>",
    "deep elements and data": lambda size: FRONT + "<div>" + "<b>" * 300 + "<![http://x.yz [a](" * (size // 20),
    "deep elements and declarations": lambda size: FRONT + "<div>" + "<b>" * 300 + "<!a<![a[" * (size // 9),
    "deep elements and all else": lambda size: FRONT + "<b>" * 300 + "<b><i a='<x'></i> <!-- </a" * (size // 27),
    "open formulas": lambda size: FRONT + "<div>" + "\\[a" * (size // 3) + "</div>",
    "formulas of pairs": lambda size: FRONT + "<div>" + "\\[\\\\" * (size // 4) + "</div>",
    "pictures of a site": lambda size: FRONT + "a\n\n" + "{% asset_img 'a b.jpg' 'c d' %}" * (size // 31),
    "objects in JSON": lambda size: '{"title": "x", "categories": ' + '{"a": ' * (size // 6),
    "lists in JSON": lambda size: ';;;\n"title": "x", "a": ' + "[" * size + "\n;;;\n",
    "names in JSON": lambda size: "{" + ",".join(f'"k{number}": ""' for number in range(size // 12)) + "}\n\na",
    "parts of a name in TOML": lambda size: "+++\n" + "a." * (size // 2) + "a = 1\n+++\n",
    "lists in TOML": lambda size: "+++\na = " + "[" * (size // 2) + "]" * (size // 2) + "\n+++\n",
    "broken lines of TOML": lambda size: "+++\n" + "a = [1,\n" * (size // 8) + "+++\n",
    "a number in TOML": lambda size: "+++\ntitle = 0x" + "f" * size + "\n+++\n",
    "tags": lambda size: "---\ntitle: x\ntags: [" + "a," * (size // 2) + "]\n---\n",
    "categories": lambda size: "---\ntitle: x\ncategories:\n" + "- [a]\n" * (size // 6) + "---\n",
    "a title of angles": lambda size: "---\ntitle: " + "<" * size + "\n---\n",
    "a date": lambda size: "---\ntitle: x\ndate: " + "1" * size + "\n---\n",
    "a path": lambda size: "---\ntitle: x\npermalink: " + "a/" * (size // 2) + "\n---\n",
}

MARKDOWN: dict[str, Callable[[int], str]] = {
    "pairs of brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "open pictures": lambda size: "![" * (size // 2),
    "nested pictures": lambda size: "![" * (size // 6) + "](b)" * (size // 6),
    "nested links": lambda size: "[a" * (size // 4) + "](b)" * (size // 8),
    "open addresses": lambda size: "[a](<b" * (size // 6),
    "quotes": lambda size: ">" * 100_000 + "a\n\n" + "> " * (size // 2) + "a",
    "deep lines of quotes": lambda size: (">" * 2_000 + "a\n") * (size // 2_002),
    "lists": lambda size: "- " * 50_000 + "a\n\n" + "1. " * (size // 3) + "a",
    "deep lines of lists": lambda size: ("- " * 1_000 + "a\n") * (size // 2_002),
    "quotes and lists": lambda size: "> - " * (size // 4) + "a",
    "stairs": lambda size: "".join("  " * step + "- a\n" for step in range(int(size**0.5))),
    "items": lambda size: "- a\n" * (size // 4),
    "tasks": lambda size: "- [ ] a\n" * (size // 8),
    "open emphasis": lambda size: "*a _a **a __a ~~a " * (size // 18),
    "closing emphasis": lambda size: "a* a_ a** a__ a~~ " * (size // 18),
    "nested emphasis": lambda size: "**a " * (size // 8) + " a**" * (size // 8),
    "odd emphasis": lambda size: "***a** b* " * (size // 10),
    "loose emphasis": lambda size: "** a " * (size // 5),
    "tildes": lambda size: "~" * size,
    "backticks": lambda size: "`" * size,
    "open code": lambda size: "`a " * (size // 3),
    "growing backticks": lambda size: " ".join("`" * length for length in range(1, int((2 * size) ** 0.5))),
    "angles": lambda size: "<" * size,
    "open tags": lambda size: "<a href='" * (size // 9),
    "open comments": lambda size: "a <!-- " * (size // 7),
    "open data": lambda size: "a <![CDATA[" * (size // 11),
    "raw addresses": lambda size: "https://a.bc/d:" * (size // 15),
    "brackets after an address": lambda size: "https://a.bc/" + ")" * size,
    "entities": lambda size: "&amp;&#" * (size // 7),
    "open plugins": lambda size: "{%" * (size // 2),
    "plugins": lambda size: "{% a %}{% code %}{% raw %}" * (size // 26),
    "ends of plugins": lambda size: "{% code %}{% endcode %}" * (size // 23),
    "picture plugins": lambda size: "{% img a.jpg %}" * (size // 15),
    "arguments": lambda size: "{% img " + "a " * (size // 2),
    "variables": lambda size: "{{ a }}{{" * (size // 9),
    "dollars": lambda size: "$" * (size // 2) + "$a " * (size // 6),
    "formulas": lambda size: "$a^b$ $$a " * (size // 10),
    "open environments": lambda size: "\\begin{a}" * (size // 9),
    "many environments": lambda size: "".join(
        f"\\\\begin{{{'abcdefghij'[n % 10] * (n % 20)}}}" for n in range(size // 20)
    ),
    "definitions": lambda size: "".join(f"[a{number}]: http://x.yz/{number}\n" for number in range(size // 24)),
    "definitions and their uses": lambda size: "[a]: /b\n\n" * 5_000 + "[a] [a][] " * (size // 10),
    "open definitions": lambda size: "[a\n" * (size // 3),
    "open titles": lambda size: "[a]: b '\n" * (size // 9),
    "notes": lambda size: "".join(f"[^{number}]: a\n" for number in range(size // 11)),
    "nested notes": lambda size: "[^1]: " * (size // 6) + "a",
    "marks of notes": lambda size: "[^1]" * 100_000 + "[^" * (size // 2),
    "inline notes": lambda size: "^[" * (size // 2),
    "a wide table": lambda size: ("|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n" + ("|b" * 10_000 + "|\n") * 500)[:size],
    "a wide table of short rows": lambda size: "|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n" + "|b\n" * (size // 3),
    "tables": lambda size: "|a|b|\n|-|-|\n|c|d|\n\n" * (size // 19),
    "lines of bars": lambda size: "a|b\n" * (size // 4),
    "headings": lambda size: "##a\n" * (size // 4),
    "underlined headings": lambda size: "a\n=\n" * (size // 4),
    "lines": lambda size: "a\n" * (size // 2),
    "paragraphs of Markdown": lambda size: "a\n\n" * (size // 3),
    "fences": lambda size: "```\n" * (size // 4) + "~~~\n",
    "hard breaks": lambda size: "a  \n" * (size // 4),
    "blocks of HTML": lambda size: "x\n<div>\n\n" * (size // 10),
    "containers": lambda size: ":::\n" * (size // 4),
    "alerts": lambda size: "> [!NOTE]\n> a\n\n" * (size // 15),
    "spaces": lambda size: "a" + " " * size + "\nb",
    "text outside of tags": lambda size: "<p>" + "\n\na<div></div>" * (size // 14) + "</p>",
}
BIG |= {name: lambda size, bomb=bomb: FRONT + bomb(size) for name, bomb in MARKDOWN.items()}  # type: ignore[misc]


@pytest.mark.parametrize("name", MARKDOWN)
def test_a_field_full_of_it(name: str) -> None:
    text = MARKDOWN[name](1_000_000)
    begun = process_time()
    plain_markdown(text)
    linked_text(text)
    assert process_time() - begun < MOST_SECONDS * SLOWER


@pytest.mark.parametrize("name", BIG)
def test_ten_megabytes_of_it(name: str) -> None:
    data = BIG[name](10_000_000).encode()
    # What the tests before have left in memory is not walked for each collection of garbage.
    gc.freeze()
    try:
        begun = process_time()
        check_promises(read_post(data, "x.md", PostOptions(site=SITE)))
        assert process_time() - begun < MOST_SECONDS * SLOWER
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("name", BIG)
def test_just_below_the_limits_of_the_front_matter(name: str) -> None:
    check_promises(read_post(BIG[name](90_000).encode(), "x.md", PostOptions(site=SITE)))


@pytest.mark.parametrize("depth", [10, 24, 60, 240, 490])
@pytest.mark.parametrize("name", ["title", "author", "categories", "tags", "cover", "photos", "link", "password"])
def test_nested_values(name: str, depth: int) -> None:
    others = "" if name == "title" else "title: x\n"
    for site in (SITE, CATEGORIES):
        for opening, closing in (("{a: ", "}"), ("[", "]"), ("[{url: ", "}]")):
            count = min(depth, 240) if len(closing) == 2 else depth
            head = f"{others}{name}: {opening * count}b{closing * count}"
            check_quickly(lambda head=head, site=site: read_post(write_raw(head), "x.md", PostOptions(site=site)))  # type: ignore[misc]
    block = "\n".join(f"{' ' * level}{name}:" for level in range(min(depth, 240)))
    check_quickly(lambda: read_post(write_raw(f"{others}{block} b"), "x.md", PostOptions(site=CATEGORIES)))
    opening, closing = '{"a":' * depth, "}" * depth
    data = f'{{"title": "x", "{name}": {opening}"b"{closing}}}\n\ntext'.encode()
    check_quickly(lambda: read_post(data, "x.md", PostOptions(site=CATEGORIES)))


@pytest.mark.parametrize(
    "name", ["title", "author", "categories", "tags", "cover", "link", "date", "permalink", "lang"]
)
@pytest.mark.parametrize("letter", ["\\ud800", "\\u0000", "\\u202e", "\\u0085", "\\ufffe", "\\n"])
def test_letters_that_json_escapes(name: str, letter: str) -> None:
    for value in (f'"a{letter}b"', f'["a{letter}b"]', f'{{"name{letter}": "a{letter}b"}}'):
        data = f'{{"title": "x", "{name}": {value}, "abbrlink": "{letter}"}}\n\ntext'.encode()
        for site in (SITE, CATEGORIES, TITLES):
            check_promises(read_post(data, "x.md", PostOptions(site=site, category_from_tags=True)))
            survey([(data, "x.md")], site)


@pytest.mark.parametrize(
    "date",
    [
        *("9999-12-31 23:59:59 -1200", "9999-12-31 23:59:59", "9999-99-99", "9999-99-99 99:99:99", "1900-00-00"),
        *("0001-01-01 00:00 +1400", "0000-00-00", "'9999-12-31T23:59:59-23:59'", "Fri, 31 Dec 9999 23:59:59 EST"),
    ],
)
def test_dates_at_the_ends_of_the_calendar(date: str) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        rules = read_site_config(f"{HOME}timezone: {zone}\nx: {date}")
        for name in ("date", "updated", "title", "permalink", "lang"):
            data = write_raw(f"a: b\n{name}: {date}")
            for now in (None, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
                check_promises(
                    read_post(data, "_posts/9999-12-31-x.md", PostOptions(site=rules, timezone=UTC), now=now)
                )
    with pytest.raises(SiteConfigError, match=r"^line \d: |^permalink"):
        read_site_config(f"{HOME}permalink: 9999-99-99")


@pytest.mark.parametrize("number", ["0x" + "f" * 90_000, "0b" + "1" * 90_000, "9" * 4_000, "inf", "nan", "1e400"])
def test_numbers_in_toml(number: str) -> None:
    for name in ("title", "date", "tags"):
        check_promises(read_post(f"+++\na = 1\n{name} = {number}\n+++\ntext".encode(), "x.md"))


@pytest.mark.parametrize(
    "stem",
    [
        *(
            "a" * 4_000,
            "a/" * 2_000 + "x",
            "a-" * 125,
            ("a" * 200 + "/") * 9 + "x",
            "2014-13-45-x",
            "2014-06-14-" * 300,
        ),
        *(
            "'" * 250,
            "%41" * 1_000,
            "%ff",
            "x\0y",
            "\ud800",
            "你" * 700,
            "a.b" * 1_000 + ".en",
            "",
            ".",
            "..",
            "_" * 250,
        ),
    ],
)
def test_file_names(stem: str) -> None:
    for rules in (SITE, CATEGORIES, TITLES, read_site_config(f"{HOME}new_post_name: ':a-:b-:c-:d-:e-:f-:title.md'")):
        for body in ("text", "---\ntags: x\ndate: 2026-01-01\n---\ntext"):
            for path in (f"_posts/{stem}.md", stem, f"{stem}/"):
                check_quickly(
                    lambda path=path, body=body, rules=rules: read_post(body.encode(), path, PostOptions(site=rules))  # type: ignore[misc]
                )


PATTERNS = [
    "**/**/**/**/*a*a*a*a*b",
    "*a" * 200 + "b",
    "**/{a*,?*}{a*,?*}{a*,?*}{a*,?*}" + "*a" * 100 + "b",
    "**/" * 100 + "b",
    "*" * 500,
    "?" * 500,
    "/" + "a/" * 240,
    "!" * 400,
    "**" + "/*" * 200 + "b",
]


@pytest.mark.parametrize("key", ["skip_render", "ignore", "include", "exclude"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_that_would_backtrack(key: str, pattern: str) -> None:
    rules = read_site_config(f"{HOME}{key}:\n" + "".join(f'- "{pattern}{number}"\n' for number in range(100)))
    posts = [
        "_posts/" + "a" * 1_900 + ".md",
        "_posts/" + "a/" * 900 + "x.md",
        "_posts/" + ("a" * 90 + "/") * 20 + "x.md",
    ]
    for path in posts:
        check_quickly(lambda path=path: read_post(write(), path, PostOptions(site=rules)))  # type: ignore[misc]


@pytest.mark.parametrize(
    "text",
    [
        "skip_render:\n" + "".join(f"- a{number}\n" for number in range(101)),
        f"permalink: '{':title' * 1_000}'",
        f"new_post_name: '{':a' * 1_000}'",
    ],
)
def test_rules_that_are_too_long_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(SiteConfigError, match=r"^line 3: .* has more than .*; write "):
        read_site_config(HOME + text)


def test_settings_nested_too_deeply_are_refused_only_where_they_count() -> None:
    for deep in ("[" * 499 + "]" * 499, "{a: " * 400 + "b" + "}" * 400):
        assert read_site_config(f"{HOME}x: {deep}").title == "x"
        check_quickly(lambda deep=deep: read_post(write_raw(f"title: x\nx: {deep}"), "x.md", PostOptions(site=SITE)))  # type: ignore[misc]
        with pytest.raises(SiteConfigError, match=r"^line 3: marked "):
            read_site_config(f"{HOME}marked: {deep}")


def test_a_link_that_nobody_could_follow_is_none() -> None:
    parsed = read(write_raw(f"title: x\npermalink: {'a/' * 1_100}"), "_posts/x.md", site=SITE)
    assert unlinked_because(parsed) == "path"
    parsed = read(write_raw(f"title: x\npermalink: {'a/' * 900}"), "_posts/x.md", site=SITE)
    assert parsed.url == "https://news.example.org/" + "a/" * 900


def test_a_bomb_of_aliases_is_refused_and_the_rest_is_read() -> None:
    levels = "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(12))
    parsed = read(write_raw(f"title: x\na: &a [y, y, y]\n{levels}"))
    assert parsed.title == "x"
    assert parsed.problems


def test_text_below_the_depth_at_which_lxml_gives_up_is_read() -> None:
    deep = (
        "<div>" * 10_000
        + "深处的一句话。"
        + "</div>" * 10_000
        + "<p>后面的话。<img src='https://x.example.com/a.jpg'></p>"
    )
    parsed = read(write(body=deep))
    assert parsed.text == "深处的一句话。 后面的话。"
    assert parsed.thumbnail == "https://x.example.com/a.jpg"


def test_a_body_that_is_too_long_is_cut_and_says_so() -> None:
    parsed = read(write(body="<p>一句话。</p>" * 200_000))
    assert any("longer than" in problem for problem in parsed.problems)


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//", "https://", "http://[::1", "\\\\x.yz\\a"],
)
def test_links_that_are_none(value: str) -> None:
    body = f"<a href='{value}'>阅读原文</a><img src='{value}'>"
    parsed = read(write(body=body, link=f"'{value}'", thumbnail=f"'{value}'"))
    assert (parsed.url, parsed.original_url, parsed.thumbnail) == (None, None, None)


def test_one_post_read_in_several_threads_says_the_same() -> None:
    from concurrent.futures import ThreadPoolExecutor

    posts: list[bytes] = [write(body=f"<p>第{number}段话。</p>") for number in range(50)]
    alone: list[Any] = [read_post(data, "x.md") for data in posts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda data: read_post(data, "x.md"), posts)) == alone
