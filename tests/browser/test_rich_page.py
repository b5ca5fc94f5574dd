"""Photos, previews and rich messages on the chat page, by day and by night, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.simulator.server import Simulator
from tests.browser.axe import find_violations
from tests.browser.conftest import LIN, MIA, OpenPage, add_people
from tests.browser.sample_messages import PICTURES, send_magazine, send_photo
from tests.browser.scripted_bot import JumpingClock, ScriptedBot, Update
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PHONE = {"width": 390, "height": 844}
HOSTILE = "&lt;img src=x onerror=&quot;document.title='owned'&quot;&gt;"


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(clock: JumpingClock) -> AsyncIterator[Simulator]:
    """A simulator that serves the demo's pictures, where Mia and Lin have started the bot."""
    server = Simulator(clock=clock, name="News Digest", pictures=PICTURES)
    await server.start()
    await add_people(server)
    async with aiohttp.ClientSession() as http:
        for user in (MIA, LIN):
            await http.post(f"{server.url}/sim/say", json={"user": user, "text": "/start"})
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def bot(simulator: Simulator) -> AsyncIterator[ScriptedBot]:
    async def note(bot: ScriptedBot, query: Update) -> None:
        await bot.call("answerCallbackQuery", callback_query_id=query["id"], text=f"Noted {query['data']}")

    async with ScriptedBot(simulator, {"press:save": note, "press:more": note}) as scripted_bot:
        yield scripted_bot


async def box(place: Locator) -> dict[str, float]:
    found = await place.bounding_box()
    assert found is not None
    return {"y": found["y"], "width": found["width"]}


async def test_a_photo_stands_above_its_caption_or_below(simulator: Simulator, open_page: OpenPage) -> None:
    await send_photo(simulator, MIA, "tide", "<b>Your digest</b>\n1. The tide")
    await send_photo(simulator, MIA, "moon", "Caption first", show_caption_above_media=True)
    page = await open_page(**PHONE)
    for words, photo_first in (("Your digest", True), ("Caption first", False)):
        bubble = page.locator(".bubble", has_text=words)
        await expect(bubble.locator(".photo.loaded img")).to_be_visible()
        photo, text = await box(bubble.locator(".photo")), await box(bubble.locator(".text"))
        assert (photo["y"] < text["y"]) == photo_first
        assert photo["width"] > 320
    await expect(page.locator(".bubble strong")).to_have_text("Your digest")


async def test_previews_above_below_and_small(simulator: Simulator, bot: ScriptedBot, open_page: OpenPage) -> None:
    url = f"{simulator.url}/pictures/moon.jpg"
    for name, options in (
        ("above", {"prefer_large_media": True, "show_above_text": True}),
        ("below", {"prefer_large_media": True}),
        ("small", {"prefer_small_media": True}),
    ):
        await bot.call("sendMessage", chat_id=MIA, text=f"It is {name}", link_preview_options={"url": url, **options})
    missing = {"url": f"{simulator.url}/pictures/missing.jpg"}
    await bot.call("sendMessage", chat_id=MIA, text="It is nowhere", link_preview_options=missing)
    page = await open_page(**PHONE)
    above, below, small, nowhere = (page.locator(".bubble", has_text=f"It is {name}") for name in
                                    ("above", "below", "small", "nowhere"))  # fmt: skip
    await expect(page.locator(".photo.loaded")).to_have_count(3)
    assert (await box(above.locator(".photo")))["y"] < (await box(above.locator(".text")))["y"]
    assert (await box(below.locator(".photo")))["y"] > (await box(below.locator(".text")))["y"]
    assert (await box(small.locator(".photo")))["width"] < 100
    await expect(nowhere.locator(".photo, .card")).to_have_count(0)


async def test_a_rich_message_shows_every_block(simulator: Simulator, open_page: OpenPage) -> None:
    await send_magazine(simulator, MIA)
    page = await open_page(**PHONE)
    rich = page.locator(".rich")
    await expect(rich.locator("h2")).to_have_text("Digest · 24 November")
    await expect(rich.locator("h3")).to_have_text(["Space", "Around town"])
    await expect(rich.locator("figcaption")).to_have_text(["The comet over the harbourSky Daily", "Also seen"])
    await expect(rich.locator(".photo.loaded")).to_have_count(4)
    await expect(rich.locator("td")).to_have_text(["Harbour", "Island", "07:30", "Island", "Harbour", "23:00"])
    await expect(rich.locator("blockquote cite")).to_have_text("The captain")
    await expect(rich.locator("li")).to_have_text(["•The moon base gets a second greenhouse", "☑A probe has landed"])
    await expect(rich.locator("summary")).to_have_text("Two more")
    await expect(rich.locator("time")).to_have_attribute("datetime", "2026-11-24T07:20:00.000Z")
    await expect(rich.locator("footer")).to_have_text("Sent daily at 08:00")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(
        "document.querySelector('.rich').scrollWidth <= document.querySelector('.rich').clientWidth"
    )


async def test_contents_jump_and_open_what_is_folded(simulator: Simulator, open_page: OpenPage) -> None:
    await send_magazine(simulator, MIA)
    page = await open_page(**PHONE)
    await expect(page.locator(".rich .photo.loaded")).to_have_count(4)
    await page.locator(".jump", has_text="Around town").click()
    await until(lambda: _is_near_top(page, ".rich h3 >> nth=1"))
    await page.locator("summary").click()
    await expect(page.locator(".rich .spoiler")).to_be_visible()
    await page.locator(".jump", has_text="Back to the top").click()
    await until(lambda: _is_near_top(page, ".rich h2"))
    assert page.url.endswith(f"?user={MIA}")


