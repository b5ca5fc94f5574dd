"""Several origins at once: folders, a git repository, and origins that are broken, silent or hanging."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from digests.errors import OriginError
from digests.ingest.status import LAST_SCAN
from tests.factories.articles import post
from tests.flow.harness import open_harness
from tests.repositories import Repo
from tests.silence import HOSTS
from tests.waiting import until


async def test_posts_of_all_origins_reach_readers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    repo = Repo(tmp_path / "theirs")
    repo.push({"source/_posts/world.md": post("From the repository", author="World")})
    more = tmp_path / "more"
    more.mkdir()
    (more / "more.md").write_text(post("From another folder", categories=("Papers",)), encoding="utf-8")
    origins = [
        {"name": "world", "git": str(repo.bare), "path": "source/_posts"},
        {"name": "more", "folder": str(more), "category_prefix": "Library"},
        {"name": "broken", "git": str(tmp_path / "none.git")},
    ]
    async with open_harness(tmp_path, posts={"scan_seconds": 0.1}, origins=origins) as harness:
        await harness.publish("From the folder")
        robin = await harness.reader()
        await robin.say("/latest")
        shown = (await robin.wait_for("Latest"))["text"]
        for title in ("From the repository", "From another folder", "From the folder"):
            assert title in shown
        await robin.say("/category Library/Papers")
        assert "From another folder" in (await robin.wait_for("Library"))["text"]
        await harness.app.scan()
        said = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert len([record for record in said if "none.git" in record.message]) == 1
        admin = await harness.admin()
        await admin.say("/doctor")
        doctor = (await admin.wait_for("Health"))["text"]
        assert "1 of 4 origins could not be read" in doctor
        assert "origin broken" in doctor
        repo.push({"source/_posts/world.md": None, "source/_posts/new.md": post("Pushed later", author="World")})

        async def scan_finds_the_push() -> bool:
            # A repository is fetched again only after posts.scan_seconds.
            return (await harness.app.scan()).new == 1

        await until(scan_finds_the_push)
        await robin.say("/search pushed")
        await robin.wait_for("Pushed later")
        await robin.say("/search repository")
        await robin.wait_for("From the repository")


async def test_a_scan_without_any_origin_fails_and_recovers_by_itself(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        harness.posts.rmdir()
        with pytest.raises(OriginError, match="create it"):
            await harness.app.scan()
        harness.posts.mkdir()
        await harness.publish("News")
        assert (await harness.app.stores.articles.counts())[0] == 1


async def test_new_files_are_noticed_at_once(tmp_path: Path) -> None:
    async with open_harness(tmp_path, posts={"scan_seconds": 3600}) as harness:
        await harness.restart(scheduled=True)

        async def there() -> bool:
            return (await harness.app.stores.articles.counts())[0] == 1

        async def scanned() -> bool:
            return await harness.app.stores.people.fact("scan") is not None

        await until(scanned)
        harness.write("Just written")
        await until(there, seconds=8)


@pytest.mark.parametrize("kind", HOSTS)
async def test_a_host_that_does_not_answer_delays_only_its_own_posts(tmp_path: Path, kind: str) -> None:
    repo = Repo(tmp_path / "theirs")
    repo.push({"world.md": post("From the repository", author="World")})
    with HOSTS[kind]() as port:
        origins = [{"name": f"far{number}", "git": f"http://127.0.0.1:{port}/x.git"} for number in range(8)] + [
            {"name": "near", "git": str(repo.bare)}
        ]
        async with open_harness(tmp_path, posts={"scan_seconds": 0.3, "watch": False}, origins=origins) as harness:
            await harness.restart(scheduled=True)
            robin = await harness.reader()

            async def is_found(words: str, title: str) -> bool:
                await robin.say(f"/search {words}")
                return any(title in message["text"] for message in await robin.messages())

            await until(lambda: is_found("repository", "From the repository"), 8)
            harness.write("Written just now")
            await until(lambda: is_found("written", "Written just now"), 8)
            repo.push({"later.md": post("Pushed later", author="World")})
            await until(lambda: is_found("pushed", "Pushed later"), 8)


async def test_a_folder_that_hangs_delays_only_its_own_posts(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "more").mkdir()
    origins = [
        {"name": f"hung{number}", "folder": str(tmp_path / "more"), "site_config": str(tmp_path / "pipe")}
        for number in range(40)
    ]
    async with open_harness(tmp_path, posts={"scan_seconds": 0.3, "watch": False}, origins=origins) as harness:
        await harness.restart(scheduled=True)
        harness.write("Written just now")

        async def there() -> bool:
            return (await harness.app.stores.articles.counts())[0] == 1

        await until(there, seconds=8)
        admin = await harness.admin()
        await admin.say("/id")
        await admin.wait_for("Your Telegram id")


async def test_an_origin_that_is_silent_for_long_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("digests.ingest.status.SILENT_SECONDS", 0.3)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "more").mkdir()
    origins = [{"name": "hung", "folder": str(tmp_path / "more"), "site_config": str(tmp_path / "pipe")}]
    async with open_harness(tmp_path, posts={"scan_seconds": 0.1, "watch": False}, origins=origins) as harness:
        await harness.restart(scheduled=True)

        async def is_named() -> bool:
            fact = await harness.app.stores.people.fact("scan")
            return fact is not None and "no answer yet from hung" in fact[0]

        await until(is_named)
        # It is looked at again every tenth of a second.
        await asyncio.sleep(0.5)
        said = [record.message for record in caplog.records if "The origin hung has not answered" in record.message]
        assert len(said) == 1


async def test_the_same_articles_from_several_origins_at_once_are_stored_once(tmp_path: Path) -> None:
    origins = []
    for number in range(5):
        folder = tmp_path / f"more{number}"
        folder.mkdir()
        for each in range(30):
            (folder / f"{each}.md").write_text(
                post(f"Article {each}", categories=(f"News {each}", "Tidewater")), encoding="utf-8"
            )
        origins.append({"name": f"more{number}", "folder": str(folder)})
    async with open_harness(tmp_path, posts={"scan_seconds": 3600, "watch": False}, origins=origins) as harness:
        await harness.restart(scheduled=True)

        async def all_are_scanned() -> bool:
            fact = await harness.app.stores.people.fact(LAST_SCAN)
            return fact is not None and fact[0] == "150 files, 30 new"

        await until(all_are_scanned)
        assert (await harness.app.stores.articles.counts())[0] == 30
        report = await harness.app.scan()
        assert (report.seen, report.new) == (150, 0)
