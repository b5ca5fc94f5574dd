"""/admins, /grant, /revoke: who may do what."""

from __future__ import annotations

from bot.handlers.context import Context
from bot.handlers.services import AdminServices
from bot.i18n import Translator
from bot.text.markup import LINE_BREAK, Html
from config.accounts import is_person
from digests.model.audit import AuditAct
from digests.model.role import Role

_MARKS = {Role.OWNER: "👑", Role.ADMIN: "🛠", Role.EDITOR: "✍️"}


async def admins(context: Context, services: AdminServices) -> None:
    """List everybody with a role; tell owners how to change that."""
    t = context.t
    roles = await context.access.roles()
    lines = [t.html("<b>Who may do what</b>")]
    order = list(Role)
    for user, role in sorted(roles.items(), key=lambda user_role: order.index(user_role[1])):
        lines.append(
            t.html(
                "{mark} {name} (<code>{id}</code>) – {role}",
                mark=_MARKS[role],
                name=await context.notifier.name_of(user),
                id=user,
                role=role_label(role, t),
            )
        )
    lines.append(Html(""))
    lines.append(
        t.html(
            "Editors write announcements; admins also send them and look after the bot; owners give and revoke roles."
        )
    )
    if context.role is Role.OWNER:
        lines.append(t.html("/grant ID admin, /grant ID editor, /revoke ID. People find their id with /id"))
    await context.reply(LINE_BREAK.join(lines))


async def grant(context: Context, services: AdminServices) -> None:
    """Give somebody the role that /grant ID admin (or editor) names, and tell them."""
    user, rest = _user_of(context.text)
    role = next((role for role in (Role.ADMIN, Role.EDITOR) if rest == str(role)), None)
    if user is None or role is None:
        await context.reply(
            context.t.html(
                "Write it like <code>/grant 123456 admin</code>, or <code>editor</code>. People find their id with /id"
            )
        )
        return
    if not is_person(user) or user == context.client.bot.id:
        await context.reply(
            context.t.html("{id} is not a person’s id: bots and Telegram’s own accounts can’t have a role.", id=user)
        )
        return
    if (await context.access.roles()).get(user) is Role.OWNER:
        await context.reply(context.t.html("They are already an owner."))
        return
    await services.people.grant(user, role, context.now)
    await context.record(AuditAct.GRANT, user=user, role=str(role))
    await services.menus.change(user, role)
    name = await context.notifier.name_of(user)
    await context.reply(context.t.html("{name} is now: {role}.", name=name, role=role_label(role, context.t)))
    await _tell(context, services, user, role)


async def revoke(context: Context, services: AdminServices) -> None:
    """Take the role away from the person whose id /revoke names."""
    user, _ = _user_of(context.text)
    if user is None:
        await context.reply(context.t.html("Write it like <code>/revoke 123456</code>. /admins shows who has a role."))
        return
    if context.access.is_owner_by_settings(user):
        await context.reply(context.t.html("They are listed in the settings (telegram.admins); remove them there."))
        return
    if user == context.user.id:
        await context.reply(context.t.html("Only another owner can revoke your role."))
        return
    if not await services.people.revoke(user):
        await context.reply(context.t.html("They have no role."))
        return
    await context.record(AuditAct.REVOKE, user=user)
    await services.menus.change(user, None)
    await context.reply(context.t.html("{name} no longer has a role.", name=await context.notifier.name_of(user)))


def role_label(role: Role, t: Translator) -> str:
    """Return the name of a role."""
    match role:
        case Role.OWNER:
            return t("owner")
        case Role.ADMIN:
            return t("admin")
        case Role.EDITOR:
            return t("editor")


async def _tell(context: Context, services: AdminServices, user: int, role: Role) -> None:
    t = await context.notifier.translator_of(user)
    text = t.html("Your role is now: {role}. /help shows what you can do.", role=role_label(role, t))
    # Bots can't message people who never started them; those learn of their role from their menu and /help.
    await context.notifier.notify(user, text)


def _user_of(text: str) -> tuple[int | None, str]:
    first, _, rest = text.strip().partition(" ")
    is_id = first.isascii() and first.isdigit() and 0 < len(first) < 19
    return (int(first) if is_id else None), rest.strip().casefold()
