"""Adding feeds: an address or a page, what is there, its category; and files of feeds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot.callbacks import (
    AddFeedButton,
    AskFeedButton,
    Button,
    ExportFeedsButton,
    FeedCategoriesButton,
    FeedsButton,
    ImportFeedsButton,
    PlaceFeedButton,
    TryFeedButton,
    TypeFeedCategoryButton,
)
from digests.feeds.results import FoundFeed
from digests.fetch.outcome import FetchFault
from digests.model.audit import AuditAct
from digests.model.dialogs import AwaitedReply, Question
from digests.model.feed import FeedKind, FeedTrouble
from digests.model.role import Role
from tests.factories.feeds import add_feed
from tests.fake_feed_book import preview_of
from tests.fakes import TelegramCall
from tests.unit.handlers.harness import ADA, KIM, ROBIN, HandlerHarness, RawUser, open_harness
from tests.unit.handlers.test_feeds import press, say, shown_button

URL = "https://moon.example/feed"


async def write(harness: HandlerHarness, text: str, by: RawUser = ADA) -> TelegramCall:
    """Write a message that is no command, and return what is shown in the end."""
    await harness.routes.on_text(await harness.written(text, by=by))
    await harness.settle()
    return harness.telegram.shown[-1]


def last_keyboard(harness: HandlerHarness) -> TelegramCall:
    return harness.telegram.called("editMessageReplyMarkup")[-1]


async def test_a_feed_is_seen_placed_and_added(harness: HandlerHarness) -> None:
    science = await harness.publish("News", categories=("Science",))
    await harness.publish("More", categories=("Science", "Space"))
    harness.book.put_feed(URL, "Moon Times", "Rise", "Set", "Eclipse", "Old", tags=("space",))
    shown = await say(harness, "moon.example/feed")
    for words in ("Moon Times", "4 articles", "Rise", "Set", "Eclipse", "RSS", "moon.example"):
        assert words in shown.text
    assert "Old" not in shown.text
    assert not await harness.stores.feeds.count()
    fitting, own = list(shown.buttons)[:2]
    assert fitting == "⭐ Science / Space"
    assert own == "🆕 Its own: Moon Times"
    await press(harness, shown_button(shown, "Science"))
    adding = last_keyboard(harness).buttons["✅ Add it in Science"]
    assert isinstance(adding, AddFeedButton)
    added = await press(harness, adding)
    assert "✅ Added" in added.text
    (feed,) = await harness.stores.feeds.all()
    assert (feed.url, feed.title, feed.options.category) == (URL, "Moon Times", ("Science",))
    assert science.path == feed.options.category
    assert await harness.acts() == [AuditAct.ADD_FEED]
    assert harness.woken == ["feeds"]
    # Twice is once.
    assert "already" in (await press(harness, adding)).text
    assert await harness.acts() == [AuditAct.ADD_FEED]


async def test_two_admins_who_add_a_feed_at_once_add_it_once(harness: HandlerHarness) -> None:
    await harness.grant(KIM, Role.ADMIN)
    harness.book.put_feed(URL, "Moon Times", "Rise")
    adding: list[tuple[RawUser, Button]] = []
    for person in (ADA, KIM):
        await harness.routes.commands["feeds"].run(await harness.written(URL, by=person))
        await harness.settle()
        place = shown_button(harness.telegram.shown[-1], "🆕 Its own: Moon Times")
        context = await harness.pressed(place, by=person)
        await harness.routes.presses.route(place).run(context, place)
        adding.append((person, shown_button(last_keyboard(harness), "✅ Add it in Moon Times")))
    contexts = [await harness.pressed(button, by=person) for person, button in adding]
    await asyncio.gather(
        *(
            harness.routes.presses.route(button).run(context, button)
            for context, (_, button) in zip(contexts, adding, strict=True)
        )
    )
    await harness.settle()
    assert await harness.stores.feeds.count() == 1
    assert await harness.acts() == [AuditAct.ADD_FEED]
    said = sorted(shown.text.split("\n")[0] for shown in harness.telegram.shown[-2:])
    assert "somebody was faster" in said[0]
    assert "Added" in said[1]


async def test_the_feeds_of_a_page_are_chosen_by_buttons(harness: HandlerHarness) -> None:
    harness.book.put_page(
        "https://moon.example/",
        FoundFeed(URL, "News", FeedKind.RSS),
        FoundFeed("https://moon.example/atom", "", FeedKind.ATOM),
    )
    harness.book.put_feed(URL, "Moon Times", "Rise")
    shown = await say(harness, "add moon.example")
    assert "2 feeds" in shown.text
    assert set(shown.buttons) == {"News · RSS", "moon.example/atom · Atom", "Close"}
    assert "Rise" in (await press(harness, shown_button(shown, "News · RSS"))).text


async def test_the_only_feed_of_a_page_is_shown_at_once(harness: HandlerHarness) -> None:
    harness.book.put_page("https://moon.example/", FoundFeed(URL, "News", FeedKind.RSS))
    harness.book.put_feed(URL, "Moon Times", "Rise")
    assert "Rise" in (await say(harness, "https://moon.example/")).text


async def test_a_site_without_feeds_is_read_through_rsshub(harness: HandlerHarness) -> None:
    route = "rsshub://telegram/channel/moon"
    harness.book.put_words("https://t.me/moon", f"its pages have no feed; write {route}")
    harness.book.put_feed(route, "Moon Times", "Rise")
    shown = await say(harness, "t.me/moon")
    assert "RSSHub" in shown.text
    assert "Rise" in (await press(harness, shown_button(shown, route))).text


async def test_a_feed_is_added_where_it_is_for_good(harness: HandlerHarness) -> None:
    harness.book.put_feed("http://moon.example/feed", "Moon Times", "Rise", moved_to=URL)
    shown = await say(harness, "http://moon.example/feed")
    await press(harness, shown_button(shown, "🆕 Its own: Moon Times"))
    await press(harness, shown_button(last_keyboard(harness), "✅ Add it in Moon Times"))
    (feed,) = await harness.stores.feeds.all()
    assert feed.url == URL
    assert "have this feed already" in (await say(harness, "http://moon.example/feed")).text


@pytest.mark.parametrize("trouble", list(FeedTrouble))
async def test_where_no_feed_is_one_is_told_why_and_what_to_do(harness: HandlerHarness, trouble: FeedTrouble) -> None:
    harness.book.put_fault(URL, trouble)
    shown = await say(harness, URL)
    assert "🤷 <b>moon" in shown.text
    assert len(shown.text) > 70
    assert "as a test wants it" not in shown.text
    again = shown_button(shown, "🔄 Try again")
    assert isinstance(again, TryFeedButton)
    harness.book.put_feed(URL, "Moon Times", "Rise")
    assert "Rise" in (await press(harness, again)).text


@pytest.mark.parametrize("kind", [FetchFault.NO_CONNECTION, FetchFault.TIMEOUT])
async def test_an_address_without_a_scheme_is_tried_by_http_where_nothing_answers_by_https(
    harness: HandlerHarness, kind: FetchFault
) -> None:
    plain = URL.replace("https", "http")
    harness.book.put_fault(URL, FeedTrouble.UNREACHABLE, kind)
    harness.book.put_feed(plain, "Moon Times", "Rise")
    shown = await say(harness, "moon.example/feed")
    assert "by http: others on the way" in shown.text
    assert "Moon Times" in shown.text
    assert harness.book.asked == [URL, plain]
    await press(harness, shown_button(shown, "🆕 Its own: Moon Times"))
    (adding,) = [each for each in last_keyboard(harness).buttons.values() if isinstance(each, AddFeedButton)]
    await press(harness, adding)
    (feed,) = await harness.stores.feeds.all()
    assert feed.url == plain


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (URL, FetchFault.NO_CONNECTION),
        ("moon.example/feed", FetchFault.TLS),
        ("moon.example/feed", FetchFault.NO_NAME),
        ("moon.example/feed", FetchFault.FORBIDDEN_HOST),
    ],
)
async def test_https_that_was_meant_or_that_answers_is_not_gone_around(
    harness: HandlerHarness, typed: str, kind: FetchFault
) -> None:
    harness.book.put_fault(URL, FeedTrouble.UNREACHABLE, kind)
    harness.book.put_feed(URL.replace("https", "http"), "Moon Times", "Rise")
    shown = await say(harness, typed)
    assert "Moon Times" not in shown.text
    assert harness.book.asked == [URL]


async def test_a_site_that_answers_neither_way_can_be_tried_again_both_ways(harness: HandlerHarness) -> None:
    plain = URL.replace("https", "http")
    for url in (URL, plain):
        harness.book.put_fault(url, FeedTrouble.UNREACHABLE, FetchFault.NO_CONNECTION)
    shown = await say(harness, "moon.example/feed")
    assert "by http: others" not in shown.text
    harness.book.put_feed(plain, "Moon Times", "Rise")
    again = next(each for each in shown.buttons.values() if isinstance(each, TryFeedButton))
    await press(harness, again)
    assert "Moon Times" in harness.telegram.shown[-1].text
    assert "by http: others on the way" in harness.telegram.shown[-1].text


async def test_a_feed_that_is_there_already_is_shown(harness: HandlerHarness) -> None:
    await add_feed(harness.stores.database, 1, url=URL, title="Moon Times")
    shown = await say(harness, "HTTPS://Moon.Example:443/feed#top")
    assert "have this feed already" in shown.text
    assert not harness.book.asked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://ada:hunter2@moon.example/feed", "password"),
        ("ada:hunter2@moon.example", "password"),
        ("file:///etc/passwd", "not an address"),
        ("gopher://moon.example/", "not an address"),
        ("javascript:alert(1)", "not an address"),
        ("https://" + "x" * 10_000 + ".example", "too long"),
        ("https://moon.example/" + "月" * 1500, "too long"),
        ("https://moon.example/\u202efeed", "not an address"),
        ("https://moon.example/a b", "not an address"),
        ("https://moon.example/\x07", "not an address"),
        ("http://", "not an address"),
    ],
)
async def test_hostile_addresses_are_refused_without_repeating_them(
    harness: HandlerHarness, text: str, words: str
) -> None:
    shown = await say(harness, f"add {text}")
    assert words in shown.text
    assert "hunter2" not in str(harness.telegram.calls)
    assert "hunter2" not in str(await everything_kept(harness))
    assert not harness.book.asked
    # The next message may be a better one.
    harness.book.put_feed(URL, "Moon Times", "Rise")
    assert "Rise" in (await write(harness, URL)).text


async def everything_kept(harness: HandlerHarness) -> list[Any]:
    kept = await harness.stores.own_data.of(ADA["id"], ADA["id"])
    return [*kept.searches, *kept.feed_notes, await harness.stores.people.dialog(ADA["id"], ADA["id"])]


async def test_an_address_is_asked_for_and_typed(harness: HandlerHarness) -> None:
    await press(harness, AskFeedButton())
    assert await harness.stores.people.dialog(ADA["id"], ADA["id"]) == AwaitedReply(Question.FEED)
    harness.book.put_feed(URL, "Moon Times", "Rise")
    assert "Rise" in (await write(harness, f" <{URL}> ")).text
    assert await harness.stores.people.dialog(ADA["id"], ADA["id"]) is None


async def test_words_are_searched_for_also_by_who_was_asked_for_an_address(harness: HandlerHarness) -> None:
    await harness.publish("The moon")
    await press(harness, AskFeedButton())
    assert "1 article" in (await write(harness, "moon")).text
    assert await harness.stores.people.dialog(ADA["id"], ADA["id"]) is None


async def test_who_is_no_admin_any_more_adds_nothing(harness: HandlerHarness) -> None:
    await harness.stores.people.set_dialog(ROBIN["id"], ROBIN["id"], AwaitedReply(Question.FEED), harness.clock.now())
    await write(harness, URL, by=ROBIN)
    assert not harness.book.asked


async def test_a_new_category_is_typed(harness: HandlerHarness) -> None:
    harness.book.put_feed(URL, "Moon Times", "Rise")
    shown = await say(harness, URL)
    await press(harness, shown_button(shown, "✍️ Write a new one"))
    refused = await write(harness, "x" * 300)
    assert "can't make a category" in refused.text
    proposed = await write(harness, "Sky / <Moon>")
    assert "Moon Times" in proposed.text
    assert "&lt;Moon&gt;" in proposed.text
    await press(harness, shown_button(proposed, "✅ Add it in Sky / <Moon>"))
    (feed,) = await harness.stores.feeds.all()
    assert feed.options.category == ("Sky", "<Moon>")


async def test_what_is_under_way_holds_up_nothing_and_is_not_begun_twice(harness: HandlerHarness) -> None:
    harness.book.opened.clear()
    harness.book.put_feed(URL, "Moon Times", "Rise")
    context = await harness.written(URL, by=ADA)
    await harness.routes.commands["feeds"].run(context)
    looking = harness.telegram.shown[-1]
    assert "One moment" in looking.text
    again = shown_button(looking, "🔄 Try again")
    context = await harness.pressed(again, by=ADA)
    await harness.routes.presses.route(again).run(context, again)
    assert "still at it" in harness.telegram.answers[-1].text
    harness.book.opened.set()
    await harness.settle()
    assert harness.book.asked == [URL]
    assert "Rise" in harness.telegram.shown[-1].text


async def test_a_restart_between_any_two_steps_loses_nothing(harness: HandlerHarness) -> None:
    harness.book.opened.clear()
    await harness.routes.commands["feeds"].run(await harness.written(URL, by=ADA))
    again = shown_button(harness.telegram.shown[-1], "🔄 Try again")
    await harness.feeds.background.stop()
    async with reopened(harness) as other:
        other.book.put_feed(URL, "Moon Times", "Rise")
        place = shown_button(await press(other, again), "🆕 Its own: Moon Times")
    async with reopened(harness) as other:
        context = await other.pressed(place, by=ADA)
        await other.routes.presses.route(place).run(context, place)
        adding = shown_button(last_keyboard(other), "✅ Add it in Moon Times")
    async with reopened(harness) as other:
        await press(other, adding)
        assert await other.stores.feeds.count() == 1


def reopened(harness: HandlerHarness) -> Any:
    """Return another process of the bot on the same files."""
    file = harness.stores.database.file
    assert file is not None
    return open_harness(file.parent)


async def test_buttons_that_are_forged_or_forgotten_do_nothing(harness: HandlerHarness) -> None:
    search = await harness.stores.people.keep_lookup(ADA["id"], "moon", harness.clock.now())
    presses: list[Button] = [
        button
        for token in ("", "forged", search)
        for button in (
            TryFeedButton(token), AddFeedButton(token), AddFeedButton(token, 1, token), PlaceFeedButton(0, token),
            FeedCategoriesButton(0, token), ImportFeedsButton(token or "x"),
        )
    ]  # fmt: skip
    for button in presses:
        assert "too long ago" in (await press(harness, button)).text, button
    await press(harness, TypeFeedCategoryButton(0, "forged"))
    assert "too long ago" in (await write(harness, "Science")).text
    assert not harness.book.asked
    assert not await harness.acts()


# Files


def document(name: str = "feeds.opml", mime: str = "text/x-opml", size: int = 100) -> Mapping[str, Any]:
    return {"file_id": "file-1", "file_unique_id": "u", "file_name": name, "mime_type": mime, "file_size": size}


async def send(harness: HandlerHarness, content: bytes, by: RawUser = ADA, **more: Any) -> TelegramCall:
    """Send a file, and return what is shown in the end."""
    harness.telegram.files["file-1"] = content
    context = await harness.written("", by=by, document=document(**more))
    context.text = ""
    await harness.routes.on_text(context)
    await harness.settle()
    return harness.telegram.shown[-1]


async def test_a_file_is_shown_then_imported_once(harness: HandlerHarness) -> None:
    await add_feed(harness.stores.database, 1, url="https://alpha.example/feed")
    harness.book.preview = preview_of("Alpha", "Beta", "Gamma", known=2)
    shown = await send(harness, b"<opml/>")
    for words in ("3 new feeds", "2 are there already", "Alpha", "Imported"):
        assert words in shown.text
    assert await harness.stores.feeds.count() == 1
    go = shown_button(shown, "✅ Add 3 feeds")
    done = await press(harness, go)
    assert "2 feeds added" in done.text
    assert done.buttons == {"‹ All feeds": FeedsButton()}
    await press(harness, go)
    assert await harness.stores.feeds.count() == 3
    assert await harness.acts() == [AuditAct.IMPORT_FEEDS]
    assert any("░" in call.text for call in harness.telegram.shown)


@pytest.mark.parametrize(("name", "mime"), [("a.xml", "application/xml"), ("backup", ""), ("feeds.txt", "text/plain")])
async def test_a_file_of_feeds_is_known_by_its_name_or_its_content(
    harness: HandlerHarness, name: str, mime: str
) -> None:
    harness.book.preview = preview_of("Alpha")
    shown = await send(harness, b'<?xml version="1.0"?>\n<opml version="2.0">', name=name, mime=mime)
    assert "1 new feed" in shown.text


async def test_files_that_are_no_lists_are_refused_in_words(harness: HandlerHarness) -> None:
    assert "find no feeds in that file" in (await send(harness, b"<html>", name="x.opml")).text
    assert "too large" in (await send(harness, b"<opml>", size=20_000_001)).text
    assert "I can search for words" in (await send(harness, b"hello", name="x.txt", mime="text/plain")).text


async def test_only_admins_import(harness: HandlerHarness) -> None:
    shown = await send(harness, b"<opml/>", by=ROBIN)
    assert "Only those who run me" in shown.text
    assert not harness.telegram.called("getFile")


async def test_all_feeds_are_sent_as_a_file(harness: HandlerHarness) -> None:
    assert "no feeds yet" in (await say(harness, "export")).text
    await add_feed(harness.stores.database)
    await say(harness, "export")
    sent = harness.telegram.called("sendDocument")[-1]
    assert b"site1.example" in sent.upload
    for _ in range(2):
        context = await harness.pressed(ExportFeedsButton(), by=ADA)
        await harness.routes.presses.route(ExportFeedsButton()).run(context, ExportFeedsButton())
    assert len(harness.telegram.called("sendDocument")) == 2
