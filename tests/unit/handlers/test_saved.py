"""What somebody keeps to read later, and takes along, by plain calls."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.callbacks import (
    ArticleButton,
    ExportSavedButton,
    RemoveSavedButton,
    RestoreSavedButton,
    SavedButton,
    SearchSavedButton,
)
from bot.handlers.articles import saved
from bot.handlers.readers.replies import replied
from digests.model.dialogs import AwaitedReply, Question
from digests.model.ids import ArticleId
from digests.model.saved import MOST_SAVED
from tests.fakes import TelegramCall
from tests.unit.handlers.harness import KIM, ROBIN, HandlerHarness


@pytest.fixture
async def keeper(harness: HandlerHarness) -> HandlerHarness:
    """Robin keeps twelve articles of two categories, the first published saved last; Kim keeps none."""
    await harness.publish(*(f"The moon {number}" for number in range(11)))
    await harness.publish(
        "Football tonight", categories=("Sport", "Ball"), source="Kicker", summary="A [match] *today*."
    )
    for number in range(1, 13):
        at = harness.clock.now() - timedelta(hours=number)
        await harness.stores.saved.save(ROBIN["id"], ArticleId(number), at, MOST_SAVED)
    return harness


async def shown(harness: HandlerHarness) -> TelegramCall:
    await harness.parts.chats.screens.settle()
    return harness.telegram.shown[-1]


async def show(harness: HandlerHarness, page: SavedButton) -> TelegramCall:
    await saved.saved_pressed(await harness.pressed(page), harness.readers.look_up, page)
    return await shown(harness)


async def test_the_list_is_paged_and_leads_to_cards(keeper: HandlerHarness) -> None:
    await saved.saved(await keeper.written(), keeper.readers.look_up)
    first = await shown(keeper)
    assert "12 articles" in first.text
    opened = [pressed.article for pressed in first.buttons.values() if isinstance(pressed, ArticleButton)]
    assert opened == list(range(1, keeper.readers.options.page_size + 1))
    second = await show(keeper, SavedButton(1))
    assert "Football tonight" in second.text
    # A page that is not there any more, or never was.
    assert (await show(keeper, SavedButton(99_999))).text == second.text


async def test_others_see_nothing_of_it(keeper: HandlerHarness) -> None:
    await saved.saved(await keeper.written(by=KIM), keeper.readers.look_up)
    last = await shown(keeper)
    assert "Nothing yet" in last.text
    assert not any(isinstance(pressed, ArticleButton | ExportSavedButton) for pressed in last.buttons.values())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("football", 1), ("moon", 11), ("moon -3", 10), ("source:kicker", 1), ("cat:Sport", 1),
        ("cat:Ball football", 1), ("cat:Sport moon", 0), ("match", 1), ("nowhere", 0), ("cat:nowhere", 0),
        ("<b>", 0), ("source:nobody", 0),
    ],
)  # fmt: skip
async def test_it_is_searched_by_words_categories_and_sources(keeper: HandlerHarness, words: str, found: int) -> None:
    await saved.saved(await keeper.written(words), keeper.readers.look_up)
    last = await shown(keeper)
    assert f"{found} article" in last.text
    assert ("None of what you saved" in last.text) is not found


async def test_words_that_are_typed_when_asked_for_are_looked_for(keeper: HandlerHarness) -> None:
    pressed = SearchSavedButton()
    await saved.search_pressed(await keeper.pressed(pressed), keeper.readers.look_up, pressed)
    dialog = await keeper.stores.people.dialog(ROBIN["id"], ROBIN["id"])
    assert dialog == AwaitedReply(Question.SAVED)
    assert await replied(await keeper.written("football"), keeper.readers, dialog)
    assert "1 article" in (await shown(keeper)).text
    assert await keeper.stores.people.dialog(ROBIN["id"], ROBIN["id"]) is None


async def test_a_category_narrows_it(keeper: HandlerHarness) -> None:
    whole = await show(keeper, SavedButton())
    (sport,) = (button for label, button in whole.buttons.items() if "Sport" in label)
    assert isinstance(sport, SavedButton)
    narrowed = await show(keeper, sport)
    assert "Football" in narrowed.text
    assert "moon" not in narrowed.text
    assert SavedButton() in narrowed.buttons.values()


async def test_words_that_were_forgotten_show_the_whole_list(keeper: HandlerHarness) -> None:
    assert "12 articles" in (await show(keeper, SavedButton(words="forgotten"))).text


async def test_somebody_elses_words_are_not_looked_for(keeper: HandlerHarness) -> None:
    token = await keeper.stores.people.keep_lookup(KIM["id"], "football", keeper.clock.now())
    assert "12 articles" in (await show(keeper, SavedButton(words=token))).text


async def test_a_removal_can_be_undone_and_comes_back_at_its_place(keeper: HandlerHarness) -> None:
    before = await keeper.stores.saved.of(ROBIN["id"])
    pressed = RemoveSavedButton(2)
    await saved.remove_pressed(await keeper.pressed(pressed), keeper.readers.look_up, pressed)
    removed = await shown(keeper)
    assert "11 articles" in removed.text
    assert "Removed: The moon 1" in removed.text
    (undo,) = (button for button in removed.buttons.values() if isinstance(button, RestoreSavedButton))
    # A second tap before the new list is there removes nothing more.
    await saved.remove_pressed(await keeper.pressed(pressed), keeper.readers.look_up, pressed)
    for _ in range(2):
        await saved.restore_saved_pressed(await keeper.pressed(undo), keeper.readers.look_up, undo)
    assert await keeper.stores.saved.of(ROBIN["id"]) == before


@pytest.mark.parametrize("at", [0, 10**15 - 1, 32_503_680_000])
async def test_a_forged_moment_is_no_later_than_now(keeper: HandlerHarness, at: int) -> None:
    await keeper.stores.saved.remove(ROBIN["id"], ArticleId(1))
    undo = RestoreSavedButton(1, at)
    await saved.restore_saved_pressed(await keeper.pressed(undo), keeper.readers.look_up, undo)
    assert all(entry.at <= keeper.clock.now() for entry in await keeper.stores.saved.of(ROBIN["id"]))


async def test_of_a_withdrawn_article_it_says_only_that_it_is_gone(keeper: HandlerHarness) -> None:
    await keeper.admins.curation.withdraw(ArticleId(1), recall=False, report_chat=ROBIN["id"])
    first = await show(keeper, SavedButton())
    assert "1. <i>This article is gone.</i>" in first.text
    assert "The moon 0" not in first.text
    assert ArticleButton(1) not in first.buttons.values()
    for form in ("md", "json"):
        content = await exported(keeper, form)
        assert "The moon 0" not in content
        assert "The moon 1" in content.replace("\\", "")
    pressed = RemoveSavedButton(1)
    await saved.remove_pressed(await keeper.pressed(pressed), keeper.readers.look_up, pressed)
    last = await shown(keeper)
    assert "The moon 0" not in last.text
    assert not any(isinstance(button, RestoreSavedButton) for button in last.buttons.values())


async def exported(harness: HandlerHarness, form: str) -> str:
    pressed = ExportSavedButton(form)
    await saved.export_pressed(await harness.pressed(pressed), harness.readers.look_up, pressed)
    return harness.telegram.called("sendDocument")[-1].upload.decode()


async def test_the_export_has_everything_once(keeper: HandlerHarness) -> None:
    rows = json.loads(await exported(keeper, "json"))["saved"]
    assert [row["title"] for row in rows] == [*(f"The moon {number}" for number in range(11)), "Football tonight"]
    assert rows[-1]["categories"] == ["Sport", "Ball"]
    markdown = await exported(keeper, "md")
    assert markdown.count("\n- ") == 12
    assert "- [Football tonight](<https://news.example/1>) – Kicker" in markdown
    # A double tap brings no second file.
    files = len(keeper.telegram.called("sendDocument"))
    await exported(keeper, "md")
    assert len(keeper.telegram.called("sendDocument")) == files


@pytest.mark.parametrize("form", ["", "exe", "md|"])
async def test_another_form_asks_which(keeper: HandlerHarness, form: str) -> None:
    pressed = ExportSavedButton(form.replace("|", ""))
    if form == "md|":
        pressed = ExportSavedButton("MD")
    await saved.export_pressed(await keeper.pressed(pressed), keeper.readers.look_up, pressed)
    last = await shown(keeper)
    assert {ExportSavedButton("md"), ExportSavedButton("json")} <= set(last.buttons.values())
    assert not keeper.telegram.called("sendDocument")


async def test_nothing_saved_is_no_file(harness: HandlerHarness) -> None:
    pressed = ExportSavedButton("md")
    await saved.export_pressed(await harness.pressed(pressed), harness.readers.look_up, pressed)
    assert not harness.telegram.called("sendDocument")
    assert "nothing yet" in harness.telegram.answers[-1].text
