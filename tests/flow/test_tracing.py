"""Spans on their way to a collector: what is traced, what is in it, and that nothing waits for a collector."""

from __future__ import annotations

import asyncio
import builtins
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bot.errors import StartError
from bot.monitoring import tracing
from bot.monitoring.tracing import Tracing, traces_address
from config.pseudonyms import pseudonyms
from digests.telemetry.traces import end_tracing, trace_with, traced
from tests.flow.harness import TOKEN, BotHarness, open_harness
from tests.http_server import serve
from tests.waiting import until

NAME_OF = pseudonyms(TOKEN)


class Collector:
    """A collector that keeps what it gets, and answers with a status, once it `may_answer`."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []
        self.paths: set[str] = set()
        self.status = 200
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.paths.add(request.path)
        await self.may_answer.wait()
        return web.Response(status=self.status, content_type="application/x-protobuf")

    @property
    def spans(self) -> list[Span]:
        """All spans that came."""
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Collector]:
    monkeypatch.setattr(tracing, "_DELAY_MILLISECONDS", 50.0)
    made = Collector()
    async with serve(made.handle) as url:
        made.url = url
        yield made
        made.may_answer.set()
        # What still sends would go on beside the next test.
        await until(lambda: not any(thread.name.startswith("OtelBatch") for thread in threading.enumerate()), 10)


def attributes(span: Span) -> dict[str, Any]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


async def live(harness: BotHarness) -> int:
    """Have a reader get a digest, and return their id."""
    robin = await harness.subscriber_of("Moon landing")
    await harness.publish("Sun rises")
    await harness.next_slot()
    await robin.wait_for("Sun rises")
    return robin.id


async def test_planning_rendering_and_sending_are_traced_without_texts_and_ids(
    tmp_path: Path, collector: Collector
) -> None:
    async with open_harness(tmp_path, tracing={"endpoint": collector.url}) as harness:
        robin = await live(harness)
    spans = collector.spans
    counts = Counter(span.name for span in spans)
    assert counts["plan"] == 1
    assert counts["render"] >= 2
    assert counts["send"] >= 2
    by_id = {span.span_id: span for span in spans}
    for span in spans:
        if span.name == "send":
            assert attributes(span)["outcome"] == "sent"
            assert attributes(span)["kind"] == "digest"
            parent = by_id[span.parent_span_id]
            assert parent.name == "deliver"
            assert attributes(parent)["chat"] == NAME_OF(robin)
        assert span.start_time_unix_nano < span.end_time_unix_nano
    assert [attributes(span)["digests"] for span in spans if span.name == "plan"] == [1]
    whole = b"".join(collector.bodies)
    for secret in (str(robin), "Moon", "Sun", "Robin", TOKEN):
        assert secret.encode() not in whole
    assert collector.paths == {"/v1/traces"}


async def test_a_collector_that_never_answers_slows_nothing(tmp_path: Path, collector: Collector) -> None:
    collector.may_answer.clear()
    async with open_harness(tmp_path, tracing={"endpoint": collector.url}) as harness:
        await live(harness)
        await until(lambda: bool(collector.bodies))
        for _ in range(10_000):
            with traced("job", job="x"):
                pass
        began = asyncio.get_running_loop().time()
        await harness.restart()
        assert asyncio.get_running_loop().time() - began < 10


async def test_a_collector_that_is_down_is_one_line(
    tmp_path: Path, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 400
    async with open_harness(tmp_path, tracing={"endpoint": collector.url}) as harness:
        await live(harness)
        await until(lambda: len(collector.bodies) >= 1 and "takes no spans" in caplog.text)
        for number in range(3):
            with traced("job", job=f"{number}"):
                await asyncio.sleep(0.1)
        collector.status = 200
        with traced("job", job="last"):
            pass
        await until(lambda: "takes spans again" in caplog.text)
    assert caplog.text.count("takes no spans") == 1


async def test_what_fails_is_told_by_its_type_alone(collector: Collector) -> None:
    made = Tracing(collector.url, NAME_OF)
    made.start()
    with pytest.raises(ValueError, match="secret"), traced("job", job="x"):
        raise ValueError("a secret text")
    await made.stop()
    (span,) = collector.spans
    assert attributes(span)["error.type"] == "ValueError"
    assert b"secret" not in b"".join(collector.bodies)


async def test_without_the_extra_the_start_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *arguments: Any, **more: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError(name)
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(StartError, match=r"install the extra `tracing`, as in digestbot\[tracing\]"):
        async with open_harness(tmp_path, tracing={"endpoint": "http://127.0.0.1:9"}):
            pass


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://otel.example/", "https://otel.example/v1/traces"),
        ("https://otel.example/custom/traces", "https://otel.example/custom/traces"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(endpoint: str, address: str) -> None:
    assert traces_address(endpoint) == address


def test_without_a_tracer_nothing_is_made() -> None:
    assert traced("a", x=1) is traced("b"), "one object for all"
    with traced("a") as note:
        note("x", 1)
    trace_with(tracer := lambda _name, _attributes: traced("none"))
    end_tracing(tracer)
    end_tracing(tracer)
    assert traced("a") is traced("b")


def test_what_is_not_used_is_not_imported() -> None:
    code = "import sys, bot.process.app; print({'opentelemetry', 'prometheus_client', 'requests'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"
