"""Pictures of our own over real HTTP: uploaded once, edited, replaced and forgotten, as Telegram's rules demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.simulator.state.faults import Fault
from bot.telegram.edits import blank_picture
from digests.model.delivery import Part
from digests.model.outcome import OwnPictureRefused, PictureNotAllowed, Sent, Unsupported
from tests.flow.pictures import BAD, PictureBot, is_sent, mosaic_of, open_picture_bot, picture_of, rich

OLD, NEW = mosaic_of("withdrawn"), mosaic_of("stays")
LEAD = "https://p.example/lead.jpg"
CAPTION = Part("<b>Old</b> 1. withdrawn 2. stays", LEAD, mosaic=OLD, is_caption=True)
NEW_CAPTION = Part("<b>New</b> 1. stays", LEAD, mosaic=NEW, is_caption=True)
TEXT = Part("<b>New</b> without pictures")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[PictureBot]:
    async with open_picture_bot(tmp_path) as opened:
        yield opened
        assert not opened.world.ledger.unknown_parameters
        assert not opened.world.ledger.wrong_types


async def test_one_upload_of_a_mosaic_for_very_many_chats(bot: PictureBot) -> None:
    bot.make(OLD)
    chats = [bot.reader(10_000 + number).id for number in range(300)]
    results = await asyncio.gather(*[bot.send(CAPTION, chat) for chat in chats])
    assert all(len(tries) == 1 and is_sent(tries) for tries in results)
    assert bot.world.ledger.uploads == {"sendPhoto": 1}
    messages = [next(iter(bot.reader(chat).messages.values())) for chat in chats]
    assert all(bot.shows(message, picture_of(OLD.key)) for message in messages)
    assert {message.text for message in messages} == {"Old 1. withdrawn 2. stays"}


async def test_files_that_telegram_forgot_are_uploaded_once_more(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    bot.world.files.forget()
    chats = [bot.reader(10_000 + number).id for number in range(100)]
    results = await asyncio.gather(*[bot.send(CAPTION, chat) for chat in chats])
    assert all(map(is_sent, results))
    assert bot.world.ledger.uploads == {"sendPhoto": 2}
    assert all(len(bot.reader(chat).messages) == 1 for chat in chats)


async def test_a_file_that_is_no_picture_costs_only_itself(bot: PictureBot) -> None:
    bot.make(OLD, BAD)
    assert [type(outcome) for outcome in await bot.send(CAPTION)] == [OwnPictureRefused, Sent]
    assert (bot.last.media, bot.last.text) == ({}, "Old 1. withdrawn 2. stays")
    assert bot.pictures.gone == {OLD.key}


async def test_a_group_that_allows_no_photos_gets_the_text(bot: PictureBot) -> None:
    bot.make(OLD)
    creator = bot.world.add_user("Ada", user_id=77, started=True)
    group = bot.world.add_group("supergroup", "Readers", creator)
    group.members[bot.world.bot.id] = "member"
    group.permissions["can_send_photos"] = False
    assert [type(outcome) for outcome in await bot.send(CAPTION, group.id)] == [PictureNotAllowed, Sent]
    assert [message.text for message in group.messages.values() if message.body] == ["Old 1. withdrawn 2. stays"]
    assert bot.pictures.gone == set()


async def test_a_magazine_of_thirty_pictures_loses_the_bad_one_alone(bot: PictureBot) -> None:
    names = [f"picture {number}" for number in range(30)]
    bot.keep(*names)
    bot.keep("picture 21", content=BAD)
    tries = await bot.send(rich(*names))
    assert is_sent(tries)
    assert len(bot.reader().messages) == 1
    assert all(bot.shows(bot.last, picture_of(name)) for name in names if name != "picture 21")
    assert bot.pictures.gone == {"picture 21"}
    assert "picture 21" not in str(bot.last.rich)
    # The next reader's goes at once, and by file_ids alone.
    uploads = bot.world.ledger.uploads.total()
    assert await bot.send(rich(*names), bot.reader(1002).id) == [Sent(bot.last.id + 1)]
    assert bot.world.ledger.uploads.total() == uploads


async def test_each_picture_gets_the_file_id_of_its_own(bot: PictureBot) -> None:
    names = ["a", "b", "c", "d"]
    bot.keep(*names)
    await bot.send(rich("a", "b", "c", "b", "d"))
    for name in names:
        await bot.send(rich(name))
        assert bot.shows(bot.last, picture_of(name))
        assert not any(bot.shows(bot.last, picture_of(other)) for other in names if other != name)
    assert bot.world.ledger.uploads.total() == 4


async def test_a_server_without_rich_messages_is_told_from_other_trouble(bot: PictureBot) -> None:
    bot.world.knows_rich_messages = False
    assert isinstance((await bot.send(rich()))[0], Unsupported)


# Edits: what a message is now, by what it was.


async def test_a_photo_shows_the_new_mosaic_and_caption(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    bot.make(NEW)
    assert await bot.edit(NEW_CAPTION, bot.last)
    assert bot.last.text == "New 1. stays"
    assert bot.shows(bot.last, picture_of(NEW.key))
    assert not bot.shows(bot.last, picture_of(OLD.key))
    # Uploaded for the first message, and named in the next.
    await bot.send(CAPTION, bot.reader(1002).id)
    second = list(bot.reader(1002).messages.values())[-1]
    assert await bot.edit(NEW_CAPTION, second)
    assert bot.world.ledger.uploads == {"sendPhoto": 1, "editMessageMedia": 1}
    assert await bot.edit(NEW_CAPTION, second), "an edit that is made twice does no harm"


async def test_a_new_mosaic_that_telegram_forgot_is_uploaded_again_by_the_edit(bot: PictureBot) -> None:
    bot.make(OLD)
    bot.make(NEW)
    await bot.send(CAPTION)
    await bot.send(NEW_CAPTION, bot.reader(1002).id)
    bot.world.files.forget()
    assert await bot.edit(NEW_CAPTION, bot.last)
    assert bot.shows(bot.last, picture_of(NEW.key))


async def test_a_photo_whose_new_mosaic_is_not_made_shows_the_lead_picture(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    assert await bot.edit(NEW_CAPTION, bot.last)
    assert (bot.last.text, bot.last.picture) == ("New 1. stays", LEAD)
    assert not bot.shows(bot.last, picture_of(OLD.key))


async def test_a_photo_without_any_picture_left_becomes_grey(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    assert await bot.edit(TEXT, bot.last)
    assert bot.last.text == "New without pictures"
    assert bot.shows(bot.last, blank_picture())


async def test_a_photo_whose_lead_picture_cannot_be_fetched_becomes_grey(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    bot.world.faults.add(Fault("bad_picture", url="lead.jpg"))
    assert await bot.edit(NEW_CAPTION, bot.last)
    assert bot.shows(bot.last, blank_picture())


async def test_a_long_text_below_a_photo_is_shortened_and_stays_readable(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    assert await bot.edit(replace(TEXT, text="<b>Long.</b> " + "word &amp; word. " * 200), bot.last)
    assert bot.last.text.startswith("Long. word & word.")
    assert 900 < len(bot.last.text) <= 1024


async def test_a_caption_that_was_sent_as_a_text_becomes_a_photo(bot: PictureBot) -> None:
    await bot.send(CAPTION)
    assert not bot.last.media
    bot.make(NEW)
    await asyncio.sleep(0.6)
    assert await bot.edit(NEW_CAPTION, bot.last)
    assert bot.shows(bot.last, picture_of(NEW.key))
    assert bot.last.text == "New 1. stays"


async def test_a_caption_that_was_sent_as_a_text_stays_one_without_a_mosaic(bot: PictureBot) -> None:
    await bot.send(CAPTION)
    assert await bot.edit(NEW_CAPTION, bot.last)
    assert (bot.last.media, bot.last.text) == ({}, "New 1. stays")
    assert (bot.last.preview or {})["url"] == LEAD
    assert await bot.edit(TEXT, bot.last)
    assert (bot.last.media, bot.last.text) == ({}, "New without pictures")


async def test_a_preview_gets_the_new_mosaics_address(tmp_path: Path) -> None:
    async with open_picture_bot(tmp_path, "https://bot.example") as bot:
        bot.make(OLD)
        bot.make(NEW)
        await bot.send(replace(CAPTION, is_caption=False))
        assert (bot.last.preview or {})["url"] == f"https://bot.example/m/{OLD.key}.jpg"
        assert await bot.edit(replace(NEW_CAPTION, is_caption=False), bot.last)
        assert (bot.last.preview or {})["url"] == f"https://bot.example/m/{NEW.key}.jpg"
        assert await bot.edit(TEXT, bot.last)
        assert "url" not in (bot.last.preview or {})


async def test_a_magazine_loses_an_item_and_its_picture(bot: PictureBot) -> None:
    bot.keep("withdrawn", "stays", "new")
    await bot.send(rich("withdrawn", "stays"))
    assert await bot.edit(rich("stays", "new", text="Edited"), bot.last)
    assert "Edited" in str(bot.last.rich)
    assert bot.shows(bot.last, picture_of("stays"))
    assert bot.shows(bot.last, picture_of("new"))
    assert not bot.shows(bot.last, picture_of("withdrawn"))
    assert bot.world.ledger.uploads == {"sendRichMessage": 2, "editMessageText": 1}


async def test_a_magazine_with_nothing_left_becomes_a_text(bot: PictureBot) -> None:
    bot.keep("withdrawn")
    await bot.send(rich("withdrawn"))
    assert await bot.edit(Part("Nothing new"), bot.last)
    assert (bot.last.rich, bot.last.text) == (None, "Nothing new")


async def test_a_magazine_that_was_sent_as_plain_text_is_edited_whatever_it_is(bot: PictureBot) -> None:
    bot.world.knows_rich_messages = False
    tries = await bot.send(rich("gone"))
    assert [type(outcome) for outcome in tries] == [Unsupported, Sent]
    assert await bot.edit(rich(text="Edited"), bot.last) is False
    bot.world.knows_rich_messages = True
    assert await bot.edit(rich(text="Edited"), bot.last)
    assert "Edited" in str(bot.last.rich)


async def test_a_blocked_reader_and_a_lost_connection_are_told_apart(bot: PictureBot) -> None:
    bot.make(OLD)
    await bot.send(CAPTION)
    bot.world.faults.add(Fault("cut_before", method="editMessageMedia"))
    bot.make(NEW)
    assert await bot.edit(NEW_CAPTION, bot.last) is None
    assert await bot.edit(NEW_CAPTION, bot.last) is True
    bot.world.users[1001].blocked = True
    assert await bot.edit(TEXT, bot.last) is False
