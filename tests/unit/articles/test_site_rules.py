"""Links by whole `_config.yml`s: what leaves posts out, plugins, front matter, and why there is no link."""

from __future__ import annotations

import contextlib
import json
import pickle
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.heads.front_matter import FrontMatter
from digests.articles.hexo.front import read_front
from digests.articles.hexo.site import SiteRules, read_site_config
from digests.articles.hexo.uncertain import UncertainError
from digests.articles.options import PostOptions
from digests.articles.reading import footprint_in, read_post
from digests.model.article import ParsedPost
from digests.model.gaps import CAUSES, Gap, GapKind
from tests.unit.articles.writing import link_gap, read, unlinked_because, write, write_raw

URL = "https://news.example.org"
FRONT = "title: x\ndate: 2021-03-22 03:44:24"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def site_of(config: str, *plugins: str) -> SiteRules:
    package = json.dumps(
        {"hexo": {"version": "8.1.2"}, "dependencies": {"hexo": "8.1.2", **dict.fromkeys(plugins, "1")}}
    )
    return read_site_config(f"url: {URL}\n# process time zone: UTC\n{config}", package)


def answer(config: str, front: str = FRONT, path: str = "_posts/a.md", plugins: tuple[str, ...] = ()) -> str:
    """Return the path of the link, else the cause that there is none."""
    post = read(write_raw(front), path, site=site_of(config, *plugins), now=NOW)
    return unlinked_because(post) or str(post.url).removeprefix(URL)


@pytest.mark.parametrize(
    ("key", "path", "found"),
    [
        ("skip_render: '*.js'", "_posts/a.md", "/a/"),
        ("skip_render: README.md", "_posts/README.md", "/README/"),
        ("skip_render: ['demo/**', '*.html']", "_posts/demo/a.md", "/demo/a/"),
        ("skip_render:", "_posts/a.md", "/a/"),
        ("skip_render: ['', ~, 7]", "_posts/a.md", "/a/"),
        ("skip_render: '_posts/demo/**'", "_posts/demo/b/a.md", "skip_render"),
        ("skip_render: '_posts/demo/**'", "_posts/a.md", "/a/"),
        ("skip_render: '**/*.md'", "source/_posts/a.md", "skip_render"),
        ("skip_render: '**/*.html'", "_posts/a.md", "/a/"),
        ("skip_render: '**/*.html'", "_posts/a.html", "skip_render"),
        ("skip_render: '_posts/[ab].md'", "_posts/c.markdown", "/c/"),
        ("skip_render: '_posts/[ab].md'", "_posts/c.md", "skip_render"),
        ("skip_render: '_posts/demo/**'", "demo/a.md", "skip_render"),
        # Pages alone are asked for these two.
        ("exclude: '**/*.md'", "_posts/a.md", "/a/"),
        ("include: ['_posts/_a.md', '**/_*']", "_posts/_a.md", "hidden path"),
        # Held against absolute paths: most that people write match nothing.
        ("ignore: source/_posts/a.md", "_posts/a.md", "/a/"),
        ("ignore: ['*.md', 'a.md', '**/node_modules/**']", "_posts/a.md", "/a/"),
        ("ignore: '**/demo'", "_posts/demo/a.md", "ignore"),
        ("ignore: '**/demo/**'", "_posts/demo/b/a.md", "ignore"),
        ("ignore: '**/a.md'", "_posts/a.md", "ignore"),
        ("ignore: '**/source/_posts/**'", "_posts/a.md", "ignore"),
        ("source_dir: src\nignore: '**/source/**'", "_posts/a.md", "/a/"),
        ("ignore: /home/me/blog/source/_posts/a.md", "_posts/a.md", "ignore"),
        ("ignore: /home/me/blog/source/_posts/a.md", "_posts/b.md", "/b/"),
    ],
)
def test_patterns_leave_out_what_they_match_and_nothing_else(key: str, path: str, found: str) -> None:
    assert answer(f"permalink: :title/\n{key}", path=path) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("_posts/a.mkd", "/a/"),
        ("_posts/a.htm", "/a/"),
        ("_posts/a.MD", "file type"),
        ("_posts/a.txt", "file type"),
        ("_posts/.a.md", "hidden path"),
        ("_posts/b/_c/a.md", "hidden path"),
        ("_drafts/a.md", "draft"),
        ("_posts/100%.md", "path"),
        ("_posts/a.en.md", "plugin"),
        ("_posts/a.vue.md", "/a.vue/"),
    ],
)
def test_files(path: str, found: str) -> None:
    assert answer("permalink: :title/", path=path) == found


