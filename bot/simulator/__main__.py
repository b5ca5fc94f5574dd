"""The simulator in a process of its own: `python -m bot.simulator --port N --token T`.

It prints a line of JSON with its url and token when it is ready, and exits by itself after `--seconds`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import signal
import sys

from bot.simulator.server import Simulator


def _main() -> int:
    """Return the exit status: 1 when the port can't be listened on."""
    parser = argparse.ArgumentParser(prog="python -m bot.simulator", description="A strict Telegram on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--token", default="123456:test-token")
    parser.add_argument("--username", default="digest_demo_bot")
    parser.add_argument("--strict-rates", action="store_true", help="429 above Telegram's rates")
    parser.add_argument("--forget-calls", action="store_true", help="keep counts only: for very many messages")
    parser.add_argument("--seconds", type=float, default=3600.0, help="how long it lives at most")
    return asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> int:
    simulator = Simulator(options.token, options.username, strict_rates=options.strict_rates, port=options.port)
    simulator.world.ledger.hold_calls = not options.forget_calls
    if options.forget_calls:
        # A full collection among the messages of 100,000 chats takes a third of a second. Nothing is answered
        # meanwhile, and the requests that waited then arrive together, above every rate. So collect the young only.
        gc.set_threshold(700, 10, 1_000_000)
    stopped = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stopped.set)
    try:
        await simulator.start()
    except OSError as error:
        sys.stderr.write(f"Port {options.port} can't be listened on: {error.strerror}\n")
        return 1
    sys.stdout.write(json.dumps({"url": simulator.url, "token": options.token}) + "\n")
    sys.stdout.flush()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopped.wait(), options.seconds)
    await simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(_main())
