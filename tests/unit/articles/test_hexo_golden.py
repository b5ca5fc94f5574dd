"""Hexo's own links: none of ours may be wrong, and every post whose link is certain has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from digests.articles.hexo.abbrlink import _crc16
from digests.articles.hexo.dates import hexo_moment
from digests.articles.hexo.js_yaml import as_text, scalar
from digests.articles.hexo.site import _zone, read_site_config
from digests.articles.hexo.slugs import full_link, slugize
from digests.articles.hexo.uncertain import UncertainError
from digests.articles.options import PostOptions
from digests.articles.reading import read_post, survey
from digests.model.article import ParsedPost
from tests.unit.articles.shared import need, rows, unpack

pytestmark = pytest.mark.shared

CONFIGS = ("default", "abbrlink-crc16-hex", "abbrlink-crc32-dec", "category-title-subpath")


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = unpack("hexo", tmp_path_factory.mktemp("hexo")) / "posts"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def links(name: str, posts: dict[str, bytes], *, surveyed: bool, under: str) -> dict[str, str | None]:
    site = read_site_config((need("hexo") / "configs" / f"{name}.yml").read_text(encoding="utf-8"))
    neighbours = survey([(data, path) for path, data in posts.items()], site) if surveyed else None
    found: dict[str, str | None] = {}
    for path, data in posts.items():
        parsed = read_post(data, under + path, PostOptions(site=site), neighbours=neighbours)
        assert isinstance(parsed, ParsedPost)
        found[path] = parsed.url
    return found


@pytest.mark.parametrize("under", ["", "source/", "site/source/"])
@pytest.mark.parametrize("name", CONFIGS)
def test_every_row(name: str, under: str, posts: dict[str, bytes]) -> None:
    found = links(name, posts, surveyed=True, under=under)
    for row in rows(need("hexo") / f"{name}.jsonl"):
        assert found[row["source"]] == (row["permalink"] if row["listed"] else None), row["source"]


@pytest.mark.parametrize("name", CONFIGS)
def test_without_a_survey_no_link_is_wrong(name: str, posts: dict[str, bytes]) -> None:
    found = links(name, posts, surveyed=False, under="")
    for row in rows(need("hexo") / f"{name}.jsonl"):
        assert found[row["source"]] in (None, row["permalink"] if row["listed"] else None), row["source"]


def table(name: str) -> Path:
    return need("hexo") / "tables" / f"{name}.jsonl"


def test_slugize() -> None:
    for row in rows(table("slugize")):
        assert slugize(row["in"], row["transform"]) == row["out"]


def test_full_links() -> None:
    exotic = {"a%20b", "//h/p", "AI: x/"}
    for row in rows(table("full_url")):
        if row["path"] in exotic:
            with pytest.raises(UncertainError):
                full_link(row["url"], row["path"])
        else:
            assert full_link(row["url"], row["path"], **row.get("pretty_urls", {})) == row["hexo8"]


def test_checksums() -> None:
    for row in rows(table("abbrlink_checksums")):
        number = _crc16(row["title"].encode())
        assert (str(number), f"{number:x}") == (row["crc16_dec"], row["crc16_hex"])


def test_scalars() -> None:
    for row in rows(table("yaml_title_scalars")):
        expected = row["hexo8"]
        if expected.get("type") == "number":
            assert as_text(scalar(row["text"])) == expected["value"]
        elif expected.get("type") in ("null", "boolean"):
            assert scalar(row["text"]) == expected.get("value")
        elif expected.get("type") == "string" and row["text"][0] != '"' and "#" not in row["text"]:
            assert scalar(row["text"]) == expected["value"]


def test_dates() -> None:
    for row in rows(table("js_date_strings")):
        zone = _zone(row["TZ"])
        assert zone is not None
        try:
            moment = hexo_moment(row["text"], zone, None)
        except UncertainError:
            continue
        assert row["iso"] is not None
        assert moment.strftime("%Y-%m-%dT%H:%M:%S.000Z") == row["iso"]
