"""A modified client sends any data with any message: nothing is changed by it, and nothing revealed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import InlineKeyboardMarkup

import bot.callbacks as callbacks
from bot.callbacks import pack
from bot.callbacks.card_actions import CardAction
from bot.keyboards.base import button
from digests.model.role import Role
from digests.storage.schema.base import metadata
from digests.storage.schema.cluster_tables import updates
from tests.factories.feeds import add_feed
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

OLDER = "older message"
GONE = "too old for its buttons"
KINDS: list[Any] = list(callbacks.BUTTONS.values())
_WHATS = (
    *("digest", "latest", "menu", "settings", "pause", "resume"),
    *("erase", "erase!", "export", "list", "close", "cancel", "nonsense"),
)

_NOT_THEIRS = ("secret plan", "Who did what", "Something went", "Site 1", "🛰")

_OF_ONES_OWN_CHAT = (
    "places", "subscriptions", "saved_articles", "lookups", "dialogs", "deliveries", "parts", "renderings", "pieces",
    "wishes", "queries", "query_matches",
)  # fmt: skip


def _is_anybodys(row: str) -> bool:
    """Return whether a row may come of what anybody does.

    A fact names a picture of the bot's own, which anybody's screen may show first; counters number
    queries, and the articles that were held against them.
    """
    return row.startswith(("('photo ", "('queries'", "('matched'"))


@dataclass
class BotInUse:
    """A bot with people in every role, and with everything that somebody could be after."""

    harness: BotHarness
    people: dict[str, Reader]
    group: int
    delivery: int
    announcement: int
    token: str
    feed: int = 1

    def every_press(self) -> list[str]:
        """Return data for every kind of button, naming things that exist."""
        make: dict[type, list[Any]] = {
            callbacks.FilteredButton: [callbacks.FilteredButton("sci")],
            callbacks.ToggleFoundButton: [callbacks.ToggleFoundButton(1, "sci")],
            callbacks.UndoPopularButton: [callbacks.UndoPopularButton("1", "2")],
            callbacks.CategorySourcesButton: [callbacks.CategorySourcesButton(1)],
            callbacks.SetItemsButton: [callbacks.SetItemsButton(20)],
            callbacks.SetOrderButton: [callbacks.SetOrderButton("category")],
            callbacks.SetEmptyButton: [callbacks.SetEmptyButton(1)],
            callbacks.AddTimeButton: [callbacks.AddTimeButton("05:55", 1)],
            callbacks.CapsButton: [callbacks.CapsButton(), callbacks.CapsButton(0, 1)],
            callbacks.SetCapButton: [callbacks.SetCapButton(1, 3)],
            callbacks.SetTimeButton: [callbacks.SetTimeButton("05:55")],
            callbacks.SetZoneButton: [callbacks.SetZoneButton("Asia/Tokyo")],
            callbacks.ClocksButton: [callbacks.ClocksButton(first) for first in (0, 99)],
            callbacks.ClockButton: [callbacks.ClockButton.at(480), callbacks.ClockButton(7)],
            callbacks.SetLanguageButton: [callbacks.SetLanguageButton(name) for name in ("zh_TW", "", "xx")],
            callbacks.SettingsButton: [
                callbacks.SettingsButton(what)
                for what in ("", "days", "quiet", "least", "layout", "times", "items", "order", "empty")
            ],
            callbacks.SetDaysButton: [callbacks.SetDaysButton("1")],
            callbacks.SetQuietButton: [callbacks.SetQuietButton("22:00-07:00")],
            callbacks.SetSoundButton: [callbacks.SetSoundButton(0)],
            callbacks.SetLeastButton: [callbacks.SetLeastButton(10)],
            callbacks.SetLayoutButton: [callbacks.SetLayoutButton(layout) for layout in ("list", "magazine")],
            callbacks.TryMagazineButton: [callbacks.TryMagazineButton(self.delivery)],
            callbacks.SeenMagazineButton: [callbacks.SeenMagazineButton(seen) for seen in (0, 1)],
            callbacks.StatisticsButton: [callbacks.StatisticsButton(7)],
            callbacks.FollowedButton: [callbacks.FollowedButton(1)],
            callbacks.FollowAgainButton: [callbacks.FollowAgainButton(1)],
            callbacks.FollowSourceButton: [callbacks.FollowSourceButton(1)],
            callbacks.WatchButton: [callbacks.WatchButton(self.token), callbacks.WatchButton("1", 1)],
            callbacks.AskMuteButton: [callbacks.AskMuteButton("words", self.token)],
            callbacks.MuteButton: [
                callbacks.MuteButton("words", self.token),
                callbacks.MuteButton("category", "1", 24),
            ],
            callbacks.MuteSourceButton: [callbacks.MuteSourceButton(1)],
            callbacks.AskWishButton: [callbacks.AskWishButton(kind) for kind in ("watch", "mute")],
            callbacks.WishButton: [callbacks.WishButton(1)],
            callbacks.SetAtOnceButton: [callbacks.SetAtOnceButton(1, at_once) for at_once in (0, 1)],
            callbacks.SetMuteButton: [callbacks.SetMuteButton(1, hours) for hours in (0, 24)],
            callbacks.EndWishButton: [callbacks.EndWishButton(1)],
            callbacks.RestoreWishButton: [callbacks.RestoreWishButton(self.token)],
            callbacks.TasteButton: [callbacks.TasteButton(1)],
            callbacks.SetTasteButton: [
                callbacks.SetTasteButton(1, *what, to)
                for to in (callbacks.MORE, callbacks.LESS, 0)
                for what in (("source", ""), ("category", "1"), ("words", "moon"))
            ],
            callbacks.WhyButton: [callbacks.WhyButton(1)],
            callbacks.TopButton: [callbacks.TopButton(days) for days in (1, 7)],
            callbacks.ListingButton: [callbacks.ListingButton("l"), callbacks.ListingButton("c", 1)],
            callbacks.FoundButton: [callbacks.FoundButton(self.token), callbacks.FoundButton("1")],
            callbacks.FilterButton: [callbacks.FilterButton(self.token, kind) for kind in "lscdx"],
            callbacks.NarrowButton: [
                callbacks.NarrowButton(self.token, kind, value)
                for kind, value in (("", ""), ("l", "x"), ("s", ""), ("c", "1"), ("c", "٣"), ("d", "7"), ("x", "y"))
            ],
            callbacks.MoreButton: [callbacks.MoreButton(self.delivery)],
            callbacks.SourcesButton: [callbacks.SourcesButton(self.delivery)],
            callbacks.MissedButton: [callbacks.MissedButton(self.delivery)],
            callbacks.ArticleButton: [callbacks.ArticleButton(1)],
            callbacks.DigestItemsButton: [callbacks.DigestItemsButton(self.delivery, shown) for shown in (0, 1)],
            callbacks.SaveButton: [callbacks.SaveButton(1, to) for to in (1, 2)],
            callbacks.SimilarButton: [callbacks.SimilarButton(1, page) for page in (0, 1)],
            callbacks.StoryButton: [callbacks.StoryButton(1)],
            callbacks.OpenCategoryButton: [callbacks.OpenCategoryButton(1)],
            callbacks.DeepLinkButton: [callbacks.DeepLinkButton(kind, 1) for kind in ("a", "c")],
            callbacks.SavedButton: [callbacks.SavedButton(words=self.token), callbacks.SavedButton(removes=1)],
            callbacks.RemoveSavedButton: [callbacks.RemoveSavedButton(1)],
            callbacks.RestoreSavedButton: [callbacks.RestoreSavedButton(1, 0)],
            callbacks.ExportSavedButton: [callbacks.ExportSavedButton(form) for form in ("", "md", "json")],
            callbacks.UnfollowButton: [callbacks.UnfollowButton(1, "1.2")],
            callbacks.ToggleButton: [callbacks.ToggleButton(1)],
            callbacks.SubscribeButton: [callbacks.SubscribeButton(1)],
            callbacks.UnsubscribeButton: [callbacks.UnsubscribeButton(1)],
            callbacks.ActionButton: [callbacks.ActionButton(what) for what in _WHATS],
            callbacks.AudienceButton: [callbacks.AudienceButton(self.announcement, 1)],
            callbacks.AudiencePageButton: [callbacks.AudiencePageButton(self.announcement)],
            callbacks.ConfirmButton: [callbacks.ConfirmButton(self.announcement)],
            callbacks.DiscardButton: [callbacks.DiscardButton(self.announcement)],
            callbacks.HideButton: [callbacks.HideButton("c", 1), callbacks.HideButton("s", source=self.token)],
            callbacks.ShowAgainButton: [callbacks.ShowAgainButton("c", 1)],
            callbacks.WithdrawButton: [callbacks.WithdrawButton(1, step) for step in range(4)],
            callbacks.CardButton: [callbacks.CardButton(self.announcement, what) for what in CardAction],
            **self._of_feeds(),
        }
        return [pack(press) for kind in KINDS for press in make.get(kind) or [kind()]]

    def _of_feeds(self) -> dict[type, list[Any]]:
        feed, token = self.feed, self.token
        return {
            callbacks.FeedsButton: [callbacks.FeedsButton(state, 0, token) for state in ("", "trouble", "x")],
            callbacks.FeedButton: [callbacks.FeedButton(feed)],
            callbacks.PauseFeedButton: [callbacks.PauseFeedButton(feed, to) for to in (1, 2)],
            callbacks.LookAgainButton: [callbacks.LookAgainButton(feed)],
            callbacks.FullTextButton: [callbacks.FullTextButton(feed, to) for to in (1, 2)],
            callbacks.RemoveFeedButton: [callbacks.RemoveFeedButton(feed, sure) for sure in (0, 1)],
            callbacks.RestoreFeedButton: [callbacks.RestoreFeedButton(token)],
            callbacks.TryFeedButton: [callbacks.TryFeedButton(token)],
            callbacks.FeedCategoriesButton: [callbacks.FeedCategoriesButton(feed), callbacks.FeedCategoriesButton()],
            callbacks.TypeFeedCategoryButton: [callbacks.TypeFeedCategoryButton(feed)],
            callbacks.PlaceFeedButton: [callbacks.PlaceFeedButton(feed, "", 1), callbacks.PlaceFeedButton(0, token)],
            callbacks.AddFeedButton: [callbacks.AddFeedButton(token, 1)],
            callbacks.ImportFeedsButton: [callbacks.ImportFeedsButton(), callbacks.ImportFeedsButton(token)],
        }

    async def stored(self) -> dict[str, list[str]]:
        """Return the rows of each table, but for those of the updates themselves: each that came is noted."""
        async with self.harness.app.stores.database.read() as connection:
            return {
                table.name: sorted(str(tuple(row)) for row in await connection.execute(sa.select(table)))
                for table in metadata.sorted_tables
                if table is not updates
            }

    async def seen(self, chat: int | None, who: str) -> list[tuple[int, str, int]]:
        """Return each message of the chat: its last change, its text, and how many buttons it has."""
        found = await self.people[who].messages(chat)
        return [
            (message["seq"], message.get("text") or message.get("caption") or "", sum(map(len, message["buttons"])))
            for message in found
        ]


@pytest.fixture
async def bot_in_use(tmp_path: Path) -> AsyncIterator[BotInUse]:
    async with open_harness(tmp_path, digest={"first_items": 2, "max_items": 2}) as harness:
        await harness.publish(*(f"The moon {number}" for number in range(6)))
        people = {name: await harness.reader(name) for name in ("stranger", "member", "groupadmin", "editor", "admin")}
        people["owner"] = await harness.admin()
        people["reader"] = await harness.subscriber("reader")
        for name in ("editor", "admin"):
            await harness.app.stores.people.grant(people[name].id, Role(name), harness.clock.now())
        group = await people["groupadmin"].found_group("The club", "supergroup")
        await people["groupadmin"].add_bot(group)
        for name in ("member", "editor", "admin", "owner"):
            await people[name].join(group)
        await people["groupadmin"].say("/subscribe Science", chat=group)
        await people["groupadmin"].wait_for("You now follow", chat=group)
        await harness.publish(*(f"Fresh {number}" for number in range(4)))
        await harness.next_slot()
        await people["groupadmin"].wait_for("Fresh", chat=group)
        for name, person in people.items():
            await person.say("/settings")
            await person.wait_for("Your digest")
            if name not in ("stranger", "reader"):
                await person.say("/id", chat=group)
                await person.wait_for("This chat's id", chat=group)
        await people["owner"].say("/announce The secret plan")
        await people["owner"].wait_for("Announcement 1")
        await people["reader"].say("/search moon")
        await people["reader"].wait_for("6 articles")
        _, found = await people["reader"].button_data("Newest first")
        delivery = callbacks.unpack((await people["reader"].button_data("Show"))[1])
        assert isinstance(delivery, callbacks.MoreButton)
        # What the bot does by itself before the first digest is no press's doing.
        await harness.app.parts.wishing.matcher.catch_up()
        feed = await add_feed(harness.app.stores.database)
        yield BotInUse(harness, people, group, delivery.delivery, 1, found.split("|")[1], feed.id)


async def keyboard_of(person: Reader, chat: int | None = None) -> int:
    """Return the newest message with buttons in the chat."""
    return next(int(message["message_id"]) for message in reversed(await person.messages(chat)) if message["buttons"])


def test_every_kind_of_button_is_tried() -> None:
    bot_in_use = BotInUse(None, {}, 0, 1, 1, "token")  # type: ignore[arg-type]  # only its data is needed
    assert {data.partition("|")[0] for data in bot_in_use.every_press()} == set(callbacks.BUTTONS)


@pytest.mark.parametrize("who", ["stranger", "reader", "member", "groupadmin", "editor", "admin", "owner"])
async def test_data_without_a_button_does_nothing_in_private(bot_in_use: BotInUse, who: str) -> None:
    person = bot_in_use.people[who]
    message = await keyboard_of(person)
    there = {button["data"] for message in await person.messages() for row in message["buttons"] for button in row}
    stored, seen = await bot_in_use.stored(), await bot_in_use.seen(None, who)
    for data in set(bot_in_use.every_press()) - there:
        answer = await person.forge(data, message)
        assert OLDER in answer["text"], data
    assert await bot_in_use.stored() == stored
    assert await bot_in_use.seen(None, who) == seen


@pytest.mark.parametrize("who", ["member", "groupadmin", "editor", "admin", "owner"])
async def test_data_without_a_button_does_nothing_in_a_group(bot_in_use: BotInUse, who: str) -> None:
    """The message is the group's digest, which has buttons of its own."""
    person = bot_in_use.people[who]
    message = await keyboard_of(person, bot_in_use.group)
    digest = next(sent for sent in await person.messages(bot_in_use.group) if sent["message_id"] == message)
    there = {button["data"] for row in digest["buttons"] for button in row}
    stored, seen = await bot_in_use.stored(), await bot_in_use.seen(bot_in_use.group, who)
    for data in set(bot_in_use.every_press()) - there:
        answer = await person.forge(data, message, bot_in_use.group)
        assert OLDER in answer["text"], data
    assert await bot_in_use.stored() == stored
    assert await bot_in_use.seen(bot_in_use.group, who) == seen


