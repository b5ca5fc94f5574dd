"""The commands and buttons of readers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.callbacks import (
    ActionButton,
    AskMuteButton,
    AskWishButton,
    ClockButton,
    ClocksButton,
    DeepLinkButton,
    EndWishButton,
    FinishButton,
    FollowAgainButton,
    FollowedButton,
    FollowSourceButton,
    KeepZoneButton,
    LanguagesButton,
    MissedButton,
    MoreButton,
    MuteButton,
    MuteSourceButton,
    PreviewButton,
    RestoreWishButton,
    SeenMagazineButton,
    SetAtOnceButton,
    SetDaysButton,
    SetLanguageButton,
    SetLayoutButton,
    SetLeastButton,
    SetMuteButton,
    SetQuietButton,
    SetSoundButton,
    SetTasteButton,
    SetTimeButton,
    SetZoneButton,
    SubscribeButton,
    SubscriptionsButton,
    TasteButton,
    TastesButton,
    TimesButton,
    TryMagazineButton,
    TypeCityButton,
    UnfollowButton,
    UnsubscribeButton,
    WatchButton,
    WhyButton,
    WishButton,
    ZonesButton,
)
from bot.handlers.command import Command, Where
from bot.handlers.context import Context
from bot.handlers.headings import CONTENTS, LOOK_UP, MORE, SCHEDULE, YOUR_DIGEST
from bot.handlers.presses import InGroup, PressTable
from bot.handlers.readers import (
    actions,
    categories,
    digests,
    following,
    hours,
    languages,
    layouts,
    links,
    magazine,
    muting,
    own_data,
    previews,
    schedule,
    settings,
    start,
    taste,
    watching,
    why,
    wishing,
    zones,
)
from bot.handlers.readers.settings_table import add_settings_presses
from bot.handlers.services import ReaderServices
from bot.i18n import gettext_noop

_FOLLOW = gettext_noop("/subscribe NAME, /unsubscribe NAME – follow a category or a source, or no longer")
_OWN_DATA = gettext_noop("/privacy, /export, /forget – your data: what I keep, as a file, deleted")
_BREAK = gettext_noop("/pause 7d and /resume – a break")

READER_COMMANDS: tuple[Command[Callable[[Context, ReaderServices], Awaitable[None]]], ...] = (
    Command(
        "start",
        start.start,
        menu=gettext_noop("Set up your digest"),
        help=gettext_noop("/start – choose categories and a time"),
        heading=YOUR_DIGEST,
    ),
    Command(
        "digest",
        digests.digest,
        menu=gettext_noop("What's new, right now"),
        help=gettext_noop("/digest – what's new, right now"),
        heading=YOUR_DIGEST,
    ),
    Command(
        "preview",
        previews.preview,
        menu=gettext_noop("Your next digest, as it stands"),
        help=gettext_noop("/preview – your next digest, as it stands"),
        heading=YOUR_DIGEST,
    ),
    Command(
        "why",
        why.why,
        menu=gettext_noop("Why an article came, or did not"),
        help=gettext_noop("/why LINK – why an article came, or did not"),
        heading=YOUR_DIGEST,
    ),
    Command(
        "categories",
        categories.categories,
        menu=gettext_noop("Browse and choose categories"),
        help=gettext_noop("/categories – browse and tick what you want"),
        heading=CONTENTS,
    ),
    Command(
        "category",
        categories.category,
        menu=gettext_noop("The newest of one category"),
        help=gettext_noop("/category NAME – the newest of one category"),
        heading=LOOK_UP,
    ),
    Command(
        "subscriptions",
        following.subscriptions,
        menu=gettext_noop("What your digest is made of"),
        help=gettext_noop("/subscriptions – all that your digest is made of"),
        heading=CONTENTS,
    ),
    Command(
        "subscribe",
        following.subscribe,
        menu=gettext_noop("Follow a category"),
        help=_FOLLOW,
        heading=CONTENTS,
    ),
    Command(
        "unsubscribe",
        following.unsubscribe,
        menu=gettext_noop("Unfollow a category"),
        help=_FOLLOW,
        heading=CONTENTS,
    ),
    Command(
        "watch",
        watching.watch_words,
        menu=gettext_noop("Watch for words"),
        help=gettext_noop("/watch WORDS – articles with these words, from everywhere"),
        heading=CONTENTS,
    ),
    Command(
        "mute",
        muting.mute,
        menu=gettext_noop("Mute words, a source or a category"),
        help=gettext_noop("/mute WORDS 7d – keep words, a source or a category away"),
        heading=CONTENTS,
    ),
    Command(
        "settings",
        settings.settings,
        menu=gettext_noop("Your digest: looks, days, quiet hours, sound"),
        help=gettext_noop("/settings – everything about it, on one screen"),
        heading=YOUR_DIGEST,
    ),
    Command(
        "time",
        schedule.time,
        menu=gettext_noop("When your digest arrives"),
        help=gettext_noop("/time 07:30 18:00 – at what times"),
        heading=SCHEDULE,
    ),
    Command(
        "timezone",
        zones.timezone,
        menu=gettext_noop("Your time zone"),
        help=gettext_noop("/timezone Berlin – your time zone"),
        heading=SCHEDULE,
    ),
    Command(
        "language",
        languages.language,
        menu=gettext_noop("The language I speak"),
        help=gettext_noop("/language – the language I speak"),
        heading=MORE,
    ),
    Command(
        "days",
        hours.days,
        menu=gettext_noop("Which days your digest arrives"),
        help=gettext_noop("/days mon-fri – on which days"),
        heading=SCHEDULE,
    ),
    Command(
        "quiet",
        hours.quiet,
        menu=gettext_noop("Hours without messages"),
        help=gettext_noop("/quiet 22:00-07:00 – hours without messages"),
        heading=SCHEDULE,
    ),
    Command("pause", schedule.pause, menu=gettext_noop("Take a break"), help=_BREAK, heading=SCHEDULE),
    Command("resume", schedule.resume, menu=gettext_noop("Resume your digest"), help=_BREAK, heading=SCHEDULE),
    Command(
        "stop",
        schedule.stop,
        menu=gettext_noop("No more messages"),
        help=gettext_noop("/stop – no more messages"),
        heading=SCHEDULE,
    ),
    Command(
        "link",
        links.make_link,
        menu=gettext_noop("A link to a category or an article"),
        help=gettext_noop("/link NAME – a link that subscribes to a category in one tap"),
        heading=MORE,
    ),
    Command(
        "privacy",
        own_data.privacy,
        menu=gettext_noop("What I keep about you"),
        help=_OWN_DATA,
        heading=MORE,
        is_personal=True,
    ),
    Command(
        "export",
        own_data.export,
        menu=gettext_noop("Your data as a file"),
        help=_OWN_DATA,
        heading=MORE,
        where=Where.PRIVATE,
    ),
    Command(
        "forget",
        own_data.forget,
        menu=gettext_noop("Delete all your data"),
        help=_OWN_DATA,
        heading=MORE,
        is_personal=True,
    ),
    Command(
        "id",
        start.my_id,
        menu=gettext_noop("Your Telegram id"),
        help=gettext_noop("/id – your Telegram id"),
        heading=MORE,
        is_personal=True,
    ),
)


def add_reader_presses(presses: PressTable, services: ReaderServices) -> None:
    """Register the handlers of readers' buttons."""
    room = presses.of(services)
    add_settings_presses(room)
    room.add(SubscriptionsButton, following.subscriptions_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(MoreButton, digests.more, in_group=InGroup.EVERYBODY)
    room.add(MissedButton, digests.missed, in_group=InGroup.EVERYBODY)
    room.add(PreviewButton, previews.preview_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(WhyButton, why.why_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(SubscribeButton, following.subscribe_pressed)
    room.add(UnsubscribeButton, following.unsubscribe_pressed)
    room.add(FinishButton, start.finish)
    room.add(TimesButton, schedule.times_pressed)
    room.add(SetTimeButton, schedule.time_pressed)
    room.add(ZonesButton, zones.zones_pressed)
    room.add(ClocksButton, zones.clocks_pressed)
    room.add(ClockButton, zones.clock_pressed)
    room.add(SetZoneButton, zones.zone_pressed)
    room.add(KeepZoneButton, zones.keep_pressed)
    room.add(TypeCityButton, zones.type_pressed)
    room.add(LanguagesButton, languages.languages_pressed)
    room.add(SetLanguageButton, languages.language_pressed)
    room.add(SetDaysButton, hours.days_pressed)
    room.add(SetQuietButton, hours.quiet_pressed)
    room.add(SetSoundButton, settings.sound_pressed)
    room.add(SetLeastButton, settings.least_pressed)
    room.add(SetLayoutButton, layouts.layout_pressed)
    room.add(TryMagazineButton, magazine.try_pressed, in_group=InGroup.EVERYBODY)
    room.add(SeenMagazineButton, magazine.seen_pressed)
    room.add(FollowedButton, following.followed_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(FollowAgainButton, following.follow_again_pressed)
    room.add(FollowSourceButton, following.follow_source_pressed)
    room.add(WatchButton, watching.watch_pressed)
    room.add(AskMuteButton, muting.ask_mute_pressed)
    room.add(MuteButton, muting.mute_pressed)
    room.add(MuteSourceButton, muting.mute_source_pressed)
    room.add(AskWishButton, muting.ask_wish_pressed)
    room.add(WishButton, wishing.wish_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(SetAtOnceButton, wishing.at_once_pressed)
    room.add(SetMuteButton, wishing.mute_end_pressed)
    room.add(EndWishButton, wishing.end_pressed)
    room.add(RestoreWishButton, wishing.restore_wish_pressed)
    room.add(TasteButton, taste.taste_pressed, in_group=InGroup.EVERYBODY)
    room.add(SetTasteButton, taste.set_taste_pressed)
    room.add(TastesButton, taste.tastes_pressed, in_group=InGroup.ASKER_OF_LIST)
    room.add(DeepLinkButton, links.link_pressed, in_group=InGroup.EVERYBODY)
    room.add(UnfollowButton, links.unfollow_pressed)
    room.add(ActionButton, actions.action_pressed)
