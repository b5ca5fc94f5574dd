"""When it is said that the way to the database is not encrypted."""

from __future__ import annotations

import pytest

from digests.storage.engine.addresses import read_url
from digests.storage.engine.encryption import server_encryption


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGSERVICE", "PGGSSENCMODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "address",
    [
        "db.example/news",
        "10.0.0.7:5433/news",
        "[2001:db8::7]/news",
        "/news?host=db.example",
        "/news?host=/run/postgresql&host=db.example",
        "/news?host=/run/postgresql,db.example",
        "localhost/news?hostaddr=10.0.0.7",
        "localhost.example/news",
        "db.example/news?sslmode=disable",
        "db.example/news?sslmode=allow",
        "db.example/news?sslmode=prefer",
    ],
)
def test_a_network_without_encryption_is_told_with_the_fix(address: str) -> None:
    trouble = server_encryption(read_url(f"postgresql://me:geheim@{address}")).trouble
    assert trouble is not None
    assert "sslmode=require to database.url" in trouble
    assert "geheim" not in trouble
    # The doctor in the chat shows so much.
    assert len(trouble) <= 300


@pytest.mark.parametrize(
    "address",
    [
        "localhost/news",
        "LOCALHOST./news",
        "127.0.0.5/news",
        "[::1]/news",
        "/news",
        "/news?host=/run/postgresql",
        "db.example/news?hostaddr=127.0.0.1",
        "db.example/news?sslmode=require",
        "db.example/news?sslmode=verify-ca",
        "db.example/news?sslmode=verify-full&sslrootcert=/ca.pem",
        "db.example/news?gssencmode=require",
    ],
)
def test_this_machine_and_encrypted_ways_are_left_alone(address: str) -> None:
    assert server_encryption(read_url(f"postgresql://me:geheim@{address}")).trouble is None


def test_the_drivers_environment_counts_where_the_address_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    assert server_encryption(read_url("postgresql:///news")).hosts == ("db.example",)
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    found = server_encryption(read_url("postgresql:///news"))
    assert (found.sslmode, found.trouble) == ("verify-full", None)
    assert server_encryption(read_url("postgresql:///news?sslmode=prefer")).trouble is not None