@pytest.mark.parametrize("who", ["member", "groupadmin", "editor", "admin", "owner"])
async def test_presses_on_a_deleted_message_do_nothing_in_a_group(bot_in_use: BotInUse, who: str) -> None:
    person = bot_in_use.people[who]
    message = await keyboard_of(person, bot_in_use.group)
    stored, seen = await bot_in_use.stored(), await bot_in_use.seen(bot_in_use.group, who)
    for data in bot_in_use.every_press():
        answer = await person.forge(data, message, bot_in_use.group, gone=True)
        assert OLDER in answer["text"] or GONE in answer["text"], data
    assert await bot_in_use.stored() == stored
    assert await bot_in_use.seen(bot_in_use.group, who) == seen


@pytest.mark.parametrize("who", ["stranger", "member", "editor"])
async def test_presses_on_a_deleted_message_reveal_and_change_nothing_of_others(bot_in_use: BotInUse, who: str) -> None:
    """In private a press may act on what is the presser's own, but not on what is somebody else's or for admins."""
    person = bot_in_use.people[who]
    message = await keyboard_of(person)
    stored, before = await bot_in_use.stored(), len(await person.texts())
    for data in bot_in_use.every_press():
        await person.forge(data, message, gone=True)
    said = (await person.texts())[before:]
    assert not [text for text in said if any(words in text for words in _NOT_THEIRS)]
    # Not a word of the reader's digest or search.
    assert any("That search has expired" in text for text in said)
    assert not [text for text in said if "More of your digest" in text or "Your digest from" in text]
    after = await bot_in_use.stored()
    for table, rows in stored.items():
        if table in _OF_ONES_OWN_CHAT:
            others = {row for row in rows if str(person.id) not in row}
            assert others <= set(after[table]), table
        else:
            assert [row for row in after[table] if not _is_anybodys(row)] == rows, table


