"""Telegram's limits, named. Source: the Bot API's description, and measurements where it is silent."""

from datetime import timedelta

TEXT = 4096
"""Code points of a message's text, counted after its markup is parsed."""
CAPTION = 1024
MARKUP_BYTES = 1 << 15
"""Of a text with its markup, before it is parsed: long addresses of links count here."""
ENTITIES = 100
"""More are dropped silently, links and code last."""
CALLBACK_DATA = 64
"""Bytes."""
CALLBACK_ANSWER = 200
ALBUM = 10
"""Files in an album; one alone is none."""
DELETABLE_FOR = timedelta(hours=48)
"""How long a bot may delete what it wrote."""
MESSAGES_PER_STAR = 10
"""What is paid for messages above the free rate."""
BUTTONS = 100
BUTTONS_IN_ROW = 8
COMMAND_DESCRIPTION = 256
CHAT_RATE = 1.0
"""Messages a second to one chat; short bursts pass."""
CHAT_BURST = 4
