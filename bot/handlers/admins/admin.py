"""What admins see: problems to fix, and unconfirmed deliveries."""

from __future__ import annotations

from importlib import metadata

from bot.callbacks import ResendButton
from bot.handlers.context import Context
from bot.handlers.services import AdminServices
from bot.keyboards.digest import resend_keyboard
from bot.text.markup import LINE_BREAK
from digests.model.audit import AuditAct


async def doctor(context: Context, services: AdminServices) -> None:
    """Show the same checks as `digestbot doctor`, the worst first."""
    checks = await services.health.checks(context.now)
    marks = {"ok": "✅", "warning": "⚠️", "error": "❌"}
    lines = [context.t.html("<b>Health</b>")]
    lines.extend(
        context.t.html("{mark} {what}: {text}", mark=marks[check.level], what=check.what, text=check.text[:300])
        for check in checks[:20]
    )
    await context.reply(LINE_BREAK.join(lines))


async def version(context: Context, _services: AdminServices) -> None:
    """Show the version of the program that is running."""
    await context.reply(context.t.html("digestbot {version}", version=metadata.version("digestbot")))


async def uncertain(context: Context, services: AdminServices) -> None:
    """Show how many deliveries are unconfirmed, with a button that risks a second copy of each."""
    number = await services.ledger.uncertain()
    if not number:
        await context.reply(context.t.html("Nothing is unconfirmed: I know of every message whether it arrived."))
        return
    text = context.t.count_html(
        "I can't tell whether <b>{n} message</b> arrived: the connection broke or the bot stopped while it was "
        "being sent. If you send it again, it may arrive twice.",
        "I can't tell whether <b>{n} messages</b> arrived: the connection broke or the bot stopped while they "
        "were being sent. If you send them again, some may arrive twice.",
        number,
    )
    await context.reply(text, resend_keyboard(context.t))


async def resend(context: Context, services: AdminServices, _pressed: ResendButton) -> None:
    """Send the unconfirmed messages again."""
    number = await services.ledger.resend_uncertain(context.now)
    await context.record(AuditAct.RESEND_UNCERTAIN, chats=number)
    await context.show(context.t.count_html("Sending {n} message again.", "Sending {n} messages again.", number))
