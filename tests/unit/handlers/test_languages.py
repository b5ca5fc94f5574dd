"""/language: a chosen language stays, and that of the app is followed until one is chosen."""

from __future__ import annotations

import pytest

from bot.callbacks import LanguagesButton, SetLanguageButton
from bot.handlers.readers import languages
from tests.unit.handlers.harness import GROUP, ROBIN, HandlerHarness

CHINESE = {**ROBIN, "language_code": "zh-hans"}
TAIWANESE = {**ROBIN, "language_code": "zh-hant"}


def menus(harness: HandlerHarness) -> list[tuple[str, object, str]]:
    """Return which command lists of chats were set or deleted: the method, the language code, and the first words."""
    calls = [call for call in harness.telegram.calls if call.method in ("setMyCommands", "deleteMyCommands")]
    return [
        (
            call.method,
            call.fields.get("language_code"),
            call.fields["commands"][0]["description"] if call.method == "setMyCommands" else "",
        )
        for call in calls
    ]


async def test_languages_are_offered_by_their_own_names(harness: HandlerHarness) -> None:
    await languages.language(await harness.written(by=TAIWANESE), harness.readers)
    (shown,) = harness.telegram.shown
    assert [*shown.buttons][:4] == ["English", "简体中文", "繁體中文", "✅ 📱 跟隨應用：繁體中文"]


async def test_a_chosen_language_stays(harness: HandlerHarness) -> None:
    pressed = SetLanguageButton("zh_TW")
    await languages.language_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert "🌐 我現在用繁體中文。" in harness.telegram.shown[-1].text
    for by in (ROBIN, CHINESE):
        context = await harness.written(by=by)
        assert (context.place.language, context.place.has_chosen_language) == ("zh_TW", True)
        assert context.t.language == "zh_TW"


async def test_the_apps_language_can_be_followed_again(harness: HandlerHarness) -> None:
    for chosen in ("zh_TW", ""):
        pressed = SetLanguageButton(chosen)
        await languages.language_pressed(await harness.pressed(pressed, by=CHINESE), harness.readers, pressed)
    place = await harness.place()
    assert (place.language, place.has_chosen_language) == ("zh_CN", False)
    assert (await harness.written(by=ROBIN)).place.language == "en"


async def test_the_menu_follows_the_language(harness: HandlerHarness) -> None:
    pressed = SetLanguageButton("zh_TW")
    await languages.language_pressed(await harness.pressed(pressed), harness.readers, pressed)
    set_up = {"en": "Set up your digest", "zh_TW": "設定你的摘要"}
    assert menus(harness) == [("setMyCommands", code, set_up["zh_TW"]) for code in (None, "zh")]
    harness.telegram.calls.clear()
    pressed = SetLanguageButton("")
    await languages.language_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert menus(harness) == [("deleteMyCommands", code, "") for code in (None, "zh")]


async def test_a_menu_that_telegram_shows_otherwise_is_set_once(harness: HandlerHarness) -> None:
    """Telegram knows "zh" alone, which is simplified Chinese."""
    for by, wanted in ((TAIWANESE, 2), (TAIWANESE, 0), (CHINESE, 0), (ROBIN, 0)):
        harness.telegram.calls.clear()
        context = await harness.written(by=by)
        own = harness.readers.menus.own_language(context.place.language, by["language_code"])
        await harness.readers.menus.ensure(by["id"], None, own)
        assert len(menus(harness)) == wanted


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("English", "en"),
        ("繁體中文", "zh_TW"),
        ("zh-HK", "zh_TW"),
        ("简体中文", "zh_CN"),
        ("zh", "zh_CN"),
        (" EN ", "en"),
    ],
)
async def test_a_language_may_be_named(harness: HandlerHarness, written: str, language: str) -> None:
    await languages.language(await harness.written(written), harness.readers)
    assert (await harness.place()).language == language


@pytest.mark.parametrize("written", ["Klingon", "x" * 4000, "<b>"])
async def test_a_language_without_texts_is_not_spoken(harness: HandlerHarness, written: str) -> None:
    await languages.language(await harness.written(written), harness.readers)
    place = await harness.place()
    assert (place.language, place.has_chosen_language) == ("en", False)
    (shown,) = harness.telegram.shown
    assert SetLanguageButton("zh_TW") in shown.buttons.values()


@pytest.mark.parametrize("forged", ["xx", "../en", "zh"])
async def test_a_forged_language_does_nothing(harness: HandlerHarness, forged: str) -> None:
    pressed = SetLanguageButton(forged)
    await languages.language_pressed(await harness.pressed(pressed), harness.readers, pressed)
    assert not harness.telegram.calls
    assert (await harness.place()).language == "en"


async def test_a_groups_admin_chooses_for_all(harness: HandlerHarness) -> None:
    pressed = SetLanguageButton("zh_TW")
    await languages.language_pressed(await harness.pressed(pressed, chat=GROUP), harness.readers, pressed)
    place = await harness.stores.places.find(GROUP["id"])
    assert place is not None
    assert place.language == "en"
    harness.telegram.member_status = "creator"
    await languages.language_pressed(await harness.pressed(pressed, chat=GROUP), harness.readers, pressed)
    context = await harness.written(chat=GROUP)
    assert context.place.language == "zh_TW"
    assert len(menus(harness)) == 2
    as_app = SetLanguageButton("")
    await languages.language_pressed(await harness.pressed(as_app, chat=GROUP), harness.readers, as_app)
    assert (await harness.written(chat=GROUP)).place.language == "zh_TW"


async def test_a_button_shows_the_languages(harness: HandlerHarness) -> None:
    pressed = LanguagesButton()
    await languages.languages_pressed(await harness.pressed(pressed), harness.readers, pressed)
    (shown,) = harness.telegram.shown
    assert SetLanguageButton() in shown.buttons.values()
