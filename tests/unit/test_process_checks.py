"""What the doctor says of several processes."""

from __future__ import annotations

from digests.doctor.processes import BOT, process_checks
from digests.model.process import ALL_ROLES, ProcessRole, ProcessRow
from tests.factories.times import NOW


def process(name: str, *roles: ProcessRole, skew: float = 0.0) -> ProcessRow:
    return ProcessRow(name, "host", frozenset(roles), "1.0", NOW, NOW, skew)


def test_nobody_is_there() -> None:
    (check,) = process_checks([])
    assert (check.level, check.what) == ("warning", BOT)
    assert "digestbot run" in check.text


def test_all_of_the_work_is_done_by_some_process() -> None:
    assert process_checks([process("all", *ALL_ROLES)])[0].level == "ok"
    each = [process(role, role) for role in ProcessRole]
    checks = process_checks(each)
    assert [check.level for check in checks] == ["ok"] * 4
    for missing in ProcessRole:
        found = process_checks([other for other in each if missing not in other.roles])
        assert (found[0].level, found[0].what) == ("warning", BOT)
        assert "digestbot" in found[0].text


def test_a_process_whose_jobs_are_all_late_is_shown() -> None:
    checks = process_checks([process("all", *ALL_ROLES), process("stuck")])
    assert [(check.what, check.level) for check in checks[1:]] == [("process all", "ok"), ("process stuck", "warning")]


def test_a_clock_that_is_wrong_is_named_with_its_host() -> None:
    for skew, word in ((300.0, "300 s ahead of"), (-300.0, "300 s behind")):
        check = process_checks([process("all", *ALL_ROLES, skew=skew)])[-1]
        assert (check.what, check.level) == ("clock of host", "warning")
        assert word in check.text
    assert len(process_checks([process("all", *ALL_ROLES, skew=4.9)])) == 2
