"""Where relative addresses of pictures lead, by the rules of Hexo, its renderers and its themes."""

from __future__ import annotations

import pytest

from digests.articles.hexo.site import read_site_config
from tests.unit.articles.writing import read, write

ASSETS = "post_asset_folder: true\n"
FOUND = ASSETS + "marked:\n  prependRoot: true\n  postAsset: true\n"
MARKDOWN_IT = "markdown:\n  preset: default\n"


def picture(
    body: str,
    config: str = "",
    *,
    url: str = "https://pond.example",
    permalink: str = ":title/",
    fields: str = "",
    path: str = "source/_posts/reeds.md",
) -> str | None:
    """Return the thumbnail of a Markdown post on a site, without the site's host."""
    site = read_site_config(f"url: {url}\npermalink: {permalink}\n{config}")
    post = f"---\ntitle: Reeds\ndate: 2026-05-06 07:08:09\n{fields}\n---\nThe reeds bend.\n\n{body}\n\nThey rise.\n"
    found = read(post.encode(), path, site=site).thumbnail
    return found and found.removeprefix("https://pond.example")


@pytest.mark.parametrize("config", [ASSETS, FOUND, ASSETS + MARKDOWN_IT])
@pytest.mark.parametrize(
    "body",
    [
        "![](a.jpg)",
        "![](./a.jpg)",
        "![](reeds/a.jpg)",
        "![](./reeds/a.jpg)",
        "<p><img src='a.jpg'></p>",
        "<p><img src='reeds/a.jpg'></p>",
        "<p><img src='.\\reeds\\a.jpg'></p>",
    ],
)
def test_the_asset_folder(config: str, body: str) -> None:
    assert picture(body, config) == "/reeds/a.jpg"


def test_the_asset_folder_of_a_page_with_an_extension_is_named_like_it() -> None:
    assert picture("![](a.jpg)", ASSETS, permalink="p/:title.html") == "/p/reeds/a.jpg"
    assert picture("![](a.jpg)", ASSETS, permalink="p/:title/index.html") == "/p/reeds/a.jpg"


def test_the_asset_folder_is_named_like_the_file_not_like_the_page() -> None:
    config, path = ASSETS + "new_post_name: :year-:month-:day-:title.md\n", "source/_posts/2026-05-06-reeds.md"
    assert picture("![](2026-05-06-reeds/a.jpg)", config, path=path) == "/reeds/a.jpg"


def test_a_folder_of_another_name_may_be_in_the_asset_folder_or_on_top() -> None:
    assert picture("![](images/a.jpg)", FOUND) is None
    assert picture("![](images/a.jpg)", ASSETS) == "/images/a.jpg"
    assert picture("![](/images/a.jpg)", FOUND) == "/images/a.jpg"
    assert picture("![](../images/a.jpg)", FOUND) == "/images/a.jpg"


def test_a_page_that_is_not_known_has_no_asset_folder() -> None:
    assert picture("![](a.jpg)", ASSETS, permalink=":id/") is None
    assert picture("![](/images/a.jpg)", ASSETS, permalink=":id/") == "/images/a.jpg"


@pytest.mark.parametrize(
    ("body", "config", "address"),
    [
        ("![](a.jpg)", "", "/reeds/a.jpg"),
        ("<p><img src='a.jpg'></p>", "", "/reeds/a.jpg"),
        # hexo-renderer-marked puts the root before every address, others leave it to the browser.
        ("![](images/a.jpg)", "", "/images/a.jpg"),
        ("![](../images/a.jpg)", "", "/images/a.jpg"),
        ("![](../../images/a.jpg)", "", "/images/a.jpg"),
        ("![](images/a.jpg)", MARKDOWN_IT, "/reeds/images/a.jpg"),
        ("![](../images/a.jpg)", MARKDOWN_IT, "/images/a.jpg"),
        ("![](images/a.jpg)", "marked:\n  prependRoot: false\n", "/reeds/images/a.jpg"),
        ("![](images/a.jpg)", "relative_link: true\n", "/reeds/images/a.jpg"),
        ("![](images/a.jpg)", MARKDOWN_IT + "  images:\n    prepend_root: true\n", "/images/a.jpg"),
        ("<p><img src='images/a.jpg'></p>", "", "/reeds/images/a.jpg"),
        ("<p><img src='../images/a.jpg'></p>", "", "/images/a.jpg"),
        ("![](https://img.example/a.jpg)", "", "https://img.example/a.jpg"),
        ("![](//img.example/a.jpg)", "", "https://img.example/a.jpg"),
    ],
)
def test_without_asset_folder(body: str, config: str, address: str) -> None:
    assert picture(body, config) == address


