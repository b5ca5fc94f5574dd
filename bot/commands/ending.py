"""How a command ends, whatever happened in it: with a sentence and a status, never with a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import TextIO

from bot.commands.exit_status import DONE, FAILED, WRONG_USE


def run_to_its_end(command: Callable[[], object], is_debug: Callable[[], bool]) -> int:
    """Run a command, and return its exit status: 0, 1 (failed) or 2 (wrong use)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that is not valid text must not prevent the rest from being shown.
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            command()
        finally:
            _flush(sys.stdout)
    except SystemExit as end:
        # Typer has a status of its own for Ctrl+C, which scripts need not know.
        return DONE if end.code in (None, DONE) else WRONG_USE if end.code == WRONG_USE else FAILED
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:
        # The reader of the output has seen enough.
        _write_nowhere()
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last place where an error can become a sentence
        # Not at the top: this imports the settings, and `--help` must not wait for them.
        from bot.commands.explaining import explain_error

        text, status = explain_error(error, debug=is_debug())
        _tell(sys.stderr, text)
        if isinstance(error, OSError):
            # It may be the output that can't be written.
            _write_nowhere()
        return status
    return DONE


def _flush(stream: TextIO | None) -> None:
    """Flush a stream, which is None if it was closed before the program began."""
    if stream is not None:
        stream.flush()


def _tell(stream: TextIO | None, text: str) -> None:
    if stream is not None:
        # Nobody is left to tell.
        with contextlib.suppress(OSError):
            stream.write(f"{text}\n")
            stream.flush()


def _write_nowhere() -> None:
    """Discard what could not be written; otherwise Python would complain about it at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
