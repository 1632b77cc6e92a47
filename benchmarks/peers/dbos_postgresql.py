"""DBOS with PostgreSQL: a durable workflow per customer, its steps and its sleep checkpointed in the database.

As the documentation advises: asynchronous workflows where many wait at once, few and large steps, started through a
queue that bounds how many begin at once. Run by `python3 -m benchmarks.peers dbos_postgresql`.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time

from dbos import DBOS, DBOSConfig

WAIT = 1
"""Seconds: a real clock cannot be moved over an hour."""
AT_ONCE = 1_000


@DBOS.step()
async def entered(customer: int, amount: int) -> list[str]:
    """Trigger, filter, wait: what a step returns is its durable record."""
    return [f"{customer} start", f"{customer} {'big' if amount > 50 else 'small'}", f"{customer} wait"]


@DBOS.step()
async def left(customer: int) -> list[str]:
    """A/B test, End."""
    group = "a" if hashlib.blake2b(str(customer).encode()).digest()[0] % 2 else "b"
    return [f"{customer} {group}", f"{customer} end"]


@DBOS.workflow()
async def journey(customer: int, amount: int) -> int:
    """One customer's passage."""
    moves = await entered(customer, amount)
    await DBOS.sleep_async(WAIT)
    moves += await left(customer)
    return len(moves)


async def run(customers: int) -> None:
    """Send everybody in, wait for the last End."""
    queue = await DBOS.register_queue_async("customers", worker_concurrency=AT_ONCE, polling_interval_sec=0.1)
    began = time.perf_counter()
    handles = [await queue.enqueue_async(journey, customer, customer % 100) for customer in range(customers)]
    moves = [await handle.get_result() for handle in handles]
    seconds = time.perf_counter() - began
    if sum(moves) != 5 * customers:
        raise RuntimeError(f"{sum(moves)} moves")
    print(customers / seconds)


if __name__ == "__main__":
    config: DBOSConfig = {"name": "five-moves", "system_database_url": sys.argv[2], "log_level": "ERROR"}
    DBOS(config=config)
    DBOS.launch()
    asyncio.run(run(int(sys.argv[1])))
    DBOS.destroy()
