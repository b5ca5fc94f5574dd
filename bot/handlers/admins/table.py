"""The commands and buttons of admins, and those of owners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import AuditButton, HideButton, ResendButton, ShowAgainButton, WithdrawButton
from bot.handlers.admins import admin, audit, hide, invite, roles, withdraw
from bot.handlers.command import Command, Where
from bot.handlers.context import Context
from bot.handlers.presses import InGroup, PressTable
from bot.handlers.services import AdminServices
from bot.i18n import gettext_noop
from digests.model.role import Role

_HIDE = gettext_noop("/hide NAME, /show NAME, /hidden – categories and sources that readers don't meet")
_WITHDRAW = gettext_noop("/withdraw and /unwithdraw – take an article out of search and digests, and bring it back")
_GRANT = gettext_noop("/grant ID admin, /grant ID editor, /revoke ID – give somebody a role, or take it")

ADMIN_COMMANDS: tuple[Command[Callable[[Context, AdminServices], Awaitable[None]]], ...] = (
    Command(
        "admins",
        roles.admins,
        menu=gettext_noop("Who may do what"),
        help=gettext_noop("/admins – who may do what"),
        role=Role.ADMIN,
        where=Where.PRIVATE,
    ),
    Command(
        "audit",
        audit.audit,
        menu=gettext_noop("Who did what"),
        help=gettext_noop("/audit – who did what"),
        role=Role.ADMIN,
        where=Where.PRIVATE,
    ),
    Command(
        "stats",
        admin.stats,
        menu=gettext_noop("Readers, articles, messages"),
        help=gettext_noop("/stats – readers, articles, deliveries"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "doctor",
        admin.doctor,
        menu=gettext_noop("What needs mending"),
        help=gettext_noop("/doctor – what needs mending"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "uncertain",
        admin.uncertain,
        menu=gettext_noop("What may not have come"),
        help=gettext_noop("/uncertain – what may not have come"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "invite",
        invite.invite,
        menu=gettext_noop("A link that lets somebody in"),
        help=gettext_noop("/invite – a link that lets somebody in"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "hide",
        hide.hide,
        menu=gettext_noop("Keep a category or source from readers"),
        help=_HIDE,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "show",
        hide.show,
        menu=gettext_noop("Show a category or source again"),
        help=_HIDE,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "hidden",
        hide.hidden,
        menu=gettext_noop("What is hidden, to show it again"),
        help=_HIDE,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "withdraw",
        withdraw.withdraw,
        menu=gettext_noop("Take an article out"),
        help=_WITHDRAW,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "unwithdraw",
        withdraw.unwithdraw,
        menu=gettext_noop("Bring an article back"),
        help=_WITHDRAW,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "grant",
        roles.grant,
        menu=gettext_noop("Give somebody a role"),
        help=_GRANT,
        role=Role.OWNER,
        where=Where.PRIVATE,
    ),
    Command(
        "revoke",
        roles.revoke,
        menu=gettext_noop("Take somebody's role"),
        help=_GRANT,
        role=Role.OWNER,
        where=Where.PRIVATE,
    ),
)


def add_admin_presses(presses: PressTable, services: AdminServices) -> None:
    """Register the handlers of admins' buttons."""
    room = presses.of(services)
    room.add(AuditButton, audit.page_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(ResendButton, admin.resend, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(HideButton, hide.hide_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(ShowAgainButton, hide.show_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(WithdrawButton, withdraw.pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
