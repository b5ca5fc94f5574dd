"""Which command and which button leads where: the whole chat at one look."""

from __future__ import annotations

from typing import Any

from bot import callbacks
from bot.callbacks import ActionButton, Button
from bot.handlers import invitations as links
from bot.handlers.admins import admin, audit, roles, withdraw
from bot.handlers.admins import hide as hiding
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.screens import WRITING, Announcing
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
            callbacks.BrowseButton: browse.browse,
            callbacks.ToggleButton: browse.toggle,
            callbacks.FinishButton: start.finish,
            callbacks.TimesButton: settings.times_pressed,
            callbacks.SetTimeButton: settings.time_pressed,
            callbacks.ZonesButton: settings.zones_pressed,
            callbacks.SetZoneButton: settings.zone_pressed,
            callbacks.SettingsButton: rhythm.tune_pressed,
            callbacks.SetDaysButton: rhythm.days_pressed,
            callbacks.SetQuietButton: rhythm.quiet_pressed,
            callbacks.SetSoundButton: rhythm.sound_pressed,
            callbacks.SetLeastButton: rhythm.least_pressed,
            callbacks.ListingButton: lookup.listing_pressed,
            callbacks.FoundButton: lookup.found_pressed,
            callbacks.MoreButton: lookup.more,
            callbacks.SourcesButton: stories.sources_pressed,
            callbacks.MissedButton: lookup.missed,
            callbacks.SubscribeButton: browse.subscribe_pressed,
            callbacks.UnsubscribeButton: browse.unsubscribe_pressed,
            callbacks.SubscriptionsButton: browse.subscriptions_pressed,
            callbacks.ActionButton: _do,
            callbacks.AudienceButton: announcing.options.choose,
            callbacks.AudiencePageButton: announcing.options.turn,
            callbacks.ConfirmButton: announcing.sending.confirm,
            callbacks.DiscardButton: announcing.sending.discard,
            callbacks.HideButton: hiding.hide_pressed,
            callbacks.ShowAgainButton: hiding.show_pressed,
            callbacks.WithdrawButton: withdraw.pressed,
            callbacks.ResendButton: admin.resend,
            callbacks.CardButton: announcing.pressed,
            callbacks.AnnouncementsButton: announcing.going.turned,
            callbacks.AuditButton: audit.turned,
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
        callbacks.AudienceButton,
        callbacks.AudiencePageButton,
        callbacks.ConfirmButton,
        callbacks.DiscardButton,
        callbacks.CardButton,
        callbacks.AnnouncementsButton,
    }
)
_ADMIN_PRESSES: frozenset[type] = frozenset(
    {
        callbacks.AuditButton,
        callbacks.ResendButton,
        callbacks.HideButton,
        callbacks.ShowAgainButton,
        callbacks.WithdrawButton,
    }
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


async def _do(talk: Talk, callback: Button) -> None:
    assert isinstance(callback, ActionButton)
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
        is_writing = dialog is not None and dialog.step == WRITING and talk.role is not None
        if is_writing and dialog is not None and await self._announcing.written(talk, dialog):
            return
        if talk.text:
            await lookup.search(talk)
        else:
            await talk.reply(talk.words.html("I can search for words, and I know some commands: /help"))
