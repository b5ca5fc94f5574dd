"""What people are answered and told with, and what says what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from bot.handlers.access import Access
from bot.handlers.commands import COMMANDS
from bot.handlers.context import ChatClient
from bot.handlers.invitations import Invitations
from bot.handlers.menus import CommandMenus
from bot.handlers.notifier import Notifier
from bot.telegram.contents import PreviewSender
from bot.telegram.ephemeral import EphemeralSender
from bot.telegram.known_pictures import KnownPictures
from bot.telegram.limiter import Limiter
from bot.telegram.messenger import Messenger
from bot.telegram.part_pictures import PartPictures
from bot.telegram.photos import ArticlePhotos, UploadedPhotos
from bot.telegram.press_answers import PressAnswers
from bot.telegram.screens import Screens
from bot.wiring.foundation import Foundation
from digests.ports import OwnPictures
from digests.storage.people.visitors import VisitorStore


@dataclass(frozen=True, slots=True)
class Contact:
    """The ways to people, and their roles. `part_pictures` and `photos` know which pictures Telegram has."""

    chats: ChatClient
    access: Access
    notifier: Notifier
    menus: CommandMenus
    invitations: Invitations
    part_pictures: PartPictures
    photos: ArticlePhotos


def build_contact(foundation: Foundation, own_pictures: OwnPictures) -> Contact:
    """Join what reaches people over the stores and the client."""
    settings, stores, bot = foundation.settings, foundation.stores, foundation.client.bot
    known = KnownPictures(own_pictures)
    part_pictures = PartPictures(own_pictures, settings.web.public_url)
    access = Access(settings, VisitorStore(stores.database), stores.people)
    notifier = Notifier(bot, stores.places, settings.chat.language)
    menus = CommandMenus(bot, COMMANDS, settings.chat.language)
    invitations = Invitations(
        bot,
        stores.people,
        access,
        notifier,
        menus,
        stores.audit,
        foundation.clock,
        is_needed=settings.chat.access == "invite",
    )
    return Contact(
        chats=build_chat_client(foundation, known, part_pictures),
        access=access,
        notifier=notifier,
        menus=menus,
        invitations=invitations,
        part_pictures=part_pictures,
        photos=ArticlePhotos(known),
    )


def build_chat_client(foundation: Foundation, known: KnownPictures, part_pictures: PartPictures) -> ChatClient:
    """Return what messages, screens and answers to presses are sent with."""
    settings, stores, client = foundation.settings, foundation.stores, foundation.client
    photos = UploadedPhotos(stores.people, foundation.clock, known)
    messenger = Messenger(client.bot.base_url, client.people, Limiter(client.throttle), photos)
    return ChatClient(
        client.bot,
        messenger,
        Screens(messenger, stores.places.mark_lost, seconds=1 / settings.telegram.chat_rate),
        PressAnswers(messenger),
        PreviewSender(messenger, part_pictures),
        EphemeralSender(messenger, stores.places.refuse_ephemeral, is_on=settings.chat.ephemeral),
    )
