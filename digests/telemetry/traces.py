"""Marks stretches of work with a name, for whoever traces them. As long as nobody does, that costs next to nothing.

There is one tracer for the process, as there is one log; `bot.monitoring.tracing` sets it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

TraceValue = str | int | float | bool
SetAttribute = Callable[[str, TraceValue], None]
"""Sets an attribute of the stretch that is open: never a text or a name that came from outside."""
OpenTrace = Callable[[str, dict[str, TraceValue]], AbstractContextManager[SetAttribute]]


def _ignore(_name: str, _value: TraceValue) -> None:
    """Set nothing, where nobody traces."""


_NOTHING: AbstractContextManager[SetAttribute] = nullcontext(_ignore)
_tracers: list[OpenTrace] = []


def traced(name: str, **attributes: TraceValue) -> AbstractContextManager[SetAttribute]:
    """Return a context manager for a stretch of work; inside it, attributes can be set that are known only then."""
    return _tracers[-1](name, attributes) if _tracers else _NOTHING


def trace_with(tracer: OpenTrace) -> None:
    """Have this tracer follow what is marked from now on."""
    _tracers.append(tracer)


def end_tracing(tracer: OpenTrace) -> None:
    """Have a tracer follow nothing more; one that does not trace is no error."""
    if tracer in _tracers:
        _tracers.remove(tracer)
