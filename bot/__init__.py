"""The Telegram side: what people see and press, and the only code that talks to Telegram."""

import os

# PTB's own switch for durations as timedelta; without it, every 429 would print a deprecation warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")
