"""Endpoints that control the simulator itself: its clock, faults, settings and ledger."""

from __future__ import annotations

from dataclasses import asdict, fields

from bot.simulator.clock import SimulatedClock
from bot.simulator.person.request import NotFoundError, PersonRequest
from bot.simulator.state.faults import Fault
from bot.simulator.state.rates import RateLimits
from bot.simulator.text.formatted import Json

_MAX_CALLS = 10_000
_SWITCHES = {
    "rich_messages": "knows_rich_messages",
    "ephemeral_messages": "knows_ephemeral_messages",
    "private_topics": "has_private_topics",
    "inline_mode": "has_inline_mode",
}
"""The switches of the world by the names of their settings."""


async def get_clock(request: PersonRequest) -> Json:
    """Return the time, and the moment to which the clock would move next."""
    clock = _clock(request)
    moment = await clock.next_moment()
    return {"now": clock.now().isoformat(), "next": moment.isoformat() if moment else None}


async def post_clock_next(request: PersonRequest) -> Json:
    """Move the clock to its next moment."""
    clock = _clock(request)
    moment = await clock.move_to_next()
    return {"now": clock.now().isoformat(), "moved": moment is not None}


def _clock(request: PersonRequest) -> SimulatedClock:
    if request.clock is None:
        raise NotFoundError("this simulator has no clock to move")
    return request.clock


def post_faults(request: PersonRequest) -> Json:
    """Switch a fault on."""
    fault = Fault(
        kind=request.text("kind", None),
        method=request.text("method"),
        chat=request.number("chat") if request.values.get("chat") is not None else None,
        times=request.number("times", 1),
        seconds=request.seconds("seconds", 1.0),
        description=request.text("description"),
        code=request.number("code", 0),
        url=request.text("url"),
        share=request.seconds("share", 1.0),
    )
    request.world.faults.add(fault)
    if fault.kind == "forgotten_files":
        request.world.files.forget()
    if fault.kind == "gone" and request.world.on_outage is not None:
        request.world.on_outage(fault)
    return get_faults(request)


def get_faults(request: PersonRequest) -> Json:
    """List the faults that are switched on."""
    return {"faults": request.world.faults.as_json()}


def delete_faults(request: PersonRequest) -> Json:
    """Switch all faults off."""
    request.world.faults.clear()
    return get_faults(request)


def post_settings(request: PersonRequest) -> Json:
    """Change the settings that are given, and return all of them."""
    limits, ledger = request.world.limits, request.world.ledger
    known = {field.name for field in fields(RateLimits)} | {"hold_calls", *_SWITCHES}
    unknown = sorted(set(request.values) - known)
    if unknown:
        raise ValueError(f"no such setting: {', '.join(unknown)}")
    for name in request.values:
        if name == "hold_calls":
            ledger.hold_calls = request.flag(name)
        elif name in _SWITCHES:
            setattr(request.world, _SWITCHES[name], request.flag(name))
        elif name == "strict_rates":
            limits.strict_rates = request.flag(name)
        elif name == "chat_burst":
            limits.chat_burst = request.number(name)
        else:
            setattr(limits, name, request.seconds(name, 0.0))
    return {
        **asdict(limits),
        "hold_calls": ledger.hold_calls,
        **{name: getattr(request.world, switch) for name, switch in _SWITCHES.items()},
    }


def get_fetches(request: PersonRequest) -> Json:
    """List the addresses of this machine that were fetched, also those that could not be."""
    return {"fetches": request.world.web.as_json()}


def delete_fetches(request: PersonRequest) -> Json:
    """Forget what was fetched, and what could not be."""
    request.world.web.clear()
    return get_fetches(request)


def get_ledger(request: PersonRequest) -> Json:
    """Return what the bot sent and was refused, and the presses that it has not answered."""
    return request.world.ledger.as_json([press.as_json() for press in request.world.presses.unanswered()])


def get_ledger_calls(request: PersonRequest) -> Json:
    """List the bot's calls after a number, oldest first."""
    after, limit = request.number("after", 0), min(request.number("limit", _MAX_CALLS), _MAX_CALLS)
    found = request.world.ledger.since(after, limit)
    return {"next": found[-1].number if found else after, "calls": [call.as_json() for call in found]}
