"""What an operator reads about an error that ended a command: a sentence, never a value."""

from __future__ import annotations

import traceback
from pathlib import Path

from bot.commands.exit_status import FAILED, WRONG_USE
from bot.errors import StartError
from config.masking import mask
from config.mistakes import ConfigError
from digests.errors import DigestsError, InvalidInput

_ROOT = Path(__file__).parents[2]
_ROOMS = ("bot", "digests", "config")


def explain_error(error: Exception, *, debug: bool = False) -> tuple[str, int]:
    """Return a text for the operator and the exit status. `debug` adds the traceback, which may contain secrets."""
    if isinstance(error, ConfigError | InvalidInput):
        text, status = str(error), WRONG_USE
    elif isinstance(error, StartError | DigestsError):
        text, status = str(error), FAILED
    else:
        text, status = _report(error), FAILED
    return (mask("".join(traceback.format_exception(error))) if debug else "") + mask(text), status


def _report(error: Exception) -> str:
    """Describe an error without its message, which often quotes data."""
    what, where = type(error).__name__, code_line_of(error)
    if isinstance(error, OSError) and error.strerror:
        return f"The system refused: {error.strerror} ({what} at {where}). Fix that, and try again."
    return (
        f"This is a mistake of the program's: {what} at {where}. Please report this line. "
        "`digestbot --debug …` shows more; look through that for secrets before you hand it on."
    )


def code_line_of(error: BaseException) -> str:
    """Return the innermost line of our code that the error passed, such as `bot/process/app.py:12`."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_ROOT) and file.relative_to(_ROOT).parts[0] in _ROOMS:
            return f"{file.relative_to(_ROOT).as_posix()}:{line}"
    return "an unknown place"
