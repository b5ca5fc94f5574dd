"""What is too long for a button: kept in the database under a token, which only the same chat can use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.handlers.context import Context
from bot.handlers.services import FeedServices
from digests.model.feed import Feed, FeedKind, FeedOptions
from digests.model.ids import CategoryId

MOST_BYTES = 2_500
"""PostgreSQL's index over what is kept takes texts of up to 2,704 bytes."""
_ADDRESS, _PROPOSAL, _CATEGORY, _REMOVED, _FILE = "feed-address", "feed-proposal", "feed-category", "feed", "feed-file"
_TITLE = 100


@dataclass(frozen=True, slots=True)
class FeedProposal:
    """A feed that was tried out and may be added; `fitting` are categories that fit it, best first."""

    url: str
    title: str
    kind: FeedKind
    fitting: tuple[CategoryId, ...] = ()


@dataclass(frozen=True, slots=True)
class RemovedFeed:
    """A feed that was removed, with all that it takes to add it again."""

    url: str
    title: str
    kind: FeedKind
    options: FeedOptions


async def keep_address(context: Context, services: FeedServices, address: str, *, or_http: bool = False) -> str:
    """Keep the address that somebody asks about; `or_http`: that it is one of https is a guess."""
    return await _keep(context, services, _ADDRESS, [address, 1] if or_http else [address])


async def kept_address(context: Context, services: FeedServices, token: str) -> tuple[str, bool] | None:
    """Return the address, and whether https is a guess; None for a token that is unknown or forgotten."""
    fields = await _kept(context, services, _ADDRESS, token)
    return (str(fields[0]), len(fields) > 1) if fields else None


async def keep_proposal(context: Context, services: FeedServices, proposal: FeedProposal) -> str:
    """Keep a feed that may be added."""
    # The first look tells a title that is longer; a title that a feed has is never changed.
    title = proposal.title if len(proposal.title) <= _TITLE else ""
    return await _keep(context, services, _PROPOSAL, [proposal.url, title, proposal.kind, list(proposal.fitting)])


async def kept_proposal(context: Context, services: FeedServices, token: str) -> FeedProposal | None:
    """Return the feed; None for a token that is unknown or forgotten."""
    fields = await _kept(context, services, _PROPOSAL, token)
    if not fields:
        return None
    url, title, kind, fitting = fields
    return FeedProposal(url, title, FeedKind(kind), tuple(CategoryId(number) for number in fitting))


async def keep_category(context: Context, services: FeedServices, path: Sequence[str]) -> str:
    """Keep the path of a category that may not be there yet; "" for one that is too long to be kept."""
    return await _keep(context, services, _CATEGORY, list(path)) if _fits(_CATEGORY, list(path)) else ""


async def kept_category(context: Context, services: FeedServices, token: str) -> tuple[str, ...] | None:
    """Return the path; None for a token that is unknown or forgotten."""
    fields = await _kept(context, services, _CATEGORY, token)
    return tuple(str(name) for name in fields) if fields else None


async def keep_removed(context: Context, services: FeedServices, feed: Feed) -> str:
    """Keep what it takes to add a feed again; "" where that is too much."""
    options = feed.options
    fields: list[Any] = [feed.url, feed.title, feed.kind, list(options.category), options.language, options.every]
    fields += [options.full_text, options.tags_as_categories, options.user_agent]
    return await _keep(context, services, _REMOVED, fields) if _fits(_REMOVED, fields) else ""


async def kept_removed(context: Context, services: FeedServices, token: str) -> RemovedFeed | None:
    """Return the feed; None for a token that is unknown or forgotten."""
    fields = await _kept(context, services, _REMOVED, token)
    if not fields:
        return None
    url, title, kind, category, *more = fields
    return RemovedFeed(url, title, FeedKind(kind), FeedOptions(tuple(category), *more))


async def keep_file(context: Context, services: FeedServices, file_id: str) -> str:
    """Keep the name that Telegram has for a file."""
    return await _keep(context, services, _FILE, [file_id])


async def kept_file(context: Context, services: FeedServices, token: str) -> str | None:
    """Return the file's name; None for a token that is unknown or forgotten."""
    fields = await _kept(context, services, _FILE, token)
    return str(fields[0]) if fields else None


def is_keepable(address: str) -> bool:
    """Return whether an address is short enough to be kept, with what belongs to it."""
    return len(address.encode()) <= MOST_BYTES - 500


def _text(kind: str, fields: list[Any]) -> str:
    return json.dumps({kind: fields}, ensure_ascii=False, separators=(",", ":"))


def _fits(kind: str, fields: list[Any]) -> bool:
    return len(_text(kind, fields).encode()) <= MOST_BYTES


async def _keep(context: Context, services: FeedServices, kind: str, fields: list[Any]) -> str:
    return await services.people.keep_lookup(context.chat.id, _text(kind, fields), context.now)


async def _kept(context: Context, services: FeedServices, kind: str, token: str) -> list[Any] | None:
    """Return the fields that are kept under a token; None for what was not kept for this: a search, another kind."""
    text = await services.people.lookup(context.chat.id, token)
    if text is None or not text.startswith(f'{{"{kind}":['):
        return None
    found: list[Any] = json.loads(text)[kind]
    return found
