"""/audit: who did what, the newest first."""

from __future__ import annotations

from typing import Any

from bot.callbacks import AuditButton
from bot.handlers.admins.roles import role_label
from bot.handlers.context import Talk
from bot.i18n import Speech
from bot.keyboards.announcements import audit_keyboard
from bot.markup import Html, plain_text
from bot.render.reasons import reason_text
from bot.render.shorten import cut
from digests.model.role import Role
from digests.storage.audit import Entry

_PAGE = 10
_TITLE = 40


async def audit(talk: Talk) -> None:
    """/audit"""
    await _show(talk, 0)


async def turned(talk: Talk, callback: AuditButton) -> None:
    await _show(talk, callback.page)


async def _show(talk: Talk, page: int) -> None:
    entries, total = await talk.house.audit_log.page(page * _PAGE, _PAGE)
    if not entries:
        await talk.show(talk.words.html("Nothing has been written down yet."))
        return
    lines = [talk.words.html("<b>Who did what</b>")]
    lines.extend([await _line(talk, entry) for entry in entries])
    await talk.show(Html("\n".join(lines)), audit_keyboard(page, -(-total // _PAGE)))


async def _line(talk: Talk, entry: Entry) -> Html:
    words = talk.words
    who = await talk.house.name_of(entry.user_id) if entry.user_id else words.say("the program")
    details = dict(entry.details)
    if isinstance(details.get("user"), int):
        details["user"] = await talk.house.name_of(details["user"])
    return words.html(
        "{at} · <b>{who}</b> · {what}",
        at=words.moment(entry.at, talk.place.timezone),
        who=who,
        what=act_text(entry.act, details, words),
    )


def act_text(act: str, details: dict[str, Any], words: Speech) -> str:  # noqa: C901 - one branch an act
    """The act in words; one that is not known here as it stands."""
    n = details.get("announcement", "?")
    match act:
        case "own":
            return words.say("became owner by the first link")
        case "invite":
            return words.say("made an invitation")
        case "grant":
            return words.say("gave {user} the role {role}", user=details.get("user"), role=_role(details, words))
        case "revoke":
            return words.say("took {user}’s role", user=details.get("user"))
        case "send":
            title = cut(plain_text(str(details.get("title", ""))), _TITLE)
            chats = int(details.get("chats", 0))
            return words.count(
                "sent № {number} “{title}” to {n} chat",
                "sent № {number} “{title}” to {n} chats",
                chats,
                number=n,
                title=title,
            )
        case "test":
            return words.say("tested № {n}", n=n)
        case "ready":
            return words.say("handed № {n} to the admins", n=n)
        case "take":
            return words.say("took over № {n}", n=n)
        case "discard":
            return words.say("discarded № {n}", n=n)
        case "unschedule":
            return words.say("made № {n} a draft again", n=n)
        case "pause":
            return words.say("paused № {n}", n=n)
        case "autopause":
            return words.say(
                "paused № {n}, since too many failed: {reason}",
                n=n,
                reason=reason_text(str(details.get("reason", "")), words),
            )
        case "resume":
            return words.say("let № {n} go on", n=n)
        case "cancel":
            return words.say("cancelled № {n}", n=n)
        case "edit":
            return words.say("edited № {n}", n=n)
        case "recall":
            return words.say("took back № {n}", n=n)
        case "halt":
            return words.say("stopped changing № {n}", n=n)
        case "resend":
            return words.say("sent № {n} again to {chats}", n=n, chats=details.get("chats"))
        case "csv":
            return words.say("looked at who got № {n}", n=n)
        case _:
            return _other_act(act, details, words)


def _role(details: dict[str, Any], words: Speech) -> str:
    role = str(details.get("role"))
    return role_label(Role(role), words) if role in list(Role) else role


def _other_act(act: str, details: dict[str, Any], words: Speech) -> str:
    """What has nothing to do with announcements."""
    title = cut(str(details.get("title") or details.get("name", "")), _TITLE)
    match act:
        case "hide":
            return words.say("hid “{title}”", title=title)
        case "show":
            return words.say("showed “{title}” again", title=title)
        case "withdraw":
            return words.say("withdrew “{title}”", title=title)
        case "unwithdraw":
            return words.say("brought “{title}” back", title=title)
        case "resend_uncertain":
            return words.say("sent again what was uncertain, to {chats}", chats=details.get("chats"))
        case _:
            said = ", ".join(f"{name}: {value}" for name, value in details.items())
            return f"{act} ({said})" if said else act
