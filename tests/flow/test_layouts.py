"""Layouts chosen by taps, over HTTP: one message that becomes a picture, other pictures, and a text again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.handlers.readers import layouts
from digests.model.layout import Layout
from tests.factories.drawn_pictures import encoded, scene
from tests.flow.harness import BotHarness
from tests.flow.reader import labels


@pytest.fixture
def previews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Draw previews in place of the package's."""
    folder = tmp_path / "previews"
    folder.mkdir()
    for number, layout in enumerate(Layout):
        (folder / f"{layout}.en.jpg").write_bytes(encoded(scene(number)))
    monkeypatch.setattr(layouts, "_PREVIEWS", folder)
    layouts._preview.cache_clear()
    yield
    layouts._preview.cache_clear()


@pytest.mark.usefixtures("previews")
async def test_a_layout_is_chosen_among_pictures_that_are_uploaded_once(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Moon")
    await robin.say("/settings")
    settings = await robin.wait_for("Layout: Gallery")
    for _ in range(2):
        await robin.press("🖼 Layout")
        chooser = await robin.wait_for("How should your digest look?")
        assert chooser["photo"]
        for name in ("Headlines", "List", "Gallery"):
            await robin.press(name)
            shown = await robin.wait_for(f"{name} –")
            assert shown["message_id"] == chooser["message_id"]
            assert f"✅ {name}" in labels(shown)
            assert (await harness.place(robin)).layout == name.lower()
        await robin.press("Back")
        back = await robin.wait_for("Layout: Gallery")
        assert "photo" not in back
        assert back["message_id"] != chooser["message_id"]
        messages = {message["message_id"]: message for message in await robin.messages()}
        assert messages.get(chooser["message_id"], {"deleted": True})["deleted"]
    assert chooser["message_id"] != settings["message_id"]
    uploads = harness.simulator.world.ledger.uploads
    assert sum(uploads.values()) == 3
    # The file_ids are known to the next run too.
    await harness.restart()
    await robin.say("/settings")
    await robin.press("🖼 Layout")
    assert (await robin.wait_for("How should your digest look?"))["photo"]
    assert sum(uploads.values()) == 3


@pytest.mark.usefixtures("previews")
async def test_quick_taps_end_with_the_last_choice(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Moon")
    await robin.say("/settings")
    await robin.press("🖼 Layout")
    await robin.wait_for("How should your digest look?")
    for name in ("List", "Headlines", "List", "Headlines"):
        await robin.press(name)
    await robin.wait_for("Headlines –")
    await robin.press("Back")
    await robin.wait_for("Layout: Headlines")
    await harness.app.parts.chats.screens.settle()
    shown = [text for text in await robin.texts() if "Layout: Headlines" in text]
    assert len(shown) == 1
    assert (await harness.place(robin)).layout is Layout.HEADLINES
