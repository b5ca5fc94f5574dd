"""Releases that follow each other under traffic, process by process, over migrations that expand and then contract."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from digests.errors import NewerDatabase
from digests.storage.migrate import stored_revision
from tests.cluster.harness import Cluster, Program, open_cluster
from tests.cluster.newer import CONTRACT, EXPAND, make_release, of_release
from tests.cluster.ranks import by_rank
from tests.cluster.traffic import OPTIONS, Traffic

READERS = 100


@pytest.mark.timeout(300)
async def test_a_cluster_is_upgraded_process_by_process_under_traffic(tmp_path: Path) -> None:
    expanding = make_release(tmp_path / "expanding", "0.98", r9001=EXPAND)
    contracting = make_release(tmp_path / "contracting", "0.99", r9001=EXPAND, r9002=CONTRACT)
    async with open_cluster(tmp_path, READERS) as cluster:
        traffic = Traffic(cluster, news_seconds=4)
        await traffic.prepare()
        old = _pair(cluster, "old", {})
        await asyncio.gather(*[program.start() for program in old])
        await traffic.open_screens()
        async with traffic.flowing():
            await traffic.works()
            new = _pair(cluster, "new", expanding)
            await _replace(cluster, traffic, old, new, "9001")
            await _is_refused(old[0])
            await _replace(cluster, traffic, new, _pair(cluster, "newest", contracting), "9002")
        # Nothing failed, so nothing may be uncertain.
        await traffic.audit(most_uncertain=0)
        for program in cluster.programs[-2:]:
            assert await program.stop() == 0


def _pair(cluster: Cluster, name: str, release: dict[str, str]) -> list[Program]:
    """Return a bot and a worker of this release, not started."""
    kinds = ("bot", "worker")
    return [of_release(cluster.program(f"{name}-{kind}", kind, **OPTIONS), release) for kind in kinds]


async def _replace(
    cluster: Cluster, traffic: Traffic, before: list[Program], after: list[Program], revision: str
) -> None:
    """Start a release beside the one before, let both work, and stop the older one."""
    await asyncio.gather(*[program.start() for program in after])
    with pytest.raises(NewerDatabase):
        await asyncio.to_thread(stored_revision, cluster.url)
    assert await _revision(cluster) == revision
    await traffic.works()
    for program in before:
        assert _errors(program) == []
        assert await program.stop() == 0
        await traffic.works()
    await by_rank([after[0], before[0]])
    for program in after:
        assert _errors(program) == []


async def _is_refused(old: Program) -> None:
    """Assert that an older release does not start any more, and says why."""
    assert await old.ends() == 1
    said = " ".join(line["event"] for line in old.lines())
    assert "written by a newer version of the bot (revision 9001)" in said
    assert "update the bot" in said
    assert "Traceback" not in said


async def _revision(cluster: Cluster) -> str:
    async with cluster.database.read() as connection:
        return str((await connection.exec_driver_sql("SELECT version_num FROM alembic_version")).scalar_one())


def _errors(program: Program) -> list[str]:
    return [line["event"] for line in program.troubles() if line["level"] in ("error", "critical", "?")]
