"""A strict Telegram Bot API on 127.0.0.1, with a person's side, for the demo, development and tests.

It judges the bot from outside: nothing here uses python-telegram-bot or any other package of the bot.
"""
