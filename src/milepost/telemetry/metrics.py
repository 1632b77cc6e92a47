"""Every measure that the server shows, by name: the page docs/reference/metrics.md is made from here.

Owns names, labels and buckets. Labels come from small sets that are fixed by the program: never a customer, a workspace
or a journey. Must not know where numbers come from.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

SHORT: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds for what takes milliseconds, in seconds."""
LONG: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0)
"""Bounds for what is late by seconds or more, in seconds."""
SIZES: Final = (1.0, 10.0, 100.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0)


class Metric(NamedTuple):
    """One measure."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


ITEMS: Final = Metric(
    "milepost_items_total", "counter",
    "Events and changes of profiles that came in: `accepted`, `duplicate` (stored before) or `rejected`.", ("result",),
)  # fmt: skip
REJECTIONS: Final = Metric(
    "milepost_rejections_total", "counter", "Items that were refused, by the code of their error.", ("code",)
)
MOVES: Final = Metric(
    "milepost_moves_total", "counter",
    "Moves that were committed, by their action without `automation.`.", ("action",),
)  # fmt: skip
BATCH_INPUTS: Final = Metric(
    "milepost_batch_inputs", "histogram",
    "Events and changes of profiles in each batch of the cycle; its count is the number of batches.", (), SIZES,
)  # fmt: skip
BATCH_MOVES: Final = Metric("milepost_batch_moves", "histogram", "Moves in each batch of the cycle.", (), SIZES)
LATENESS: Final = Metric(
    "milepost_timer_lateness_seconds", "histogram",
    "How long after it was due a run was woken by its timer, on workspaces with a real clock.", (), LONG,
)  # fmt: skip
STEPS: Final = Metric(
    "milepost_step_seconds", "histogram",
    "Time of one piece of work of each part: `intake` (a group of requests), `cycle` (a batch of each workspace), "
    "`projector` (batches handed over), `outbox` (attempts begun and settled; it waits for providers), `imports` "
    "(a piece of a file).",
    ("part",), SHORT,
)  # fmt: skip
STORES: Final = Metric(
    "milepost_store_seconds", "histogram",
    "Time of one call of a store. `state`: `write` is a transaction from the wish for it until it is durable, `read` a "
    "snapshot from begin to end. `events`: `insert` is one insert, `read` one question or page.",
    ("store", "operation"), SHORT,
)  # fmt: skip
HANDED: Final = Metric("milepost_handed_over_batches_total", "counter", "Batches that have reached the event store.")
EFFECTS: Final = Metric(
    "milepost_attempts_total", "counter",
    "Attempts to send a message or to make a web call that have ended, by channel and outcome: `sent`, `failed`, "
    "`uncertain`, `retry`.",
    ("channel", "outcome"),
)  # fmt: skip
REQUESTS: Final = Metric(
    "milepost_requests_total", "counter",
    "Requests that were answered. The route is the pattern, such as `/api/v1/journeys/{id}`; all that is part of the "
    "app in the browser, or of nothing, is `other`.",
    ("method", "route", "status"),
)  # fmt: skip
REQUEST_TIME: Final = Metric(
    "milepost_request_seconds", "histogram", "Time from a request's head to the end of its answer.",
    ("method", "route"), SHORT,
)  # fmt: skip
READY: Final = Metric("milepost_ready", "gauge", "1 while the server can do its work, as `/health/ready` says; else 0.")
CYCLE_LAG: Final = Metric(
    "milepost_cycle_lag_seconds", "gauge",
    "Age of the oldest input that the cycle has not taken, on workspaces with a real clock; 0 when there is none.",
)  # fmt: skip
PROJECTOR_BATCHES: Final = Metric(
    "milepost_projector_lag_batches", "gauge", "Committed batches that have not reached the event store yet."
)
PROJECTOR_AGE: Final = Metric(
    "milepost_projector_lag_seconds", "gauge", "Age of the oldest of them; 0 when there is none."
)
DUE: Final = Metric(
    "milepost_due_backlog", "gauge", "Runs of journeys that are not paused whose timer is due and was not taken yet."
)
OUTBOX: Final = Metric(
    "milepost_outbox_intents", "gauge",
    "Messages and web calls that are not carried out yet, by channel and state: `pending`, `sending`.",
    ("channel", "state"),
)  # fmt: skip
DISK: Final = Metric("milepost_disk_free_bytes", "gauge", "Free disk space where the data folder is.")
INFO: Final = Metric("milepost_build_info", "gauge", "Always 1; the label says which Milepost it is.", ("version",))

METRICS: Final = (
    ITEMS, REJECTIONS, MOVES, BATCH_INPUTS, BATCH_MOVES, LATENESS, STEPS, STORES, HANDED, EFFECTS, REQUESTS,
    REQUEST_TIME, READY, CYCLE_LAG, PROJECTOR_BATCHES, PROJECTOR_AGE, DUE, OUTBOX, DISK, INFO,
)  # fmt: skip
"""All of them, in the order in which they are shown."""
