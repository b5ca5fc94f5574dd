"""How the digest looks: chosen from pictures, by those who may, and never a magazine in a group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.callbacks import ActionButton, SetLayoutButton, SettingsButton
from bot.handlers.readers import actions, layouts, settings, tuning
from digests.model.layout import Layout
from tests.unit.handlers.harness import GROUP, MESSAGE, ROBIN, HandlerHarness


@pytest.fixture
def previews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty folder of previews in place of the package's."""
    folder = tmp_path / "previews"
    folder.mkdir()
    monkeypatch.setattr(layouts, "_PREVIEWS", folder)
    layouts._preview.cache_clear()
    yield folder
    layouts._preview.cache_clear()


async def test_the_settings_name_the_layout_and_lead_to_the_others(harness: HandlerHarness) -> None:
    await settings.settings(await harness.written(), harness.readers)
    (shown,) = harness.telegram.shown
    assert "Layout: Gallery" in shown.text
    assert shown.buttons["🖼 Layout"] == SettingsButton("layout")


async def test_a_layout_is_chosen_by_a_tap_and_shown_with_its_picture(harness: HandlerHarness, previews: Path) -> None:
    for layout in Layout:
        (previews / f"{layout}.en.jpg").write_bytes(f"a {layout}".encode())
    opened = SettingsButton("layout")
    await tuning.settings_pressed(await harness.pressed(opened), harness.readers, opened)
    (shown,) = harness.telegram.shown
    assert shown.method == "editMessageMedia"
    assert shown.upload == b"a gallery"
    assert "✅ Gallery" in shown.buttons
    pressed = SetLayoutButton("headlines")
    await layouts.layout_pressed(await harness.pressed(pressed, has_photo=True), harness.readers, pressed)
    await harness.parts.chats.screens.settle()
    shown = harness.telegram.shown[-1]
    assert (shown.method, shown.fields["message_id"], shown.upload) == (
        "editMessageMedia", str(MESSAGE), b"a headlines",
    )  # fmt: skip
    assert "Titles alone" in shown.text
    assert shown.buttons["✅ Headlines"] == pressed
    assert (await harness.place()).layout is Layout.HEADLINES
    assert harness.telegram.answers[-1].text == "Your next digest: Headlines"


async def test_the_way_back_is_a_text_again(harness: HandlerHarness) -> None:
    back = SettingsButton()
    await tuning.settings_pressed(await harness.pressed(back, has_photo=True), harness.readers, back)
    await harness.parts.chats.screens.settle()
    assert [call.method for call in harness.telegram.calls] == ["sendMessage", "deleteMessage"]
    assert harness.telegram.calls[-1].fields["message_id"] == MESSAGE


async def test_the_settings_below_a_magazine_are_a_message_of_their_own(harness: HandlerHarness) -> None:
    pressed = ActionButton("settings")
    await actions.action_pressed(await harness.pressed(pressed), harness.readers, pressed)
    (shown,) = harness.telegram.shown
    assert shown.method == "sendMessage"
    assert shown.buttons["🖼 Layout"] == SettingsButton("layout")


async def test_without_a_picture_the_words_say_what_a_layout_is_like(harness: HandlerHarness, previews: Path) -> None:
    pressed = SetLayoutButton("list")
    await layouts.layout_pressed(await harness.pressed(pressed), harness.readers, pressed)
    (shown,) = harness.telegram.shown
    assert shown.method == "editMessageText"
    assert "One large picture" in shown.text


def test_a_language_without_pictures_shows_those_in_english(previews: Path) -> None:
    (previews / "list.en.jpg").write_bytes(b"a list")
    (previews / "list.zh_CN.jpg").write_bytes("列表".encode())
    (previews / "gallery.en.jpg").write_bytes(b"a gallery")
    shown = [layouts.layout_preview(layout, "zh_CN") for layout in (Layout.LIST, Layout.GALLERY, Layout.HEADLINES)]
    assert [photo and photo.content for photo in shown] == ["列表".encode(), b"a gallery", None]
    assert [photo and photo.name for photo in shown] == ["layout list.zh_CN", "layout gallery.en", None]


def test_traditional_chinese_shows_the_pictures_in_simplified(previews: Path) -> None:
    for language in ("en", "zh_CN"):
        (previews / f"list.{language}.jpg").write_bytes(language.encode())
    shown = layouts.layout_preview(Layout.LIST, "zh_TW")
    assert shown is not None
    assert shown.content == b"zh_CN"


async def test_pressing_the_current_layout_changes_and_says_nothing(harness: HandlerHarness) -> None:
    pressed = SetLayoutButton("gallery")
    await layouts.layout_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert not harness.telegram.answers
    assert (await harness.place()).layout is Layout.GALLERY


@pytest.mark.parametrize("layout", ["", "Gallery", "../gallery", "newspaper"])
async def test_a_layout_that_does_not_exist_is_ignored(harness: HandlerHarness, layout: str) -> None:
    """A modified client can send anything."""
    forged = SetLayoutButton(layout)
    await layouts.layout_pressed(await harness.pressed(forged), harness.readers, forged)
    assert not harness.telegram.calls
    assert (await harness.place()).layout is Layout.GALLERY


async def test_no_magazine_is_offered_in_a_group_nor_set_there(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "administrator"
    opened = SettingsButton("layout")
    await tuning.settings_pressed(await harness.pressed(opened, chat=GROUP), harness.readers, opened)
    (shown,) = harness.telegram.shown
    assert list(shown.buttons) == ["✅ Gallery", "List", "Headlines", "‹ Back"]
    forged = SetLayoutButton("magazine")
    context = await harness.pressed(forged, chat=GROUP)
    await layouts.layout_pressed(context, harness.readers, forged)
    assert context.place.layout is Layout.GALLERY


async def test_a_member_may_look_at_a_groups_layouts_and_change_none(harness: HandlerHarness) -> None:
    pressed = SetLayoutButton("list")
    context = await harness.pressed(pressed, chat=GROUP, asked_by=ROBIN)
    await layouts.layout_pressed(context, harness.readers, pressed)
    assert not harness.telegram.shown
    (answer,) = harness.telegram.answers
    assert answer.fields["show_alert"]
    found = await harness.stores.places.find(GROUP["id"])
    assert found is not None
    assert found.layout is Layout.GALLERY
