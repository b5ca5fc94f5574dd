"""Look for known vulnerabilities of what the lock file has, as far as a database of them can be reached.

`.ci/run` runs it. pip-audit has an environment of its own in build/audit, and 60 seconds in all. Without a network, or
where the database knows none of the packages, it says so and nothing fails: nobody can know then. A vulnerability that
a newer version mends fails, unless .ci/accepted.toml says why not, and until when.
"""

# ruff: noqa: S603, T201 - a script that runs pip-audit, and prints for a person
from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60.0
_TOOL = "pip-audit>=2.9,<3"


class NotAuditedError(Exception):
    """Nothing could be looked up; the message says why."""


class Finding(NamedTuple):
    """A vulnerability of a package, by all its names, and the versions that mend it."""

    package: str
    version: str
    names: tuple[str, ...]
    fixes: tuple[str, ...]


class Accepted(NamedTuple):
    """Why a vulnerability is left, and until when."""

    reason: str
    until: date


class Audit(NamedTuple):
    """What was found, and which packages nobody knows anything of."""

    findings: tuple[Finding, ...]
    checked: int
    unknown: tuple[str, ...]


def main() -> int:
    """Audit the lock file, print what came of it, and return the exit status: 1 for what has to be mended."""
    accepted = read_accepted((ROOT / ".ci" / "accepted.toml").read_text(encoding="utf-8"))
    try:
        audit = read_report(ask(ROOT / "build" / "audit", ROOT / "requirements.txt", SECONDS))
    except NotAuditedError as error:
        print(f"dependencies NOT audited: {error}")
        return 0
    failing, lines = judge(audit, accepted, datetime.now(UTC).date())
    print("\n".join(lines))
    return 1 if failing else 0


def ask(environment: Path, requirements: Path, seconds: float) -> str:
    """Return what pip-audit reports, as JSON; it is installed first. Raises NotAuditedError."""
    end = monotonic() + seconds
    program = environment / "bin" / "pip-audit"
    if not program.exists():
        _run([sys.executable, "-m", "venv", str(environment)], end)
        pip = [
            str(environment / "bin" / "pip"),
            "install",
            "-q",
            "--disable-pip-version-check",
            "--retries",
            "0",
            _TOOL,
        ]
        _run(pip, end)
    options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--timeout=10", "--format=json"]
    return _run([str(program), *options, "-r", str(requirements)], end, may_find=True)


def read_report(text: str) -> Audit:
    """Return what a report of pip-audit says. Raises NotAuditedError if it is none, or says nothing of any package."""
    try:
        packages = json.loads(text)["dependencies"]
        known = [package for package in packages if "vulns" in package]
        unknown = tuple(package["name"] for package in packages if "vulns" not in package)
        findings = tuple(_finding(package, each) for package in known for each in package["vulns"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotAuditedError(f"pip-audit's report can't be read ({type(error).__name__})") from None
    if not known:
        raise NotAuditedError("no database of vulnerabilities can be reached that knows the packages")
    return Audit(findings, len(known), unknown)


def judge(audit: Audit, accepted: Mapping[str, Accepted], today: date) -> tuple[tuple[Finding, ...], list[str]]:
    """Return the findings that have to be mended, and what to tell."""
    failing: list[Finding] = []
    lines = [f"{audit.checked} dependencies audited"]
    if audit.unknown:
        lines.append(
            f"{len(audit.unknown)} NOT audited, as the database does not know them: {', '.join(audit.unknown)}"
        )
    used = set[str]()
    for finding in audit.findings:
        what = f"{finding.package} {finding.version}: {finding.names[0]}"
        name = next((name for name in finding.names if name in accepted), "")
        used.add(name)
        if name and accepted[name].until >= today:
            lines.append(f"accepted until {accepted[name].until}: {what} ({accepted[name].reason})")
        elif finding.fixes:
            failing.append(finding)
            ended = f"; it was accepted until {accepted[name].until}" if name else ""
            lines.append(f"VULNERABLE: {what}, mended in {', '.join(finding.fixes)}: run make lock{ended}")
        else:
            lines.append(f"vulnerable, and nothing mends it yet: {what}")
    lines += [f"no longer needed in .ci/accepted.toml: {name}" for name in sorted(set(accepted) - used)]
    return tuple(failing), lines


def read_accepted(text: str) -> dict[str, Accepted]:
    """Return what is accepted: tables named by the vulnerability, each with a reason and a date `until`.

    Raises:
        ValueError: A table lacks one of them.
    """
    found: dict[str, Accepted] = {}
    for name, table in tomllib.loads(text).items():
        reason = table.get("reason") if isinstance(table, dict) else None
        until = table.get("until") if isinstance(table, dict) else None
        if not (isinstance(reason, str) and reason.strip() and type(until) is date):
            raise ValueError(f"{name} in .ci/accepted.toml needs a reason and a date until")
        found[name] = Accepted(reason, until)
    return found


def _finding(package: Mapping[str, Any], each: Mapping[str, Any]) -> Finding:
    names = (each["id"], *each.get("aliases", ()))
    return Finding(package["name"], package["version"], names, tuple(each.get("fix_versions", ())))


def _run(command: Sequence[str], end: float, *, may_find: bool = False) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=max(0.1, end - monotonic()))
    except subprocess.TimeoutExpired:
        raise NotAuditedError("it took too long; the network may be slow, or closed") from None
    except OSError as error:
        raise NotAuditedError(f"{Path(command[0]).name} can't be started ({error.strerror})") from None
    # With findings, pip-audit ends with 1.
    if done.returncode and not (may_find and done.stdout.startswith("{")):
        raise NotAuditedError(f"{Path(command[0]).name} failed; the network may be closed")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
