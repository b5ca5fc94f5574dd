"""Builds what the bot is made of from the settings, a file for each part: stores, use cases, handlers, senders."""
