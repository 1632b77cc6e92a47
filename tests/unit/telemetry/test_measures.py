"""What is counted and how it is shown to Prometheus."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from milepost.runtime.standing import Standing
from milepost.telemetry import metrics
from milepost.telemetry.measures import Lateness, Measures

CALM = Standing(ready=True, cycle_lag=0, unprojected=0, projector_lag=0, due=0, outbox={}, disk_free=1)


def shown(measures: Measures, standing: Standing | None = CALM) -> dict[tuple[Any, ...], float]:
    """Each number by name and labels, as a program reads it."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(measures.text(standing).decode())
        for sample in family.samples
    }


@given(st.lists(st.tuples(st.lists(st.integers(0, 4_000_000), max_size=8), st.integers(0, 4_000_000)), max_size=4))
def test_a_batch_at_once_counts_like_one_by_one(batches: list[tuple[list[int], int]]) -> None:
    at_once = Lateness(metrics.LATENESS)
    one_by_one = Histogram("a", "b", buckets=metrics.LATENESS.buckets, registry=CollectorRegistry())
    for times, extra in batches:
        now = max(times, default=0) + extra
        at_once.observe(sorted(times), now)
        for time in times:
            one_by_one.observe((now - time) / 1000)
    left, right = ({
        sample.name.rpartition("_")[2] + sample.labels.get("le", ""): round(sample.value, 6)
        for family in collector.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    } for collector in (at_once, one_by_one))  # fmt: skip
    assert left == right


def test_what_is_observed_is_counted() -> None:
    measures = Measures()
    measures.took_in(3, 1, Counter(invalid=2))
    measures.committed(4, Counter({"automation.clientStartPath": 3, "automation.clientPathStep": 5}))
    measures.woke([1_000, 61_000], 61_500)
    measures.handed_over(7)
    measures.settled("email", "sent")
    measures.answered("GET", "/api/v1/journeys", 200, 0.3, "")
    with measures.timed("state.write"):
        pass
    with measures.timed("cycle"), measures.timed("projector") as looked:
        looked.idle = True
    found = shown(measures)
    assert found["milepost_items_total", "accepted"] == 3
    assert found["milepost_items_total", "duplicate"] == 1
    assert found["milepost_items_total", "rejected"] == found["milepost_rejections_total", "invalid"] == 2
    assert found["milepost_moves_total", "clientStartPath"] == 3
    assert found["milepost_batch_moves_sum",] == 8
    assert found["milepost_batch_inputs_sum",] == 4
    assert found["milepost_timer_lateness_seconds_bucket", "0.5"] == 1
    assert found["milepost_timer_lateness_seconds_sum",] == 61
    assert found["milepost_handed_over_batches_total",] == 7
    assert found["milepost_attempts_total", "email", "sent"] == 1
    assert found["milepost_requests_total", "/api/v1/journeys", "200", "GET"] == 1
    assert found["milepost_store_seconds_count", "state", "write"] == 1
    assert found["milepost_step_seconds_count", "cycle"] == 1
    assert ("milepost_step_seconds_count", "projector") not in found


def test_numbers_of_the_moment_are_shown_in_seconds() -> None:
    standing = Standing(
        ready=False, cycle_lag=1_500, unprojected=3, projector_lag=2_000, due=9, outbox={("email", "pending"): 4},
        disk_free=10,
    )  # fmt: skip
    found = shown(Measures(), standing)
    assert found["milepost_ready",] == 0
    assert found["milepost_cycle_lag_seconds",] == 1.5
    assert found["milepost_projector_lag_batches",] == 3
    assert found["milepost_projector_lag_seconds",] == 2
    assert found["milepost_due_backlog",] == 9
    assert found["milepost_outbox_intents", "email", "pending"] == 4
    assert found["milepost_disk_free_bytes",] == 10


def test_every_measure_that_is_shown_is_declared_and_the_other_way_round() -> None:
    names = {family.name for family in text_string_to_metric_families(Measures().text(CALM).decode())}
    ours = {name for name in names if name.startswith("milepost_")}
    assert ours == {metric.name.removesuffix("_total") for metric in metrics.METRICS}
    assert {"process_resident_memory_bytes", "python_info"} <= names


def test_two_servers_in_one_process_count_for_themselves() -> None:
    one, other = Measures(), Measures()
    one.handed_over(1)
    assert shown(other)["milepost_handed_over_batches_total",] == 0


def test_what_was_counted_is_shown_while_a_store_cannot_be_asked() -> None:
    measures = Measures()
    measures.handed_over(3)
    found = shown(measures, None)
    assert found["milepost_handed_over_batches_total",] == 3
    assert found["milepost_ready",] == 0
    assert ("milepost_cycle_lag_seconds",) not in found