async def test_a_press_on_a_deleted_message_is_answered_with_a_new_one(bot_in_use: BotInUse) -> None:
    reader = bot_in_use.people["reader"]
    message, data = await reader.button_data("Show")
    await bot_in_use.harness.app.bot.delete_message(reader.id, message)
    await reader.forge(data, message, gone=True)
    await reader.wait_for("More of your digest")


async def test_digests_of_other_chats_stay_closed_to_copied_buttons(bot_in_use: BotInUse) -> None:
    """The last way in: a message that really carries the data of others' digests."""
    stranger = bot_in_use.people["stranger"]
    number = bot_in_use.delivery
    for callback in (callbacks.MoreButton(number), callbacks.SourcesButton(number), callbacks.MissedButton(number)):
        keyboard = InlineKeyboardMarkup([[button("Try it", callback)]])
        await bot_in_use.harness.app.bot.send_message(stranger.id, "x", reply_markup=keyboard)
        await stranger.press("Try it")
        assert "too old to show more" in stranger.alert


@pytest.mark.parametrize("number", [10**15 - 1, 10**12, 0])
async def test_huge_numbers_do_not_break_anything(bot_in_use: BotInUse, number: int) -> None:
    """People with a role may send anything with a deleted message in their own chat."""
    owner = bot_in_use.people["owner"]
    message = await keyboard_of(owner)
    presses: list[callbacks.Button] = [
        callbacks.AuditButton(number), callbacks.AnnouncementsButton(number),
        callbacks.CardButton(number, CardAction.OPEN),
        callbacks.ConfirmButton(number), callbacks.WithdrawButton(number), callbacks.ListingButton("l", 0, number),
        callbacks.ListingButton("c", number), callbacks.BrowseButton(number, number), callbacks.ToggleButton(number),
        callbacks.UnsubscribeButton(number, number), callbacks.SubscriptionsButton(number),
        callbacks.MoreButton(number, number), callbacks.ArticleButton(number), callbacks.SaveButton(number, 1),
        callbacks.SimilarButton(number, number), callbacks.StoryButton(number), callbacks.OpenCategoryButton(number),
        callbacks.DeepLinkButton("c", number), callbacks.DeepLinkButton("a", number), callbacks.UnfollowButton(number),
        callbacks.SavedButton(number, number), callbacks.RemoveSavedButton(number, number),
        callbacks.RestoreSavedButton(1, number, number), callbacks.DigestItemsButton(number),
        callbacks.MoreButton(bot_in_use.delivery, number), callbacks.HideButton("c", number),
        callbacks.SetLeastButton(number),
        callbacks.AudiencePageButton(1, number), callbacks.AudienceButton(1, number, number),
        callbacks.FoundButton(bot_in_use.token, 1, 1, 2, number),
        callbacks.FeedsButton("", number), callbacks.FeedButton(number), callbacks.PauseFeedButton(number, number),
        callbacks.LookAgainButton(number), callbacks.FullTextButton(number, number),
        callbacks.RemoveFeedButton(number, number), callbacks.FeedCategoriesButton(number, "", number, number),
        callbacks.FeedCategoriesButton(bot_in_use.feed, "", number, number), callbacks.PlaceFeedButton(number),
        callbacks.PlaceFeedButton(bot_in_use.feed, "", number), callbacks.TypeFeedCategoryButton(number),
        callbacks.AddFeedButton(bot_in_use.token, number),
    ]  # fmt: skip
    for callback in presses:
        data = pack(callback)
        answer = await owner.forge(data, message, gone=True)
        assert "Something went wrong" not in answer["text"], data
    assert not [text for text in await owner.texts() if "Something went wrong" in text]