@pytest.mark.parametrize(
    ("config", "plugins", "path", "found"),
    [
        ("permalink_pinyin: {enable: true}", ("hexo-permalink-pinyin",), "你好", "plugin"),
        ("permalink_pinyin: {enable: true}", ("hexo-permalink-pinyin",), "hello-world", "/hello-world/"),
        (
            "permalink_pinyin: {enable: true}",
            ("hexo-permalink-pinyin",),
            "Java/Spring Boot--2.x_a",
            "/java/spring-boot-2.x-a/",
        ),
        ("permalink_pinyin: {enable: true, separator: _}", ("hexo-permalink-pinyin",), "a-b", "/a_b/"),
        ("permalink_pinyin: {enable: true, separator: +}", ("hexo-permalink-pinyin",), "a-b", "plugin"),
        ("permalink_pinyin: {enable: true, exclude: b}", ("hexo-permalink-pinyin",), "A", "plugin"),
        ("permalink_pinyin: {enable: true, exclude: b}", ("hexo-permalink-pinyin",), "a", "/a/"),
        ("permalink_pinyin: {enable: false}", ("hexo-permalink-pinyin",), "你好", "/%E4%BD%A0%E5%A5%BD/"),
        ("permalink_pinyin: {enable: true}", (), "你好", "/%E4%BD%A0%E5%A5%BD/"),
        ("", ("hexo-permalink-pinyin",), "A b", "/A%20b/"),
        ("", ("hexo-slug-maker",), "a", "plugin"),
        ("", ("hexo-filter-permalink-normalization",), "a", "plugin"),
        ("", ("hexo-auto-category", "hexo-abbrlink2", "hexo-enhancer", "hexo-uuid", "hexo-asset-link"), "a", "/a/"),
    ],
)
def test_plugins_that_rewrite_links(config: str, plugins: tuple[str, ...], path: str, found: str) -> None:
    assert answer(f"permalink: :title/\n{config}", path=f"_posts/{path}.md", plugins=plugins) == found


def test_without_a_package_the_configuration_says_which_plugins_are_there() -> None:
    site = read_site_config(f"url: {URL}\npermalink: :title/\npermalink_pinyin: {{enable: true}}")
    assert unlinked_because(read(write_raw(FRONT), "_posts/你好.md", site=site)) == "plugin"
    site = read_site_config(f"url: {URL}\npermalink: :abbrlink/\nabbrlink: {{rep: hex}}")
    assert read(write_raw("title: hello"), "_posts/a.md", site=site).url == f"{URL}/34d2/"


@pytest.mark.parametrize(
    ("plugins", "front", "found"),
    [
        (("hexo-abbrlink",), "title: hello", "/34d2/"),
        ((), "title: hello", "abbrlink"),
        ((), "title: hello\nabbrlink: 'c0de'", "/c0de/"),
        ((), "title: hello\nabbrlink: 0", "/0/"),
        (("hexo-abbrlink2",), "title: hello", "plugin"),
        (("hexo-abbrlink2",), "title: hello\nabbrlink: 7", "/7/"),
        (("hexo-abbrlink3",), "title: hello\nabbrlink: 7", "/7/"),
    ],
)
def test_abbrlink_is_computed_only_where_its_plugin_is(plugins: tuple[str, ...], front: str, found: str) -> None:
    assert answer("permalink: :abbrlink/\nabbrlink: {rep: hex}", front, plugins=plugins) == found


def test_an_installed_abbrlink_needs_no_section() -> None:
    assert site_of("", "hexo-abbrlink").abbrlink.installed
    assert not site_of("abbrlink: {rep: hex}").abbrlink.installed


@pytest.mark.parametrize(
    ("plugin", "rule", "found"),
    [
        ("hexo-auto-category", ":category/", "plugin"),
        ("hexo-directory-category", ":category/:title/", "plugin"),
        ("hexo-enhancer", ":year/:title/", "plugin"),
        ("hexo-enhancer", ":post_title/", "/x/"),
        ("hexo-enhancer", ":name/", "/a/"),
    ],
)
def test_plugins_that_fill_in_fields(plugin: str, rule: str, found: str) -> None:
    assert answer(f"permalink: {rule}", plugins=(plugin,)) == found


