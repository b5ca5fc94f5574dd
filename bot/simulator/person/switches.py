"""The person's side: the clock, faults, settings and the ledger."""

from __future__ import annotations

from dataclasses import asdict, fields

from bot.simulator.person.request import Ask, MissingError
from bot.simulator.state.faults import Fault
from bot.simulator.state.rates import Terms
from bot.simulator.text.formatted import Json

_CALLS = 10_000


async def clock(ask: Ask) -> Json:
    if ask.clock is None:
        raise MissingError("this simulator has no clock to move")
    moment = await ask.clock.next_moment()
    return {"now": ask.clock.now().isoformat(), "next": moment.isoformat() if moment else None}


async def move_clock(ask: Ask) -> Json:
    if ask.clock is None:
        raise MissingError("this simulator has no clock to move")
    moment = await ask.clock.move_to_next()
    return {"now": ask.clock.now().isoformat(), "moved": moment is not None}


def add_fault(ask: Ask) -> Json:
    fault = Fault(
        kind=ask.text("kind", None),
        method=ask.text("method"),
        chat=ask.number("chat") if ask.values.get("chat") is not None else None,
        times=ask.number("times", 1),
        seconds=ask.seconds("seconds", 1.0),
        description=ask.text("description"),
        code=ask.number("code", 0),
        url=ask.text("url"),
        share=ask.seconds("share", 1.0),
    )
    ask.world.faults.add(fault)
    if fault.kind == "gone" and ask.world.on_gone is not None:
        ask.world.on_gone(fault)
    return list_faults(ask)


def list_faults(ask: Ask) -> Json:
    return {"faults": ask.world.faults.as_json()}


def clear_faults(ask: Ask) -> Json:
    ask.world.faults.clear()
    return list_faults(ask)


def settings(ask: Ask) -> Json:
    """Changes those that are given; all of them."""
    terms, ledger = ask.world.terms, ask.world.ledger
    known = {field.name for field in fields(Terms)} | {"hold_calls"}
    unknown = sorted(set(ask.values) - known)
    if unknown:
        raise ValueError(f"no such setting: {', '.join(unknown)}")
    for name in ask.values:
        if name == "hold_calls":
            ledger.hold_calls = ask.flag(name)
        elif name == "strict_rates":
            terms.strict_rates = ask.flag(name)
        elif name == "chat_burst":
            terms.chat_burst = ask.number(name)
        else:
            setattr(terms, name, ask.seconds(name, 0.0))
    return {**asdict(terms), "hold_calls": ledger.hold_calls}


def ledger(ask: Ask) -> Json:
    return ask.world.ledger.as_json([press.as_json() for press in ask.world.presses.unanswered()])


def ledger_calls(ask: Ask) -> Json:
    after, limit = ask.number("after", 0), min(ask.number("limit", _CALLS), _CALLS)
    found = ask.world.ledger.since(after, limit)
    return {"next": found[-1].number if found else after, "calls": [entry.as_json() for entry in found]}
