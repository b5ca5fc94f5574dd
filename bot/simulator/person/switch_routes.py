"""The person's side: the clock, faults, settings and the ledger."""

from __future__ import annotations

from dataclasses import asdict, fields

from bot.simulator.person.request import MissingError, PersonRequest
from bot.simulator.state.faults import Fault
from bot.simulator.state.rates import RateLimits
from bot.simulator.text.formatted import Json

_CALLS = 10_000


async def clock(request: PersonRequest) -> Json:
    if request.clock is None:
        raise MissingError("this simulator has no clock to move")
    moment = await request.clock.next_moment()
    return {"now": request.clock.now().isoformat(), "next": moment.isoformat() if moment else None}


async def move_clock(request: PersonRequest) -> Json:
    if request.clock is None:
        raise MissingError("this simulator has no clock to move")
    moment = await request.clock.move_to_next()
    return {"now": request.clock.now().isoformat(), "moved": moment is not None}


def add_fault(request: PersonRequest) -> Json:
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
    if fault.kind == "gone" and request.world.on_gone is not None:
        request.world.on_gone(fault)
    return list_faults(request)


def list_faults(request: PersonRequest) -> Json:
    return {"faults": request.world.faults.as_json()}


def clear_faults(request: PersonRequest) -> Json:
    request.world.faults.clear()
    return list_faults(request)


def settings(request: PersonRequest) -> Json:
    """Changes those that are given; all of them."""
    limits, ledger = request.world.limits, request.world.ledger
    known = {field.name for field in fields(RateLimits)} | {"hold_calls"}
    unknown = sorted(set(request.values) - known)
    if unknown:
        raise ValueError(f"no such setting: {', '.join(unknown)}")
    for name in request.values:
        if name == "hold_calls":
            ledger.hold_calls = request.flag(name)
        elif name == "strict_rates":
            limits.strict_rates = request.flag(name)
        elif name == "chat_burst":
            limits.chat_burst = request.number(name)
        else:
            setattr(limits, name, request.seconds(name, 0.0))
    return {**asdict(limits), "hold_calls": ledger.hold_calls}


def ledger(request: PersonRequest) -> Json:
    return request.world.ledger.as_json([press.as_json() for press in request.world.presses.unanswered()])


def ledger_calls(request: PersonRequest) -> Json:
    after, limit = request.number("after", 0), min(request.number("limit", _CALLS), _CALLS)
    found = request.world.ledger.since(after, limit)
    return {"next": found[-1].number if found else after, "calls": [entry.as_json() for entry in found]}
