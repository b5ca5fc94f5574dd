"""What /help says: the commands of whoever asks, as the table lists them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.handlers.command import Command
from bot.handlers.headings import LOOK_UP
from bot.i18n import Translator, gettext_noop
from bot.text.markup import LINE_BREAK, Html
from digests.model.role import Role

_HEADINGS = {
    Role.OWNER: gettext_noop("<b>For admins</b>"),
    Role.ADMIN: gettext_noop("<b>For admins</b>"),
    Role.EDITOR: gettext_noop("<b>For editors</b>"),
}


def help_html(commands: Iterable[Command[object]], role: Role | None, t: Translator, inline: str = "") -> Html:
    """Return the commands for somebody with this role, a line for each or for those that share one.

    `inline` is the name by which the bot answers in any chat; "" where it does not.
    """
    sections: dict[str, dict[str, None]] = {}
    for command in commands:
        if command.is_for(role):
            lines = sections.setdefault(_HEADINGS[role] if command.role and role else command.heading, {})
            lines[command.editor_help if role is Role.EDITOR and command.editor_help else command.help] = None
    about = t.html("<b>What I do</b>\nI read the news and send you one digest a day from the categories you follow.")
    texts = {heading: [t.html(line) for line in lines] for heading, lines in sections.items()}
    if inline:
        name = Html(f"<code>@{inline}</code>")
        texts.setdefault(LOOK_UP, []).append(t.html("{name} WORDS – in any chat: find an article to send", name=name))
    paragraphs = [LINE_BREAK.join([t.html(heading), *lines]) for heading, lines in texts.items()]
    return Html("\n\n").join([about, *paragraphs])
