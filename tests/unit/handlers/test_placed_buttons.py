"""Buttons carry the place that they act on, where the chat alone does not tell it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.callbacks import BrowseButton, MoreButton, ToggleButton, at_place, pack, split_place, unpack
from bot.handlers.context import Context
from bot.handlers.places.entering import enter
from bot.handlers.presses import InGroup, PressTable, may_act
from bot.handlers.readers import categories, choosing
from digests.model.place import Place, PlaceKind
from digests.storage.places.places import NewPlace
from tests.unit.handlers.harness import BOT, DATE, GROUP, KIM, MESSAGE, ROBIN, HandlerHarness, RawChat, RawUser

CHANNEL: RawChat = {"id": -900, "type": "channel", "title": "All <the> news"}
TOPIC = 7


async def met(harness: HandlerHarness, chat: RawChat, thread: int = 0) -> Place:
    """Return the place of a chat that the bot knows."""
    new_place = NewPlace(chat["id"], thread, PlaceKind(chat["type"]), chat["title"], "en", "08:00", "UTC")
    return await harness.stores.places.meet(new_place, harness.clock.now())


def press(data: str, *, by: RawUser = ROBIN, chat: RawChat | None = None, shown: str | None = None) -> dict[str, Any]:
    """Return the update of a press; `shown` is the data on the message, which is gone where that is None."""
    message: dict[str, Any] = {"message_id": MESSAGE, "date": 0, "chat": chat or {"id": by["id"], "type": "private"}}
    if shown is not None:
        keyboard = {"inline_keyboard": [[{"text": "A button", "callback_data": shown}]]}
        message |= {"date": DATE, "from": BOT, "text": "A message", "reply_markup": keyboard}
    query = {"id": "55", "from": by, "chat_instance": "1", "message": message, "data": data}
    return {"update_id": 1, "callback_query": query}


async def pressed(harness: HandlerHarness, data: str, **more: Any) -> Context:
    """Return the context of a press."""
    context = await harness.context_of(press(data, **more))
    assert context is not None
    return context


async def _nothing(_context: Context, _pressed: object) -> None:
    """Do nothing: whether it may be done is the question."""


async def may_press(harness: HandlerHarness, context: Context) -> bool:
    """Return whether a press may act."""
    presses = PressTable()
    presses.add(ToggleButton, _nothing)
    presses.add(MoreButton, _nothing, in_group=InGroup.EVERYBODY)
    button = unpack(context.data)
    if button is None:
        return False
    query = context.update.callback_query
    assert query is not None
    return await may_act(context, presses.route(button), button, query.data or "", harness.stores.deliveries)


def test_a_place_goes_before_a_buttons_data() -> None:
    assert split_place(at_place("t|5|0|0|0|1", 12)) == (12, "t|5|0|0|0|1")
    assert at_place("@12|b", 13) == "@12|b"
    with pytest.raises(ValueError, match="longer than 64"):
        at_place("x" * 60, 12345)


@pytest.mark.parametrize("data", ["", "b", "@", "@|b", "@0|b", "@-1|b", "@x|b", "@١|b", "@1", "@" + "9" * 19 + "|b"])
def test_what_only_looks_like_a_place_is_none(data: str) -> None:
    assert split_place(data) == (0, data)
    assert data == "b" or unpack(data) is None


async def test_in_a_topic_buttons_name_it(harness: HandlerHarness) -> None:
    await harness.publish("News")
    in_topic: dict[str, Any] = {"message_thread_id": TOPIC, "is_topic_message": True}
    await categories.categories(await harness.written(chat=GROUP, **in_topic), harness.readers)
    await categories.categories(await harness.written(chat=GROUP), harness.readers)
    topic = await harness.stores.places.find(GROUP["id"], TOPIC)
    assert topic is not None
    named = [
        {
            split_place(button["callback_data"])[0]
            for row in call.fields["reply_markup"]["inline_keyboard"]
            for button in row
        }
        for call in harness.telegram.shown
    ]
    assert named == [{topic.id}, {0}]
    assert [call.fields.get("message_thread_id") for call in harness.telegram.shown] == [TOPIC, None]


async def test_a_button_acts_on_its_topic_though_its_message_is_gone(harness: HandlerHarness) -> None:
    topic = await met(harness, GROUP, TOPIC)
    harness.telegram.member_status = "creator"
    context = await pressed(harness, at_place(pack(ToggleButton(1)), topic.id), chat=GROUP)
    assert await may_press(harness, context)
    assert (context.place.id, context.thread_id) == (topic.id, TOPIC)


async def test_of_a_message_that_is_gone_members_press_nothing(harness: HandlerHarness) -> None:
    topic = await met(harness, GROUP, TOPIC)
    for button in (ToggleButton(1), MoreButton(1)):
        context = await pressed(harness, at_place(pack(button), topic.id), chat=GROUP)
        assert not await may_press(harness, context)


async def test_in_a_group_no_button_leads_to_another_chat(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    channel = await met(harness, CHANNEL)
    for place in (channel.id, 4711):
        data = at_place(pack(ToggleButton(1)), place)
        for shown in (data, None):
            context = await pressed(harness, data, chat=GROUP, shown=shown)
            assert (context.place.chat_id, context.elsewhere) == (GROUP["id"], None)
            assert not await may_press(harness, context)


async def test_a_topic_that_is_not_on_the_message_is_not_reached(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    topic, other = await met(harness, GROUP, TOPIC), await met(harness, GROUP, TOPIC + 1)
    data = pack(ToggleButton(1))
    context = await pressed(harness, at_place(data, other.id), chat=GROUP, shown=at_place(data, topic.id))
    assert not await may_press(harness, context)


async def test_from_a_private_chat_a_button_reaches_what_its_presser_administers(harness: HandlerHarness) -> None:
    channel = await met(harness, CHANNEL)
    data = at_place(pack(BrowseButton()), channel.id)
    await harness.publish("News")
    harness.telegram.member_status = "creator"
    context = await pressed(harness, data, shown=data)
    assert await enter(context, harness.stores.managed)
    assert (context.place.id, context.chat.id, context.is_managing) == (channel.id, ROBIN["id"], True)
    await choosing.browse(context, harness.readers, BrowseButton())
    await harness.parts.chats.screens.settle()
    (shown,) = harness.telegram.shown
    assert shown.text.startswith("<b>📢 All &lt;the&gt; news</b>\n")
    buttons = shown.fields["reply_markup"]["inline_keyboard"]
    assert {split_place(button["callback_data"])[0] for row in buttons for button in row} == {channel.id}
    assert shown.chat_id == ROBIN["id"]


@pytest.mark.parametrize(
    ("status", "refusal", "said"),
    [
        ("member", "", "not an admin"),
        ("left", "", "not an admin"),
        ("creator", "Bad Request: member list is inaccessible", "make me an admin"),
        ("creator", "Bad Request: chat not found", "not in"),
    ],
)
async def test_whoever_is_no_admin_there_now_does_nothing_there(
    harness: HandlerHarness, status: str, refusal: str, said: str
) -> None:
    channel = await met(harness, CHANNEL)
    await harness.stores.managed.note(ROBIN["id"], channel.id, harness.clock.now())
    harness.telegram.member_status = status
    if refusal:
        harness.telegram.refuse("getChatMember", refusal)
    data = at_place(pack(BrowseButton()), channel.id)
    context = await pressed(harness, data, shown=data)
    assert not await enter(context, harness.stores.managed)
    assert context.place.chat_id == ROBIN["id"]
    (answer,) = harness.telegram.answers
    assert said in answer.text


async def test_an_admin_of_a_group_that_has_just_become_a_supergroup_may_act(harness: HandlerHarness) -> None:
    """The press comes before the message that says so."""
    group = await met(harness, GROUP)
    harness.telegram.member_status = "creator"
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    harness.telegram.refuse("getChatMember", words, chat_id=GROUP["id"], moved_to=-100777)
    data = at_place(pack(BrowseButton()), group.id)
    context = await pressed(harness, data, shown=data)
    assert await enter(context, harness.stores.managed)
    assert context.place.id == group.id


async def test_who_never_managed_a_chat_does_not_learn_its_name(harness: HandlerHarness) -> None:
    """Anybody can make up the number of a place."""
    channel = await met(harness, CHANNEL)
    harness.telegram.member_status = "left"
    data = at_place(pack(BrowseButton()), channel.id)
    assert not await enter(await pressed(harness, data, shown=data), harness.stores.managed)
    (answer,) = harness.telegram.answers
    assert "All <the> news" not in answer.text


async def test_another_persons_place_is_nobodys_to_manage(harness: HandlerHarness) -> None:
    """Kim's private chat has an id like a group's: Telegram says of it that there is no such member."""
    kims = (await harness.written(by=KIM)).place
    harness.telegram.refuse("getChatMember", "Bad Request: chat not found")
    data = at_place(pack(BrowseButton()), kims.id)
    context = await pressed(harness, data, shown=data)
    assert not await enter(context, harness.stores.managed)
    assert context.place.chat_id == ROBIN["id"]


async def test_commands_concern_what_is_managed(harness: HandlerHarness) -> None:
    harness.telegram.member_status = "creator"
    channel = await met(harness, CHANNEL)
    await harness.written()
    await harness.stores.managed.begin(ROBIN["id"], channel.id, harness.clock.now())
    context = await harness.written()
    assert context.place.chat_id == ROBIN["id"]
    assert await enter(context, harness.stores.managed)
    assert context.place == channel
    assert await context.may_change()
    await harness.stores.managed.end(ROBIN["id"])
    context = await harness.written()
    assert await enter(context, harness.stores.managed)
    assert not context.is_managing


async def test_a_topic_in_private_that_the_bot_did_not_make_is_no_place(harness: HandlerHarness) -> None:
    context = await harness.written(message_thread_id=TOPIC, is_topic_message=True)
    assert (context.place.thread_id, context.thread_id) == (0, TOPIC)
    assert await harness.stores.places.find(ROBIN["id"], TOPIC) is None
    await context.reply(context.t.html("Hello"))
    assert harness.telegram.shown[-1].fields["message_thread_id"] == TOPIC
