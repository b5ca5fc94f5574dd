"""Texts as Telegram and programs read them: escaped, inert, and moments in ISO 8601 (pure)."""
