"""Several origins at once: a folder, another with a prefix, a git repository, and one that is broken."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from digests.errors import OriginError
from tests.builders import post
from tests.flow.stage import open_stage
from tests.repositories import Repo


async def test_posts_of_all_origins_reach_the_reader(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
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
    async with open_stage(tmp_path, posts={"scan_seconds": 0.1}, origins=origins) as stage:
        await stage.publish("From the folder")
        robin = await stage.reader()
        await robin.say("/latest")
        shown = (await robin.wait_for("Latest"))["text"]
        for title in ("From the repository", "From another folder", "From the folder"):
            assert title in shown
        await robin.say("/category Library/Papers")
        assert "From another folder" in (await robin.wait_for("Library"))["text"]
        await stage.app.scan()
        said = [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert len([one for one in said if "none.git" in one.message]) == 1
        admin = await stage.admin()
        await admin.say("/doctor")
        doctor = (await admin.wait_for("How I am"))["text"]
        assert "1 of 4 origins could not be read" in doctor
        assert "origin broken" in doctor
        repo.push({"source/_posts/world.md": None, "source/_posts/new.md": post("Pushed later", author="World")})
        # A repository is asked again only after posts.scan_seconds.
        await asyncio.sleep(0.3)
        await stage.app.scan()
        await robin.say("/search pushed")
        await robin.wait_for("Pushed later")
        await robin.say("/search repository")
        await robin.wait_for("From the repository")


async def test_all_origins_broken_is_said_and_mends_itself(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.posts.rmdir()
        with pytest.raises(OriginError, match="create it"):
            await stage.app.scan()
        stage.posts.mkdir()
        await stage.publish("News")
        assert (await stage.app.rooms.articles.counts())[0] == 1


async def test_new_files_are_noticed_at_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path, posts={"scan_seconds": 3600}) as stage:
        await stage.restart(scheduled=True)

        async def there() -> bool:
            return (await stage.app.rooms.articles.counts())[0] == 1

        async def scanned() -> bool:
            return await stage.app.rooms.people.fact("scan") is not None

        await stage.until(scanned)
        stage.write("Just written")
        await stage.until(there, seconds=8)
