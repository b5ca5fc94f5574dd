"""How a command of the program ends, whatever happened in it: with a sentence and a status, never a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import TextIO

from bot.commands.exit_status import DONE, FAILED, WRONG_USE


def run_to_its_end(command: Callable[[], object], is_debug: Callable[[], bool]) -> int:
    """Runs the command and returns its exit status: 0, 1 (failed) or 2 (wrong use)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that is no valid text must not keep the rest from being shown.
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            command()
        finally:
            _flush(sys.stdout)
    except SystemExit as end:
        # Ctrl+C has a status of its own in Typer, which no script has to know.
        return DONE if end.code in (None, DONE) else WRONG_USE if end.code == WRONG_USE else FAILED
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:
        # Whoever read has seen enough.
        _write_nowhere()
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last place where an error can become a sentence
        # Not at the top: it takes the settings along, for which `--help` must not wait.
        from bot.commands.explaining import explain_error

        text, status = explain_error(error, debug=is_debug())
        _tell(sys.stderr, text)
        if isinstance(error, OSError):
            # It may be the output itself that can't be written.
            _write_nowhere()
        return status
    return DONE


def _flush(stream: TextIO | None) -> None:
    """A stream that was closed before the program began is none."""
    if stream is not None:
        stream.flush()


def _tell(stream: TextIO | None, text: str) -> None:
    if stream is not None:
        # Nobody is left to be told.
        with contextlib.suppress(OSError):
            stream.write(f"{text}\n")
            stream.flush()


def _write_nowhere() -> None:
    """Lets go of what could not be written; Python would complain of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
