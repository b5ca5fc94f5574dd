"""Hiding categories and sources from readers, and showing them again."""

from __future__ import annotations

from bot.callbacks import HideButton, ShowAgainButton
from bot.handlers.admins import hide
from digests.model.audit import AuditAct
from tests.unit.handlers.harness import ADA, HandlerHarness


async def test_a_name_of_a_category_and_a_source_is_asked_for(harness: HandlerHarness) -> None:
    oceans = await harness.publish("News", categories=("Oceans",), source="Oceans")
    await hide.hide(await harness.written("oceans", by=ADA), harness.admins)
    (shown,) = harness.telegram.shown
    category, source = shown.buttons.values()
    assert category == HideButton("c", oceans.id)
    assert isinstance(source, HideButton)
    assert source.kind == "s"
    assert not (await harness.admins.curation.hidden()).categories


async def test_a_source_with_a_name_too_long_for_a_button_is_hidden_and_shown_again(harness: HandlerHarness) -> None:
    name = "The Illustrated Chronicle of Oceans, Winds and Everything Between Them"
    await harness.publish("News", source=name)
    await hide.hide(await harness.written(name.lower(), by=ADA), harness.admins)
    assert (await harness.admins.curation.hidden()).sources == {name}
    (again,) = harness.telegram.shown[-1].buttons.values()
    assert isinstance(again, ShowAgainButton)
    await hide.show_pressed(await harness.pressed(again, by=ADA), harness.admins, again)
    assert not (await harness.admins.curation.hidden()).sources
    assert await harness.acts() == [AuditAct.SHOW, AuditAct.HIDE]


async def test_readers_do_not_meet_a_hidden_category(harness: HandlerHarness) -> None:
    science = await harness.publish("News")
    pressed = HideButton("c", science.id)
    await hide.hide_pressed(await harness.pressed(pressed, by=ADA), harness.admins, pressed)
    assert not len(await harness.stores.categories.readers_tree())
    await hide.hide(await harness.written("Science", by=ADA), harness.admins)
    assert "“Science”" in harness.telegram.shown[-1].text
    assert not harness.telegram.shown[-1].buttons


async def test_a_button_of_a_category_that_is_gone_hides_nothing(harness: HandlerHarness) -> None:
    pressed = HideButton("c", 999)
    await hide.hide_pressed(await harness.pressed(pressed, by=ADA), harness.admins, pressed)
    (shown,) = harness.telegram.shown
    assert "/hide" in shown.text
    assert not await harness.acts()


async def test_what_is_hidden_is_listed_with_a_button_each(harness: HandlerHarness) -> None:
    await hide.hidden(await harness.written(by=ADA), harness.admins)
    science = await harness.publish("News")
    await harness.admins.curation.hide_category(science.id, harness.clock.now())
    await hide.show(await harness.written("Sport", by=ADA), harness.admins)
    nothing, listed = harness.telegram.shown
    assert not nothing.buttons
    assert list(listed.buttons.values()) == [ShowAgainButton("c", science.id)]