@pytest.mark.parametrize(
    ("body", "config", "address"),
    [
        ("![](/img/a.png)", "", "/blog/img/a.png"),
        ("![](img/a.png)", "", "/blog/img/a.png"),
        ("![](../img/a.png)", "", "/blog/img/a.png"),
        ("![](/blog/img/a.png)", "", "/blog/img/a.png"),
        ("![](/blogger/a.png)", "", "/blog/blogger/a.png"),
        ("![](/img/a.png)", "marked:\n  prependRoot: false\n", "/img/a.png"),
        ("<p><img src='/img/a.png'></p>", "", "/img/a.png"),
        ("<p><img src='/blog/img/a.png'></p>", "", "/blog/img/a.png"),
        ("![](/img/a.png)", "root: /notes/\n", "/notes/img/a.png"),
        ("![](/img/a.png)", "root: /\n", "/img/a.png"),
        ("![](a.png)", ASSETS, "/blog/reeds/a.png"),
    ],
)
def test_a_site_in_a_folder(body: str, config: str, address: str) -> None:
    assert picture(body, config, url="https://pond.example/blog") == address


@pytest.mark.parametrize(
    ("value", "config", "address"),
    [
        ("/img/a.png", "", "/blog/img/a.png"),
        ("img/a.png", "", "/blog/img/a.png"),
        ("/blog/img/a.png", "", "/blog/img/a.png"),
        ("a.png", ASSETS, "/blog/reeds/a.png"),
        ("reeds/a.png", ASSETS, "/blog/reeds/a.png"),
        ("/img/a.png", MARKDOWN_IT, "/blog/img/a.png"),
        ("https://img.example/a.png", "", "https://img.example/a.png"),
    ],
)
def test_themes_put_the_root_before_a_cover(value: str, config: str, address: str) -> None:
    assert picture("", config, url="https://pond.example/blog", fields=f"cover: {value}") == address


@pytest.mark.parametrize(
    "body",
    [
        "![](C:\\Users\\ann\\a.jpg)",
        "<p><img src='D:/pics/a.jpg'></p>",
        "![](/Users/ann/Desktop/a.jpg)",
        "![](/home/ann/a.jpg)",
        "![](/path/to/a.jpg)",
        "![](file:///C:/a.jpg)",
    ],
)
def test_files_of_the_authors_machine_are_nowhere(body: str) -> None:
    assert picture(body) is None
    assert picture(body, ASSETS) is None


@pytest.mark.parametrize("url", ["http://example.com", "http://yoursite.com", "https://example.com/"])
def test_a_site_that_has_not_said_where_it_is(url: str) -> None:
    assert picture("![](/img/a.png)", url=url) is None
    assert picture("![](https://img.example/a.png)", url=url) == "https://img.example/a.png"


def test_a_copy_takes_its_pictures_from_the_original_and_markdown_from_its_own_site() -> None:
    site = read_site_config("url: https://pond.example\npermalink: :title/\n")
    copied = write(body="<p>文。</p><img src='b.jpg'>", link="https://e.example.com/x/y.html")
    assert read(copied, site=site).thumbnail == "https://e.example.com/x/b.jpg"
    assert picture("![](/img/b.jpg)", fields="link: https://e.example.com/x/y.html") == "/img/b.jpg"
    assert read(b"---\ntitle: T\nlink: https://e.example.com/x/y.html\n---\n![](b.jpg)\n").thumbnail == (
        "https://e.example.com/x/b.jpg"
    )
