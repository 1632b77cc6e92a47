"""The server, put together: the only place that chooses adapters.

Owns which store, which clock and which providers are used, the first start of a data folder, and start and stop.
"""

from __future__ import annotations

import os
import pathlib
import secrets
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Never, cast

import structlog
import uvicorn
from fastapi import FastAPI

import milepost
from milepost import upkeep
from milepost.access import keys
from milepost.access.accounts import Accounts
from milepost.api.server import create_api
from milepost.api.standby import create_standby
from milepost.api.upkeep import Upkeep
from milepost.config import Settings
from milepost.delivery.registry import build as build_provider
from milepost.delivery.template import Templates
from milepost.errors import AddressInUse, Invalid, LeaseLost, MilepostError, StorageUnavailable
from milepost.imports.desk import Desk
from milepost.imports.runner import Runner
from milepost.imports.shelf import Shelf
from milepost.ports.observer import Observer
from milepost.ports.sender import Sender
from milepost.ports.state_store import ApiKeyRow, StateStore
from milepost.runtime.engine import Engine
from milepost.runtime.examination import Report, examined, logical, physical
from milepost.runtime.lease import Lease
from milepost.runtime.outbox import Outbox
from milepost.runtime.standing import standing
from milepost.runtime.turn import Turn
from milepost.runtime.worker import Worker
from milepost.stores.clickhouse.event_store import ClickHouseEventStore
from milepost.stores.folder import DataFolder, Owner, owner_of
from milepost.stores.sqlite import SqliteStore
from milepost.telemetry import logs
from milepost.telemetry.measures import Measures
from milepost.telemetry.stores import ObservedEventStore, ObservedStateStore
from milepost.upkeep import SystemClock

if TYPE_CHECKING:
    from milepost.runtime.backup import Backups
    from milepost.telemetry.traces import Traces

FIRST_WORKSPACE: Final = "default"
STOPPING: Final = 1
"""Seconds that open requests have to end when the server stops: with the outbox's two, a stop takes less than five."""

_log = structlog.get_logger()

__all__ = ["App", "SystemClock", "build", "owner_of", "serve"]


