"""The chat page in a real browser, against the simulator and a scripted bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.simulator.server import Simulator
from tests.browser.conftest import LIN, MIA, OpenPage, add_people
from tests.browser.scripted_bot import JumpingClock, ScriptedBot, Update
from tests.waiting import until

# All tests share a browser: starting it takes longer than a test.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURE = Path(__file__).parents[2] / "bot" / "demo" / "pictures" / "tide.jpg"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"

WIDE = "wide " + "w" * 300
WIDE_KEY = {"text": "x" * 60, "callback_data": "x"}


def keyboard(*rows: list[dict[str, str]]) -> dict[str, object]:
    return {"inline_keyboard": list(rows)}


async def welcome(bot: ScriptedBot, message: Update) -> None:
    await bot.call(
        "sendMessage",
        chat_id=message["chat"]["id"],
        text="<b>Welcome!</b> Choose.",
        parse_mode="HTML",
        reply_markup=keyboard(
            [{"text": "Tell me", "callback_data": "toast"}, {"text": "Warn me", "callback_data": "alert"}],
            [{"text": "Done", "callback_data": "done"}],
        ),
    )


async def answer_toast(bot: ScriptedBot, query: Update) -> None:
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Noted & kept <b>")


async def answer_alert(bot: ScriptedBot, query: Update) -> None:
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Read this first.", show_alert=True)


async def answer_done(bot: ScriptedBot, query: Update) -> None:
    message = query["message"]
    target = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
    await bot.call("answerCallbackQuery", callback_query_id=query["id"])
    await bot.call("editMessageText", text="All done.", **target)


@pytest_asyncio.fixture(loop_scope="session")
async def bot(simulator: Simulator) -> AsyncIterator[ScriptedBot]:
    script = {
        "/start": welcome,
        "press:toast": answer_toast,
        "press:alert": answer_alert,
        "press:done": answer_done,
    }
    async with ScriptedBot(simulator, script) as scripted_bot:
        yield scripted_bot


def texts(bot: ScriptedBot) -> list[str]:
    return [update["message"].get("text", "") for update in bot.received if "message" in update]


async def test_a_newcomer_presses_start_and_is_answered(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await expect(page.locator("#welcome")).to_contain_text("digest of the news")
    await page.click("#start")
    await expect(page.locator(".message.in strong")).to_have_text("Welcome!")
    await expect(page.locator(".message.out:not(.pending) .text")).to_have_text("/start")
    await expect(page.locator("#welcome")).to_be_hidden()
    assert texts(bot) == ["/start"]
    rows = page.locator(".keys")
    assert await rows.count() == 2
    widths = await rows.nth(0).locator("button").evaluate_all("keys => keys.map(key => Math.round(key.offsetWidth))")
    assert len(set(widths)) == 1, "keys of a row are equally wide"


async def test_a_press_shows_the_answer_as_toast_or_alert_and_the_edit(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("#start")
    await page.click("text=Tell me")
    await expect(page.locator(".toast")).to_have_text("Noted & kept <b>")
    await expect(page.locator(".key[aria-busy]")).to_have_count(0)
    await page.click("text=Warn me")
    await expect(page.locator("dialog#alert")).to_be_visible()
    await expect(page.locator("#alert-text")).to_have_text("Read this first.")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog#alert")).to_be_hidden()
    await page.click("text=Done")
    await expect(page.locator(".message.in .text")).to_have_text("All done.")
    await expect(page.locator(".edited")).to_have_text("edited")
    await expect(page.locator(".keyboard")).to_have_count(0)


async def test_previews_show_pictures_and_the_address_of_broken_ones(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page(fails_on_errors=False)
    await page.route("**/pictures/tide.jpg", lambda route: route.fulfill(path=PICTURE))
    await page.route("**/no.png", lambda route: route.abort())
    await page.click("#start")
    await expect(page.locator(".message.out:not(.pending)")).to_be_visible()
    above = {"url": "https://pictures.example/tide.jpg", "prefer_large_media": True, "show_above_text": True}
    await bot.call("sendMessage", chat_id=MIA, text="With a picture", link_preview_options=above)
    bubble = page.locator(".bubble", has_text="With a picture")
    await expect(bubble.locator(".photo.loaded img")).to_be_visible()
    picture, text = await bubble.locator(".photo").bounding_box(), await bubble.locator(".text").bounding_box()
    assert picture is not None
    assert text is not None
    assert picture["y"] < text["y"]
    assert picture["width"] > 300
    await page.click(".photo")
    await expect(page.locator("dialog#picture img")).to_be_visible()
    await page.keyboard.press("Escape")
    # Of another machine's addresses the simulator can't know that they are broken.
    await bot.call("sendMessage", chat_id=MIA, text="broken", link_preview_options={"url": "http://192.0.2.1/no.png"})
    await expect(page.locator(".bubble", has_text="broken").locator(".card")).to_contain_text("192.0.2.1")


async def test_a_deleted_message_vanishes(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("#start")
    await expect(page.locator(".message.in")).to_be_visible()
    await bot.call("deleteMessage", chat_id=MIA, message_id=2)
    await expect(page.locator(".message.in")).to_have_count(0)


async def test_hostile_text_stays_text(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("#start")
    await expect(page.locator(".message.out:not(.pending)")).to_be_visible()
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "javascript:document.title='owned'"}
    await bot.call("sendMessage", chat_id=MIA, text=HOSTILE)
    await bot.call("sendMessage", chat_id=MIA, text="here it is", entities=[link])
    await expect(page.locator(".message.in .text").nth(1)).to_have_text(HOSTILE)
    await expect(page.locator(".message.in .text").nth(2)).to_have_text("here it is")
    await page.fill("#input", HOSTILE)
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.out .text").last).to_have_text(HOSTILE)
    assert await page.locator("#log img, #log script, #log [onerror]").count() == 0
    assert await page.locator("#log a[href^='javascript']").count() == 0
    assert "owned" not in await page.title()


async def test_hostile_entities_from_the_server_do_no_harm(open_page: OpenPage) -> None:
    """The page trusts neither `html` nor the entities' addresses, offsets and kinds."""
    page = await open_page()
    found = await page.evaluate(
        """async () => {
            const { render } = await import("/page/richtext.js");
            const box = document.createElement("div");
            box.append(render("<b>one</b> two three", [
                { type: "text_link", offset: 0, length: 3, url: "javascript:alert(1)" },
                { type: "text_link", offset: 4, length: 3, url: "data:text/html,x" },
                { type: "bold", offset: 2, length: 8 }, { type: "italic", offset: 5, length: 9 },
                { type: "script", offset: 0, length: 3 }, { type: "bold", offset: -1, length: 3 },
                { type: "bold", offset: 3, length: 4000 }, { type: "__proto__", offset: 0, length: 2 },
            ], {}));
            return [box.textContent, box.querySelectorAll("a, script").length];
        }"""
    )
    assert found == ["<b>one</b> two three", 0]


async def test_a_start_link_in_the_address_waits_for_the_start_button(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page(f"user={MIA}&start=owner_4711")
    assert texts(bot) == []
    await page.click("#start")
    await until(lambda: texts(bot) == ["/start owner_4711"])
    assert urlsplit(page.url).query == f"user={MIA}"
    # Also where there is a chat already: the button is then above the text field.
    again = await open_page(f"user={MIA}&start=second")
    await again.click("#start-again")
    await until(lambda: texts(bot)[-1] == "/start second")
    await expect(again.locator("#start-bar")).to_be_hidden()


async def test_a_start_link_in_a_message_is_opened_within_the_page(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("#start")
    await expect(page.locator(".message.in")).to_be_visible()
    await bot.call("sendMessage", chat_id=MIA, text="Be the owner: https://t.me/digest_demo_bot?start=owner_1")
    await page.click(".message.in .text a")
    await until(lambda: texts(bot)[-1] == "/start owner_1")
    assert len(page.context.pages) == 1


async def test_the_command_menu_filters_and_is_driven_by_keys(bot: ScriptedBot, open_page: OpenPage) -> None:
    commands = [{"command": name, "description": f"About {name}"} for name in ("digest", "search", "stop", "help")]
    await bot.call("setMyCommands", commands=commands)
    page = await open_page()
    shown = page.locator("#commands [role=option]")
    await page.click("#slash")
    await expect(shown).to_have_count(4)
    await expect(page.locator("#commands")).to_contain_text("About digest")
    await page.keyboard.press("Escape")
    await expect(page.locator("#commands")).to_be_hidden()
    await page.keyboard.type("/s")
    await expect(shown).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    assert await page.input_value("#input") == "/stop "
    await page.fill("#input", "/se")
    await page.keyboard.press("Enter")
    await until(lambda: texts(bot) == ["/search"])


async def test_words_behind_the_bots_name_show_results_to_choose(bot: ScriptedBot, open_page: OpenPage) -> None:
    async def answer(bot: ScriptedBot, query: Update) -> None:
        first = int(query["offset"] or 1)
        results = [
            {
                "type": "article",
                "id": str(number),
                "title": f"{query['query']} {number} {HOSTILE}"[:256],
                "description": "From Tidewater",
                "input_message_content": {"message_text": f"Sent {number}"},
            }
            for number in range(first, first + 20)
        ]
        await bot.call("answerInlineQuery", inline_query_id=query["id"], results=results, next_offset=str(first + 20))

    bot.on["inline"] = answer
    await bot.call("setMyCommands", commands=[])
    page = await open_page()
    username = (await bot.call("getMe"))["username"]
    shown = page.locator("#inline .inline-result")
    await page.fill("#input", f"@{username} moon")
    await expect(shown).to_have_count(20)
    await expect(shown.first).to_contain_text("moon 1 <img")
    await page.locator("#inline").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    await expect(shown).to_have_count(40)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("article.message.out").last).to_contain_text("Sent 2")
    await expect(page.locator("article.message.out .via").last).to_contain_text(f"@{username}")
    await expect(page.locator("#inline")).to_be_hidden()
    assert await page.input_value("#input") == ""
    await page.fill("#input", f"@{username} sun")
    await expect(shown.first).to_contain_text("sun 1")
    await page.keyboard.press("Escape")
    await expect(page.locator("#inline")).to_be_hidden()
    assert await page.title() != "owned"


async def test_enter_sends_and_shift_enter_breaks_the_line(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.focus("#input")
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await until(lambda: texts(bot) == ["one\ntwo"])
    assert await page.input_value("#input") == ""


async def test_a_file_that_is_no_picture_goes_out_as_it_is(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    opml = b"<opml><body><outline text='Sea'/></body></opml>"
    await page.set_input_files("#file", {"name": "feeds.opml", "mimeType": "text/x-opml", "buffer": opml})
    await expect(page.locator("#attached")).to_contain_text("feeds.opml")
    await expect(page.locator("#attached-image")).to_be_hidden()
    await page.click("#send")
    await until(lambda: bool(bot.received))
    document = bot.received[0]["message"]["document"]
    assert document["file_name"] == "feeds.opml"
    assert document["file_size"] == len(opml)
    await expect(page.locator(".message.out .file")).to_contain_text("feeds.opml")
    await expect(page.locator("#attached")).to_be_hidden()


async def test_formatting_and_a_picture_go_out(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.set_input_files("#file", PICTURE)
    await expect(page.locator("#attached")).to_be_visible()
    await page.fill("#input", "a **bold __and soft__ word** [here](https://news.example/x) and 2 ** 3")
    await page.keyboard.press("Enter")
    await until(lambda: bool(bot.received))
    message: dict[str, Any] = bot.received[0]["message"]
    assert message["photo"]
    assert message["caption"] == "a bold and soft word here and 2 ** 3"
    found = {(entity["type"], entity["offset"], entity["length"]) for entity in message["caption_entities"]}
    # Telegram splits an entity where another one begins inside it.
    assert found == {("bold", 2, 5), ("bold", 7, 13), ("italic", 7, 8), ("text_link", 21, 4)}
    await expect(page.locator(".message.out .photo.loaded img")).to_be_visible()
    await expect(page.locator("#attached")).to_be_hidden()


async def test_control_b_marks_what_is_selected(open_page: OpenPage) -> None:
    page = await open_page()
    await page.fill("#input", "word")
    await page.keyboard.press("Control+A")
    await page.keyboard.press("Control+B")
    assert await page.input_value("#input") == "**word**"
    await page.keyboard.press("Control+B")
    assert await page.input_value("#input") == "word"


async def test_the_clock_button_works_once_at_a_time(
    clock: JumpingClock, bot: ScriptedBot, open_page: OpenPage
) -> None:
    page = await open_page()
    await page.click("#start")
    await expect(page.locator(".message.in")).to_be_visible()
    await expect(page.locator(".day")).to_have_text("Today")
    await expect(page.locator("#clock-now")).to_have_text("Tue 24 Nov 09:41")
    await expect(page.locator("#clock-next")).to_have_text("next digest tomorrow 08:00")
    clock.hold()
    await page.click("#clock-button")
    await expect(page.locator("#clock-button")).to_be_disabled()
    await expect(page.locator("#working")).to_be_visible()
    clock.release()
    await expect(page.locator("#clock-button")).to_be_enabled()
    await expect(page.locator("#clock-now")).to_have_text("Wed 25 Nov 08:00")
    await expect(page.locator("#working")).to_be_hidden()
    await expect(page.locator(".day")).to_have_text("Yesterday")
    assert clock.moves == 1


async def test_the_page_speaks_the_persons_language(open_page: OpenPage) -> None:
    page = await open_page(f"user={LIN}")
    await expect(page.locator("#start")).to_have_text("开始")
    assert await page.get_attribute("html", "lang") == "zh-Hans"
    await page.click(".person >> text=Mia")
    await expect(page.locator("#start")).to_have_text("Start")
    assert urlsplit(page.url).query == f"user={MIA}"


@pytest.mark.parametrize("width", [360, 390, 700])
async def test_a_narrow_page_shows_one_column_without_scrolling_sideways(
    bot: ScriptedBot, open_page: OpenPage, width: int
) -> None:
    page = await open_page(width=width, height=780)
    await page.click("#start")
    await expect(page.locator(".key").first).to_be_visible()
    await bot.call(
        "sendMessage",
        chat_id=MIA,
        text=WIDE,
        reply_markup=keyboard([WIDE_KEY]),
    )
    await expect(page.locator(".message.in")).to_have_count(2)
    await expect(page.locator("#side")).to_be_hidden()
    await assert_no_sideways_scrolling(page)
    await page.click("#back")
    await expect(page.locator("#side")).to_be_visible()
    await expect(page.locator("#pane")).to_be_hidden()
    await assert_no_sideways_scrolling(page)
    await page.click(".chat")
    await expect(page.locator("#pane")).to_be_visible()


async def assert_no_sideways_scrolling(page: Page) -> None:
    for part in ("html", "#scroll", ".side"):
        assert await page.evaluate(
            "part => { const node = document.querySelector(part); return node.scrollWidth <= node.clientWidth }", part
        ), part


async def test_a_new_person_and_a_group(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("#new-person")
    await page.fill("#person [name=name]", "小禾")
    await page.click("#person >> text=简体中文")
    await page.click("#person .main")
    await expect(page.locator(".person[aria-pressed=true]")).to_contain_text("小禾")
    await expect(page.locator("#start")).to_have_text("开始")
    await page.click("#new-group")
    await page.fill("#group [name=title]", "观潮")
    await page.click("#group .main")
    await expect(page.locator("#bar-title")).to_have_text("观潮")
    await expect(page.locator("#log .service")).to_have_count(2)
    await until(lambda: any("my_chat_member" in update for update in bot.received))
    await page.fill("#input", "/help")
    await page.keyboard.press("Enter")
    await until(lambda: texts(bot)[-1:] == ["/help"])


async def test_blocking_and_coming_back(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("#start")
    await expect(page.locator(".message.in")).to_be_visible()
    await page.click("#more")
    await page.click("#more-menu >> text=Block the bot")
    await expect(page.locator("#form")).to_be_hidden()
    with pytest.raises(RuntimeError, match="blocked by the user"):
        await bot.call("sendMessage", chat_id=MIA, text="are you there?")
    await page.click("#start-again")
    await expect(page.locator("#form")).to_be_visible()


async def test_new_messages_do_not_scroll_a_reader_down(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page(height=500)
    await page.click("#start")
    await expect(page.locator(".message.in")).to_be_visible()
    for number in range(6):
        await bot.call("sendMessage", chat_id=MIA, text="\n".join(f"{number}.{line}" for line in range(6)))
    await expect(page.locator(".message.in")).to_have_count(7)
    await page.evaluate("document.querySelector('#scroll').scrollTop = 0")
    await expect(page.locator("#down")).to_be_visible()
    await bot.call("sendMessage", chat_id=MIA, text="the newest")
    await expect(page.locator("#down-count")).to_have_text("1")
    assert await page.evaluate("document.querySelector('#scroll').scrollTop") == 0
    await page.click("#down")
    await expect(page.locator("#log >> text=the newest")).to_be_in_viewport()


async def test_a_tall_message_is_shown_from_its_beginning(bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page(height=600)
    await page.click("#start")
    await expect(page.locator(".message.in")).to_be_visible()
    tall = "the beginning\n" + "\n".join(f"line {number}" for number in range(60))
    await bot.call("sendMessage", chat_id=MIA, text=tall)
    await bot.call("sendMessage", chat_id=MIA, text="the second part")
    await expect(page.locator("#down-count")).to_have_text("1")
    top = await page.locator(".bubble", has_text="the beginning").evaluate("node => node.getBoundingClientRect().top")
    assert 50 < top < 130
    await page.fill("#input", "thanks")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log >> text=thanks")).to_be_in_viewport()


async def test_the_page_comes_back_with_the_simulator(simulator: Simulator, open_page: OpenPage) -> None:
    page = await open_page(fails_on_errors=False)
    port = urlsplit(simulator.url).port
    assert port is not None
    await simulator.stop()
    await expect(page.locator("#notice")).to_contain_text("Trying again")
    other = Simulator(port=port, name="News Digest")
    await other.start()
    try:
        await add_people(other)
        async with ScriptedBot(other, {"/start": welcome}):
            await expect(page.locator("#notice")).to_contain_text("Connected again", timeout=12_000)
            await page.click("#start")
            await expect(page.locator(".message.in strong")).to_have_text("Welcome!")
    finally:
        await other.stop()


async def test_an_unsent_message_can_be_sent_again(simulator: Simulator, bot: ScriptedBot, open_page: OpenPage) -> None:
    page = await open_page(fails_on_errors=False)
    await page.route("**/sim/say", lambda route: route.abort())
    await page.fill("#input", "hello?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".meta.wrong")).to_contain_text("not sent")
    await page.unroute("**/sim/say")
    await page.click(".retry")
    await until(lambda: texts(bot) == ["hello?"])
    await expect(page.locator(".message.out")).to_have_count(1)


async def test_nothing_is_fetched_from_elsewhere_and_no_inline_code_is_allowed(
    simulator: Simulator, open_page: OpenPage
) -> None:
    page = await open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = await page.goto(f"{simulator.url}/?user={MIA}")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    await page.wait_for_selector("#welcome:not([hidden])")
    assert asked
    assert all(url.startswith((simulator.url, "data:")) for url in asked)