@pytest.mark.parametrize(
    "extra",
    [
        "tags: [R&D, A&B]",
        "tags: [R&D, '&', 'Q & A']",
        "tags: ['!x', Hi !y]",
        "subtitle: Hello, !world - & more",
        "cover: https://e.example/x?a=1&b=2",
        "description: |\n  ![x](y)\n  & more",
        "tags: [\n  a,\n  b\n]",
        "categories:\n\t- a\n\t- b",
        "tags:\tx",
        "subtitle: x\t",
        "subtitle: &a b",
        "weight: 0x1f",
        "time: 12:30",
        "link_count: .inf",
    ],
)
def test_marks_that_mean_nothing_take_no_link_away(extra: str) -> None:
    assert answer("permalink: :year/:title/", f"{FRONT}\n{extra}") == "/2021/a/"


@pytest.mark.parametrize(
    ("extra", "found"),
    [
        ("subtitle: !tag b", "front matter"),
        ("tags: [&, b]", "lost"),
        ("tags: [-, b]", "front matter"),
        ("tags: [?b, c]", "front matter"),
        ("subtitle: &12:30 b", "front matter"),
        ("tags: [a\n  b]", "front matter"),
        ("tags:\n - \n   - \n - b", "front matter"),
        ("title: again", "lost"),
        ("subtitle: a: b", "lost"),
        ("subtitle: [x] y", "lost"),
        ("excerpt:", "lost"),
        ("permalink: 2021", "lost"),
        ("published: false", "unpublished"),
    ],
)
def test_what_hexo_reads_otherwise_or_loses(extra: str, found: str) -> None:
    assert answer("permalink: :year/:title/", f"{FRONT}\n{extra}") == found


def test_a_block_text_at_the_end_ends_its_line_as_for_hexo() -> None:
    config = "permalink: :abbrlink/\nabbrlink: {rep: hex}"
    last = answer(config, "date: 2021-03-22\ntitle: |\n  hello", plugins=("hexo-abbrlink",))
    assert last == answer(config, 'title: "hello\\n"', plugins=("hexo-abbrlink",))
    assert last != answer(config, "title: hello", plugins=("hexo-abbrlink",))


@pytest.mark.parametrize("url", ["", "url:", "url: http://yoursite.com", "url: http://example.com/"])
def test_a_site_without_an_address_of_its_own_gives_no_links(url: str) -> None:
    post = read(write_raw(FRONT), "_posts/a.md", site=read_site_config(url))
    assert link_gap(post) == Gap(GapKind.LINK, "url")


def test_no_site_is_a_cause_too() -> None:
    assert link_gap(read(write_raw(FRONT))) == Gap(GapKind.LINK, "no site")
    assert link_gap(read(write(link="https://e.example.com/a"))) is None


@pytest.mark.parametrize(
    ("rule", "front", "cause", "detail"),
    [
        (":year/", "title: x", "date", ""),
        (":year/", "title: x\ndate: 2021年5月9日", "date", "2021年5月9日"),
        (":lang/:title/", FRONT, "variable", "lang"),
        (":id/", FRONT, "variable", "id"),
        (":category/", FRONT + "\ncategories:\n - [a, b]\n - c", "shared category", "c"),
        (":lang/", FRONT + "\nlang: {a: b}", "field", "lang"),
        (":post_title/", FRONT + "\ntitlecase: true", "title", "titlecase"),
        (":title/", FRONT + "\na: b: c", "lost", "line 4"),
        (":title/", FRONT + "\na: !x c", "front matter", "line 4"),
    ],
)
def test_details_name_what_is_to_blame(rule: str, front: str, cause: str, detail: str) -> None:
    gap = link_gap(read(write_raw(front), "_posts/a.md", site=site_of(f"permalink: {rule}")))
    assert gap is not None
    assert gap.cause == cause
    assert detail in gap.detail


def test_a_zone_that_matters_is_asked_for() -> None:
    shanghai = read_site_config(f"# hexo 8.1.2\nurl: {URL}\npermalink: :day/\ntimezone: Asia/Shanghai")
    assert unlinked_because(read(write_raw(FRONT), site=shanghai)) == "time zone"
    plain = read_site_config(f"# hexo 8.1.2\nurl: {URL}\npermalink: :day/")
    at_night = "title: x\ndate: Sun, 09 May 2021 06:30:00 +0800"
    assert unlinked_because(read(write_raw(at_night), site=plain)) == "time zone"
    by_day = "title: x\ndate: Sun, 09 May 2021 16:30:00 +0800"
    assert read(write_raw(by_day), site=plain).url == f"{URL}/09/"


