"""The commands and buttons of admins, and those of owners."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import AuditButton, HideButton, ResendButton, ShowAgainButton, StatisticsButton, WithdrawButton
from bot.handlers.admins import admin, audit, hide, invite, roles, statistics, withdraw
from bot.handlers.command import Command, Where
from bot.handlers.context import Context
from bot.handlers.presses import InGroup, PressTable
from bot.handlers.services import AdminServices
from bot.i18n import gettext_noop
from digests.model.role import Role

_HIDE = gettext_noop("/hide NAME, /show NAME, /hidden – categories and sources kept from readers")
_WITHDRAW = gettext_noop("/withdraw and /unwithdraw – remove an article from search and digests, or restore it")
_GRANT = gettext_noop("/grant ID admin, /grant ID editor, /revoke ID – give someone a role, or revoke it")

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
        statistics.stats,
        menu=gettext_noop("Readers, articles, messages"),
        help=gettext_noop("/stats – readers, articles, deliveries"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "doctor",
        admin.doctor,
        menu=gettext_noop("Problems to fix"),
        help=gettext_noop("/doctor – problems to fix"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "version",
        admin.version,
        menu=gettext_noop("The program's version"),
        help=gettext_noop("/version – the program's version"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "uncertain",
        admin.uncertain,
        menu=gettext_noop("Unconfirmed deliveries"),
        help=gettext_noop("/uncertain – unconfirmed deliveries"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "invite",
        invite.invite,
        menu=gettext_noop("Create an invitation link"),
        help=gettext_noop("/invite – create an invitation link"),
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "hide",
        hide.hide,
        menu=gettext_noop("Hide a category or source"),
        help=_HIDE,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "show",
        hide.show,
        menu=gettext_noop("Unhide a category or source"),
        help=_HIDE,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "hidden",
        hide.hidden,
        menu=gettext_noop("See what is hidden, and unhide it"),
        help=_HIDE,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "withdraw",
        withdraw.withdraw,
        menu=gettext_noop("Withdraw an article"),
        help=_WITHDRAW,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "unwithdraw",
        withdraw.unwithdraw,
        menu=gettext_noop("Restore an article"),
        help=_WITHDRAW,
        role=Role.ADMIN,
        where=Where.ASIDE,
    ),
    Command(
        "grant",
        roles.grant,
        menu=gettext_noop("Give someone a role"),
        help=_GRANT,
        role=Role.OWNER,
        where=Where.PRIVATE,
    ),
    Command(
        "revoke",
        roles.revoke,
        menu=gettext_noop("Revoke a role"),
        help=_GRANT,
        role=Role.OWNER,
        where=Where.PRIVATE,
    ),
)


def add_admin_presses(presses: PressTable, services: AdminServices) -> None:
    """Register the handlers of admins' buttons."""
    room = presses.of(services)
    room.add(AuditButton, audit.page_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(StatisticsButton, statistics.span_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(ResendButton, admin.resend, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(HideButton, hide.hide_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(ShowAgainButton, hide.show_pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
    room.add(WithdrawButton, withdraw.pressed, role=Role.ADMIN, in_group=InGroup.NOBODY)
