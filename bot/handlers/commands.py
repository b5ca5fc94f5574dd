"""Which command and which button leads where: the whole chat at one look."""

from __future__ import annotations

from typing import Any

from bot import callbacks
from bot.callbacks import ActionButton, Button
from bot.handlers import invitations as links
from bot.handlers.admins import admin, audit, roles, withdraw
from bot.handlers.admins import hide as hiding
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.screens import WRITING, AnnouncementScreens
from bot.handlers.context import CommandHandler, Context
from bot.handlers.privately import privately
from bot.handlers.readers import categories as browse
from bot.handlers.readers import schedule as settings
from bot.handlers.readers import search as lookup
from bot.handlers.readers import settings as rhythm
from bot.handlers.readers import start, stories
from bot.handlers.services import Services


def routes(services: Services, reporter: Reporter) -> dict[str, Any]:
    """The arguments of a Router."""
    screens = AnnouncementScreens(services, reporter)
    return {
        "commands": _COMMANDS,
        "admin_commands": {
            "announce": screens.begin,
            "announcements": screens.manage.listing,
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
            callbacks.AudienceButton: screens.options.choose,
            callbacks.AudiencePageButton: screens.options.turn_page,
            callbacks.ConfirmButton: screens.send.confirm,
            callbacks.DiscardButton: screens.send.discard,
            callbacks.HideButton: hiding.hide_pressed,
            callbacks.ShowAgainButton: hiding.show_pressed,
            callbacks.WithdrawButton: withdraw.pressed,
            callbacks.ResendButton: admin.resend,
            callbacks.CardButton: screens.pressed,
            callbacks.AnnouncementsButton: screens.manage.turn_page,
            callbacks.AuditButton: audit.page_pressed,
        },
        "admin_presses": _EDITOR_PRESSES | _ADMIN_PRESSES,
        "editor_commands": frozenset({"announce", "announcements"}),
        "editor_presses": _EDITOR_PRESSES,
        "on_text": _Texts(screens),
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

_COMMANDS: dict[str, CommandHandler] = {
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


async def _close(context: Context) -> None:
    await context.delete_message()


async def _cancel(context: Context) -> None:
    await context.services.people.set_dialog(context.chat.id, context.user.id, None, context.now)
    await context.show(context.t.html("Cancelled."))


_ACTIONS: dict[str, CommandHandler] = {
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


async def _do(context: Context, callback: Button) -> None:
    assert isinstance(callback, ActionButton)
    action = _ACTIONS.get(callback.what)
    if action is not None:
        await action(context)


async def unknown(context: Context) -> None:
    await context.reply(context.t.html("I don't know that command. /help shows what I can do."))


class _Texts:
    """A message that is no command: the answer to a question of ours, or else words to search for."""

    def __init__(self, screens: AnnouncementScreens) -> None:
        self._screens = screens

    async def __call__(self, context: Context) -> None:
        dialog = await context.services.people.dialog(context.chat.id, context.user.id)
        is_writing = dialog is not None and dialog.step == WRITING and context.role is not None
        if is_writing and dialog is not None and await self._screens.written(context, dialog):
            return
        if context.text:
            await lookup.search(context)
        else:
            await context.reply(context.t.html("I can search for words, and I know some commands: /help"))
