"""What a running bot does without, of all that its libraries would load."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
from bot.telegram.lean_import import import_libraries
import_libraries()
import bot.commands.run
from telegram.ext import ExtBot
print([name for name in ("cryptography", "rich", "pygments", "PIL", "feedparser") if name in sys.modules])
print(ExtBot("1:x").token)
import rich.console
import cryptography.hazmat.primitives.hashes
print("both can be imported")
"""


def test_a_running_bot_loads_nothing_for_passports_and_command_lines() -> None:
    ran = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["[]", "1:x", "both can be imported"]
