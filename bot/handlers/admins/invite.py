"""/invite: a link that lets somebody in."""

from __future__ import annotations

from bot.handlers.context import Context
from bot.handlers.invitations import INVITE_LIFE
from bot.handlers.services import AdminServices
from bot.text.markup import escape
from digests.model.audit import AuditAct


async def invite(context: Context, services: AdminServices) -> None:
    """Send the two links of an invitation, for a person and for a group; the first use spends both."""
    invitation = await services.invitations.invite()
    await context.record(AuditAct.INVITE)
    await context.reply(
        context.t.html(
            "This link lets one person in and is valid for {days} days:\n"
            "{url}\n\nTo let a group in instead, one of its admins opens this link:\n"
            "{group_url}",
            days=INVITE_LIFE.days,
            url=escape(invitation.url),
            group_url=escape(invitation.group_url),
        )
    )
