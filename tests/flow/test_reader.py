"""What readers do with the bot, from /start to /stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digests.model.place import PlaceState
from tests.factories.places import imported
from tests.factories.times import NOW
from tests.flow.harness import BotHarness
from tests.flow.reader import labels
from tests.waiting import until

DAY = timedelta(days=1)


async def test_from_start_to_the_next_mornings_digest(harness: BotHarness) -> None:
    await harness.publish("The tide organ", "A lamp for whales")
    robin = await harness.reader()
    await robin.say("/start")
    hello = await robin.wait_for("Hello, Robin!")
    assert any("Science · 2" in label for label in labels(hello)), labels(hello)
    await robin.press("Science")
    await robin.wait_for(lambda message: any("✅ Science" in label for label in labels(message)))
    await robin.press("08:00")
    await robin.press("07:30")
    await robin.press("Done")
    first = await robin.wait_for("📰 Your digest")
    await robin.wait_for("What time is it where you are?")
    assert "The tide organ" in first["text"]
    assert "A lamp for whales" in first["text"]
    links = [entity["url"] for entity in first["entities"] if entity["type"] == "text_link"]
    assert not links or all(link.startswith("http") for link in links)

    await harness.publish("Morning news")
    before = len(await robin.messages())
    await harness.next_slot()
    assert harness.clock.now() == NOW + DAY
    messages = await robin.messages()
    assert len(messages) == before + 1
    assert "Morning news" in messages[-1]["text"]
    assert "The tide organ" not in messages[-1]["text"]

    await harness.next_slot()
    assert len(await robin.messages()) == before + 1


async def test_the_same_article_crawled_again_is_not_sent_again(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("The tide organ", "It's the sea")
    harness.write(
        "The tide organ",
        path='Science/Tidewater - Oceans/"""\'The tide organ\'""".md',
        categories=("Science", "Tidewater - Oceans"),
        author="Tidewater - Oceans",
        date="Sat, 06 Jun 2026 09:00:00 GMT",
        thumbnail="https://picsum.photos/400/300?random=7",
    )
    harness.write("It's the sea", date="2026-06-06 07:29:00", thumbnail="https://picsum.photos/400/300?random=9")
    await harness.publish("Something new")
    await harness.next_slot()
    text = (await robin.last())["text"]
    assert "Something new" in text
    assert "tide organ" not in text
    assert "the sea" not in text


