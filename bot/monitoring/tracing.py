"""Sends spans of planning, rendering, sending and of jobs to a collector, if one is set (OTLP over HTTP, protobuf).

The only module that knows OpenTelemetry, which is an extra and is imported only then. Spans wait in a bounded queue for
a thread of their own: while the collector is down or slow, they are dropped, and nothing else notices.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.errors import StartError
from config.masking import plain_address
from config.pseudonyms import ID_FIELDS, NameOf
from digests.offload import in_own_thread
from digests.telemetry.traces import SetAttribute, TraceValue, end_tracing, trace_with

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Tracer

logger = logging.getLogger(__name__)

_EXPORT_SECONDS = 5.0
_DELAY_MILLISECONDS = 2_000.0
_LAST_SECONDS = 0.4
_MOST_WAITING = 4_096
_MOST_AT_ONCE = 512
_ROUTE = "/v1/traces"


class Tracing:
    """The way of spans to the collector at `endpoint`; with "" there is none. `name_of` gives ids their pseudonyms."""

    def __init__(self, endpoint: str, name_of: NameOf) -> None:
        self._endpoint = endpoint
        self._name_of = name_of
        self._provider: TracerProvider | None = None
        self._exporter: SpanExporter | None = None
        self._tracer: Tracer | None = None

    def start(self) -> None:
        """Begin to trace, if that is wanted. Raises StartError if the extra is missing."""
        if not self._endpoint:
            return
        try:
            self._exporter = _build_exporter(traces_address(self._endpoint))
            self._provider = _build_provider(self._exporter)
        except ImportError as error:
            raise StartError(
                "tracing.endpoint is set, but what sends spans is not installed: install the extra `tracing`, as in "
                "digestbot[tracing], or leave tracing.endpoint empty."
            ) from error
        self._tracer = self._provider.get_tracer("digestbot")
        trace_with(self._open)

    async def stop(self) -> None:
        """Trace nothing more, and send what waits, unless the collector does not answer for a moment."""
        end_tracing(self._open)
        if self._provider is None or self._exporter is None:
            return
        closing = asyncio.ensure_future(in_own_thread(self._provider.shutdown))
        self._provider = None
        await asyncio.wait([closing], timeout=_LAST_SECONDS)
        if not closing.done():
            # It would try again for half a minute.
            self._exporter.shutdown()
            await asyncio.wait([closing], timeout=_LAST_SECONDS)
            closing.cancel()

    @contextmanager
    def _open(self, name: str, attributes: dict[str, TraceValue]) -> Iterator[SetAttribute]:
        assert self._tracer is not None
        shown = {key: self._shown(key, value) for key, value in attributes.items()}
        # What an exception says may quote a text or an address: only its type is told.
        with self._tracer.start_as_current_span(
            name, attributes=shown, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield lambda key, value: span.set_attribute(key, self._shown(key, value))
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                raise

    def _shown(self, key: str, value: TraceValue) -> TraceValue:
        return self._name_of(value) if key in ID_FIELDS and isinstance(value, int | str) else value


def traces_address(endpoint: str) -> str:
    """Return where spans are posted: an address without a path is that of a collector, which has a route for them."""
    return endpoint.rstrip("/") + _ROUTE if urlsplit(endpoint).path in ("", "/") else endpoint


def _build_exporter(address: str) -> SpanExporter:
    """Return what sends spans to an address. Raises ImportError if the extra is missing."""
    import requests
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    # It writes a line for each span that is dropped, and for each try.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    session = requests.Session()
    # Neither a proxy nor a password from the surroundings.
    session.trust_env = False
    return _watched(OTLPSpanExporter(address, timeout=_EXPORT_SECONDS, session=session), address)


def _build_provider(exporter: SpanExporter) -> TracerProvider:
    """Return what collects spans and hands them to the exporter, in a thread of its own."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource({"service.name": "digestbot", "service.version": metadata.version("digestbot")})
    # At exit, it would wait for a collector that does not answer.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=_MOST_WAITING,
            schedule_delay_millis=_DELAY_MILLISECONDS,
            max_export_batch_size=_MOST_AT_ONCE,
        )
    )
    return provider


def _watched(exporter: SpanExporter, address: str) -> SpanExporter:
    """Return an exporter that logs when the collector takes nothing any more, and when it does again."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class WatchedExporter(SpanExporter):
        fails = False

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            result = exporter.export(spans)
            fails = result is not SpanExportResult.SUCCESS
            if fails != self.fails:
                self.fails = fails
                said = "takes no spans; they are dropped until it does" if fails else "takes spans again"
                logger.warning("the collector %s", said, extra={"address": plain_address(address)})
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

    return WatchedExporter()