class App:
    """A server's parts over one data folder. `start` sets the threads going; `close` ends them and frees the folder."""

    def __init__(self, settings: Settings, lease: Lease | None = None) -> None:
        """`lease` is the one on the settings' state store, if it has been taken already."""
        self.settings = settings
        self.owner = _owner(settings)
        self._measures = Measures()
        self._traces = _traced(self._measures, settings.otlp_endpoint)
        self._observer: Observer = self._traces or self._measures
        self.folder = DataFolder(settings.data, self.owner)
        try:
            # SQLite's file lies in the folder, which has one owner; a database may be named by anybody.
            self._lease = lease or (None if settings.state_store is None else _turn(settings).soon())
            store = self._lease.store if self._lease else state_store(settings)
            self._store = ObservedStateStore(self._lease.fenced if self._lease else store, self._observer)
            if settings.event_store is None:
                self._refuse_lost_events(store)
            events = event_store(settings, self._lease.epoch if self._lease else 0)
            self._events = ObservedEventStore(events, self._observer)
            self._refuse_foreign_events()
        except BaseException:
            self.folder.close()
            raise
        self.engine = Engine(
            self._store, self._events, SystemClock(), guard=lambda: self.folder.refuse_when_full(settings.disk_reserve),
            observer=self._observer, rates=_rates(settings),
        )  # fmt: skip
        self._templates = Templates()
        self.outbox = Outbox(
            self._store, self.engine.log, self.engine.clock, self._senders(), stored=self.engine.work.set,
            observer=self._observer, rates=self.engine.rates,
        )  # fmt: skip
        complete = threading.Event()
        self.imports = Desk(
            self._store, self.engine.clock, Shelf(settings.data / "imports"), complete=complete.set,
            room=lambda size: self.folder.refuse_when_full(settings.disk_reserve + size),
        )  # fmt: skip
        runner = Runner(self.imports, self.engine.intake, complete)
        self.worker = Worker(self.engine, self.outbox, runner)
        with self._store.reading() as tx:
            self.is_new = not tx.workspaces()
        """Whether this is the first start of the data folder."""
        self.new_key = self._first_start()
        """The API key of a new data folder: shown once, stored by its hash alone."""
        self._first_account()
        copy = events.copy()
        self._parts = upkeep.parts(settings, copy, self.folder)
        self._backups = None if copy is None else upkeep.backups(settings, self.engine, copy, self.folder)
        self.api = create_api(
            self.engine, ready=self.ready, owner_token=self.owner.token, app=built_app(), measure=self.measure,
            care=Upkeep(self.backup, self.examine), files=self.imports,
        )  # fmt: skip

    def start(self, *, sending: bool = True) -> None:
        self.worker.start(sending=sending)

    def close(self) -> None:
        """Finish what is in hand, then release everything."""
        # What is under way when the lease is lost is the next server's to settle.
        with suppress(LeaseLost):
            self.worker.stop()
        self._templates.close()
        self._events.close()
        if self._lease is not None:
            # One that is lost, or cannot be given up for lack of a connection, is over by itself.
            with suppress(MilepostError):
                self._lease.release()
        self._store.close()
        if self._traces is not None:
            self._traces.close()
        self.folder.close()

    def ready(self) -> dict[str, str]:
        """Part to its present trouble; empty when the server can do its work."""
        lease = {"lease": self._lease.trouble} if self._lease is not None and self._lease.trouble else {}
        return self.worker.problems | lease

    @property
    def lost(self) -> bool:
        """Whether another server has taken over."""
        return self._lease is not None and self._lease.lost

    def when_lost(self, then: Callable[[], None]) -> None:
        """Do this as soon as another server has taken over."""
        if self._lease is not None:
            self._lease.when_lost = then
        if self.lost:
            then()

    def backup(self) -> Generator[bytes, None, None]:
        """Both stores as of now, as an archive. Raises Conflict, StorageFull."""
        upkeep.refuse_elsewhere(self.settings)
        return cast("Backups", self._backups).stream()

    def examine(self) -> Report:
        """Whether everything is as it must be, while it is at work."""
        look = partial(logical, self._store, self._events, self.engine.clock)
        return Report([*physical(self._parts), *examined("stores", look)])

    def measure(self) -> bytes:
        """What Prometheus reads."""
        ready, free = not self.ready(), shutil.disk_usage(self.settings.data).free
        try:
            now = standing(self._store, self.engine.clock, ready=ready, disk_free=free)
        except StorageUnavailable:
            # When a store is away, what was counted until then is wanted most.
            now = None
        return self._measures.text(now)

    def _refuse_lost_events(self, store: StateStore) -> None:
        """A new event store in the place of one that is gone would be empty, and the cards with it."""
        folder = self.settings.data / "events"
        with store.reading() as tx:
            numbered = tx.last_batch()
        if numbered and not folder.exists():
            raise StorageUnavailable(
                f"The event store of this state is missing: there is no folder {folder}.", field="data",
                fix="Put the folder back, or restore the last backup.",
            )  # fmt: skip

    def _refuse_foreign_events(self) -> None:
        """Batches are numbered by the state store: those of a new one would be taken for what is there already."""
        with self._store.reading() as tx:
            numbered = tx.last_batch()
        if numbered == 0 and self._events.batches("activity", 1):
            own = self.settings.event_store is None
            place = f"data folder {self.settings.data}" if own else "ClickHouse database"
            raise StorageUnavailable(
                f"The {place} has the events of another state store.", field="state_store" if own else "event_store",
                fix=f"Name the state store that they belong to, or an empty {'data folder' if own else 'database'}.",
            )  # fmt: skip

    def _first_start(self) -> str | None:
        if not self.is_new:
            return None
        workspace = self.engine.create_workspace(FIRST_WORKSPACE, "real")
        given = self.settings.api_key
        key = keys.generate() if given is None else keys.accept(given.get_secret_value())
        with self._store.writing() as tx:
            tx.put_api_key(ApiKeyRow(keys.hash_key(key), workspace.key, "first", self.engine.clock.now()))
        return key if given is None else None

    def _first_account(self) -> None:
        """The account that the environment names, while there is none: later the folder's own accounts count."""
        accounts = Accounts(self._store, self.engine.clock)
        email, password = self.settings.account_email, self.settings.account_password
        if email is not None and password is not None and accounts.none():
            accounts.create_first(email, password.get_secret_value())

    def _senders(self) -> dict[str, Sender]:
        settings = self.settings
        networks = ("0.0.0.0/0", "::/0") if settings.allow_private_networks else ()
        senders: dict[str, Sender] = {
            "webhook": build_provider("webhook", "http", {"allowed_networks": networks}, self._templates)
        }
        if settings.smtp_host is not None:
            password = settings.smtp_password
            chosen = {
                "host": settings.smtp_host, "port": settings.smtp_port, "security": settings.smtp_security,
                "username": settings.smtp_username, "password": password, "sender": settings.smtp_sender,
            }  # fmt: skip
            senders["email"] = build_provider("email", "smtp", chosen, self._templates)
        return senders


