"""What monitors ask of a running bot, over HTTP: what is measured, whether it lives, whether it may serve."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from bot.monitoring import measured, readiness, server
from bot.monitoring.server import Monitoring
from bot.simulator.state.faults import Fault
from digests.errors import StorageError
from digests.jobs.local import LocalJobs
from digests.model.backup import LAST_BACKUP
from digests.storage.files.writability import refusal_of
from digests.storage.statistics.measurements import MeasurementStore
from tests.flow.harness import TOKEN, BotHarness, open_harness
from tests.flow.test_trouble import fill_the_database
from tests.postgres import Server
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "docs" / "grafana" / "digestbot.json"
RULES = ROOT / "docs" / "grafana" / "alerts.yml"


@dataclass
class Asked:
    """An answer."""

    status: int
    headers: dict[str, str]
    text: str


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, metrics={"listen": "127.0.0.1:0"}) as opened:
        yield opened


async def ask(harness: BotHarness, path: str, method: str = "GET") -> Asked:
    url = URL(f"http://127.0.0.1:{harness.app.monitoring.port}{path}", encoded=True)
    async with aiohttp.ClientSession() as session, session.request(method, url) as response:
        return Asked(response.status, dict(response.headers), await response.text())


async def metrics(harness: BotHarness) -> dict[str, Metric]:
    """Return the metrics by their names, as Prometheus itself reads them."""
    answer = await ask(harness, "/metrics")
    assert answer.status == 200
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    """Return the value of a sample that has these labels."""
    found = [
        each.value
        for family in families.values()
        for each in family.samples
        if each.name == sample and labels.items() <= each.labels.items()
    ]
    assert len(found) == 1, (sample, labels, found)
    return float(found[0])


async def ready(harness: BotHarness) -> tuple[int, dict[str, Any]]:
    answer = await ask(harness, "/readyz")
    told = json.loads(answer.text)
    assert set(told) == {"ready", "problems"}
    assert told["ready"] == (answer.status == 200) == (not told["problems"])
    return answer.status, told["problems"]


async def test_a_day_of_the_bot_is_measured(harness: BotHarness) -> None:
    await harness.subscriber_of("Moon landing")
    (harness.posts / "broken.md").write_bytes(b"---\ntitle: [\n---\n\xff\xfe")
    harness.write("Second landing")
    await harness.app.scan()
    await harness.next_slot()
    robin = harness.people[0]
    await robin.wait_for("Second landing")
    await robin.say("/search landing")
    await robin.wait_for("2 articles")
    found = await metrics(harness)
    assert value(found, "digestbot_deliveries_total", kind="digest", outcome="sent") == 2
    assert value(found, "digestbot_deliveries_total", kind="digest", outcome="failed") == 0
    assert value(found, "digestbot_sends_total", kind="digest", outcome="sent") == 2
    assert value(found, "digestbot_slot_lateness_seconds_count") == 2
    assert value(found, "digestbot_posts_total", result="new") == 2
    assert value(found, "digestbot_articles") == 2
    assert value(found, "digestbot_places", state="active") == 1
    assert value(found, "digestbot_search_duration_seconds_count", place="chat") == 1
    assert value(found, "digestbot_updates_received_total") >= 4
    assert value(found, "digestbot_update_handling_seconds_count", kind="message") >= 2
    assert value(found, "digestbot_rate_limit_messages_per_second", rate="free") == 30
    assert value(found, "digestbot_messages_total", rate="free") >= 4
    assert value(found, "digestbot_database_bytes") > 100_000
    assert value(found, "digestbot_telegram_up") == value(found, "digestbot_database_up") == 1
    assert abs(value(found, "digestbot_clock_skew_seconds")) < 30
    quarantined = value(found, "digestbot_posts_quarantined")
    assert value(found, "digestbot_posts_total", result="unreadable") == quarantined


async def test_nothing_of_readers_posts_or_secrets_is_in_what_is_measured(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("A secret headline")
    await harness.app.tick()
    text = (await ask(harness, "/metrics")).text + (await ask(harness, "/readyz")).text
    for secret in (str(robin.id), "headline", "Science", TOKEN, TOKEN.split(":")[1], harness.simulator.url, "Robin"):
        assert secret not in text
    families = await metrics(harness)
    assert sum(len(family.samples) for family in families.values()) < 1000, "labels have few values"


async def test_429s_are_counted(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Moon landing")
    harness.simulator.world.faults.add(Fault("flood", method="sendMessage", seconds=1))
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    assert value(await metrics(harness), "digestbot_too_many_requests_total") == 1


async def everything(harness: BotHarness) -> dict[str, Metric]:
    """Return what is measured of a bot in which every metric has a value."""
    await harness.app.stores.people.note(LAST_BACKUP, "x", harness.clock.now())
    await harness.subscriber_of("Moon landing")
    with pytest.raises(ValueError, match="x"), harness.app.jobs.tally.run("tick"):
        raise ValueError("x")
    return await metrics(harness)


async def test_every_metric_is_documented_and_no_other(harness: BotHarness) -> None:
    table = (ROOT / "docs" / "operating.md").read_text("utf-8")
    assert set(re.findall(r"`(digestbot_\w+)`", table)) == names_of(await everything(harness))


async def test_the_dashboard_and_the_rules_ask_for_metrics_that_are_there(harness: BotHarness) -> None:
    families = await everything(harness)
    samples = {sample.name: set(sample.labels) for family in families.values() for sample in family.samples}
    expressions = [
        target["expr"]
        for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]
        for target in panel.get("targets", [])
    ]
    expressions += [
        rule["expr"] for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]
    ]
    asked = set[str]()
    for expression in expressions:
        found = re.findall(r"\b((?:digestbot|process)_\w+)(?:\{([^}]*)\})?", expression)
        assert found, expression
        known = {"instance", *(label for name, _ in found for label in samples.get(name, ()))}
        for name, selector in found:
            assert name in samples, f"{name} is no metric: {expression}"
            assert set(re.findall(r"(\w+)=", selector)) <= {*samples[name], "instance"}, expression
            asked.add(re.sub(r"_(bucket|count|sum)$", "", name))
        grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(",")}
        assert grouped <= known, expression
    assert names_of(families) <= asked, "every metric has its panel"


def names_of(families: dict[str, Metric]) -> set[str]:
    """Return the names of the bot's own metrics, as they are asked for."""
    return {
        f"{name}_total" if family.type == "counter" else name
        for name, family in families.items()
        if name.startswith("digestbot_")
    }


