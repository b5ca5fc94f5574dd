"""The zone of dates that don't name theirs: what the operator says, else the site's own, else UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.load import load_settings
from digests.articles.reading import read_post
from digests.ingest.configured import build_origins, reading_of
from digests.model.article import ParsedPost

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
POST = b"---\ntitle: Night ferry\ndate: 2026-11-25 01:30:00\n---\nThe night ferry sails again.\n"


@pytest.fixture
def site(tmp_path: Path) -> str:
    path = tmp_path / "_config.yml"
    path.write_text("title: Ferries\ntimezone: Asia/Shanghai\n", encoding="utf-8")
    return str(path)


def zone_of_folder(**posts: Any) -> tzinfo:
    return reading_of(load_settings(environ={}, posts=posts)).post.timezone


def zone_of_origin(own: dict[str, Any], **posts: Any) -> tzinfo:
    origins = [{"name": "ferries", "folder": "ferries"} | own]
    return build_origins(load_settings(environ={}, posts=posts, origins=origins))[1].reading().post.timezone


def test_a_sites_posts_are_dated_in_its_zone(site: str) -> None:
    options = reading_of(load_settings(environ={}, posts={"site_config": site})).post
    article = read_post(POST, "_posts/ferry.md", options)
    assert isinstance(article, ParsedPost)
    assert article.published_at == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(("given", "zone"), [("UTC", SHANGHAI), ("Europe/Berlin", BERLIN), ("Etc/UTC", UTC)])
def test_the_operators_zone_goes_before_the_sites(site: str, given: str, zone: tzinfo) -> None:
    found = zone_of_folder(site_config=site, timezone=given)
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert moment.astimezone(found).utcoffset() == moment.astimezone(zone).utcoffset()


def test_each_origin_is_dated_in_its_own_sites_zone(site: str) -> None:
    assert zone_of_origin({"site_config": site}) == SHANGHAI
    assert zone_of_origin({"site_config": site, "timezone": "Europe/Berlin"}) == BERLIN
    assert zone_of_origin({"site_config": site}, timezone="Europe/Berlin") == BERLIN
    assert zone_of_origin({}, site_config=site) == UTC


@pytest.mark.parametrize("text", ["title: Ferries\n", "timezone: ''\n", "timezone:\n"])
def test_a_site_without_a_zone_changes_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "_config.yml"
    path.write_text(text, encoding="utf-8")
    assert zone_of_folder(site_config=str(path)) == UTC
    assert zone_of_folder(site_config=str(path), timezone="Europe/Berlin") == BERLIN


def test_the_machine_that_builds_the_site_stands_in_for_its_zone(tmp_path: Path) -> None:
    path = tmp_path / "_config.yml"
    path.write_text("# process time zone: Asia/Shanghai\ntitle: Ferries\n", encoding="utf-8")
    assert zone_of_folder(site_config=str(path)) == SHANGHAI
