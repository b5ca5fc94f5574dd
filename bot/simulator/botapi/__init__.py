"""The bot's side: Telegram's Bot API over HTTP, as strict as Telegram's own server."""
