"""Hosts in network namespaces of a test's own, and the two networks between them: to the database, and to Telegram.

A namespace has no name. It belongs to a process that waits for the end of its input, which comes when the test is over
or its process dies, whatever kills it; the namespace and its links vanish with the last process in it. Nothing leaves
these namespaces, and nothing else enters them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest

from tests.waiting import until

_NEW_NETWORK = 0x40000000
_SECONDS = 30
_RANGES = "10.77.0.0/16"

ResultT = TypeVar("ResultT")


class Wire(StrEnum):
    """What a host is connected to."""

    DATABASE = "db"
    TELEGRAM = "tg"


_ADDRESS = {Wire.DATABASE: "10.77.1", Wire.TELEGRAM: "10.77.2"}


def require_namespaces() -> None:
    """Skip the test where network namespaces can't be made; fail it in CI, which has said that they can."""
    if (trouble := _trouble()) is None:
        return
    if os.environ.get("TESTS_REQUIRE_NETNS"):
        pytest.fail(trouble)
    pytest.skip(trouble)


def _trouble() -> str | None:
    if missing := [name for name in ("unshare", "nsenter", "setpriv", "ip") if shutil.which(name) is None]:
        return f"network namespaces need {', '.join(missing)}"
    link = "unshare --net ip link add one type veth peer name other"
    made = subprocess.run(link.split(), capture_output=True, text=True, timeout=_SECONDS, check=False)
    return f"no network namespaces here: {made.stderr.strip()}" if made.returncode else None


class Namespace:
    """A network of its own, for as long as it is open."""

    def __init__(self) -> None:
        self._holder: subprocess.Popen[bytes] | None = None

    async def open(self) -> None:
        """Make it."""
        ours = Path("/proc/self/ns/net").readlink()
        self._holder = holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
        await until(lambda: Path(f"/proc/{holder.pid}/ns/net").readlink() != ours, _SECONDS)
        self.command("ip", "link", "set", "lo", "up")

    def close(self) -> None:
        """Give it up; it ends with the last process in it."""
        if self._holder is not None and self._holder.stdin is not None:
            self._holder.stdin.close()
            self._holder.wait(_SECONDS)

    @property
    def pid(self) -> int:
        """A process in it."""
        assert self._holder is not None
        return self._holder.pid

    @property
    def prefix(self) -> tuple[str, ...]:
        """What makes a command run in it."""
        return ("nsenter", f"--net=/proc/{self.pid}/ns/net")

    def command(self, *words: str) -> None:
        """Run a command in it."""
        done = subprocess.run([*self.prefix, *words], capture_output=True, text=True, timeout=_SECONDS, check=False)
        assert done.returncode == 0, (words, done.stderr)

    def call(self, function: Callable[[], ResultT]) -> ResultT:
        """Call a function in it, on a thread of its own, with what it starts; return what that returns."""

        def inside() -> ResultT:
            libc = ctypes.CDLL(None, use_errno=True)
            with Path(f"/proc/{self.pid}/ns/net").open("rb") as namespace:
                if libc.setns(namespace.fileno(), _NEW_NETWORK):
                    raise OSError(ctypes.get_errno(), "setns")
            return function()

        # The thread ends with the pool, so nothing else ever runs on it.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(inside).result()


class Network:
    """A middle, where the database and Telegram are, and hosts around it, each with a wire to either."""

    def __init__(self) -> None:
        self.middle = Namespace()
        self._hosts: dict[str, Namespace] = {}
        self.database = f"{_ADDRESS[Wire.DATABASE]}.1"
        self.telegram = f"{_ADDRESS[Wire.TELEGRAM]}.1"
        self.ranges = _RANGES

    async def open(self) -> None:
        """Make the middle."""
        await self.middle.open()
        for wire in Wire:
            self.middle.command("ip", "link", "add", wire, "type", "bridge")
            self.middle.command("ip", "address", "add", f"{_ADDRESS[wire]}.1/24", "dev", wire)
            self.middle.command("ip", "link", "set", wire, "up")

    async def host(self, name: str) -> Namespace:
        """Make a host of this name."""
        host = self._hosts[name] = Namespace()
        await host.open()
        number = len(self._hosts)
        for wire in Wire:
            peer = ("type", "veth", "peer", "name", wire, "netns", str(host.pid))
            self.middle.command("ip", "link", "add", f"{wire}{number}", *peer)
            self.middle.command("ip", "link", "set", f"{wire}{number}", "master", wire, "up")
            host.command("ip", "address", "add", f"{_ADDRESS[wire]}.{number + 1}/24", "dev", wire)
            host.command("ip", "link", "set", wire, "up")
        return host

    def cut(self, name: str, wire: Wire) -> None:
        """Let nothing through between a host and the middle; nobody is told, as with a cable in another room."""
        self.middle.command("ip", "link", "set", self._port(name, wire), "nomaster")

    def mend(self, name: str, wire: Wire) -> None:
        """Let everything through again."""
        self.middle.command("ip", "link", "set", self._port(name, wire), "master", wire)

    def _port(self, name: str, wire: Wire) -> str:
        return f"{wire}{list(self._hosts).index(name) + 1}"

    def listen(self, address: str) -> socket.socket:
        """Return a socket of this process that hosts reach at this address of the middle."""
        return self.middle.call(lambda: socket.create_server((address, 0)))

    def close(self) -> None:
        """Give up all of it, once nothing runs there any more."""
        for namespace in (*self._hosts.values(), self.middle):
            namespace.close()
