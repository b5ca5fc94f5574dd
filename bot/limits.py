"""Telegram's limits, named. Source: the Bot API's description, and measurements where it is silent."""

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
BUTTONS = 100
BUTTONS_IN_ROW = 8
COMMAND_DESCRIPTION = 256
CHAT_RATE = 1.0
"""Messages a second to one chat; short bursts pass."""
CHAT_BURST = 4
