"""What admins hide and withdraw, and that no reader meets it anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.model.ids import ArticleId
from tests.flow.reader import Reader, labels
from tests.flow.stage import Stage, open_stage

SECRET = ("Secret", "Whisper", "Rumours")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        yield opened


async def meets(reader: Reader, command: str) -> str:
    """All that a command's answer shows, buttons too."""
    await reader.say(command)
    answer = await reader.wait_for(lambda _: True)
    return f"{answer.get('text', '')} {labels(answer)}"


async def nowhere(stage: Stage, *words: str) -> None:
    """None of the words is met by a newcomer, whatever he asks."""
    kim = await stage.reader("Kim")
    for command in (
        "/start",
        "/categories",
        "/latest",
        "/search moon",
        "/category Secret",
        "/subscribe Secret",
        "moom",
    ):
        shown = await meets(kim, command)
        for word in words:
            assert word not in shown.replace(command.partition(" ")[2] or "-", ""), (command, shown)


async def test_a_hidden_category_is_met_nowhere_until_it_is_shown(stage: Stage) -> None:
    await stage.publish("The open moon")
    await stage.publish("Whispered moon", categories=SECRET)
    robin = await stage.subscriber(category="Secret")
    admin = await stage.admin()
    await admin.say("/hide secret")
    await admin.wait_for("Readers don't meet Secret any more")
    await nowhere(stage, "Whispered", "Whisper", "Secret")
    await stage.publish("Another whispered moon", categories=SECRET)
    await stage.next_slot()
    assert not any("Another whispered" in text for text in await robin.texts())
    await robin.say("/digest")
    await robin.wait_for("Nothing new")
    assert "Secret" not in await meets(robin, "/subscriptions")
    await admin.say("/hidden")
    await admin.press("Secret")
    await admin.wait_for("Readers meet Secret again")
    assert "Whispered moon" in await meets(robin, "/category Secret")
    assert "Whispered moon" in await meets(robin, "/search whispered")


async def test_a_hidden_source(stage: Stage) -> None:
    await stage.publish("The open moon")
    await stage.publish("Whispered moon", categories=SECRET, author="Whisper")
    admin = await stage.admin()
    await admin.say("/hide whisper")
    await admin.press("Source Whisper")
    await admin.wait_for("Readers don't meet Whisper any more")
    await nowhere(stage, "Whispered", "Secret")
    await admin.say("/hide nothing of that name")
    await admin.wait_for("There is no category and no source")
    await admin.say("/show Whisper")
    await admin.wait_for("Readers meet Whisper again")
    await admin.say("/hidden")
    await admin.wait_for("Nothing is hidden")
    assert "Whispered moon" in await meets(await stage.reader("Kim"), "/latest")


async def test_strangers_know_nothing_of_it(stage: Stage) -> None:
    robin = await stage.subscriber_of("News")
    for command in ("/hide Science", "/show Science", "/hidden", "/withdraw News", "/unwithdraw"):
        await robin.say(command)
        await robin.wait_for("I don't know that command")


async def test_a_withdrawn_article_is_gone_and_does_not_come_back_by_itself(stage: Stage) -> None:
    robin = await stage.subscriber_of("The moon", "The sun")

    async def settled() -> bool:
        return await stage.app.house.withdrawer.count_sent(ArticleId(1)) == 1

    await stage.until(settled)
    admin = await stage.admin()
    await admin.say("/withdraw the moon")
    asked = await admin.wait_for("Withdraw it?")
    assert "Withdraw, from 1 sent digest too" in labels(asked)
    await admin.press("Withdraw")
    await admin.wait_for("The moon is withdrawn")
    assert "The moon" not in await meets(robin, "/latest")
    await robin.say("/search moon")
    await robin.wait_for("I found nothing")
    stage.write("The moon", path="again.md", thumbnail="https://p.example/new.jpg")
    await stage.app.scan()
    await stage.next_slot()
    assert sum("The moon" in text for text in await robin.texts()) == 1
    await admin.say("/unwithdraw")
    await admin.press("The moon")
    await admin.wait_for("Readers find The moon again")
    assert "The moon" in await meets(robin, "/search moon")


async def test_it_goes_from_digests_that_wait_and_from_those_that_went(stage: Stage) -> None:
    await stage.publish("News")
    robin, kim = await stage.subscriber("Robin"), await stage.subscriber("小金", language="zh-hans")
    await stage.publish("The moon", "The sun")
    await stage.next_slot()
    sent = await robin.wait_for("The moon")
    await kim.wait_for("The moon")
    await stage.publish("The moon again")
    moment = await stage.app.rooms.places.next_moment()
    assert moment is not None
    stage.clock.move(moment - stage.clock.now())
    await stage.app.plan()
    admin = await stage.admin()
    for title in ("The moon again", "The moon"):
        await admin.say(f"/withdraw {title}")
        await admin.wait_for("Withdraw it?")
        await admin.press("Withdraw, from" if title == "The moon" else "Withdraw")
        await admin.wait_for("is withdrawn")
    await stage.app.house.courier.deliver_due()
    await stage.restart()
    await stage.app.recall()
    report = await admin.wait_for("is out of the sent digests")
    assert "messages changed: 2" in report["text"]
    for person in (robin, kim):
        assert not any("The moon" in text for text in await person.texts())
        assert any("The sun" in text for text in await person.texts())
    edited = next(one for one in await robin.messages() if one["message_id"] == sent["message_id"])
    assert "The sun" in edited["text"]
    assert "Your digest" in edited["text"]
    await stage.app.recall()


async def test_a_message_that_is_gone_does_not_hold_up_the_rest(stage: Stage) -> None:
    robin, kim = await stage.subscriber_of("The moon"), await stage.subscriber("Kim")
    await robin.block()

    async def both_settled() -> bool:
        # A reader sees his digest a moment before the ledger says that it is there.
        return await stage.app.house.withdrawer.count_sent(ArticleId(1)) == 2

    await stage.until(both_settled)
    admin = await stage.admin()
    await admin.say("/withdraw 1")
    await admin.press("Withdraw, from 2 sent digests too")
    await stage.app.recall()
    report = await admin.wait_for("is out of the sent digests")
    assert "messages changed: " in report["text"]
    assert not any("The moon" in text for text in await kim.texts())