async def test_a_bot_that_serves_is_ready_and_one_without_its_database_is_not(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await ask(harness, "/healthz")).text == "ok\n"
    assert await ready(harness) == (200, {})

    async def fails(_store: MeasurementStore) -> None:
        raise StorageError("postgresql://me:hunter22@db.example is gone")

    asking = harness.app.monitoring._readiness._answers
    asking.fresh_seconds = -1
    monkeypatch.setattr(MeasurementStore, "ping", fails)
    assert await ready(harness) == (503, {"database": "does not answer"})
    hanging = asyncio.Event()

    async def hangs(_store: MeasurementStore) -> None:
        await hanging.wait()

    monkeypatch.setattr(MeasurementStore, "ping", hangs)
    asking.patience = 0.05
    assert (await ready(harness))[1] == {"database": "does not answer"}
    assert (await ask(harness, "/healthz")).status == 200
    hanging.set()
    await until(lambda: _is_ready(harness))


def _ask_anew(harness: BotHarness) -> None:
    """Let the next question be asked, whatever was answered before: within seconds it would be."""
    readiness = harness.app.monitoring._readiness
    for asking in (readiness._answers, readiness._writes, readiness._room):
        asking._answered_at = float("-inf")


async def test_a_database_that_is_full_or_takes_no_writes_is_told_with_the_fix(harness: BotHarness) -> None:
    assert await ready(harness) == (200, {})
    make_room = await fill_the_database(harness)
    _ask_anew(harness)
    status, problems = await ready(harness)
    assert (status, set(problems)) == (503, {"database"})
    assert "is full" in problems["database"]
    assert "free some room" in problems["database"]
    assert (await ask(harness, "/healthz")).status == 200
    make_room()
    # What was answered stands for some seconds, however many ask.
    assert (await ready(harness))[0] == 503
    _ask_anew(harness)
    assert await ready(harness) == (200, {})
    assert await harness.app.stores.people.fact("write probe") is None


