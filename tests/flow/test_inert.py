"""Names of others are text wherever the bot shows them: nobody taps a command, a mention or a link by chance."""

from __future__ import annotations

import json

import tdjson

from tests.flow.harness import BotHarness
from tests.flow.reader import Reader

EVIL = "(/evilcat) @evilcat #evilcat evilcat.example"
SOURCE = "evilsource.example /evilsource"
TITLE = "Moon /eviltitle @eviltitle eviltitle.example"
READERS = (
    "/categories",
    f"/subscribe {EVIL}",
    f"/subscribe {EVIL}",
    "/subscriptions",
    "/latest",
    f"/category {EVIL}",
    "/category evilcot",
    "/category /evilnone @evilnone",
    "/search moon",
    f"/search moon {EVIL}",
    "/search /evilnone @evilnone",
    "/story moon",
    "/story",
    "/digest",
    "/settings",
    f"/unsubscribe {EVIL}",
    "/unsubscribe /evilnone @evilnone",
    "/time /evilnone",
    "/timezone evilnone.example",
    "/days /evilnone",
    "/quiet /evilnone",
    "/pause /evilnone",
)
ADMINS = (
    "/stats",
    "/doctor",
    "/hide evil",
    f"/hide {EVIL}",
    "/hidden",
    f"/show {EVIL}",
    "/hide /evilnone @evilnone",
    "/withdraw moon",
    "/withdraw /evilnone",
    "/audit",
    "/admins",
)


def tapped(text: str) -> list[str]:
    """Return what of the others' names Telegram makes something of that can be tapped."""
    request = {"@type": "getTextEntities", "text": text}
    answer = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"")
    units = text.encode("utf-16-le")
    found = [
        units[2 * each["offset"] : 2 * (each["offset"] + each["length"])].decode("utf-16-le")
        for each in answer["entities"]
    ]
    return [name for name in found if "evil" in name]


async def assert_inert(reader: Reader, *commands: str) -> None:
    """Assert that no answer has a name of others that can be tapped, and that they are shown at all."""
    said = list[str]()
    for command in commands:
        await reader.say(command)
        answer = await reader.wait_for(lambda _: True)
        text = str(answer.get("text") or answer.get("caption") or "")
        said.append(text)
        assert tapped(text) == [], (command, text)
    assert any("evil" in text for text in said)


async def test_no_name_of_others_can_be_tapped(harness: BotHarness) -> None:
    for number, title in enumerate((TITLE, "Other moon /eviltitle")):
        harness.write(title, path=f"evil/{number}.md", categories=(f"'{EVIL}'",), author=f"'{SOURCE}'")
    await harness.app.scan()
    reader = await harness.subscriber(category="evilcat")
    await assert_inert(reader, *READERS)
    admin = await harness.admin()
    await assert_inert(admin, *ADMINS)


async def test_the_name_of_a_person_or_a_chat_can_not_be_tapped_either(harness: BotHarness) -> None:
    await harness.publish("Moon")
    robin = await harness.reader("/evilname @evilname evilname.example")
    await assert_inert(robin, "/start")
    admin = await harness.admin()
    await admin.say(f"/grant {robin.id} editor")
    await assert_inert(admin, f"/grant {robin.id} editor", "/admins", "/audit", f"/revoke {robin.id}")


async def test_links_that_are_meant_to_be_tapped_still_are(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/invite")
    answer = await admin.wait_for("This link lets one person in")
    request = {"@type": "getTextEntities", "text": str(answer["text"])}
    found = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"")["entities"]
    assert [each["type"]["@type"] for each in found].count("textEntityTypeUrl") == 2
