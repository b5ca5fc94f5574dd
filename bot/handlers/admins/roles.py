"""/admins, /grant, /revoke: who may do what."""

from __future__ import annotations

from bot.handlers.context import Talk
from bot.i18n import Speech
from bot.markup import Html
from config.accounts import is_person
from digests.model.role import Role

_MARKS = {Role.OWNER: "👑", Role.ADMIN: "🛠", Role.EDITOR: "✍️"}


async def admins(talk: Talk) -> None:
    """Everybody with a role, and how that is changed."""
    words = talk.words
    roles = await talk.house.roles()
    lines = [words.html("<b>Who may do what</b>")]
    order = list(Role)
    for user, role in sorted(roles.items(), key=lambda one: order.index(one[1])):
        lines.append(
            words.html(
                "{mark} {name} (<code>{id}</code>) – {role}",
                mark=_MARKS[role],
                name=await talk.house.name_of(user),
                id=user,
                role=role_label(role, words),
            )
        )
    lines.append(Html(""))
    lines.append(
        words.html("Editors write announcements; admins send them too and see to the bot; owners give and take roles.")
    )
    if talk.role is Role.OWNER:
        lines.append(words.html("/grant ID admin, /grant ID editor, /revoke ID. Anyone’s id: /id"))
    await talk.reply(Html("\n".join(lines)))


async def grant(talk: Talk) -> None:
    """/grant ID admin|editor"""
    user, rest = _user_of(talk.text)
    role = next((one for one in (Role.ADMIN, Role.EDITOR) if rest == str(one)), None)
    if user is None or role is None:
        await talk.reply(
            talk.words.html("Write it like <code>/grant 123456 admin</code>, or <code>editor</code>. Anyone’s id: /id")
        )
        return
    if not is_person(user) or user == talk.house.bot.id:
        await talk.reply(
            talk.words.html("{id} is not a person’s id: bots and Telegram’s own accounts can’t have a role.", id=user)
        )
        return
    if (await talk.house.roles()).get(user) is Role.OWNER:
        await talk.reply(talk.words.html("That is an owner already."))
        return
    await talk.house.people.grant(user, role, talk.now)
    await talk.house.audit(talk.user.id, "grant", user=user, role=str(role))
    await talk.house.menus.change(user, role)
    name = await talk.house.name_of(user)
    await talk.reply(talk.words.html("{name} is now: {role}.", name=name, role=role_label(role, talk.words)))
    await _tell(talk, user, role)


async def revoke(talk: Talk) -> None:
    """/revoke ID"""
    user, _ = _user_of(talk.text)
    if user is None:
        await talk.reply(talk.words.html("Write it like <code>/revoke 123456</code>. /admins shows who has a role."))
        return
    if user in talk.house.settings.telegram.admins:
        await talk.reply(talk.words.html("That one is named in the settings (telegram.admins); take him out there."))
        return
    if user == talk.user.id:
        await talk.reply(talk.words.html("Your own role only another owner can take."))
        return
    if not await talk.house.people.revoke(user):
        await talk.reply(talk.words.html("That one has no role."))
        return
    await talk.house.audit(talk.user.id, "revoke", user=user)
    await talk.house.menus.change(user, None)
    await talk.reply(talk.words.html("{name} has no role any more.", name=await talk.house.name_of(user)))


def role_label(role: Role, words: Speech) -> str:
    match role:
        case Role.OWNER:
            return words.say("owner")
        case Role.ADMIN:
            return words.say("admin")
        case Role.EDITOR:
            return words.say("editor")


async def _tell(talk: Talk, user: int, role: Role) -> None:
    words = await talk.house.words_of(user)
    text = words.html("You are now: {role}. /help shows what you can do.", role=role_label(role, words))
    # Who has not written to the bot yet hears it from his menu and /help when he does.
    await talk.house.tell(user, text)


def _user_of(text: str) -> tuple[int | None, str]:
    first, _, rest = text.strip().partition(" ")
    is_id = first.isascii() and first.isdigit() and 0 < len(first) < 19
    return (int(first) if is_id else None), rest.strip().casefold()
