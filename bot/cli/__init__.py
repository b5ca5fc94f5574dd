"""The command line. Each command imports what it needs only when it is called, which keeps `--help` fast.

Exit status: 0, 1 (failed), 2 (wrong use: an option, a setting, an input file).
"""

from bot.cli.program import main

__all__ = ["main"]
