"""Who may say which command, where, and what they are told: the whole matrix, written out.

Nothing here is derived from the bot's own table: everybody says everything, over HTTP, and what the bot answers is
compared with the rows.
"""

from __future__ import annotations

import asyncio
import re

from bot.handlers.commands import COMMANDS
from tests.flow.everybody import IN_GROUP, PRIVATELY, Everybody, outcome

# What is said, what the answer holds, and what that comes to for each of PRIVATELY, and of IN_GROUP. A row meets what
# those before left behind: /resume ends the break that /pause began.
SAID = [
    ("/start", "You follow 1 category",             "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/help", "What I do",                          "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/digest", "Nothing new in your categories",   "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/preview", "Nothing new since",               "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/why moon", "Which of these do you mean",     "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/latest", "Latest",                           "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/search moon", "6 articles",                  "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/story", "No story of the last few days",          "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/saved", "Nothing yet",                       "away yes yes yes yes",           "unmet unmet aside aside aside"),
    ("/categories", "Tick what you want",           "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/category Science", "Science",                "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/subscriptions", "What your digest is",       "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/subscribe Science", "already follow Science",  "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/watch", "all that /search understands",      "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/watch moon", "Matches 6 articles",           "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/mute", "stays out of your digest",           "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/mute moon", "kept 6 articles",               "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/top", "Most covered today",          "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/unsubscribe Sport", "You don't follow",      "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/settings", "Your digest",                    "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/time 08:00", "Your digest arrives",            "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/timezone UTC", "Your digest arrives",          "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/language en", "I speak English",             "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/days mon-fri", "Your digest arrives",          "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/quiet off", "Your digest arrives",             "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/pause 7d", "Paused until",                   "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/resume", "Your digest is on again",          "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/stop", "Stopped",                            "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/privacy", "What I keep",                      "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/export", "All that I keep", "away yes yes yes yes", "private private private private private"),
    ("/forget", "Delete everything",                 "away yes yes yes yes",             "chat yes chat chat chat"),
    ("/link Science", "subscribes whoever opens it", "away yes yes yes yes",            "yes yes yes yes yes"),
    ("/manage", "Which chat shall I write to", "away yes yes yes yes", "private private private private private"),
    ("/id", "Your Telegram id",                     "away yes yes yes yes",             "yes yes yes yes yes"),
    ("/announce", "New announcement",               "away unknown yes yes yes",         "– – private private private"),
    ("/announcements", "announcements",             "away unknown yes yes yes",         "– – private private private"),
    ("/feeds", "None yet",                          "away unknown unknown yes yes",     "– – – private private"),
    ("/admins", "Who may do what",                  "away unknown unknown yes yes",     "– – – private private"),
    ("/grant 5 editor", "5 is now: editor",         "away unknown unknown owner yes",   "– – – private private"),
    ("/revoke 5", "5 no longer has a role",         "away unknown unknown owner yes",   "– – – private private"),
    ("/audit", "Who did what",                      "away unknown unknown yes yes",     "– – – private private"),
    ("/stats", "Readers",                           "away unknown unknown yes yes",     "– – – aside aside"),
    ("/doctor", "Health",                         "away unknown unknown yes yes",     "– – – aside aside"),
    ("/version", "digestbot 0.",                     "away unknown unknown yes yes",     "– – – aside aside"),
    ("/uncertain", "Nothing is unconfirmed",          "away unknown unknown yes yes",     "– – – aside aside"),
    ("/invite", "This link lets one person in",     "away unknown unknown yes yes",     "– – – aside aside"),
    ("/hide", "Name a category or a source",        "away unknown unknown yes yes",     "– – – aside aside"),
    ("/show", "Nothing is hidden",                  "away unknown unknown yes yes",     "– – – aside aside"),
    ("/hidden", "Nothing is hidden",                "away unknown unknown yes yes",     "– – – aside aside"),
    ("/withdraw", "Add a link",                    "away unknown unknown yes yes",     "– – – aside aside"),
    ("/unwithdraw", "No withdrawn article matches that", "away unknown unknown yes yes",     "– – – aside aside"),
    ("/nonsense", "",                               "away unknown unknown unknown unknown", "– – – – –"),
]  # fmt: skip


async def test_everybody_says_every_command(everybody: Everybody) -> None:
    happened = []
    for text, answer, _, _ in SAID:
        # A stranger is turned away once an hour: for each command another comes.
        everybody.people["stranger"] = await everybody.harness.reader("stranger")
        said = await asyncio.gather(*(everybody.say(who, text) for who in PRIVATELY))
        in_group = [await everybody.say_in_group(who, text, answer) for who in IN_GROUP]
        happened.append((text, answer, " ".join(outcome(answer, texts) for texts in said), " ".join(in_group)))
    assert happened == SAID


def test_every_command_is_tried() -> None:
    assert {command_name(text) for text, *_ in SAID} == {command.name for command in COMMANDS} | {"nonsense"}


def command_name(text: str) -> str:
    return text.removeprefix("/").partition(" ")[0]


async def test_menus_and_help_name_what_somebody_may_say(everybody: Everybody) -> None:
    may_say = {
        who: {command_name(text) for text, _, privately, _ in SAID if privately.split()[at] == "yes"}
        for at, who in enumerate(PRIVATELY)
    }
    for who in PRIVATELY[1:]:
        assert {entry["command"] for entry in await everybody.people[who].commands()} == may_say[who]
        assert named_in(await everybody.say(who, "/help")) == may_say[who]
    # In a group others read along, for whom an admin's commands don't exist; what is private is not offered there.
    private = {command_name(text) for text, _, _, in_group in SAID if in_group.split()[0] == "private"}
    for who in IN_GROUP:
        menu = await everybody.people[who].commands(everybody.group)
        assert {entry["command"] for entry in menu} == may_say["reader"] - private
        assert named_in(await everybody.say(who, "/help", everybody.group)) == may_say["reader"]


def named_in(texts: list[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"(?<!\w)/([a-z]+)", text)}
