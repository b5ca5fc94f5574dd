"""The environment of git for one repository: what it may do, and how it gets in."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Repository:
    """A branch of a repository, and how to get it; an empty `branch` is the default one.

    `secret` is called at each use. `authorities` is a file with the certificates by which the host's is signed, if the
    system doesn't have them.
    """

    address: str
    branch: str = ""
    path: str = ""
    user: str = ""
    secret: Callable[[], str] = str
    authorities: Path | None = None


def environment_of(repository: Repository, copy: Path) -> dict[str, str]:
    """Return the environment in which git works on a copy: with the repository's credential, and nobody's settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DIGESTBOT_"))}
    scheme = urlsplit(repository.address).scheme
    local = "://" not in repository.address and not _is_ssh(repository.address)
    options = {
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "credential.helper": "",
        "fetch.unpackLimit": "1",
        "gc.autoDetach": "false",
        "gc.pruneExpire": "now",
        "http.lowSpeedLimit": "100",
        "http.lowSpeedTime": "60",
        # A redirect could carry the credential to another host.
        "http.followRedirects": "false" if repository.secret() else "initial",
        "safe.directory": "*",
        **_credential(repository),
    }
    if repository.authorities is not None:
        options["http.sslCAInfo"] = str(repository.authorities.absolute())
    config = {"GIT_CONFIG_COUNT": str(len(options))}
    for number, (key, value) in enumerate(options.items()):
        config |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return own | {
        "GIT_DIR": str(copy),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15",
        "GIT_ALLOW_PROTOCOL": "file" if local else (scheme or "ssh"),
        "LC_ALL": "C",
        **config,
    }


def _credential(repository: Repository) -> Mapping[str, str]:
    """Return the token as a header for this host alone; through the environment, no process list shows it."""
    secret, parts = repository.secret(), urlsplit(repository.address)
    if not secret or parts.scheme not in ("http", "https"):
        return {}
    pair = f"{repository.user or 'git'}:{secret}".encode()
    header = f"Authorization: Basic {base64.b64encode(pair).decode()}"
    return {f"http.{parts.scheme}://{parts.netloc}/.extraHeader": header}


def _is_ssh(address: str) -> bool:
    """Return whether the address has the form `git@host:path`, by which git itself distinguishes it from a folder."""
    before, colon, _ = address.partition(":")
    return bool(colon) and "/" not in before
