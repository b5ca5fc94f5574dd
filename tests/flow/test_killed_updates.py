"""The bot killed at random moments while people write and tap: each update has had its effect, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.load.killed_updates import kill_of_two, kill_while_people_tap
from tests.postgres import Server


@pytest.mark.timeout(180)
@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_a_crash_loses_no_tap_and_repeats_none(tmp_path: Path, unused_tcp_port: int, way: str) -> None:
    audit = await kill_while_people_tap(tmp_path, 8, port=unused_tcp_port if way == "webhook" else 0)
    audit.assert_right()
    assert audit.open or audit.unconfirmed, "nothing was under way at any kill"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_a_crash_loses_no_tap_on_postgresql_either(
    tmp_path: Path, unused_tcp_port: int, postgresql: Server, way: str
) -> None:
    with postgresql.database() as url:
        audit = await kill_while_people_tap(tmp_path, 3, url=url, port=unused_tcp_port if way == "webhook" else 0)
    audit.assert_right()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_of_two_processes_one_goes_on_for_the_other(
    tmp_path: Path, unused_tcp_port_factory: Callable[[], int], postgresql: Server, way: str
) -> None:
    ports = (unused_tcp_port_factory(), unused_tcp_port_factory()) if way == "webhook" else ()
    with postgresql.database() as url:
        audit = await kill_of_two(tmp_path, 3, url=url, ports=ports)
    audit.assert_right()
