"""Traces for OpenTelemetry: a span for every request, and for every piece of work with the store calls inside it.

Owns what becomes a span. An observer around another one; loaded only where traces are configured. Must not know what is
traced, and has no attribute that could name a customer.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import milepost
from milepost.ports.observer import Call, Observer, Part, Timing


class _Work:
    """A piece of work as it goes on. Spans are made when its outermost piece has ended: only then is it known whether
    there was anything to do.
    """

    __slots__ = ("begin", "end", "inner", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.begin = time.time_ns()
        self.end = 0
        self.inner: list[_Work] = []


class Traces:
    """Makes spans of what is observed, and passes everything on."""

    def __init__(self, inner: Observer, provider: TracerProvider) -> None:
        self._inner = inner
        self._provider = provider
        self._tracer = provider.get_tracer("milepost", milepost.__version__)
        self._local = threading.local()

    @contextlib.contextmanager
    def timed(self, work: Part | Call) -> Iterator[Timing]:
        under_way: list[_Work] = self._local.__dict__.setdefault("under_way", [])
        this = _Work(work)
        if under_way:
            under_way[-1].inner.append(this)
        under_way.append(this)
        with self._inner.timed(work) as timing:
            try:
                yield timing
            finally:
                under_way.pop()
                this.end = time.time_ns()
                # A store call by itself belongs to a request, which has its own span.
                if not under_way and not timing.idle and "." not in work:
                    self._tell(this, None)

    def _tell(self, work: _Work, context: Context | None) -> None:
        span = self._tracer.start_span(work.name, context=context, start_time=work.begin)
        within = set_span_in_context(span)
        for inner in work.inner:
            self._tell(inner, within)
        span.end(work.end)

    def took_in(self, accepted: int, duplicates: int, rejected: Mapping[str, int]) -> None:
        self._inner.took_in(accepted, duplicates, rejected)

    def committed(self, inputs: int, moves: Mapping[str, int]) -> None:
        self._inner.committed(inputs, moves)

    def woke(self, dues: Sequence[int], now: int) -> None:
        self._inner.woke(dues, now)

    def handed_over(self, batches: int) -> None:
        self._inner.handed_over(batches)

    def settled(self, channel: str, outcome: str) -> None:
        self._inner.settled(channel, outcome)

    def answered(self, method: str, route: str, status: int, seconds: float, parent: str) -> None:
        self._inner.answered(method, route, status, seconds, parent)
        end = time.time_ns()
        span = self._tracer.start_span(
            f"{method} {route}",
            context=TraceContextTextMapPropagator().extract({"traceparent": parent}),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": route, "http.response.status_code": status},
            start_time=end - round(seconds * 1e9),
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def traced(inner: Observer, endpoint: str) -> Traces:
    """Traces that go to a collector at this address, by OTLP over HTTP."""
    provider = TracerProvider(resource=Resource.create({"service.name": "milepost"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=2)))
    return Traces(inner, provider)
