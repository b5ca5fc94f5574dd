"""Git repositories made with the real program, and an https server that serves them."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trustme


class Repo:
    """A bare repository, and a working copy that posts are pushed from."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.bare = folder / "posts.git"
        self.work.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("init", "-q", "--bare", "-b", "main", str(self.bare))
        self.git("remote", "add", "origin", str(self.bare))

    def git(self, *arguments: str) -> str:
        """Run git in the working copy, and return its output."""
        who = {f"GIT_{role}_{what}": f"{what}@x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.work, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(self, files: dict[str, str | None], *, force: bool = False, branch: str = "main") -> None:
        """Write files, delete those that are None, commit and push."""
        for name, text in files.items():
            path = self.work / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "posts")
        self.git("push", "-q", *(["--force"] if force else []), "origin", f"HEAD:{branch}")


class GitHost(ThreadingHTTPServer):
    """Serves the repositories below a folder over https on 127.0.0.1, by git's own `http-backend`.

    Everybody must send `pair` ("user:token") where it is set. `moved_to` redirects every request, `refusal` refuses it
    with this status. `asked` are the requests so far, as method, path with query, and headers; `given` is the number of
    bytes that were served.
    """

    daemon_threads = True

    def __init__(self, root: Path, certificate: trustme.LeafCert) -> None:
        super().__init__(("127.0.0.1", 0), _GitRequest)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.root = root
        self.pair = ""
        self.moved_to = ""
        self.refusal = 0
        self.given = 0
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        """The address of the host."""
        return f"https://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that hang up because they do not trust the certificate: a test wants them to."""


class _GitRequest(BaseHTTPRequestHandler):
    server: GitHost

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def _chunk(self) -> bytes:
        data = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return data

    def _answer(self, body: bytes) -> None:
        host = self.server
        host.asked.append((self.command, self.path, dict(self.headers)))
        expected = f"Basic {base64.b64encode(host.pair.encode()).decode()}"
        if host.moved_to:
            self._head(302, {"Location": host.moved_to + self.path})
        elif host.refusal:
            self._head(host.refusal, {})
        elif host.pair and self.headers.get("Authorization") != expected:
            self._head(401, {"WWW-Authenticate": 'Basic realm="posts"'})
        else:
            self._give(body)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _give(self, body: bytes) -> None:
        asked = urlsplit(self.path)
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "REQUEST_METHOD": self.command,
            "PATH_INFO": asked.path,
            "QUERY_STRING": asked.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        self._head(status, {**headers, "Content-Length": str(len(content))})
        self.wfile.write(content)
        self.server.given += len(content)

    def log_message(self, *_: object) -> None:
        """Print nothing: requests are kept in `asked`."""


@contextmanager
def git_host(folder: Path, authority: trustme.CA) -> Iterator[GitHost]:
    """Serve the repositories below the folder until the block ends."""
    host = GitHost(folder, authority.issue_cert("127.0.0.1"))
    serving = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        yield host
    finally:
        host.shutdown()
        serving.join()
        host.server_close()
