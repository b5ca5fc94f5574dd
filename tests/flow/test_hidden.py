"""What admins hide or withdraw appears nowhere."""

from __future__ import annotations

from digests.model.ids import ArticleId
from tests.flow.harness import BotHarness
from tests.flow.reader import Reader, labels
from tests.waiting import until

SECRET = ("Secret", "Whisper", "Rumours")


async def answer_to(reader: Reader, command: str) -> str:
    """Return everything that a command's answer shows, its buttons included."""
    await reader.say(command)
    answer = await reader.wait_for(lambda _: True)
    return f"{answer.get('text', '')} {labels(answer)}"


async def assert_nowhere(harness: BotHarness, *words: str) -> None:
    """Assert that a new reader finds none of the words in any answer."""
    kim = await harness.reader("Kim")
    for command in (
        "/start",
        "/categories",
        "/latest",
        "/search moon",
        "/category Secret",
        "/subscribe Secret",
        "moom",
    ):
        shown = await answer_to(kim, command)
        for word in words:
            assert word not in shown.replace(command.partition(" ")[2] or "-", ""), (command, shown)


async def test_a_hidden_category_appears_nowhere_until_it_is_shown(harness: BotHarness) -> None:
    await harness.publish("The open moon")
    await harness.publish("Whispered moon", categories=SECRET)
    robin = await harness.subscriber(category="Secret")
    admin = await harness.admin()
    await admin.say("/hide secret")
    await admin.wait_for("Readers no longer see Secret")
    await assert_nowhere(harness, "Whispered", "Whisper", "Secret")
    await harness.publish("Another whispered moon", categories=SECRET)
    await harness.next_slot()
    assert not any("Another whispered" in text for text in await robin.texts())
    await robin.say("/digest")
    await robin.wait_for("Nothing new")
    assert "Secret" not in await answer_to(robin, "/subscriptions")
    await admin.say("/hidden")
    await admin.press("Secret")
    await admin.wait_for("Readers see Secret again")
    assert "Whispered moon" in await answer_to(robin, "/category Secret")
    assert "Whispered moon" in await answer_to(robin, "/search whispered")


async def test_a_hidden_source_appears_nowhere_until_it_is_shown(harness: BotHarness) -> None:
    await harness.publish("The open moon")
    await harness.publish("Whispered moon", categories=SECRET, author="Whisper")
    admin = await harness.admin()
    await admin.say("/hide whisper")
    await admin.press("Source Whisper")
    await admin.wait_for("Readers no longer see Whisper")
    await assert_nowhere(harness, "Whispered", "Secret")
    await admin.say("/hide nothing of that name")
    await admin.wait_for("Readers see no category or source")
    await admin.say("/show Whisper")
    await admin.wait_for("Readers see Whisper again")
    await admin.say("/hidden")
    await admin.wait_for("Nothing is hidden")
    assert "Whispered moon" in await answer_to(await harness.reader("Kim"), "/latest")


async def test_readers_cannot_hide_or_withdraw_anything(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("News")
    for command in ("/hide Science", "/show Science", "/hidden", "/withdraw News", "/unwithdraw"):
        await robin.say(command)
        await robin.wait_for("I don't know that command")


async def test_a_withdrawn_article_stays_away_until_it_is_brought_back(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("The moon", "The sun")

    async def settled() -> bool:
        return await harness.app.parts.withdrawer.count_sent(ArticleId(1)) == 1

    await until(settled)
    admin = await harness.admin()
    await admin.say("/withdraw the moon")
    asked = await admin.wait_for("Withdraw it?")
    assert "Withdraw, from 1 sent digest too" in labels(asked)
    await admin.press("Withdraw")
    await admin.wait_for("The moon has been withdrawn")
    assert "The moon" not in await answer_to(robin, "/latest")
    await robin.say("/search moon")
    await robin.wait_for("I found nothing")
    harness.write("The moon", path="again.md", thumbnail="https://p.example/new.jpg")
    await harness.app.scan()
    await harness.next_slot()
    assert sum("The moon" in text for text in await robin.texts()) == 1
    await admin.say("/unwithdraw")
    await admin.press("The moon")
    await admin.wait_for("Readers find The moon again")
    assert "The moon" in await answer_to(robin, "/search moon")


async def test_a_withdrawn_article_leaves_planned_and_sent_digests(harness: BotHarness) -> None:
    await harness.publish("News")
    robin, kim = await harness.subscriber("Robin"), await harness.subscriber("小金", language="zh-hans")
    await harness.publish("The moon", "The sun", thumbnail="https://p.example/sky.jpg")
    await harness.next_slot()
    sent = await robin.wait_for("The moon")
    await kim.wait_for("The moon")
    await harness.publish("The moon again")
    moment = await harness.app.stores.places.next_moment()
    assert moment is not None
    harness.clock.move(moment - harness.clock.now())
    await harness.app.work.plan()
    admin = await harness.admin()
    for title in ("The moon again", "The moon"):
        await admin.say(f"/withdraw {title}")
        await admin.wait_for("Withdraw it?")
        await admin.press("Withdraw, from" if title == "The moon" else "Withdraw")
        await admin.wait_for("has been withdrawn")
    await harness.app.parts.delivery_worker.deliver_due()
    await harness.restart()
    await harness.app.work.recall()
    report = await admin.wait_for("has been removed from the sent digests")
    assert "messages changed: 2" in report["text"]
    for person in (robin, kim):
        assert not any("The moon" in text for text in await person.texts())
        assert any("The sun" in text for text in await person.texts())
    edited = next(message for message in await robin.messages() if message["message_id"] == sent["message_id"])
    assert "The sun" in edited["text"]
    assert "Your digest" in edited["text"]
    assert edited["preview"] == sent["preview"] == {"url": "https://p.example/sky.jpg", "large": True, "above": True}
    await harness.app.work.recall()


async def test_a_message_that_cannot_be_edited_does_not_hold_up_the_others(harness: BotHarness) -> None:
    robin, kim = await harness.subscriber_of("The moon"), await harness.subscriber("Kim")
    await robin.block()

    async def both_settled() -> bool:
        # Readers see a digest a moment before the ledger has it as sent.
        return await harness.app.parts.withdrawer.count_sent(ArticleId(1)) == 2

    await until(both_settled)
    admin = await harness.admin()
    await admin.say("/withdraw 1")
    await admin.press("Withdraw, from 2 sent digests too")
    await harness.app.work.recall()
    report = await admin.wait_for("has been removed from the sent digests")
    assert "messages changed: " in report["text"]
    assert not any("The moon" in text for text in await kim.texts())