async def test_after_three_missed_slots_one_digest_is_sent(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await harness.app.stop()
    for day in range(3):
        harness.clock.move(DAY)
        harness.write(f"News of day {day}")
    harness.app = harness.new_app()
    await harness.start()
    await harness.app.scan()
    before = len(await robin.messages())
    await harness.tick()
    messages = await robin.messages()
    assert len(messages) == before + 1
    assert "Covers everything from" in messages[-1]["text"]
    assert all(f"News of day {day}" in messages[-1]["text"] for day in range(3))


async def test_a_reader_who_unblocks_the_bot_gets_digests_again(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    other = await harness.subscriber("Kim")
    await robin.block()
    await harness.publish("Fresh news")
    await harness.next_slot()
    assert (await harness.place(robin)).state is PlaceState.UNREACHABLE
    assert "Fresh news" in (await other.last())["text"]
    await robin.unblock()
    await robin.say("/start")
    await robin.wait_for("Welcome back!")
    assert (await harness.place(robin)).state is PlaceState.ACTIVE
    await harness.next_slot()
    assert "Fresh news" in (await robin.last())["text"]


async def test_blocking_is_noticed_before_the_next_digest(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.block()
    await until(lambda: harness.is_in_state(robin, PlaceState.UNREACHABLE))
    await robin.unblock()
    await robin.say("/latest")
    await robin.wait_for("Latest")
    assert (await harness.place(robin)).state is PlaceState.ACTIVE


async def test_what_came_on_request_is_not_in_the_next_digest(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")
    await harness.publish("Fresh news")
    await robin.say("/digest")
    await robin.wait_for("Fresh news")
    before = len(await robin.messages())
    await harness.next_slot()
    assert len(await robin.messages()) == before


@pytest.mark.parametrize("how", ["/subscribe Science", "button", "import"])
async def test_the_first_digest_on_request_shows_the_latest_articles(harness: BotHarness, how: str) -> None:
    await harness.publish("Old news", "Older news")
    robin = await harness.reader()
    if how == "button":
        await robin.say("/categories")
        await robin.press("Science")
    elif how == "import":
        ids = await harness.app.stores.categories.ensure([("Science",)])
        chats = [imported(robin.id, None, *ids.values())]
        await harness.app.stores.chat_imports.import_chats(chats, harness.clock.now())
    else:
        await robin.say(how)
        await robin.wait_for("You now follow")
    await robin.say("/digest")
    first = await robin.wait_for("📰")
    assert "Old news" in first["text"]
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")
    await harness.publish("Fresh news")
    await harness.next_slot()
    digest = await robin.wait_for("Fresh news")
    assert "Old news" not in digest["text"]


async def test_the_first_digest_on_request_shows_the_latest_with_what_is_new(harness: BotHarness) -> None:
    await harness.publish("Old news")
    robin = await harness.reader()
    await robin.say("/subscribe Science")
    await robin.wait_for("You now follow")
    await harness.publish("Fresh news")
    await robin.say("/digest")
    assert "Old news" in (await robin.wait_for("Fresh news"))["text"]
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")


async def test_a_digest_on_request_without_articles_says_so(harness: BotHarness) -> None:
    await harness.publish("Old news")
    await harness.app.stores.categories.ensure([("Empty",)])
    robin = await harness.reader()
    ids = await harness.app.stores.categories.ensure([("Empty",)])
    chats = [imported(robin.id, None, *ids.values())]
    await harness.app.stores.chat_imports.import_chats(chats, harness.clock.now())
    await robin.say("/digest")
    await robin.wait_for("Nothing new in your categories")


async def test_articles_that_did_not_fit_are_behind_the_button(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await harness.publish(*[f"Headline {number:02}" for number in range(30)])
    await harness.next_slot()
    shown = (await robin.last())["text"].count("Headline")
    assert shown == 12
    await robin.press("Show 18 more")
    await robin.wait_for("More of your digest")
    await robin.press("Show 6 more")
    texts = " ".join(message.get("text", "") for message in await robin.messages())
    assert all(f"Headline {number:02}" in texts for number in range(30))
    assert texts.count("Headline") == 30


async def test_latest_search_and_category(harness: BotHarness) -> None:
    await harness.publish("The far side of the moon", "月球背面的新发现")
    await harness.publish(*[f"Story {number}" for number in range(12)], categories=("Books", "Margin", "Reviews"))
    robin = await harness.reader()
    await robin.say("/search moon")
    assert "The far side of the moon" in (await robin.wait_for("🔎"))["text"]
    await robin.say("月球")
    await robin.wait_for("月球背面的新发现")
    await robin.say("/search nothingofthis")
    await robin.wait_for("I found nothing")
    await robin.say("/category Reviews")
    page = await robin.wait_for("Books / Margin / Reviews")
    assert page["text"].count("Story") == 10
    await robin.press("›")
    assert (await robin.last())["message_id"] == page["message_id"]
    await robin.press("Subscribe")
    await robin.wait_for("You now follow")
    await robin.say("/category Revews")
    await robin.wait_for("Did you mean")
    await robin.say("/latest")
    await robin.wait_for("Latest")


async def test_an_ambiguous_name_gives_a_choice(harness: BotHarness) -> None:
    await harness.publish("One", categories=("Science", "Tidewater", "News"))
    await harness.publish("Two", categories=("Books", "Margin", "News"))
    robin = await harness.reader()
    await robin.say("/subscribe news")
    await robin.wait_for("Which news do you mean?")
    await robin.press("Books / Margin / News")
    await robin.wait_for("You now follow Books / Margin / News")
    await robin.say("/unsubscribe News")
    await robin.wait_for("You no longer follow")


async def test_time_and_zone_can_be_changed(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/time 21:45")
    await robin.wait_for("every day at 21:45 (UTC)")
    await robin.say("/time 25:00")
    await robin.wait_for("is not a time of day")
    await robin.say("/timezone shanghai")
    await robin.wait_for("21:45 (Asia/Shanghai)")
    await robin.say("/timezone Zyxwv")
    await robin.wait_for("I don't know the time zone")
    place = await harness.place(robin)
    assert (place.time, place.timezone) == ("21:45", "Asia/Shanghai")
    assert place.next_at == NOW.replace(hour=13, minute=45)


async def test_pause_resume_stop_and_erase(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/pause")
    await robin.wait_for("Paused")
    await harness.publish("While away")
    before = len(await robin.messages())
    await harness.move_to(NOW + 2 * DAY)
    assert len(await robin.messages()) == before
    await robin.say("/resume")
    await robin.wait_for("on again")
    await harness.next_slot()
    assert "While away" in (await robin.last())["text"]
    await robin.say("/stop")
    await robin.wait_for("Stopped")
    await robin.press("Delete my data")
    await robin.press("Yes, delete")
    await robin.wait_for("is deleted")
    assert await harness.app.stores.places.find(robin.id) is None


async def test_everything_is_in_chinese_for_a_chinese_reader(harness: BotHarness) -> None:
    await harness.publish("月球背面的新发现", categories=("科技", "晨星周刊", "前沿"))
    ling = await harness.reader("小玲", "zh-hans")
    await ling.say("/start")
    await ling.wait_for("小玲，你好")
    await ling.press("科技")
    await ling.press("完成")
    await ling.wait_for("今日摘要")
    for command in ("/help", "/time", "/timezone", "/categories", "/latest", "/subscriptions", "/id", "/nothing"):
        await ling.say(command)
        await ling.wait_for(lambda _message: True)
    commands = await ling.commands()
    assert {"digest", "time", "help"} <= {command["command"] for command in commands}
    assert next(command["description"] for command in commands if command["command"] == "help") == "我能做什么"


async def test_hostile_posts_reach_readers_as_plain_text(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    harness.write("<b>bold</b> & <script>alert(1)", path="hostile.md", body="<p>&lt;i&gt;&nbsp;tags \u202e</p>")
    await harness.app.scan()
    await harness.next_slot()
    assert "bold & <script>alert(1)" in (await robin.last())["text"]


async def test_a_button_of_an_older_message_is_answered(harness: BotHarness) -> None:
    await harness.publish("News")
    robin = await harness.reader()
    await robin.say("/categories")
    await robin.press("Close")
    await robin.say("/start")
    await robin.press("Done")
    assert "Tick at least one" in robin.alert


async def test_a_photo_gets_a_friendly_answer(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.send_photo(caption="")
    await robin.wait_for("I can search for words")