def _rates(settings: Settings) -> dict[str, float]:
    """Channel to how many effects per second its provider takes, where that is limited."""
    rates = {"email": settings.smtp_rate, "webhook": settings.webhook_rate}
    return {channel: rate for channel, rate in rates.items() if rate is not None}


def _traced(measures: Measures, endpoint: str | None) -> Traces | None:
    """Traces where they are wanted; without them nothing of OpenTelemetry is loaded. Raises Invalid."""
    if endpoint is None:
        return None
    try:
        from milepost.telemetry.traces import traced  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        message = "Traces need OpenTelemetry, which is not installed."
        raise Invalid(
            message, field="otlp_endpoint", fix="Install milepost[otel], or leave the setting out."
        ) from error
    return traced(measures, endpoint)


def _turn(settings: Settings) -> Turn:
    """The wait of a server for its turn to work with the state store that the settings name."""
    return Turn(lambda: state_store(settings))


def state_store(settings: Settings) -> StateStore:
    """The state store that the settings name. Raises SchemaTooNew, StorageUnavailable."""
    if settings.state_store is None:
        return SqliteStore(settings.data / "state.sqlite")
    # Only where it is wanted: the driver takes longer to load than the other store to open.
    from milepost.stores.postgresql import PostgresqlStore  # noqa: PLC0415

    return PostgresqlStore(settings.state_store.get_secret_value())


def event_store(settings: Settings, epoch: int = 0) -> ClickHouseEventStore:
    """The event store that the settings name, for the server of this epoch. Raises StorageUnavailable."""
    if settings.event_store is None:
        return ClickHouseEventStore.open(settings.data / "events")
    return ClickHouseEventStore.connect(settings.event_store.get_secret_value(), epoch)


