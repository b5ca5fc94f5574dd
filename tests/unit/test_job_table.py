"""The table of jobs, and the names by which the bot wakes them."""

from __future__ import annotations

import ast
from pathlib import Path

import bot
from digests.jobs.job import Scope
from digests.jobs.table import JobPace, all_jobs, scan_job
from digests.model.process import ProcessRole

TABLE = all_jobs(JobPace(scan=60, tick=5), ["posts", "a/b"])
ROOT = Path(bot.__file__).parents[1]


def test_each_name_is_there_once() -> None:
    names = [job.name for job in TABLE]
    assert len(names) == len(set(names))
    assert {scan_job("posts"), scan_job("a/b")} < set(names)


def test_what_every_process_runs_for_itself_is_little() -> None:
    """Anything else would be done as many times as there are processes."""
    each = {job.name for job in TABLE if job.scope is Scope.PROCESS}
    assert each == {
        "alive",
        "presence",
        "server clock",
        "deliver",
        "take over",
        "covers",
        "missing covers",
        "curation",
        "tree",
    }


def test_sending_is_one_processs_own_by_leases() -> None:
    assert [job.name for job in TABLE if job.role is ProcessRole.DELIVERIES] == ["deliver", "take over"]


def test_rhythms_are_positive_and_a_retry_comes_before_the_next_run() -> None:
    for job in TABLE:
        assert job.seconds > 0
        assert job.retry is None or job.retry.seconds * job.retry.times < job.seconds


def test_every_name_that_the_bot_uses_is_in_the_table() -> None:
    known = {job.name for job in TABLE}
    used: set[str] = set()
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "digests").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case (
                    ast.Call(
                        func=ast.Attribute(attr="wake" | "_wake") | ast.Name(id="wake"),
                        args=[ast.Constant(value=str(name))],
                    )
                    | ast.Call(
                        func=ast.Attribute(value=ast.Attribute(attr="jobs" | "_jobs"), attr="add"),
                        args=[ast.Constant(value=str(name)), *_],
                    )
                ):
                    used.add(name)
                case _:
                    pass
    assert {"deliver", "follow", "match"} <= used
    assert used <= known
