"""A strict Telegram Bot API on 127.0.0.1, with a person's side: for the demo, for development and for the tests.

It judges the bot from outside: nothing here knows python-telegram-bot or any room of the bot.
"""
