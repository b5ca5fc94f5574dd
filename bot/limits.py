"""Telegram's limits: from the Bot API's documentation, and measured where that is silent."""

from datetime import timedelta

TEXT = 4096
"""Code points in a message, counted after its markup is parsed."""
CAPTION = 1024
MARKUP_BYTES = 1 << 15
"""Bytes in a message before its markup is parsed; long link addresses count here."""
ENTITIES = 100
"""Entities in a message; Telegram silently drops the rest, links and code last."""
CALLBACK_DATA = 64
"""Bytes in a button's data."""
CALLBACK_ANSWER = 200
"""Characters in the answer to a pressed button."""
ALBUM = 10
"""Files in an album, which has at least two."""
DELETABLE_FOR = timedelta(hours=48)
"""How long a bot may delete its own messages."""
MESSAGES_PER_STAR = 10
"""Messages above the free rate that one Star pays for."""
BUTTONS = 100
"""Buttons below a message."""
BUTTONS_IN_ROW = 8
CHAT_RATE = 1.0
"""Messages per second to one chat; Telegram lets short bursts pass."""
CHAT_BURST = 4
"""Messages to one chat that may leave at once."""
RICH_TEXT = 32768
"""Code points in a rich message, counted after its markup is parsed."""
RICH_BLOCKS = 500
"""Blocks in a rich message; nested ones, items of lists and rows of tables count too."""
RICH_MEDIA = 50
RICH_DEPTH = 16
"""Levels of blocks and formatting inside each other."""
