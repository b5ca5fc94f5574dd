"""Inline mode: what people type behind the bot's name in any chat."""