def test_every_cause_has_a_sentence_and_a_fix() -> None:
    for cause in CAUSES.values():
        assert cause.sentence.format(detail="x")
        assert cause.fix.format(detail="x")


def test_rules_are_values() -> None:
    site = site_of(
        "permalink: :abbrlink/\nskip_render: ['*.js']\ncategory_map: {a: b}", "hexo-abbrlink", "hexo-enhancer"
    )
    again = site_of(
        "permalink: :abbrlink/\nskip_render: ['*.js']\ncategory_map: {a: b}", "hexo-enhancer", "hexo-abbrlink"
    )
    assert pickle.loads(pickle.dumps(site)) == site == again
    assert repr(site) == repr(again)


def test_a_post_without_front_matter_has_the_link_of_its_file() -> None:
    parsed = read_post(b"# A heading\n\nText.\n", "_posts/a.md")
    if isinstance(parsed, ParsedPost):
        assert read(b"# A heading\n\nText.\n", "_posts/a.md", site=site_of("permalink: :title/")).url == f"{URL}/a/"


def test_posts_that_hexo_loses_leave_no_footprint() -> None:
    site = site_of("permalink: :abbrlink/\nabbrlink: {rep: dec}", "hexo-abbrlink")
    assert footprint_in(write_raw("title: a: b"), "_posts/a.md", site).number is None
    assert footprint_in(write_raw("title: hello"), "_posts/a.md", site).number == 0x34D2


marks = st.lists(
    st.sampled_from(
        [
            *(
                "title",
                "date",
                "permalink",
                "categories",
                "abbrlink",
                ": ",
                ":",
                "\n",
                "\t",
                " ",
                "- ",
                "[",
                "]",
                "{",
                "}",
            ),
            *(
                "&",
                "*",
                "!",
                "'",
                '"',
                "|",
                ">",
                "?",
                "#",
                "---",
                ";;;",
                "~",
                "0123",
                "1e9",
                "12:30",
                "2021-03-22",
                "中",
            ),
            *("%", "/", "..", "\\"),
        ]
    ),
    max_size=30,
).map("".join)


@given(
    marks,
    st.sampled_from(["---\n", "", ";;;\n", "\n---\n", "+++\n", "---  \n"]),
    st.sampled_from(["3.9.0", "4.2.1", "5.4.2", "7.3.0", "8.1.2", ""]),
    st.sampled_from([":year/:title/", ":post_title/:category/", ":abbrlink/:lang/", ":hash/:id/"]),
)
def test_whatever_the_head_holds_there_is_a_link_or_a_cause(head: str, opening: str, version: str, rule: str) -> None:
    package = json.dumps({"dependencies": {"hexo": version, "hexo-abbrlink": "1"}}) if version else ""
    config = f"url: {URL}\npermalink: {rule}\nskip_render: ['**/[x].md']\npermalink_pinyin: {{enable: true}}"
    post = read_post(
        f"{opening}{head}\n---\nbody".encode(), "_posts/a.md", PostOptions(site=read_site_config(config, package))
    )
    if isinstance(post, ParsedPost):
        unlinked_because(post)
        assert post.url is None or post.url.startswith("http")


@pytest.mark.parametrize(
    "text",
    [
        "---\n" + "---x\n" * 300_000,
        "---\n" + ", " * 1_000_000 + "\n---\n",
        "\n" + "- " * 1_000_000 + "\n---\n",
        "---\ntitle: x\n" + "\t" * 1_000_000 + "\n---\n",
        "---\ntags: [" + "&a, " * 200_000 + "]\n---\n",
        ";;;\n" + '"a": 1,\n' * 200_000 + ";;;\n",
        ";;;\n" + '"a": ' + "[" * 40_000 + "\n;;;\n",
        "-" * 2_000_000 + "\n" + "-" * 2_000_000,
    ],
)
def test_no_head_is_slow(text: str) -> None:
    start = time.process_time()
    read_post(text.encode(), "_posts/a.md", PostOptions(site=site_of("permalink: :year/:title/")))
    for strict in (True, False):
        with contextlib.suppress(UncertainError):
            read_front(text, FrontMatter({}, "", ""), strict_closing=strict)
    assert time.process_time() - start < 2
