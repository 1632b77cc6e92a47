"""PyFlink in thread mode: a keyed process function with state and a timer, checkpointed, its moves in files.

As the documentation advises: thread mode, bundles, exactly-once checkpoints. Time is that of the events: the end of the
input brings the hour of the wait. Run by `python3 -m benchmarks.peers pyflink_threads`.
"""

from __future__ import annotations

import hashlib
import pathlib
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from pyflink.common import Configuration, Encoder, Types, WatermarkStrategy
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import FileSink
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.datastream.functions import KeyedProcessFunction
from pyflink.datastream.state import ValueStateDescriptor

HOUR = 3_600_000


class Now(TimestampAssigner):
    """All enter at the same time."""

    def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
        return 0


class Journey(KeyedProcessFunction):
    """One customer's passage."""

    def open(self, runtime_context: Any) -> None:
        self.node = runtime_context.get_state(ValueStateDescriptor("node", Types.STRING()))

    def process_element(self, value: int, ctx: Any) -> Iterator[str]:
        yield f"{value} start"
        yield f"{value} {'big' if value % 100 > 50 else 'small'}"
        yield f"{value} wait"
        self.node.update("wait")
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + HOUR)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[str]:
        customer = ctx.get_current_key()
        group = "a" if hashlib.blake2b(str(customer).encode()).digest()[0] % 2 else "b"
        self.node.clear()
        yield f"{customer} {group}"
        yield f"{customer} end"


def main(customers: int) -> None:
    """Send everybody in, wait for the last End; the time includes the start of the job, some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = Configuration()
        configuration.set_string("python.execution-mode", "thread")
        configuration.set_string("python.executable", sys.executable)
        configuration.set_string("execution.checkpointing.interval", "1 s")
        configuration.set_string("restart-strategy.type", "none")  # an error must end the measurement
        environment = StreamExecutionEnvironment.get_execution_environment(configuration)
        environment.set_parallelism(2)
        source = NumberSequenceSource(0, customers - 1)
        watermarks = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Now())
        sink = FileSink.for_row_format(folder, Encoder.simple_string_encoder()).build()
        (
            environment.from_source(source, watermarks, "customers", Types.LONG())
            .key_by(lambda customer: customer, Types.LONG())
            .process(Journey(), Types.STRING())
            .sink_to(sink)
        )
        began = time.perf_counter()
        environment.execute("five moves")
        seconds = time.perf_counter() - began
        moves = sum(path.read_bytes().count(b"\n") for path in pathlib.Path(folder).rglob("*") if path.is_file())
        if moves != 5 * customers:
            raise RuntimeError(f"{moves} moves")
        print(customers / seconds)


if __name__ == "__main__":
    main(int(sys.argv[1]))
