"""What the doctor and the start say of the place where pictures are kept."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartError
from bot.wiring.media import FilesTrial, files_of_pictures
from bot.wiring.stores import open_stores
from config.load import load_settings
from config.settings import Settings
from digests.doctor.health import CheckedStores, run_checks
from digests.media.place import place_checks
from digests.model.check import Check
from digests.storage.media.report import PictureReportStore
from tests.contract.object_stores import make_bucket, serving_objects
from tests.factories.times import NOW
from tests.waiting import until


def settings_with(**media: Any) -> Settings:
    return load_settings(environ={}, media=media)


def stored_at(address: str, bucket: str = "pictures") -> Settings:
    return settings_with(
        store=f"s3://{bucket}/bot", store_endpoint=address, store_key="some-key", store_secret="some-secret"
    )


async def test_the_doctor_tries_the_store(tmp_path: Path) -> None:
    with serving_objects() as address:
        await make_bucket(address)
        assert await place_checks(stored_at(address)) == [Check("ok", "place of pictures", "s3://pictures/bot")]
        (finding,) = await place_checks(stored_at(address, "nowhere"))
        assert finding.level == "error"
        assert "The store s3://nowhere/bot has no such bucket: create it, or mend media.store." in finding.text
        # All else is looked at all the same.
        settings = stored_at(address, "nowhere")
        async with open_stores(settings) as stores:
            pictures = PictureReportStore(stores.database)
            checked = CheckedStores(stores.articles, stores.people, stores.index, stores.gaps, pictures)
            found = await run_checks(settings, checked, NOW)
        assert finding in found
        assert "search index" in [check.what for check in found]


async def test_the_doctor_tries_the_folder(tmp_path: Path) -> None:
    assert await place_checks(settings_with()) == []
    folder = tmp_path / "shared"
    (finding,) = await place_checks(settings_with(folder=str(folder)))
    assert (finding.level, "mount it, or create it" in finding.text) == ("error", True)
    folder.mkdir()
    assert await place_checks(settings_with(folder=str(folder))) == [Check("ok", "place of pictures", str(folder))]


async def test_the_start_says_it_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    trial = FilesTrial(files_of_pictures(stored_at("http://127.0.0.1:9")))
    with caplog.at_level(logging.ERROR):
        trial.start()
        await until(lambda: "can't be reached: check media.store_endpoint" in caplog.text)
    assert "some-secret" not in caplog.text
    await trial.close()


def test_without_a_store_its_library_is_not_loaded() -> None:
    imports = "import bot.process.app, sys; from bot.wiring import media; from config.load import load_settings"
    code = f"{imports}; media.files_of_pictures(load_settings(environ={{}})); print('obstore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_its_library_the_bot_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(StartError, match=r"install the extra `s3`, as in digestbot\[s3\]"):
        files_of_pictures(stored_at("https://objects.example"))
