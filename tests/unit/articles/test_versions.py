"""Which Hexo a package.json names, and links as the versions of Hexo made them (in a process in UTC)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.hexo.site import read_site_config
from digests.articles.hexo.versions import HexoVersion, PackageError, dialect_of, read_package
from tests.unit.articles.writing import read, unlinked_because, write_raw

URL = "https://news.example.org"
FRONT = "title: x\ndate: 2021-03-22 03:44:24"


def package(version: str, *plugins: str) -> str:
    return json.dumps(
        {"hexo": {"version": version}, "dependencies": {"hexo": f"^{version}", **dict.fromkeys(plugins, "*")}}
    )


def answer(config: str, front: str, path: str = "_posts/a/x y.md", packaged: str = "") -> str:
    """Return the path of the link, else the cause that there is none."""
    site = read_site_config(f"url: {URL}\n{config}", packaged)
    post = read(write_raw(front), path, site=site)
    return unlinked_because(post) or str(post.url).removeprefix(URL)


@pytest.mark.parametrize(
    ("content", "versions"),
    [
        ({"dependencies": {"hexo": "^4.2.0"}}, [(4, 2)]),
        ({"dependencies": {"hexo": "^7.0.0"}}, [(7, 3)]),
        ({"dependencies": {"hexo": "~7.0.0"}}, [(7, 0)]),
        ({"dependencies": {"hexo": "5.4.2"}, "hexo": {"version": "5.4.0"}}, [(5, 4)]),
        ({"dependencies": {"hexo": "^7.0.0"}, "hexo": {"version": "7.0.0"}}, [(7, 3), (7, 0)]),
        ({"dependencies": {"hexo": "^6.0.0"}, "hexo": {"version": "3.9.0"}}, [(6, 3), (3, 9)]),
        ({"devDependencies": {"hexo": "8.x"}}, [(8, 1)]),
        ({"dependencies": {"hexo": "latest"}, "hexo": {"version": "6.3.0"}}, [(6, 3)]),
        ({"dependencies": {"hexo": "github:hexojs/hexo"}}, []),
        ({"dependencies": {"hexo": ">=5.0.0"}}, [(5, 4)]),
        ({"dependencies": []}, []),
        ({"hexo": "8.1.2"}, []),
        ({}, []),
    ],
)
def test_versions(content: dict[str, Any], versions: list[tuple[int, int]]) -> None:
    assert list(read_package(json.dumps(content)).versions) == [HexoVersion(*version) for version in versions]


def test_plugins_are_those_that_hexo_loads() -> None:
    found = read_package(
        '{"dependencies": {"hexo-a": "1", "@x/hexo-b": "1", "lodash": "4"}, "devDependencies": {"hexo-c": "1"}}'
    )
    assert found.plugins == {"hexo-a", "@x/hexo-b", "hexo-c"}


@pytest.mark.parametrize("text", ["{", "[]", "null", "[" * 100_000, '{"hexo": NaN'])
def test_a_broken_package_is_said_and_taken_for_none(text: str) -> None:
    with pytest.raises(PackageError, match="; mend it"):
        read_package(text)
    assert read_site_config(f"url: {URL}", text) == read_site_config(f"url: {URL}")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["hexo", "version", "dependencies", "devDependencies", "hexo-abbrlink"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read(content: Any) -> None:
    try:
        read_package(json.dumps(content))
    except PackageError:
        assert not isinstance(content, dict)


@pytest.mark.parametrize(
    ("version", "path"),
    [("3.9.0", "/2021/about/us/"), ("4.2.1", "/2021/about/us/"), ("5.4.2", "/about/us"), ("8.1.2", "/about/us")],
)
def test_before_hexo_5_a_permalink_is_only_the_slug(version: str, path: str) -> None:
    config = "permalink: :year/:title/"
    assert answer(config, FRONT + "\npermalink: about/us", packaged=package(version)) == path
    assert answer("permalink: :name/", FRONT + "\npermalink: about/us", packaged=package("4.2.1")) == "/us/"


@pytest.mark.parametrize(
    ("version", "path"),
    [("3.9.0", "/%5Bx%5D%7Cy/"), ("5.4.2", "/[x]|y/"), ("7.3.0", "/[x]|y/"), ("8.1.2", "/%5Bx%5D%7Cy/")],
)
def test_encoding(version: str, path: str) -> None:
    assert answer("permalink: :title/", FRONT, "_posts/[x]|y.md", package(version)) == path
    assert answer("permalink: :title/", FRONT, "_posts/中 x.md", package(version)) == "/%E4%B8%AD%20x/"


@pytest.mark.parametrize(
    ("version", "path"), [("5.4.2", "/83/"), ("6.0.0", "/83/"), ("6.3.0", "/123/"), ("8.1.2", "/123/")]
)
def test_numbers_are_those_of_its_js_yaml(version: str, path: str) -> None:
    assert (
        answer(
            "permalink: :post_title/", "title: 0123\ndate: 2021-03-22", packaged=package(f"{version}").replace("^", "")
        )
        == path
    )


@pytest.mark.parametrize(
    ("front", "version", "path"),
    [
        ("date: 2021-03-22", "8.1.2", "//"),
        ("date: 2021-03-22\nlink: https://e.example/a/", "6.3.0", "/e-example-a/"),
        ("date: 2021-03-22", "4.2.1", "/a-x-y/"),
    ],
)
def test_what_stands_in_for_a_title(front: str, version: str, path: str) -> None:
    site = read_site_config(f"url: {URL}\npermalink: 'p:post_title/'", package(version))
    found = read(write_raw(front), "_posts/a/x y.md", site=site, link="own").url
    assert found == URL + "/p" + path.strip("/") + "/"


def test_a_closing_line_with_more_on_it_closed_nothing_before_hexo_5() -> None:
    site = {
        version: read_site_config(f"url: {URL}\npermalink: :year/:title/", package(version))
        for version in ("4.2.1", "8.1.2")
    }
    post = b"---\ntitle: x\ndate: 2021-03-22\n--- end\nbody\n---\nmore"
    assert read(post, "_posts/x.md", site=site["8.1.2"]).url == f"{URL}/2021/x/"
    assert unlinked_because(read(post, "_posts/x.md", site=site["4.2.1"])) == "front matter"


def test_what_only_some_versions_know_is_given_to_them_alone() -> None:
    assert answer("permalink: :timestamp/", FRONT, packaged=package("8.0.0")) == "/1616384664/"
    assert answer("permalink: :timestamp/", FRONT, packaged=package("7.3.0")) == "variable"
    assert answer("permalink: :hash/", FRONT, packaged=package("4.2.1")) == "variable"
    assert answer("permalink: :hour/", FRONT, packaged=package("4.2.1")) == "/03/"
    assert answer("permalink: :hour/", FRONT + "\nhour: noon", packaged=package("3.9.0")) == "/noon/"


def test_options_of_later_versions() -> None:
    asset = "permalink: :name\npost_asset_folder: true"
    assert [answer(asset, FRONT, packaged=package(version)) for version in ("5.4.2", "7.3.0")] == ["/x%20y", "/x%20y/"]
    pretty = "permalink: :name.html\npretty_urls: {trailing_html: false}"
    assert [answer(pretty, FRONT, packaged=package(version)) for version in ("3.9.0", "4.2.1")] == [
        "/x%20y.html",
        "/x%20y",
    ]


def test_without_a_version_all_since_hexo_5_must_agree() -> None:
    assert answer("permalink: :year/:title/", FRONT) == "/2021/a/x%20y/"
    assert answer("permalink: :year/:title/", FRONT + "\npermalink: b/") == "/b/"
    assert answer("permalink: :title/", FRONT, "_posts/[x].md") == "/%5Bx%5D/"
    assert answer("permalink: :timestamp/", FRONT) == "/1616384664/"
    assert answer("permalink: :post_title/", "title: 0123") == "version"
    assert answer("# hexo 8.1.2\npermalink: :post_title/", "title: 0123") == "/123/"
    assert answer("permalink: :name\npost_asset_folder: true", FRONT) == "version"


def test_later_versions_are_taken_for_the_newest_known() -> None:
    assert dialect_of(HexoVersion(12, 0)) == dialect_of(HexoVersion(8, 1))
