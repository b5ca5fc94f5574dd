"""What readers watch, mute and want more of, from the chat to the next digest."""

from __future__ import annotations

from telegram import InlineKeyboardMarkup

from bot.callbacks import Button, EndWishButton, SetTasteButton, TasteButton
from bot.keyboards.base import button
from digests.model.wish import Matter, WishKind
from tests.factories.times import DAY
from tests.flow.harness import BotHarness
from tests.flow.reader import Reader, labels
from tests.flow.test_stories import STRIKE, TUNNEL, write_story


async def offer(harness: BotHarness, person: Reader, pressed: Button, chat: int | None = None) -> None:
    """Send a message with this button, as one below an article has."""
    keyboard = InlineKeyboardMarkup([[button("Press me", pressed)]])
    await harness.app.bot.send_message(chat or person.id, "An article", reply_markup=keyboard)


async def kinds(harness: BotHarness, person: Reader) -> list[tuple[WishKind, str]]:
    wishes = await harness.app.parts.readers.wishes.of(await harness.place(person))
    return [(wish.kind, wish.subject.value) for wish in wishes]


async def test_a_watch_brings_what_is_not_followed(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await harness.publish("The comet of old", categories=("Space",))
    await robin.say("/watch comet")
    shown = await robin.wait_for("Matches 1 article of the last week")
    assert "The comet of old" in shown["text"]
    await harness.restart()
    await robin.press("Watch in my digest")
    await robin.wait_for("Watching")
    await harness.publish("A comet is seen", "Nothing at all", categories=("Space",))
    await harness.publish("News of the oceans")
    await harness.next_slot()
    digest = await robin.wait_for("News of the oceans")
    assert "A comet is seen" in digest["text"]
    assert "Nothing at all" not in digest["text"]


async def test_typed_words_are_watched_and_the_watch_ends_and_comes_back(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/subscriptions")
    await robin.press("+ Watch")
    await robin.wait_for("Which words should I watch for?")
    await harness.restart()
    await robin.say("comet C/2026 A1")
    await robin.wait_for("No article of the last week matches")
    await robin.press("tell me at once")
    await robin.wait_for("told at once")
    await harness.restart()
    await robin.press("Stop watching")
    await robin.wait_for("no longer watch")
    assert await kinds(harness, robin) == []
    await harness.restart()
    await robin.press("Undo")
    shown = await robin.wait_for("As it was")
    assert "⚡" in shown["text"]
    await robin.press("Back")
    shown = await robin.wait_for("What your digest is made of")
    assert any("⚡" in label for label in labels(shown))


async def test_a_muted_source_stays_away_for_a_week(harness: BotHarness) -> None:
    await harness.publish("Early news", categories=("Science", "Wired", "News"), author="Wired")
    robin = await harness.subscriber_of("Old news")
    await robin.say("/mute wired 7d")
    # A source of the crawler's is a category as well.
    await robin.wait_for("could mean several things")
    await robin.press("the source Wired")
    shown = await robin.wait_for("Muted")
    assert "kept 1 article of the last week away" in shown["text"]
    await harness.publish("Muted news", categories=("Science", "Wired", "News"), author="Wired")
    await harness.publish("Other news")
    await harness.next_slot()
    digest = await robin.wait_for("Other news")
    assert "Muted news" not in digest["text"]
    harness.clock.move(8 * DAY)
    await harness.publish("Later news", categories=("Science", "Wired", "News"), author="Wired")
    await harness.tick()
    await robin.wait_for("Later news")
    assert await kinds(harness, robin) == []


async def test_a_mute_is_typed_and_asked_for_how_long(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("The moon is full")
    await robin.say("/subscriptions")
    await robin.press("+ Mute")
    await robin.wait_for("should stay away?")
    await robin.say("moon")
    await robin.wait_for("kept 1 article of the last week away")
    await robin.press("For a week")
    await robin.wait_for("until 13 Jun")
    await robin.press("For good")
    await robin.wait_for("for good")
    assert await kinds(harness, robin) == [(WishKind.MUTE, "moon")]
    await robin.press("End the mute")
    await robin.wait_for("no longer muted")
    await harness.publish("The moon again")
    await harness.next_slot()
    await robin.wait_for("The moon again")


async def test_a_category_is_unfollowed_with_a_way_back(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/subscriptions")
    await robin.press("🗂 Science")
    await robin.wait_for("Comes in your digest")
    await robin.press("Unfollow")
    await robin.wait_for("no longer follow")
    await robin.press("Undo")
    shown = await robin.wait_for("follow it again")
    assert "🗂 Science" in labels(shown)


async def test_a_source_is_followed_from_wherever_its_articles_are(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await harness.publish("Untold", categories=("Tech",), author="Wired")
    await robin.say("/subscribe wired")
    await robin.wait_for("You now follow the source")
    await harness.publish("Told at last", categories=("Tech",), author="Wired")
    await harness.next_slot()
    await robin.wait_for("Told at last")


async def test_more_of_a_source_comes_first_and_a_second_tap_undoes_it(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    article = (await harness.app.stores.articles.latest(None, 1))[0][0]
    await offer(harness, robin, TasteButton(article.id))
    await robin.press("Press me")
    await robin.wait_for("More or less like this?")
    await robin.press("🔼 Tidewater")
    shown = await robin.wait_for(lambda message: "✅ 🔼 Tidewater" in labels(message))
    assert (WishKind.MORE, "Tidewater") in await kinds(harness, robin)
    assert shown["text"].startswith("⚖️")
    await robin.press("✅ 🔼 Tidewater")
    await robin.wait_for(lambda message: "🔼 Tidewater" in labels(message))
    assert await kinds(harness, robin) == []


async def test_the_card_of_an_article_leads_to_more_and_less_and_to_a_mute(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/search old")
    await robin.wait_for("Old news")
    await robin.press(lambda pressed: pressed["text"] == "1")
    await robin.wait_for(lambda message: "🔇 Mute source" in labels(message))
    await robin.press("More or less")
    await robin.wait_for("More or less like this?")
    await robin.press("🔽 Tidewater")
    await robin.wait_for(lambda message: "✅ 🔽 Tidewater" in labels(message))
    await harness.restart()
    await robin.press("Mute source")
    await robin.wait_for("Muted")
    assert await kinds(harness, robin) == [(WishKind.MUTE, "Tidewater"), (WishKind.LESS, "Tidewater")]
    await robin.say("/settings")
    await robin.press(lambda pressed: pressed["text"].startswith("More and less"))
    await robin.wait_for("Press one to undo it")
    await robin.press("🔽 Tidewater")
    await robin.wait_for("usual place")
    assert await kinds(harness, robin) == [(WishKind.MUTE, "Tidewater")]


async def test_a_category_is_capped_from_where_it_is_listed(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/subscriptions")
    await robin.press("🗂 Science")
    await robin.press("✂️ Limit")
    await robin.wait_for("at most?")
    await robin.press(lambda pressed: pressed["text"] == "2")
    await robin.wait_for("✂️")
    await robin.say("/subscriptions")
    shown = await robin.wait_for("What your digest is made of")
    assert "✂️ Science · at most 2" in labels(shown)
    await robin.press("✂️ Science · at most 2")
    await robin.press("No limit")
    await robin.wait_for("no limit any more")
    await robin.press("Undo")
    await robin.wait_for("At most 2 articles")


async def test_a_group_is_for_its_admins_to_change(harness: BotHarness) -> None:
    await harness.publish("Old news")
    admin, member = await harness.reader("Ada"), await harness.reader("Kim")
    group = await admin.found_group("The club", "supergroup")
    await admin.add_bot(group)
    await member.join(group)
    await member.say("/watch moon", chat=group)
    await member.wait_for("Only this group's admins", chat=group)
    await admin.say("/watch moon", chat=group)
    await admin.wait_for("No article of the last week matches", chat=group)
    await admin.press("Watch in my digest", chat=group)
    await admin.wait_for("Watching", chat=group)
    place = await harness.app.stores.places.find(group)
    assert place is not None
    (wish,) = await harness.app.parts.readers.wishes.of(place)
    await member.say("/id")
    await offer(harness, member, EndWishButton(wish.id))
    await member.press("Press me")
    assert "ended already" in member.alert
    assert await harness.app.parts.readers.wishes.of(place) == (wish,)
    await offer(harness, member, SetTasteButton(1, "words", "moon", 1), chat=group)
    await member.press("Press me", chat=group)
    assert "Only this group's admins" in member.alert
    assert [wish.subject.matter for wish in await harness.app.parts.readers.wishes.of(place)] == [Matter.WORDS]


async def test_what_most_sources_tell_leads_to_its_article(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    write_story(harness, "Tidewater")
    write_story(harness, "Harbour", "Boats are back as ferry strike ends", "<p>OBAN.</p>" + STRIKE)
    write_story(harness, "Lighthouse", "Ferry strike ends at last", "<p>MULL.</p>" + STRIKE)
    for source in ("Tidewater", "Harbour"):
        write_story(harness, source, "Norway to dig a tunnel", TUNNEL)
    await harness.app.scan()
    await robin.say("/top")
    shown = await robin.wait_for("Most covered today")
    assert "3 sources" in shown["text"]
    assert shown["text"].lower().index("ferry") < shown["text"].index("Norway")
    await robin.press(lambda pressed: pressed["text"] == "2")
    await robin.wait_for("Norway to dig a tunnel")
    await robin.press("This week")
    await robin.wait_for("Most covered this week")
    await robin.say("/mute strike 7d")
    await robin.wait_for("Muted")
    await robin.say("/top")
    shown = await robin.wait_for("Most covered today")
    assert "strike" not in shown["text"]
    assert "Norway" in shown["text"]


async def test_who_only_watches_is_no_stranger(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/watch comet")
    await robin.press("Watch in my digest")
    await robin.wait_for("Watching")
    await robin.say("/start")
    menu = await robin.wait_for("👁 1 watch")
    assert "next:" in menu["text"]
    for leave, left in (("/pause", "Paused"), ("/stop", "Stopped")):
        await robin.say(leave)
        await robin.wait_for(left)
        await harness.restart()
        await robin.say("/resume")
        await robin.wait_for("Your digest is on again")
        await robin.say(leave)
        await robin.wait_for(left)
        await robin.say("/start")
        await robin.wait_for("Welcome back")
    await harness.publish("A comet is seen", categories=("Space",))
    await harness.next_slot()
    await robin.wait_for("A comet is seen")


async def test_it_all_speaks_chinese(harness: BotHarness) -> None:
    await harness.publish("登月计划公布", "登月成功", categories=("科技",))
    li = await harness.subscriber("Li", "zh-hans", "科技")
    await li.say("/watch 登月")
    await li.wait_for("最近一周有 2 篇文章符合")
    await li.press("在摘要里关注")
    await li.wait_for("已关注")
    await li.say("/mute 足球 两周")
    await li.wait_for("6月20日")
    await li.say("/subscriptions")
    shown = await li.wait_for("你的摘要由这些组成")
    assert "👁 登月" in labels(shown)
