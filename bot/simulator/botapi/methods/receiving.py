"""getUpdates, setWebhook, deleteWebhook, getWebhookInfo, getFile."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import Refusal, bad
from bot.simulator.text.formatted import Json

_LONGEST_POLL = 50
_MOST_UPDATES = 100
_PORTS = (80, 88, 443, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LONGEST_SECRET = 256
_DOWNLOAD_BYTES = 20 * 1024 * 1024
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


async def get_updates(call: Call) -> list[Json]:
    world = call.world
    if world.webhook.url:
        raise Refusal(409, _WEBHOOK_ACTIVE)
    limit = min(max(call.number("limit", _MOST_UPDATES), 1), _MOST_UPDATES)
    seconds = min(max(call.number("timeout"), 0), _LONGEST_POLL)
    _allow(call)
    return await world.updates.fetch(call.number("offset"), limit, seconds, is_gone=call.is_gone)


def set_webhook(call: Call) -> bool:
    url = call.text("url")
    if not url:
        return delete_webhook(call)
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not parts.hostname:
        raise bad("invalid webhook URL specified")
    if (parts.port or 443) not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = call.text("secret_token")
    if len(secret) > _LONGEST_SECRET:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    _allow(call)
    if call.flag("drop_pending_updates"):
        call.world.updates.waiting.clear()
    call.world.updates.webhook_was_set()
    connections = min(max(call.number("max_connections", 40), 1), 100)
    call.world.webhook.set(url, secret, connections)
    return True


def delete_webhook(call: Call) -> bool:
    if call.flag("drop_pending_updates"):
        call.world.updates.waiting.clear()
    call.world.webhook.unset()
    return True


def get_webhook_info(call: Call) -> Json:
    world = call.world
    shown = world.webhook.as_json() | {"pending_update_count": len(world.updates.waiting)}
    if world.updates.allowed:
        shown["allowed_updates"] = list(world.updates.allowed)
    return shown


def get_file(call: Call) -> Json:
    file_id = call.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    file = call.world.files.get(file_id)
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > _DOWNLOAD_BYTES:
        raise bad("file is too big")
    return {**file.as_json(), "file_path": file.path}


def _allow(call: Call) -> None:
    kinds = call.strings("allowed_updates")
    if kinds is not None:
        call.world.updates.allow(kinds)
