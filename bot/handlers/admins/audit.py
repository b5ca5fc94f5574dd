"""/audit: who did what, the newest first."""

from __future__ import annotations

from typing import Any

from bot.callbacks import AuditButton
from bot.handlers.admins.roles import role_label
from bot.handlers.context import Context
from bot.handlers.services import AdminServices
from bot.i18n import Translator
from bot.keyboards.announcements import audit_keyboard
from bot.render.reasons import reason_text
from bot.render.shorten import shorten
from bot.text.markup import LINE_BREAK, Html, plain_text
from digests.model.audit import AuditAct
from digests.model.role import Role
from digests.storage.people.audit import AuditEntry

_PAGE = 10
_TITLE = 40


async def audit(context: Context, services: AdminServices) -> None:
    """Show the first page of who did what."""
    await _show(context, services, 0)


async def page_pressed(context: Context, services: AdminServices, pressed: AuditButton) -> None:
    """Show another page of who did what."""
    await _show(context, services, pressed.page)


async def _show(context: Context, services: AdminServices, page: int) -> None:
    entries, total = await services.audit.page(page * _PAGE, _PAGE)
    if not entries:
        await context.show(context.t.html("Nothing has been recorded yet."))
        return
    lines = [context.t.html("<b>Who did what</b>")]
    lines.extend([await _line(context, services, entry) for entry in entries])
    await context.show(LINE_BREAK.join(lines), audit_keyboard(page, -(-total // _PAGE)))


async def _line(context: Context, services: AdminServices, entry: AuditEntry) -> Html:
    t = context.t
    who = await context.notifier.name_of(entry.user_id) if entry.user_id else t("the program")
    details = dict(entry.details)
    if isinstance(details.get("user"), int):
        details["user"] = await context.notifier.name_of(details["user"])
    return t.html(
        "{at} · <b>{who}</b> · {what}",
        at=t.moment(entry.at, context.place.timezone),
        who=who,
        what=audit_text(entry.act, details, t),
    )


def audit_text(act: AuditAct | str, details: dict[str, Any], t: Translator) -> str:  # noqa: C901 - one branch for each act
    """Return an act in words; one that is not known here is returned as it was recorded."""
    n = details.get("announcement", "?")
    match act:
        case AuditAct.OWN:
            return t("became owner with the first-start link")
        case AuditAct.INVITE:
            return t("created an invitation")
        case AuditAct.GRANT:
            return t("gave {user} the role {role}", user=details.get("user"), role=_role(details, t))
        case AuditAct.REVOKE:
            return t("revoked {user}’s role", user=details.get("user"))
        case AuditAct.SEND:
            title = shorten(plain_text(str(details.get("title", ""))), _TITLE)
            chats = int(details.get("chats", 0))
            return t.count(
                "sent № {number} “{title}” to {n} chat",
                "sent № {number} “{title}” to {n} chats",
                chats,
                number=n,
                title=title,
            )
        case AuditAct.TEST:
            return t("tested № {n}", n=n)
        case AuditAct.READY:
            return t("submitted № {n} to the admins", n=n)
        case AuditAct.TAKE:
            return t("took over № {n}", n=n)
        case AuditAct.DISCARD:
            return t("discarded № {n}", n=n)
        case AuditAct.UNSCHEDULE:
            return t("made № {n} a draft again", n=n)
        case AuditAct.PAUSE:
            return t("paused № {n}", n=n)
        case AuditAct.AUTOPAUSE:
            return t(
                "paused № {n} because too many failed: {reason}",
                n=n,
                reason=reason_text(str(details.get("reason", "")), t),
            )
        case AuditAct.RESUME:
            return t("resumed № {n}", n=n)
        case AuditAct.CANCEL:
            return t("cancelled № {n}", n=n)
        case AuditAct.EDIT:
            return t("edited № {n}", n=n)
        case AuditAct.RECALL:
            return t("took back № {n}", n=n)
        case AuditAct.HALT:
            return t("stopped changing № {n}", n=n)
        case AuditAct.RESEND:
            return t("resent № {n} to {chats}", n=n, chats=details.get("chats"))
        case AuditAct.CSV:
            return t("viewed who received № {n}", n=n)
        case _:
            return _other_act(act, details, t)


def _role(details: dict[str, Any], t: Translator) -> str:
    role = str(details.get("role"))
    return role_label(Role(role), t) if role in list(Role) else role


def _other_act(act: AuditAct | str, details: dict[str, Any], t: Translator) -> str:
    """Return in words an act that has nothing to do with announcements."""
    title = shorten(str(details.get("title") or details.get("name", "")), _TITLE)
    match act:
        case AuditAct.HIDE:
            return t("hid “{title}”", title=title)
        case AuditAct.SHOW:
            return t("unhid “{title}”", title=title)
        case AuditAct.WITHDRAW:
            return t("withdrew “{title}”", title=title)
        case AuditAct.UNWITHDRAW:
            return t("restored “{title}”", title=title)
        case AuditAct.RESEND_UNCERTAIN:
            return t("resent unconfirmed messages, to {chats}", chats=details.get("chats"))
        case _:
            return _feed_act(act, details, title, t)


def _feed_act(act: AuditAct | str, details: dict[str, Any], title: str, t: Translator) -> str:
    """Return in words what was done with a feed; what is not known here is returned as it was recorded."""
    match act:
        case AuditAct.ADD_FEED:
            return t("added the feed “{title}”", title=title)
        case AuditAct.REMOVE_FEED:
            return t("removed the feed “{title}”", title=title)
        case AuditAct.PAUSE_FEED:
            return t("paused the feed “{title}”", title=title)
        case AuditAct.RESUME_FEED:
            return t("resumed the feed “{title}”", title=title)
        case AuditAct.MOVE_FEED:
            category = shorten(str(details.get("category", "")), _TITLE)
            return t("moved the feed “{title}” to {category}", title=title, category=category)
        case AuditAct.SET_FULL_TEXT if details.get("is_on"):
            return t("turned full text on for the feed “{title}”", title=title)
        case AuditAct.SET_FULL_TEXT:
            return t("turned full text off for the feed “{title}”", title=title)
        case AuditAct.IMPORT_FEEDS:
            number = int(details.get("feeds", 0))
            return t.count("imported {n} feed", "imported {n} feeds", number)
        case _:
            said = ", ".join(f"{name}: {value}" for name, value in details.items())
            return f"{act} ({said})" if said else act
