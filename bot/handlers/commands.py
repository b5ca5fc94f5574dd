"""Which command and which button leads where: the whole chat at one look."""

from __future__ import annotations

from typing import Any

from bot import callbacks
from bot.callbacks import Callback, Do
from bot.handlers import invitations as links
from bot.handlers.admins import admin, audit, roles, withdraw
from bot.handlers.admins import hide as hiding
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.screens import Announcing
from bot.handlers.context import Action, Talk
from bot.handlers.privately import privately
from bot.handlers.readers import categories as browse
from bot.handlers.readers import schedule as settings
from bot.handlers.readers import search as lookup
from bot.handlers.readers import settings as rhythm
from bot.handlers.readers import start, stories
from bot.handlers.services import House


def routes(house: House, reporter: Reporter) -> dict[str, Any]:
    """The arguments of a Router."""
    announcing = Announcing(house, reporter)
    return {
        "commands": _COMMANDS,
        "admin_commands": {
            "announce": announcing.begin,
            "announcements": announcing.going.listing,
            "admins": roles.admins,
            "grant": roles.grant,
            "revoke": roles.revoke,
            "audit": audit.audit,
            "stats": privately(admin.stats),
            "doctor": privately(admin.doctor),
            "invite": privately(links.invite),
            "hide": privately(hiding.hide),
            "show": privately(hiding.show),
            "hidden": privately(hiding.hidden),
            "withdraw": privately(withdraw.withdraw),
            "unwithdraw": privately(withdraw.unwithdraw),
            "uncertain": privately(admin.uncertain),
        },
        "presses": {
            callbacks.Browse: browse.browse,
            callbacks.Toggle: browse.toggle,
            callbacks.Finish: start.finish,
            callbacks.Times: settings.times_pressed,
            callbacks.SetTime: settings.time_pressed,
            callbacks.Zones: settings.zones_pressed,
            callbacks.SetZone: settings.zone_pressed,
            callbacks.Tune: rhythm.tune_pressed,
            callbacks.SetDays: rhythm.days_pressed,
            callbacks.SetQuiet: rhythm.quiet_pressed,
            callbacks.SetSound: rhythm.sound_pressed,
            callbacks.SetLeast: rhythm.least_pressed,
            callbacks.Listing: lookup.listing_pressed,
            callbacks.Found: lookup.found_pressed,
            callbacks.More: lookup.more,
            callbacks.Sources: stories.sources_pressed,
            callbacks.Missed: lookup.missed,
            callbacks.Subscribe: browse.subscribe_pressed,
            callbacks.Unsubscribe: browse.unsubscribe_pressed,
            callbacks.Subscriptions: browse.subscriptions_pressed,
            callbacks.Do: _do,
            callbacks.Audience: announcing.options.choose,
            callbacks.AudiencePage: announcing.options.turn,
            callbacks.Confirm: announcing.sending.confirm,
            callbacks.Discard: announcing.sending.discard,
            callbacks.Hide: hiding.hide_pressed,
            callbacks.ShowAgain: hiding.show_pressed,
            callbacks.Withdraw: withdraw.pressed,
            callbacks.Resend: admin.resend,
            callbacks.Card: announcing.pressed,
            callbacks.Announcements: announcing.going.turned,
            callbacks.Audit: audit.turned,
        },
        "admin_presses": _EDITOR_PRESSES | _ADMIN_PRESSES,
        "editor_commands": frozenset({"announce", "announcements"}),
        "editor_presses": _EDITOR_PRESSES,
        "on_text": _Texts(announcing),
        "on_unknown": unknown,
        "on_start_link": links.open_start_link,
        "on_admin": links.give_menu,
    }


# What an announcement's buttons may do beyond drafting, their handlers ask the role for.
_EDITOR_PRESSES: frozenset[type] = frozenset(
    {
        callbacks.Audience,
        callbacks.AudiencePage,
        callbacks.Confirm,
        callbacks.Discard,
        callbacks.Card,
        callbacks.Announcements,
    }
)
_ADMIN_PRESSES: frozenset[type] = frozenset(
    {callbacks.Audit, callbacks.Resend, callbacks.Hide, callbacks.ShowAgain, callbacks.Withdraw}
)

_COMMANDS: dict[str, Action] = {
    "start": start.start,
    "help": start.help_,
    "digest": lookup.digest,
    "latest": lookup.latest,
    "search": lookup.search,
    "story": stories.story,
    "category": lookup.category,
    "categories": browse.categories,
    "subscribe": browse.subscribe,
    "unsubscribe": browse.unsubscribe,
    "subscriptions": browse.subscriptions,
    "time": settings.time,
    "timezone": settings.timezone,
    "settings": rhythm.settings,
    "days": rhythm.days,
    "quiet": rhythm.quiet,
    "pause": settings.pause,
    "resume": settings.resume,
    "stop": settings.stop,
    "id": start.my_id,
}


async def _close(talk: Talk) -> None:
    await talk.remove()


async def _cancel(talk: Talk) -> None:
    await talk.house.people.set_dialog(talk.chat.id, talk.user.id, None, talk.now)
    await talk.show(talk.words.html("Cancelled."))


_ACTIONS: dict[str, Action] = {
    "digest": lookup.digest,
    "latest": lookup.latest,
    "menu": start.menu,
    "pause": settings.pause,
    "resume": settings.resume,
    "erase": settings.erase_asked,
    "erase!": settings.erase,
    "close": _close,
    "cancel": _cancel,
}


async def _do(talk: Talk, callback: Callback) -> None:
    assert isinstance(callback, Do)
    action = _ACTIONS.get(callback.what)
    if action is not None:
        await action(talk)


async def unknown(talk: Talk) -> None:
    await talk.reply(talk.words.html("I don't know that command. /help shows what I can do."))


class _Texts:
    """A message that is no command: the answer to a question of ours, or else words to search for."""

    def __init__(self, announcing: Announcing) -> None:
        self._announcing = announcing

    async def __call__(self, talk: Talk) -> None:
        dialog = await talk.house.people.dialog(talk.chat.id, talk.user.id)
        # All dialogs there are so far are of those who write announcements.
        if dialog is not None and talk.role is not None and await self._announcing.written(talk, dialog):
            return
        if talk.text:
            await lookup.search(talk)
        else:
            await talk.reply(talk.words.html("I can search for words, and I know some commands: /help"))
