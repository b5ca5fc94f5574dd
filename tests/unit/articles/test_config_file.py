"""Odd values in a `_config.yml` that no link depends on: the rest can be used."""

from __future__ import annotations

import pytest

from digests.articles.hexo.site import SiteConfigError, read_site_config
from digests.model.gaps import GapKind
from tests.unit.articles.writing import read, unlinked_because, write_raw

URL = "url: https://e.example\n"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Ferry News", "Ferry News"),
        ("'🍭 Ferry &amp; News'", "🍭 Ferry & News"),
        ('"\\U0001F36D Ferry"', "🍭 Ferry"),
        ("C# notes # not this", "C# notes"),
        ("[渡轮, Ferry]", "渡轮"),
        ("\n- 渡轮\n- Ferry", "渡轮"),
        ("\n  en: Ferry\n  zh-CN: 渡轮", "渡轮"),
        ("\n  EN: Ferry\n  de: Fähre", "Ferry"),
        ("\n  ja: フェリー\n  ko: 페리", "フェリー"),
        ("{text: Ferry, icon: ship}", "Ferry"),
        ("2026-11-25", "2026-11-25"),
        ("2048", "2048"),
        ("~", ""),
        ("''", ""),
        ("[]", ""),
        ("[~, '']", ""),
        ("{}", ""),
    ],
)
def test_the_sites_name_is_found_however_it_is_written(written: str, title: str) -> None:
    assert read_site_config(f"{URL}language: [zh-CN, en]\ntitle: {written}\n").title == title


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("\n  name: Ada\n  email: ada@e.example", "Ada"),
        ("\n  github_name: ada-l\n  nick: Ada", "Ada"),
        ("[Ada, Bob]", "Ada"),
    ],
)
def test_so_is_its_author_who_is_the_source_of_a_site_without_a_title(written: str, author: str) -> None:
    site = read_site_config(f"{URL}author: {written}\n")
    assert site.author == author
    assert read(write_raw("title: Night ferry"), "_posts/a.md", site=site).source == author


@pytest.mark.parametrize("language", ["zh-CN", "[zh-CN, en]", "\n- zh-CN\n- en", "", "{main: zh-CN}", "[[zh-CN]]"])
def test_languages_make_no_configuration_unusable(language: str) -> None:
    site = read_site_config(f"{URL}language: {language}\ntitle: Ferry\n")
    assert (site.url, site.title) == ("https://e.example", "Ferry")


def test_several_documents_are_read_as_one_and_the_first_value_counts() -> None:
    site = read_site_config(f"---\n{URL}title: Ferry\n--- # more\ntitle: Other\nauthor: Ada\n---\n")
    assert (site.url, site.title, site.author) == ("https://e.example", "Ferry", "Ada")
    assert read_site_config("%YAML 1.2\n---\ntitle: Ferry\n...\n").title == "Ferry"
    assert read_site_config("subtitle: |\n  a\n  ---\n  b\ntitle: Ferry\n").title == "Ferry"
    assert read_site_config("title: Ferry\n" + "---\n" * 50_000 + "author: Ada\n").title == "Ferry"


def test_what_is_wrong_in_a_later_document_is_said_with_its_line_in_the_file() -> None:
    for text, words in (("author: a: b", "not valid YAML"), ("author: Ada\nauthor: Bob", "given twice")):
        with pytest.raises(SiteConfigError, match=words) as error:
            read_site_config(f"title: Ferry\n---\n\n{text}\n")
        assert str(error.value).startswith(f"line {3 + text.count(chr(10)) + 1}: ")


@pytest.mark.parametrize(
    ("url", "is_public"),
    [
        ("http://localhost:4000", False),
        ("http://127.0.0.1:4000/blog", False),
        ("http://0.0.0.0", False),
        ("http://blog.localhost", False),
        ("https://github.com/ada", False),
        ("https://gitee.com/ada/blog", False),
        ("https://ada.github.io", True),
        ("https://ada.gitlab.io/blog", True),
        ("https://github.example", True),
        ("https://localhost.example", True),
        ("https://127.example", True),
        ("http://192.0.2.7/blog", True),
    ],
)
def test_the_authors_own_machine_and_a_repository_are_no_addresses_for_readers(url: str, is_public: bool) -> None:
    site = read_site_config(f"# hexo 8.1.2\nurl: {url}\npermalink: ':title/'\n")
    post = read(write_raw("title: Night ferry"), "source/_posts/night.md", site=site)
    assert post.url == (f"{url}/night/" if is_public else None)
    assert unlinked_because(post) == ("" if is_public else "url")
    assert any(gap.kind is GapKind.LINK for gap in post.gaps) is not is_public
