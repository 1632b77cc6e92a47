"""An observer that counts and times for Prometheus.

Owns the numbers since the start of the server and the text that Prometheus reads. Must not know what is measured:
numbers of the moment are handed in.
"""

from __future__ import annotations

import bisect
import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

import milepost
from milepost.ports.observer import Call, Part, Timing
from milepost.runtime.standing import Standing
from milepost.telemetry import metrics
from milepost.telemetry.metrics import Metric

PREFIX = "automation."


# A second series for every counter, saying when it began: rates do not need it.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Measures:
    """Counts and times what is observed; `text` is what Prometheus reads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._items = self._counter(metrics.ITEMS)
        self._rejections = self._counter(metrics.REJECTIONS)
        self._moves = self._counter(metrics.MOVES)
        self._batch_inputs = self._histogram(metrics.BATCH_INPUTS)
        self._batch_moves = self._histogram(metrics.BATCH_MOVES)
        self._lateness = Lateness(metrics.LATENESS)
        self._registry.register(self._lateness)
        self._steps = self._histogram(metrics.STEPS)
        self._stores = self._histogram(metrics.STORES)
        self._handed = self._counter(metrics.HANDED)
        self._effects = self._counter(metrics.EFFECTS)
        self._requests = self._counter(metrics.REQUESTS)
        self._request_time = self._histogram(metrics.REQUEST_TIME)
        # From the start there, at 0: what has not happened yet is a number too.
        for result in ("accepted", "duplicate", "rejected"):
            self._items.labels(result)

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.help, metric.labels, registry=self._registry)

    def _histogram(self, metric: Metric) -> Histogram:
        return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self._registry)

    @contextlib.contextmanager
    def timed(self, work: Part | Call) -> Iterator[Timing]:
        timing, begin = Timing(), time.perf_counter()
        try:
            yield timing
        finally:
            if not timing.idle:
                store, _, operation = work.partition(".")
                times = self._stores.labels(store, operation) if operation else self._steps.labels(work)
                times.observe(time.perf_counter() - begin)

    def took_in(self, accepted: int, duplicates: int, rejected: Mapping[str, int]) -> None:
        self._items.labels("accepted").inc(accepted)
        self._items.labels("duplicate").inc(duplicates)
        self._items.labels("rejected").inc(sum(rejected.values()))
        for code, number in rejected.items():
            self._rejections.labels(code).inc(number)

    def committed(self, inputs: int, moves: Mapping[str, int]) -> None:
        self._batch_inputs.observe(inputs)
        self._batch_moves.observe(sum(moves.values()))
        for action, number in moves.items():
            self._moves.labels(action.removeprefix(PREFIX)).inc(number)

    def woke(self, dues: Sequence[int], now: int) -> None:
        self._lateness.observe(dues, now)

    def handed_over(self, batches: int) -> None:
        self._handed.inc(batches)

    def settled(self, channel: str, outcome: str) -> None:
        self._effects.labels(channel, outcome).inc()

    def answered(self, method: str, route: str, status: int, seconds: float, parent: str) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._request_time.labels(method, route).observe(seconds)

    def text(self, standing: Standing | None) -> bytes:
        """All measures, with the numbers of this moment, in the text format of Prometheus.

        Without numbers of this moment, because a store cannot be asked, what was counted is shown all the same.
        """
        return generate_latest(_Moment(self._registry, standing))


class Lateness(Collector):
    """A histogram that takes a whole batch at once: `prometheus_client`'s own would cost more than the timers do."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._lock = threading.Lock()
        self._counts = [0] * len(metric.buckets)
        """Cumulative, as they are shown."""
        self._bounds = [round(bound * 1000) for bound in metric.buckets]
        self._count = 0
        self._sum = 0

    def observe(self, dues: Sequence[int], now: int) -> None:
        """Add what was due at `dues`, in order, and came at `now`; milliseconds."""
        number = len(dues)
        within = [number - bisect.bisect_left(dues, now - bound) for bound in self._bounds]
        with self._lock:
            self._counts = [old + new for old, new in zip(self._counts, within, strict=True)]
            self._count += number
            self._sum += number * now - sum(dues)

    def collect(self) -> Iterator[Family]:
        with self._lock:
            counts, number, total = self._counts, self._count, self._sum
        buckets = [(str(bound), float(count)) for bound, count in zip(self._metric.buckets, counts, strict=True)]
        family = HistogramMetricFamily(self._metric.name, self._metric.help)
        family.add_metric([], [*buckets, ("+Inf", float(number))], total / 1000)
        yield family


class _Moment(CollectorRegistry):
    """What has been counted, and what is so now."""

    def __init__(self, counted: CollectorRegistry, standing: Standing | None) -> None:
        super().__init__()
        self._counted = counted
        self._standing = standing

    def collect(self) -> Iterator[Family]:
        yield from self._counted.collect()
        yield _gauge(metrics.INFO, {(milepost.__version__,): 1.0})
        now = self._standing
        yield _gauge(metrics.READY, float(now is not None and now.ready))
        if now is None:
            return
        yield _gauge(metrics.CYCLE_LAG, now.cycle_lag / 1000)
        yield _gauge(metrics.PROJECTOR_BATCHES, now.unprojected)
        yield _gauge(metrics.PROJECTOR_AGE, now.projector_lag / 1000)
        yield _gauge(metrics.DUE, now.due)
        yield _gauge(metrics.OUTBOX, {key: float(number) for key, number in now.outbox.items()})
        yield _gauge(metrics.DISK, now.disk_free)


def _gauge(metric: Metric, value: float | Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for labels, number in value.items() if isinstance(value, Mapping) else (((), value),):
        family.add_metric(labels, number)
    return family
