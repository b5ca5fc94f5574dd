"""Containers, a balancer and units of systemd say nothing that the program does not know, and give it no rights."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot.cli.program import app
from config.load import load_settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ("compose.yaml", "compose.cluster.yaml")
UNITS = sorted((ROOT / "docs" / "deploy").glob("*.service"))
BALANCER = ROOT / "docs" / "deploy" / "haproxy.cfg"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SANDBOX = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "MemoryDenyWriteExecute": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
    "User": "digestbot",
}
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)


def composed(name: str) -> dict[str, Any]:
    read = yaml.safe_load((ROOT / name).read_text("utf-8"))
    assert isinstance(read, dict)
    return read


def services(name: str) -> dict[str, dict[str, Any]]:
    """Return the services of a file that run the bot."""
    return {name: service for name, service in composed(name)["services"].items() if "build" in service}


def lines_of(unit: Path) -> list[tuple[str, str]]:
    """Return the options of a unit; one may be there several times."""
    lines = [line for line in unit.read_text("utf-8").splitlines() if "=" in line and not line.startswith("#")]
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


def values(unit: Path, name: str) -> list[str]:
    return [value for each, value in lines_of(unit) if each == name]


def started() -> Iterator[tuple[str, list[str]]]:
    """Yield how each place starts the program: where, and the words after the program's name."""
    yield "Dockerfile", yaml.safe_load(re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[0])
    for name in COMPOSE:
        yield from ((f"{name} {service}", each.get("command", ["run"])) for service, each in services(name).items())
    for unit in UNITS:
        (line,) = values(unit, "ExecStart")
        program, *words = line.split()
        assert program == "/opt/digestbot/bin/digestbot"
        yield unit.name, words