def built_app() -> pathlib.Path | None:
    """The folder of the built app: in the package, or in the checkout that the package is run from."""
    package = pathlib.Path(__file__).parent
    for folder in (package / "web", package.parents[1] / "web" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None


def build(settings: Settings, lease: Lease | None = None) -> App:
    """A server's parts, not yet started. Raises FolderInUse, StoreInUse, SchemaTooNew, StorageUnavailable."""
    return App(settings, lease)


def serve(
    settings: Settings,
    announce: Callable[[App], None],
    beside: Callable[[App], AbstractContextManager[None]] = lambda app: nullcontext(),
) -> None:
    """Serve until a signal comes. `announce` is called once everything is up; `beside` lives as long as the server.

    With stores that servers can share, it is a standby first, as long as another one works. Raises LeaseLost when
    another one has taken over.
    """
    # uvicorn raises the signal again when it has stopped: by default SIGTERM would end the process then and there, with
    # batches in hand and messages under way.
    signal.signal(signal.SIGTERM, _end)
    logs.configure(settings.log_format, settings.log_level)
    # Before anything is made: the key of a new folder is shown once, and must not be lost to a port that is taken.
    with listening(settings.host, settings.port) as address:
        shared = settings.state_store is not None and settings.event_store is not None
        app = build(settings, _stand_by(settings, address) if shared else None)
        server = _server(app.api)
        try:
            app.start()
            announce(app)
            _log.info("server started", url=app.owner.url, pid=app.owner.pid, version=milepost.__version__)
            with beside(app):
                app.when_lost(partial(setattr, server, "should_exit", True))
                server.run(sockets=[address])
        finally:
            begin = time.monotonic()
            app.close()
            _log.info("server stopped", seconds=round(time.monotonic() - begin, 3))
        if app.lost:
            raise LeaseLost(fix="Start this one again: it waits for its turn.")


def _server(api: FastAPI) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(api, log_config=None, access_log=False, timeout_graceful_shutdown=STOPPING)
    )  # fmt: skip


def _stand_by(settings: Settings, address: socket.socket) -> Lease:
    """Wait for the lease, and meanwhile answer that this server waits. Raises FolderInUse, SchemaTooNew."""
    turn = _turn(settings)
    lease = turn.take()
    if lease is not None:
        return lease
    server = _server(create_standby(lambda: turn.trouble))
    ending, waited = threading.Event(), Future[Lease | None]()

    def wait() -> None:
        try:
            waited.set_result(turn.wait(ending))
        except Exception as error:  # noqa: BLE001 - raised again below
            waited.set_exception(error)
        server.should_exit = True

    folder = DataFolder(settings.data, _owner(settings))
    try:
        threading.Thread(target=wait, name="standby", daemon=True).start()
        _log.info("standing by: another server works", pid=os.getpid(), version=milepost.__version__)
        # Of its own, because it is closed at the end; who comes in between waits for the next one.
        server.run(sockets=[address.dup()])
    finally:
        ending.set()
        folder.close()
    lease = waited.result()
    if lease is None:
        raise SystemExit
    _log.info("the other server has ended: this one goes on", epoch=lease.epoch)
    return lease


def _owner(settings: Settings) -> Owner:
    return Owner(os.getpid(), f"http://{settings.host}:{settings.port}", secrets.token_urlsafe(24))


@contextmanager
def alone(settings: Settings) -> Iterator[App]:
    """A server for one command on a folder that nobody owns, which only this machine reaches. Raises as `build` does.

    It sends nothing: how that is done is in settings that whoever gives the command need not have.
    """
    logs.configure(settings.log_format, settings.log_level)
    with socket.create_server(("127.0.0.1", 0)) as address:
        app = build(settings.model_copy(update={"host": "127.0.0.1", "port": address.getsockname()[1]}))
        server = uvicorn.Server(
            uvicorn.Config(app.api, log_config=None, access_log=False, timeout_graceful_shutdown=STOPPING)
        )
        serving = threading.Thread(target=server.run, kwargs={"sockets": [address]}, name="http")
        try:
            app.start(sending=False)
            serving.start()
            yield app
        finally:
            server.should_exit = True
            if serving.ident is not None:
                serving.join()
            app.close()


def listening(host: str, port: int) -> socket.socket:
    """A socket on the server's address, before anything is announced. Raises AddressInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = socket.socket(family)
    address.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        address.bind((host, port))
    except OSError as error:
        address.close()
        message = f"The server cannot listen on {host}:{port}: {error.strerror}."
        raise AddressInUse(
            message, field="port", fix="Choose another port with --port, or stop who uses it."
        ) from error
    return address


def _end(number: int, frame: object) -> Never:
    """End the process after everything has been closed."""
    raise SystemExit
