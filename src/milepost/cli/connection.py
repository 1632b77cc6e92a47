"""How a command finds its server and talks to it.

Owns the order in which the address is looked for: flags, environment, the lock of the data folder. Must not know what
is said.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self

import httpx2
import msgspec
import typer

from milepost import config
from milepost.errors import Invalid, MilepostError, NotFound

PATIENCE: Final = httpx2.Timeout(120.0, connect=5.0)

Url = Annotated[str | None, typer.Option(envvar="MILEPOST_URL", help="Address of the server.")]
Key = Annotated[str | None, typer.Option(envvar="MILEPOST_KEY", help="API key.")]
Data = Annotated[
    pathlib.Path,
    typer.Option(envvar="MILEPOST_DATA", help="Data folder of a server on this machine; used when there is no --url."),
]
Workspace = Annotated[
    str | None, typer.Option(help="Workspace to act in: without a key, any; otherwise it must be the key's own.")
]
DATA: Final = pathlib.Path("data")


class Connection:
    """A server that can be asked."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self._client = httpx2.Client(base_url=f"{url.rstrip('/')}/api/v1", headers=headers, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON. Raises MilepostError with what the server says."""
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: Any = None, *, allow: frozenset[int] = frozenset()) -> Any:
        """Send JSON, or bytes that are JSON. Answers with a status in `allow` are no errors."""
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        return self._ask("POST", path, allow, content=content, headers={"Content-Type": "application/json"})

    def put(self, path: str, body: Any) -> Any:
        """Send JSON in the place of what is there. The answer's JSON."""
        return self._ask("PUT", path, json=body)

    def send(self, path: str, piece: bytes, **query: Any) -> Any:
        """Send bytes as they are. The answer's JSON."""
        headers = {"Content-Type": "application/octet-stream"}
        return self._ask("PUT", path, content=piece, headers=headers, params=query)

    @contextlib.contextmanager
    def stream(self, path: str) -> Iterator[Iterator[bytes]]:
        """The answer, piece by piece, however long it takes. Raises MilepostError when it is one or breaks off."""
        try:
            with self._client.stream("GET", path, timeout=httpx2.Timeout(None, connect=5.0)) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refusal(answer)
                yield answer.iter_raw()
        except httpx2.HTTPError as error:
            message = f"The server at {self.url} does not answer to the end: {error}."
            raise MilepostError(message, fix="Look into its log, and try again.") from error

    def _ask(self, method: str, path: str, allow: frozenset[int] = frozenset(), **request: Any) -> Any:
        try:
            answer = self._client.request(method, path, **request)
        except httpx2.HTTPError as error:
            message = f"The server at {self.url} does not answer: {error}."
            raise MilepostError(message, fix="Start it, or check --url.") from error
        try:
            value = msgspec.json.decode(answer.content) if answer.content else None
        except msgspec.DecodeError as error:
            message = f"What answers at {self.url} is not Milepost."
            raise MilepostError(message, fix="Check --url.") from error
        if answer.is_success or answer.status_code in allow:
            return value
        raise self._refusal(answer)

    @staticmethod
    def _refusal(answer: httpx2.Response) -> MilepostError:
        """What the server says, as the error that it is."""
        value = None
        with contextlib.suppress(msgspec.DecodeError):
            value = msgspec.json.decode(answer.content)
        problem = value.get("error", {}) if isinstance(value, dict) else {}
        return MilepostError(
            problem.get("message", f"The server answered with status {answer.status_code}."),
            field=problem.get("field"), fix=problem.get("fix"), details=problem.get("details"),
        )  # fmt: skip


@contextlib.contextmanager
def connect(url: str | None, key: str | None, data: pathlib.Path, workspace: str | None) -> Iterator[Connection]:
    """The server that the flags, the environment or the data folder name. Raises Invalid, NotFound."""
    if url is None and key is None:
        with _owner(data, workspace) as connection:
            yield connection
        return
    if key is None:
        raise Invalid("There is no API key.", field="key", fix="Give --key, or set MILEPOST_KEY.")
    with Connection(url or "http://127.0.0.1:8420", {"Authorization": f"Bearer {key}"}) as connection:
        if workspace is not None and (own := connection.get("/workspace")["name"]) != workspace:
            message = f"The key belongs to the workspace `{own}`, not to `{workspace}`."
            raise Invalid(message, field="workspace", fix="Use a key of that workspace, or leave --workspace out.")
        yield connection


@contextlib.contextmanager
def connect_or_serve(
    url: str | None, key: str | None, data: pathlib.Path, workspace: str | None
) -> Iterator[Connection]:
    """The same; a data folder that nobody owns is served by this process until the block ends."""
    from milepost import app  # noqa: PLC0415 - a server's parts take a second to load

    if url is None and key is None and app.owner_of(data) is None:
        settings = config.load({"data": data})
        # A folder that is none yet is not made by the way.
        if (data / ("state.sqlite" if settings.state_store is None else "lock")).exists():
            with app.alone(settings), connect(None, None, data, workspace) as connection:
                yield connection
            return
    with connect(url, key, data, workspace) as connection:
        yield connection


def _owner(data: pathlib.Path, workspace: str | None) -> Connection:
    from milepost.app import owner_of  # noqa: PLC0415 - a server's parts take a second to load

    owner = owner_of(data)
    if owner is None:
        message = f"No server is running on the data folder {os.fspath(data)!r}."
        raise NotFound(message, fix="Start one with `milepost serve`, or name one with --url and --key.")
    named = {} if workspace is None else {"Milepost-Workspace": workspace}
    return Connection(owner.url, {"Milepost-Owner": owner.token, **named})
