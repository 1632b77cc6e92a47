"""`milepost serve`: start a server and say how to talk to it.

Owns what the terminal shows at the start. Must not know how the server is made: that is `milepost.app`'s.
"""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from milepost import config
from milepost.cli.output import console

if TYPE_CHECKING:
    from milepost.app import App

EVENT: Final = '{"profile": {"custom_id": "ada"}, "action": "page.visit", "params": {"url": "/shoes"}}'


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port to listen on.")] = None,
    data: Annotated[pathlib.Path | None, typer.Option(help="Folder in which everything is kept.")] = None,
    file: Annotated[
        pathlib.Path | None, typer.Option("--config", envvar=config.FILE, help="File of settings, in TOML.")
    ] = None,
    demo: Annotated[
        bool, typer.Option(help="Make the workspace Demo in a new folder, and let its simulated visitors go on.")
    ] = True,
) -> None:
    """Serve until stopped. All other settings are environment variables, or in a file: see the reference."""
    settings = config.load({"host": host, "port": port, "data": data}, file=file)
    from milepost import app  # noqa: PLC0415 - a server's parts take a second to load
    from milepost.demo import living  # noqa: PLC0415

    if demo:
        app.serve(settings, announce, living)
    else:
        app.serve(settings, announce)


def announce(app: App) -> None:
    """Where the server is, its first key, and something to try."""
    out = console()
    out.print(Text.assemble("Milepost is at ", (app.owner.url, "bold")))
    key = "$KEY"
    if app.new_key is not None:
        key = app.new_key
        out.print(Text.assemble("API key: ", (key, "bold"), " (shown once: keep it)"))
    out.print("Try:")
    out.print(Text(f"  curl {app.owner.url}/api/v1/events -H 'Authorization: Bearer {key}' -d '{EVENT}'"))