async def test_a_server_that_takes_no_writes_any_more_is_told(tmp_path: Path, postgresql: Server) -> None:
    with postgresql.database() as url:
        async with open_harness(tmp_path, database={"url": url}, metrics={"listen": "127.0.0.1:0"}) as harness:
            assert await ready(harness) == (200, {})
            engines = harness.app.stores.database._engine.sync_engine
            sa.event.listen(engines, "begin", _as_a_standby)
            _ask_anew(harness)
            status, problems = await ready(harness)
            assert status == 503
            assert "Set database.url to the primary" in problems["database"]
            sa.event.remove(engines, "begin", _as_a_standby)
            _ask_anew(harness)
            assert await ready(harness) == (200, {})


def _as_a_standby(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


async def test_a_data_folder_that_takes_no_files_is_told_with_the_fix(harness: BotHarness) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores SIGXFSZ; what comes is an error, as from a disk without room.
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
    try:
        status, problems = await ready(harness)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 503
    assert problems["folder"].startswith("the data folder takes no files (File too large)")
    assert str(harness.app.settings.data_dir) not in json.dumps(problems)
    _ask_anew(harness)
    assert await ready(harness) == (200, {})


async def test_a_write_that_waits_for_others_is_no_trouble_for_a_while(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = asyncio.Event()
    tried: list[int] = []

    async def waits(_store: MeasurementStore, _now: Any) -> None:
        tried.append(1)
        await hanging.wait()

    monkeypatch.setattr(MeasurementStore, "try_write", waits)
    asking = harness.app.monitoring._readiness._writes
    asking.patience = 0.05
    assert await ready(harness) == (200, {})
    asking._asked_at -= 1000
    assert (await ready(harness))[1] == {"database": readiness.HELD}
    hanging.set()
    await until(lambda: _is_ready(harness))
    assert await ready(harness) == (200, {})
    assert len(tried) == 1


def test_why_a_folder_takes_no_files(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    assert "bring it back" in str(refusal_of(tmp_path / "gone"))
    (tmp_path / "file").touch()
    assert "bring it back" in str(refusal_of(tmp_path / "file"))
    # Nobody may write there, whoever they are.
    assert refusal_of(Path("/proc/self")) is not None


async def _is_ready(harness: BotHarness) -> bool:
    return (await ready(harness))[0] == 200


async def test_late_jobs_a_deaf_bot_and_a_lost_telegram_are_named(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = harness.app
    monkeypatch.setattr(readiness, "_TELEGRAM_SECONDS", 0.0)
    harness.simulator.world.faults.add(Fault("cut_before", method="getUpdates", times=0))
    await until(lambda: app._client.reachability.failing_seconds > 0)
    assert isinstance(app.jobs, LocalJobs)
    app.jobs.add("recall", _nothing)
    app.jobs._jobs["recall"].ran_at -= 1000
    monkeypatch.setattr(app.desk.receiver._poller, "_asked_at", monotonic() - 1000)
    status, problems = await ready(harness)
    assert status == 503
    assert problems["jobs"] == ["recall"]
    assert problems["updates"] == "are not received"
    assert problems["telegram"].startswith("can't be reached for ")
    assert value(await metrics(harness), "digestbot_telegram_up") == 0
    assert value(await metrics(harness), "digestbot_jobs_late") == 1
    harness.simulator.world.faults.clear()


async def _nothing() -> None:
    """Do nothing."""


async def test_nothing_else_is_told(harness: BotHarness) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/metrics/"),
        ("GET", "//metrics"),
        ("GET", "/%6detrics"),
        ("GET", "/debug/pprof"),
        ("POST", "/metrics"),
        ("PUT", "/healthz"),
        ("DELETE", "/readyz"),
        ("OPTIONS", "/metrics"),
    ):
        answer = await ask(harness, path, method)
        assert (answer.status, answer.text) == (404, ""), (method, path)
        assert "Server" not in answer.headers
    assert (await ask(harness, "/metrics?name[]=x")).status == 200, "what a scraper adds is passed over"


async def test_head_has_no_body(harness: BotHarness) -> None:
    for path in ("/metrics", "/healthz", "/readyz"):
        answer = await ask(harness, path, "HEAD")
        assert (answer.status, answer.text) == (200, "")
        assert int(answer.headers["Content-Length"]) > 2


async def test_a_port_that_is_taken_keeps_nothing_from_working(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        async with open_harness(tmp_path, metrics={"listen": listen}) as harness:
            assert harness.app.monitoring.port is None
            robin = await harness.reader()
            await robin.say("/id")
            await robin.wait_for(str(robin.id))
    (line,) = [record.getMessage() for record in caplog.records if "metrics" in record.getMessage()]
    assert "can't be listened on" in line
    assert "metrics.listen" in line


async def test_connections_that_say_nothing_do_not_keep_others_out(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 3)
    port = harness.app.monitoring.port
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(aiohttp.ClientError):
        await ask(harness, "/healthz")
    for _, writer in idle:
        writer.close()
        await writer.wait_closed()
    await until(lambda: _answers(harness))


async def _answers(harness: BotHarness) -> bool:
    try:
        return (await ask(harness, "/healthz")).status == 200
    except aiohttp.ClientError:
        return False


async def test_the_database_is_asked_once_however_many_scrape(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = count_calls(monkeypatch)
    answers = await asyncio.gather(*(ask(harness, "/metrics") for _ in range(8)))
    assert {answer.status for answer in answers} == {200}
    assert len(asked) == 1
    monkeypatch.setattr(measured, "_FRESH_SECONDS", 0.0)
    await ask(harness, "/metrics")
    assert len(asked) == 2


def count_calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    calls, measure = list[object](), MeasurementStore.measure

    async def counted(store: MeasurementStore, now: Any) -> object:
        calls.append(now)
        return await measure(store, now)

    monkeypatch.setattr(MeasurementStore, "measure", counted)
    return calls


async def test_a_database_that_hangs_holds_up_neither_scrapes_nor_readers(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await metrics(harness)
    assert value(before, "digestbot_articles") == 0
    hanging = asyncio.Event()

    async def hangs(_store: MeasurementStore, _now: Any) -> None:
        await hanging.wait()
        raise StorageError("at last")

    monkeypatch.setattr(MeasurementStore, "measure", hangs)
    monkeypatch.setattr(measured, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(measured, "_PATIENCE_SECONDS", 0.05)
    still = await metrics(harness)
    assert value(still, "digestbot_articles") == 0, "what was known a moment ago"
    monkeypatch.setattr(measured, "_STALE_SECONDS", 0.0)
    without = await metrics(harness)
    assert value(without, "digestbot_database_up") == 0
    assert "digestbot_articles" not in without
    assert value(without, "digestbot_updates_received_total") == 0
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    hanging.set()


async def test_a_fault_of_ours_is_an_answer_and_a_line(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> object:
        raise RuntimeError("a secret")

    monkeypatch.setattr(server, "collect_families", broken)
    answer = await ask(harness, "/metrics")
    assert (answer.status, answer.text) == (500, "failed: see the log\n")
    assert "could not be collected" in caplog.text


async def test_without_an_address_nobody_is_answered(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        assert harness.app.monitoring.port is None
        assert isinstance(harness.app.monitoring, Monitoring)


async def test_a_bot_on_postgresql_is_measured(tmp_path: Path, postgresql: Server) -> None:
    with postgresql.database() as url:
        async with open_harness(tmp_path, database={"url": url}, metrics={"listen": "127.0.0.1:0"}) as harness:
            await harness.subscriber_of("Moon landing")
            await harness.app.alerting.look()
            found = await metrics(harness)
            assert value(found, "digestbot_articles") == value(found, "digestbot_places", state="active") == 1
            assert value(found, "digestbot_database_bytes") > 1_000_000
            assert value(found, "digestbot_processes") >= 1
            assert value(found, "digestbot_alert_active", kind="queue") == 0
            assert await ready(harness) == (200, {})