async def _is_near_top(page: Page, place: str) -> bool:
    top = (await box(page.locator(place)))["y"] - (await box(page.locator("#scroll")))["y"]
    return -4 <= top <= 120


async def test_buttons_in_the_text_are_pressed(simulator: Simulator, bot: ScriptedBot, open_page: OpenPage) -> None:
    await send_magazine(simulator, MIA)
    page = await open_page(**PHONE)
    for label, data in (("More like this", "more"), ("Save", "save")):
        await page.locator(".rich-key", has_text=label).click()
        await expect(page.locator(".toast")).to_have_text(f"Noted {data}")
    await expect(page.locator(".rich-key[aria-busy]")).to_have_count(0)


async def test_a_client_without_rich_messages(simulator: Simulator, bot: ScriptedBot, open_page: OpenPage) -> None:
    await send_magazine(simulator, MIA)
    question = {"inline_keyboard": [[{"text": "It is blank: back", "callback_data": "more"}]]}
    await bot.call("sendMessage", chat_id=MIA, text="Can you see it?", reply_markup=question)
    page = await open_page(**PHONE)
    await expect(page.locator(".rich")).to_be_visible()
    await page.click("#more")
    await page.get_by_role("menuitem", name="Use an app without rich messages").click()
    await expect(page.locator(".unsupported")).to_have_text("This message is not supported by this version of the app.")
    await expect(page.locator(".rich")).to_have_count(0)
    await page.click(".key >> text=It is blank: back")
    await expect(page.locator(".toast")).to_have_text("Noted more")
    async with aiohttp.ClientSession() as http:
        await http.post(f"{simulator.url}/sim/users", json={"id": MIA, "rich": "blank"})
    await page.reload()
    await expect(page.locator(".blank")).to_have_count(1)
    await page.click("#more")
    await page.get_by_role("menuitem", name="Use an app with rich messages").click()
    await expect(page.locator(".rich h2")).to_be_visible()
    # The other person's client is another one.
    await send_magazine(simulator, LIN)
    other = await open_page(f"user={LIN}", **PHONE)
    await expect(other.locator(".rich")).to_be_visible()


async def test_hostile_rich_text_stays_text(bot: ScriptedBot, open_page: OpenPage) -> None:
    html = (
        f'<h1>{HOSTILE}</h1><a name="log"></a><p><a href="#log">{HOSTILE}</a> <a href="https://e.example/&quot;&gt;x">y</a></p>'
        f"<table><caption>{HOSTILE}</caption><tr><td>{HOSTILE}</td></tr></table>"
        f"<details open><summary>{HOSTILE}</summary>{HOSTILE}</details>"
        f'<p><tg-button type="callback_data" data="save">{HOSTILE}</tg-button></p>'
    )
    await bot.call("sendRichMessage", chat_id=MIA, rich_message={"html": html})
    page = await open_page(**PHONE)
    await expect(page.locator(".rich h2")).to_have_text("<img src=x onerror=\"document.title='owned'\">")
    await expect(page.locator(".rich img, .rich script")).to_have_count(0)
    await expect(page.locator("#log")).to_have_count(1)
    assert "owned" not in await page.title()


async def test_the_theme_is_the_systems_until_one_is_chosen(simulator: Simulator, open_page: OpenPage) -> None:
    await send_magazine(simulator, MIA)
    page = await open_page(**PHONE)

    async def shade() -> float:
        colour = await page.locator(".bubble >> nth=0").evaluate("node => getComputedStyle(node).backgroundColor")
        return sum(float(part) for part in colour.strip("rgb()").split(",")[:3]) / 3

    assert await shade() > 200
    await page.emulate_media(color_scheme="dark")
    assert await shade() < 100
    await page.click("#more")
    await page.get_by_role("menuitem", name="Light appearance").click()
    assert await shade() > 200
    await page.reload()
    await expect(page.locator(".rich")).to_be_visible()
    assert await shade() > 200, "the choice lasts"
    await page.click("#more")
    await page.get_by_role("menuitem", name="Dark appearance").click()
    assert await shade() < 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("user", "width"), [(MIA, 390), (LIN, 1280)])
async def test_axe_finds_nothing(
    simulator: Simulator, bot: ScriptedBot, open_page: OpenPage, user: int, width: int, scheme: str
) -> None:
    await send_photo(
        simulator, user, "tide", "<b>Your digest</b> <a href='https://a.example'>a link</a> <code>c</code>"
    )
    url = f"{simulator.url}/pictures/moon.jpg"
    styles = [{"text": style, "callback_data": style, "style": style} for style in ("primary", "success", "danger")]
    options = {"url": url, "prefer_small_media": True}
    await bot.call(
        "sendMessage", chat_id=user, text="<blockquote>small</blockquote>", parse_mode="HTML",
        link_preview_options=options, reply_markup={"inline_keyboard": [styles, [{"text": "x", "callback_data": "x"}]]},
    )  # fmt: skip
    await bot.call(
        "sendRichMessage",
        chat_id=user,
        rich_message={"html": "<blockquote expandable>" + "long " * 99 + "</blockquote>"},
    )
    await send_magazine(simulator, user)
    page = await open_page(f"user={user}", width=width, height=844)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    await expect(page.locator(".photo.loaded")).to_have_count(6)
    await page.locator("summary").click()
    assert await find_violations(page) == []
    await page.click("#more")
    await expect(page.get_by_role("menuitem").first).to_be_visible()
    assert await find_violations(page) == []
