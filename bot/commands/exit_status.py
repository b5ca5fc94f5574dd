"""The exit statuses of the program: done, failed, or used wrongly (an option, a setting, an input file)."""

from __future__ import annotations

DONE, FAILED, WRONG_USE = 0, 1, 2
