"""The audit of dependencies: it fails for what can be mended, and says what it could not look up."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 6, 7)


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audit = _load()


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def package(name: str, *vulnerabilities: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": list(vulnerabilities)}


MENDED = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"], "description": ""}
LEFT = {"id": "PYSEC-2", "aliases": [], "fix_versions": [], "description": ""}
UNKNOWN = {"name": "odd", "skip_reason": "Dependency not found on PyPI and could not be audited: odd (1.0)"}


def judged(*packages: dict[str, Any], accepted: str = "") -> tuple[int, str]:
    """Return how many findings fail, and what is told."""
    failing, lines = audit.judge(audit.read_report(report(*packages)), audit.read_accepted(accepted), TODAY)
    return len(failing), "\n".join(lines)


def test_what_a_newer_version_mends_fails() -> None:
    number, told = judged(package("good"), package("bad", MENDED, LEFT))
    assert number == 1
    assert "VULNERABLE: bad 1.0: PYSEC-1, mended in 1.1: run make lock" in told
    assert "nothing mends it yet: bad 1.0: PYSEC-2" in told
    assert judged(package("good")) == (0, "1 dependencies audited")


def test_what_is_accepted_has_a_reason_and_an_end() -> None:
    listed = '[CVE-1]\nreason = "not used here"\nuntil = {}\n'
    number, told = judged(package("bad", MENDED), accepted=listed.format("2026-06-07"))
    assert (number, "accepted until 2026-06-07: bad 1.0: PYSEC-1 (not used here)" in told) == (0, True)
    number, told = judged(package("bad", MENDED), accepted=listed.format("2026-06-06"))
    assert (number, "it was accepted until 2026-06-06" in told) == (1, True)
    assert "no longer needed in .ci/accepted.toml: CVE-1" in judged(package("good"), accepted=listed.format(TODAY))[1]


@pytest.mark.parametrize(
    "text",
    [
        '[CVE-1]\nreason = "x"\n',
        "[CVE-1]\nuntil = 2026-06-07\n",
        'CVE-1 = "x"\n',
        '[CVE-1]\nreason = " "\nuntil = 2026-06-07\n',
    ],
)
def test_what_is_accepted_without_a_reason_or_an_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"CVE-1 in \.ci/accepted\.toml needs a reason and a date"):
        audit.read_accepted(text)


def test_what_is_accepted_now_can_be_read() -> None:
    audit.read_accepted((ROOT / ".ci" / "accepted.toml").read_text(encoding="utf-8"))


def test_packages_that_nobody_knows_are_named_and_count_as_not_audited() -> None:
    assert "1 NOT audited, as the database does not know them: odd" in judged(package("good"), UNKNOWN)[1]
    for text in (report(UNKNOWN), report(), "", "<html>", "[]", '{"dependencies": 5}'):
        with pytest.raises(audit.NotAuditedError):
            audit.read_report(text)


def fake_tool(folder: Path, body: str) -> Path:
    """Put a program in the place of pip-audit."""
    program = folder / "bin" / "pip-audit"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{body}\n")
    program.chmod(0o700)
    return folder


def test_a_tool_that_hangs_or_fails_fails_nothing(tmp_path: Path) -> None:
    for number, (body, said) in enumerate(
        [("import time; time.sleep(60)", "took too long"), ("raise SystemExit(1)", "the network may be closed")]
    ):
        (tmp_path / str(number)).mkdir()
        environment = fake_tool(tmp_path / str(number), body)
        began = monotonic()
        with pytest.raises(audit.NotAuditedError, match=said):
            audit.ask(environment, ROOT / "requirements.txt", 1.0)
        assert monotonic() - began < 30


def test_what_the_tool_finds_is_read_although_it_ends_with_1(tmp_path: Path) -> None:
    found = report(package("bad", MENDED))
    environment = fake_tool(tmp_path, f"print({found!r}); raise SystemExit(1)")
    assert len(audit.read_report(audit.ask(environment, ROOT / "requirements.txt", 30.0)).findings) == 1
