"""A git repository over https, against git's own server: what is fetched, and where the token goes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme

from digests.errors import OriginError
from digests.origins.git import GitOrigin
from digests.origins.git_environment import Repository
from tests.repositories import GitHost, Repo, git_host

SECRET = "very-secret"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def host(tmp_path: Path, authority: trustme.CA) -> Iterator[GitHost]:
    with git_host(tmp_path / "theirs", authority) as host:
        yield host


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "theirs")
    repo.push({"a.md": "one", "深/标 题.md": "two"})
    return repo


@pytest.fixture
def trusted(tmp_path: Path, authority: trustme.CA) -> Path:
    file = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(file)
    return file


def origin_of(host: GitHost, tmp_path: Path, trusted: Path | None, **changed: Any) -> GitOrigin:
    given = {"address": f"{host.url}/posts.git", "user": "reader", "secret": lambda: SECRET, "authorities": trusted}
    return GitOrigin("world", Repository(**{**given, **changed}), tmp_path / "copy")


def test_posts_are_fetched_over_https_and_later_only_what_is_new(
    repo: Repo, host: GitHost, tmp_path: Path, trusted: Path
) -> None:
    host.pair = f"reader:{SECRET}"
    large = Random(1).randbytes(200_000).hex()
    repo.push({"large.md": large})
    origin = origin_of(host, tmp_path, trusted)
    before = {file.path: file for file in origin.files()}
    read = {path: origin.read(file) for path, file in before.items()}
    assert read == {"a.md": b"one", "深/标 题.md": b"two", "large.md": large.encode()}
    assert host.given > 200_000
    host.given = 0
    assert {file.path: file for file in origin.files()} == before
    repo.push({"b.md": "three"})
    after = {file.path: file for file in origin.files()}
    assert origin.read(after.pop("b.md")) == b"three"
    assert after == before
    assert host.given < 5_000
    origin.close()


def test_the_token_is_sent_in_a_header_to_this_host_only(
    repo: Repo, host: GitHost, tmp_path: Path, trusted: Path
) -> None:
    host.pair = f"reader:{SECRET}"
    origin = origin_of(host, tmp_path, trusted)
    origin.files()
    origin.close()
    expected = f"Basic {base64.b64encode(host.pair.encode()).decode()}"
    assert {headers.get("Authorization") for _, _, headers in host.asked} == {expected}
    assert not any(SECRET in path for _, path, _ in host.asked)
    kept = b"".join(file.read_bytes() for file in (tmp_path / "copy").rglob("*") if file.is_file())
    assert SECRET.encode() not in kept
    assert expected.encode() not in kept


def test_a_redirect_does_not_take_the_token_along(
    repo: Repo, host: GitHost, tmp_path: Path, trusted: Path, authority: trustme.CA
) -> None:
    with git_host(tmp_path / "theirs", authority) as other:
        host.moved_to = other.url
        with pytest.raises(OriginError, match="it has moved: set git to its new address"):
            origin_of(host, tmp_path, trusted).files()
        assert not other.asked
        # Without a token there is nothing to lose.
        origin = origin_of(host, tmp_path, trusted, user="", secret=str)
        assert len(origin.files()) == 2
        assert other.asked
        origin.close()


def test_a_replaced_token_is_used_from_the_next_scan_on(
    repo: Repo, host: GitHost, tmp_path: Path, trusted: Path
) -> None:
    secrets = ["old"]
    host.pair = f"reader:{SECRET}"
    origin = origin_of(host, tmp_path, trusted, secret=lambda: secrets[-1])
    with pytest.raises(OriginError, match="refused to let the bot in: set user and token_file") as caught:
        origin.files()
    assert "old" not in str(caught.value)
    secrets.append(SECRET)
    assert len(origin.files()) == 2
    origin.close()


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (403, "refused to let the bot in"),
        (404, "there is no repository at this address: correct git"),
        (500, "git could not fetch it"),
        (503, "git could not fetch it"),
    ],
)
def test_a_refusal_is_explained_without_the_token(
    repo: Repo, host: GitHost, tmp_path: Path, trusted: Path, refusal: int, said: str
) -> None:
    host.refusal = refusal
    origin = origin_of(host, tmp_path, trusted)
    with pytest.raises(OriginError, match=said) as caught:
        origin.files()
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    host.refusal = 0
    assert len(origin.files()) == 2
    origin.close()


def test_a_missing_repository_is_explained(repo: Repo, host: GitHost, tmp_path: Path, trusted: Path) -> None:
    with pytest.raises(OriginError, match="there is no repository at this address: correct git"):
        origin_of(host, tmp_path, trusted, address=f"{host.url}/none.git").files()


def test_an_untrusted_certificate_is_refused(repo: Repo, host: GitHost, tmp_path: Path) -> None:
    with pytest.raises(OriginError, match="certificate is not trusted: set ca_file"):
        origin_of(host, tmp_path, None).files()
    assert not host.asked
