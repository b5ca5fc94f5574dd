"""The methods getUpdates, setWebhook, deleteWebhook, getWebhookInfo and getFile."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.text.formatted import Json

_MAX_POLL_SECONDS = 50
_MAX_UPDATES = 100
_PORTS = (80, 88, 443, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_MAX_SECRET = 256
_MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


async def get_updates(call: Call) -> list[Json]:
    """Return updates, waiting for the first up to `timeout` seconds."""
    world = call.world
    if world.webhook.url:
        raise Refusal(409, _WEBHOOK_ACTIVE)
    limit = min(max(call.number("limit", _MAX_UPDATES), 1), _MAX_UPDATES)
    seconds = min(max(call.number("timeout"), 0), _MAX_POLL_SECONDS)
    _allow(call)
    return await world.updates.fetch(call.number("offset"), limit, seconds, is_gone=call.is_gone)


def set_webhook(call: Call) -> bool:
    """Set the webhook, or delete it when the address is empty."""
    url = call.text("url")
    if not url:
        return delete_webhook(call)
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    if (parts.port or 443) not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = call.text("secret_token")
    if len(secret) > _MAX_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _allow(call)
    if call.flag("drop_pending_updates"):
        call.world.updates.waiting.clear()
    call.world.updates.end_polling()
    connections = min(max(call.number("max_connections", 40), 1), 100)
    call.world.webhook.set(url, secret, connections)
    return True


def delete_webhook(call: Call) -> bool:
    """Delete the webhook."""
    if call.flag("drop_pending_updates"):
        call.world.updates.waiting.clear()
    call.world.webhook.unset()
    return True


def get_webhook_info(call: Call) -> Json:
    """Return Telegram's WebhookInfo."""
    world = call.world
    shown = world.webhook.as_json() | {"pending_update_count": len(world.updates.waiting)}
    if world.updates.allowed:
        shown["allowed_updates"] = list(world.updates.allowed)
    return shown


def get_file(call: Call) -> Json:
    """Return a file with the path to download it from."""
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = call.world.files.get(file_id)
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > _MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**file.as_json(), "file_path": file.path}


def _allow(call: Call) -> None:
    kinds = call.strings("allowed_updates")
    if kinds is not None:
        call.world.updates.allow(kinds)
