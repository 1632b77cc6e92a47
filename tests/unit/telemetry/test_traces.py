"""Spans: what is inside what, what is left out, and that nothing is loaded where nobody wants traces."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from milepost.app import build
from milepost.config import Settings
from milepost.errors import Invalid
from milepost.ports.observer import SILENT
from milepost.telemetry.traces import Traces, traced

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(exporter: InMemorySpanExporter) -> Traces:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Traces(SILENT, provider)


def told(exporter: InMemorySpanExporter) -> list[tuple[str, str | None]]:
    """Each span with the one that it is inside of."""
    spans: tuple[Any, ...] = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans}
    return sorted((span.name, names.get(span.parent.span_id) if span.parent else None) for span in spans)


def test_store_calls_are_inside_the_work_that_made_them(traces: Traces, exporter: InMemorySpanExporter) -> None:
    with traces.timed("cycle"):
        with traces.timed("state.read"):
            pass
        with traces.timed("state.write"):
            pass
    with traces.timed("projector"), traces.timed("events.insert"):
        pass
    assert told(exporter) == [
        ("cycle", None), ("events.insert", "projector"), ("projector", None), ("state.read", "cycle"),
        ("state.write", "cycle"),
    ]  # fmt: skip


def test_work_that_was_none_and_calls_by_themselves_are_left_out(
    traces: Traces, exporter: InMemorySpanExporter
) -> None:
    with traces.timed("cycle") as step, traces.timed("state.read"):
        step.idle = True
    with traces.timed("state.read"):
        pass
    assert told(exporter) == []


def test_work_that_fails_is_told_and_does_not_swallow_the_next(traces: Traces, exporter: InMemorySpanExporter) -> None:
    with pytest.raises(KeyError), traces.timed("cycle"), traces.timed("state.write"):
        raise KeyError
    with traces.timed("outbox"):
        pass
    assert told(exporter) == [("cycle", None), ("outbox", None), ("state.write", "cycle")]


def test_a_request_goes_on_with_the_caller_s_trace(traces: Traces, exporter: InMemorySpanExporter) -> None:
    traces.answered("POST", "/api/v1/events", 200, 0.25, PARENT)
    traces.answered("GET", "/api/v1/journeys/{id}", 503, 0.1, "nonsense")
    first, second = exporter.get_finished_spans()
    assert first.name == "POST /api/v1/events"
    assert f"{first.context.trace_id:032x}" == PARENT[3:35]
    assert first.end_time - first.start_time == 250_000_000  # type: ignore[operator] # both have ended
    assert second.parent is None
    assert not second.status.is_ok
    assert dict(second.attributes or {}) == {
        "http.request.method": "GET", "http.route": "/api/v1/journeys/{id}", "http.response.status_code": 503,
    }  # fmt: skip


def test_without_the_setting_nothing_of_opentelemetry_is_loaded() -> None:
    loaded = "any(name.startswith('opentelemetry.sdk') for name in sys.modules)"
    code = f"import sys, milepost.app, milepost.cli; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_packages_the_setting_is_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "milepost.telemetry.traces", None)
    with pytest.raises(Invalid, match="not installed") as refused:
        build(Settings(data=tmp_path / "data", otlp_endpoint="http://127.0.0.1:1/v1/traces"))
    assert refused.value.field == "otlp_endpoint"
    # The folder is free again.
    monkeypatch.undo()
    build(Settings(data=tmp_path / "data")).close()


def test_spans_reach_the_collector_that_is_named() -> None:
    got: list[tuple[str, bytes]] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        traces = traced(SILENT, f"http://127.0.0.1:{server.server_address[1]}/v1/traces")
        with traces.timed("cycle"), traces.timed("state.write"):
            pass
        traces.close()
        server.shutdown()
        thread.join()
    assert {path for path, _ in got} == {"/v1/traces"}
    body = b"".join(content for _, content in got)
    assert b"milepost" in body
    assert b"state.write" in body