@pytest.mark.parametrize(("where", "words"), list(started()), ids=lambda value: str(value))
def test_every_command_that_is_started_is_one(where: str, words: list[str]) -> None:
    program: Any = typer.main.get_command(app)
    command, *options = words
    assert command in program.commands, where
    known = {option for parameter in program.commands[command].params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known


def environments() -> Iterator[tuple[str, dict[str, str]]]:
    found = re.findall(r"^(?:ENV)?\s+(DIGESTBOT_\w+)=(\S+)", DOCKERFILE, re.MULTILINE)
    yield "Dockerfile", dict(found)
    for name in COMPOSE:
        yield from ((f"{name} {service}", each.get("environment", {})) for service, each in services(name).items())
    for unit in UNITS:
        pairs = [value.partition("=") for value in values(unit, "Environment")]
        yield unit.name, {option: value for option, _, value in pairs if option.startswith("DIGESTBOT_")}


@pytest.mark.parametrize(("where", "environment"), list(environments()), ids=lambda value: str(value)[:40])
def test_every_setting_is_one_and_may_be_so(where: str, environment: dict[str, str], tmp_path: Path) -> None:
    secret = {"TOKEN": "123:abc_DEF", "SECRET": "some-secret", "URL": "postgresql://digestbot:p@postgresql/digestbot"}
    environ: dict[str, str] = {}
    for name, value in environment.items():
        if name.endswith("_FILE"):
            file = tmp_path / name
            file.write_text(next(text for end, text in secret.items() if name.endswith(f"{end}_FILE")))
            environ[name] = str(file)
        else:
            public = re.sub(r"\$\{PUBLIC_URL[^}]*\}", "https://bot.example.org", value)
            environ[name] = public.replace("%i", "8443").replace("%S", "/var/lib")
    settings = load_settings(environ=environ)
    assert environ == {} or settings != load_settings(environ={})


@pytest.mark.parametrize("name", COMPOSE)
def test_containers_have_no_rights_and_write_only_where_they_must(name: str) -> None:
    declared = composed(name)
    assert services(name)
    for service, each in services(name).items():
        assert each["read_only"] is True, service
        assert each["cap_drop"] == ["ALL"]
        assert each["security_opt"] == ["no-new-privileges:true"]
        assert [line.split(":")[0] for line in each["tmpfs"]] == ["/tmp"]
        assert "healthcheck" in each
        assert "privileged" not in each
    for service, each in declared["services"].items():
        assert "no-new-privileges:true" in each["security_opt"], service
        for secret in each.get("secrets", []):
            assert secret in declared["secrets"]
        for volume in each.get("volumes", []):
            source, target, *mode = volume.split(":")
            assert source in declared.get("volumes", {}) or (source.startswith("./") and mode == ["ro"])
            assert target in DOCKERFILE or each.get("image", "").split(":")[0] in ("postgres", "haproxy")
        for network in each.get("networks", []):
            assert network in declared["networks"]
    given = {secret["file"] for secret in declared["secrets"].values()}
    assert all(re.fullmatch(r"\./[a-z_]+\.(txt|pem)", file) for file in given)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {"*.txt", "!requirements.txt", "*.pem"} <= set(ignored), (
        "secrets beside the files must not get into an image"
    )


def test_secrets_beside_the_files_are_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    for name in COMPOSE:
        for secret in composed(name)["secrets"].values():
            assert secret["file"].removeprefix("./") in {line.removeprefix("/") for line in ignored}


def test_the_image_runs_as_somebody_without_rights() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert "--uid 10001" in DOCKERFILE
    assert "PYTHONDONTWRITEBYTECODE=1" in DOCKERFILE
    assert "HOME=/tmp" in DOCKERFILE
    assert DOCKERFILE.index("USER ") > DOCKERFILE.rindex("RUN ")
    copied = set(re.findall(r"^COPY (?:--from=build )?(.*) \S+$", DOCKERFILE, re.MULTILINE))
    for file in (name for line in copied for name in line.split() if not name.startswith("/")):
        assert (ROOT / file).exists(), file


def test_the_cluster_is_complete() -> None:
    cluster = composed("compose.cluster.yaml")["services"]
    assert {name: cluster[name]["deploy"]["replicas"] for name in ("bot", "worker")} == {"bot": 2, "worker": 2}
    assert cluster["postgresql"]["image"] == "postgres:18"
    assert "pg_isready" in cluster["postgresql"]["healthcheck"]["test"]
    assert cluster["migrate"]["depends_on"] == {"postgresql": {"condition": "service_healthy"}}
    for name in ("bot", "worker"):
        assert cluster[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert "inside" in cluster[name]["networks"]
    # The database is reached by nothing else.
    assert cluster["postgresql"]["networks"] == ["inside"]
    assert composed("compose.cluster.yaml")["networks"]["inside"] == {"internal": True}
    assert "ports" not in cluster["postgresql"]


def test_ports_and_paths_agree() -> None:
    cluster = composed("compose.cluster.yaml")["services"]
    environment = cluster["bot"]["environment"]
    balancer = BALANCER.read_text("utf-8")
    webhooks, mosaics = (
        environment[f"DIGESTBOT_{name}"].rpartition(":")[2] for name in ("TELEGRAM__WEBHOOK_LISTEN", "WEB__LISTEN")
    )
    servers = dict(re.findall(r"^backend (\w+)$[^~]*?server-template bot 1-\d+ (bot:\d+) ", balancer, re.MULTILINE))
    assert servers == {"updates": f"bot:{webhooks}", "mosaics": f"bot:{mosaics}"}
    path = environment["DIGESTBOT_TELEGRAM__WEBHOOK_URL"].rpartition("}")[2]
    assert f"acl is_update path {path}\n" in balancer
    (bound,) = re.findall(r"bind :(\d+) ssl crt (\S+)", balancer)
    assert cluster["balancer"]["ports"] == [f"443:{bound[0]}"]
    assert bound[1] == f"/run/secrets/{cluster['balancer']['secrets'][0]}"
    health = cluster["bot"]["healthcheck"]["test"][-1]
    (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/healthz", health)
    metrics = getattr(load_settings(environ={}), "metrics", None)
    assert port == (metrics.listen.rpartition(":")[2] if metrics is not None else "9464")
    subprocess.run([sys.executable, "-c", f"compile({health!r}, 'health', 'exec')"], check=True)


def test_the_balancer_s_file_is_one(tmp_path: Path) -> None:
    program = shutil.which("haproxy") or "/usr/sbin/haproxy"
    if not Path(program).exists():
        # .ci/run installs it.
        pytest.skip("haproxy is not installed")
    (tmp_path / "key").write_text("")
    made = tmp_path / "certificate"
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bot.example"]
    subprocess.run([*openssl, "-keyout", tmp_path / "key", "-out", made], check=True, capture_output=True)
    made.write_text(made.read_text() + (tmp_path / "key").read_text())
    changed = tmp_path / "haproxy.cfg"
    changed.write_text(BALANCER.read_text("utf-8").replace("/run/secrets/certificate", str(made)))
    done = subprocess.run([program, "-c", "-f", changed], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower()


@each_unit
def test_a_unit_is_locked_in(unit: Path) -> None:
    given = dict(lines_of(unit))
    assert {name: given.get(name) for name in SANDBOX} == SANDBOX
    assert "@system-service" in values(unit, "SystemCallFilter")
    assert given["WorkingDirectory"] == f"%S/{given['StateDirectory']}"
    assert f"DIGESTBOT_DATA_DIR=%S/{given['StateDirectory']}" in values(unit, "Environment")
    credentials = {value.partition(":")[0] for value in values(unit, "LoadCredential")}
    assert {value.rpartition("/")[2] for value in values(unit, "Environment") if "=%d/" in value} == credentials
    assert given["RestartPreventExitStatus"] == "2"


@each_unit
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    name = unit.name.replace("@.", "@8443.")
    # The program is not where the unit has it.
    (tmp_path / name).write_text(unit.read_text("utf-8").replace("/opt/digestbot/bin/digestbot", "/bin/true"))
    command = ["systemd-analyze", "verify", "--man=no", f"./{name}"]
    verified = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", f"./{name}"]
    rated = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout
