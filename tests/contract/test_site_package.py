"""The package.json beside a site's `_config.yml`, in a folder and in a repository."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from config.load import load_settings
from digests.articles.hexo.versions import Dialect
from digests.doctor.files import site_checks as site_checks
from digests.ingest.configured import build_origins, reading_of
from tests.repositories import Repo

CONFIG = "url: https://news.example.org\npermalink: :title/\n"
HEXO_4 = '{"hexo": {"version": "4.2.1"}, "dependencies": {"hexo": "^4.2.0"}}'


def dialects_of(folder: Path) -> tuple[Dialect, ...]:
    settings = load_settings(environ={}, posts={"site_config": str(folder / "_config.yml")})
    site = reading_of(settings).post.site
    assert site is not None
    return site.dialects


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "_config.yml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def test_a_folders_package_tells_the_version(folder: Path) -> None:
    unknown = dialects_of(folder)
    assert len(unknown) > 1
    (folder / "package.json").write_text(HEXO_4, encoding="utf-8")
    assert [dialect.permalink_is_slug for dialect in dialects_of(folder)] == [True]
    assert [check.level for check in site_checks(str(folder / "_config.yml"))] == ["ok"]


@pytest.mark.parametrize(("content", "why"), [(b"{", "not valid JSON"), (b"[]", "no JSON object"), (b"\xff", "UTF-8")])
def test_a_broken_package_is_said_once_and_by_doctor(
    folder: Path, content: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = dialects_of(folder)
    (folder / "package.json").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert dialects_of(folder) == unknown == dialects_of(folder)
    assert [why in record.getMessage() for record in caplog.records] == [True]
    warning = site_checks(str(folder / "_config.yml"))[-1]
    assert warning.level == "warning"
    assert why in warning.text


def test_doctor_says_that_a_site_has_no_address(folder: Path) -> None:
    (folder / "_config.yml").write_text("url: http://example.com\n", encoding="utf-8")
    (check,) = site_checks(str(folder / "_config.yml"))
    assert check.level == "warning"
    assert "url" in check.text


@pytest.mark.parametrize("under", ["", "site/"])
def test_a_repositorys_package_tells_the_version(tmp_path: Path, under: str) -> None:
    repo = Repo(tmp_path / "theirs")
    repo.push({f"{under}_config.yml": CONFIG, f"{under}package.json": HEXO_4, f"{under}source/_posts/a.md": "a"})
    origin = {"name": "world", "git": str(repo.bare), "site_config": f"{under}_config.yml"}
    settings = load_settings(environ={}, data_dir=str(tmp_path / "data"), origins=[origin])
    site = build_origins(settings)[1].reading().post.site
    assert site is not None
    assert [dialect.permalink_is_slug for dialect in site.dialects] == [True]
