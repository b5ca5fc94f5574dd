"""Hosts that accept connections and answer nothing or hardly anything, or do not even accept them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TRICKLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n" + b"0" * 10_000


@contextmanager
def silent_host() -> Iterator[int]:
    """Accept every connection and never answer; yield the port."""
    with _listening() as server, contextlib.ExitStack() as kept:

        def accept() -> None:
            while True:
                try:
                    kept.enter_context(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def trickling_host(seconds: float = 1.0) -> Iterator[int]:
    """Answer one byte at a time; yield the port."""
    ended = threading.Event()

    def answer(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            for byte in _TRICKLE:
                client.sendall(bytes([byte]))
                if ended.wait(seconds):
                    return

    def accept(server: socket.socket) -> None:
        while True:
            try:
                client = server.accept()[0]
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    with _listening() as server:
        threading.Thread(target=accept, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        ended.set()
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def full_host() -> Iterator[int]:
    """Neither accept nor refuse connections, since the queue is full; yield the port."""
    with socket.socket() as server, contextlib.ExitStack() as waiting:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


HOSTS = {"silent": silent_host, "trickling": trickling_host, "full": full_host}
