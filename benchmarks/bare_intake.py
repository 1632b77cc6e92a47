"""The bound of HTTP intake: FastAPI, pydantic and SQLite, one writer that groups commits, and nothing else."""

from __future__ import annotations

import asyncio
import pathlib
import queue
import sqlite3
import sys
import threading
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Event(BaseModel):
    """One event, checked as loosely as one can."""

    profile: dict[str, str]
    action: str
    params: dict[str, Any]


class Writer:
    """One thread that commits whatever has come in meanwhile; an answer means that it is on disk."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._path = folder / "bare.sqlite"
        self._waiting: queue.SimpleQueue[tuple[bytes, int, asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    async def store(self, body: bytes, size: int) -> None:
        """Durable when it returns."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put((body, size, future))
        await future

    def _work(self) -> None:
        state = sqlite3.connect(self._path, isolation_level=None)
        state.execute("PRAGMA journal_mode=WAL")
        state.execute("PRAGMA synchronous=FULL")
        state.execute("CREATE TABLE log (position INTEGER PRIMARY KEY, size INTEGER, body BLOB)")
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            state.execute("BEGIN IMMEDIATE")
            state.executemany("INSERT INTO log (size, body) VALUES (?, ?)", [(size, body) for body, size, _ in group])
            state.execute("COMMIT")
            for _, _, future in group:
                future.get_loop().call_soon_threadsafe(future.set_result, None)


def application(folder: pathlib.Path) -> FastAPI:
    """The loop as an application."""
    api = FastAPI()
    writer = Writer(folder)

    @api.get("/health/ready")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @api.post("/api/v1/events")
    async def events(items: list[Event]) -> dict[str, int]:
        await writer.store(b"\n".join(item.model_dump_json().encode() for item in items), len(items))
        return {"stored": len(items)}

    return api


if __name__ == "__main__":
    uvicorn.run(application(pathlib.Path(sys.argv[1])), port=int(sys.argv[2]), log_level="error")
