"""`milepost backup`, `restore` and `doctor`: a copy of everything, everything from a copy, and whether all is well.

Owns the files that are written, and that none is left half written. Must not know what is in a backup.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer
from rich.text import Text

from milepost import config
from milepost.cli.connection import DATA, Data, Key, Url, connect
from milepost.cli.output import console
from milepost.errors import Conflict, StorageUnavailable

if TYPE_CHECKING:
    from milepost.runtime.examination import Report

ARCHIVE: Final = ".tar"


def backup(
    target: Annotated[
        pathlib.Path, typer.Argument(help="A file that ends in .tar, or else a folder; there must not be one yet.")
    ],
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
) -> None:
    """Copy both stores as of now to a new file or folder, while the server works or while there is none."""
    from milepost.runtime.backup import unpack  # noqa: PLC0415 - a server's parts take a second to load

    with new_place(target) as made, pieces(url, key, data) as archive:
        file = made if target.suffix == ARCHIVE else made.with_suffix(ARCHIVE)
        try:
            with file.open("xb") as writing:
                for piece in archive:
                    writing.write(piece)
                writing.flush()
                os.fsync(writing.fileno())
            # Only what can be read again is a backup.
            manifest = unpack(file, None)
            if file != made:
                made.mkdir()
                unpack(file, made)
        finally:
            if file != made:
                file.unlink(missing_ok=True)
    console().print(f"{target} holds everything as of {manifest.made}.", markup=False, highlight=False)


def restore(
    source: Annotated[pathlib.Path, typer.Argument(help="What `milepost backup` has made.")],
    data: Annotated[
        pathlib.Path, typer.Option(envvar="MILEPOST_DATA", help="The folder to make; nothing may be in it.")
    ] = DATA,
) -> None:
    """Make a new data folder from a backup."""
    from milepost import upkeep  # noqa: PLC0415 - a server's parts take a second to load

    manifest = upkeep.restore(source, data)
    out = console()
    out.print(f"{data} is as it was at {manifest.made}.", markup=False, highlight=False)
    out.print("Messages and web calls that were sent since then will be sent again, with the same ids.")


def doctor(
    url: Url = None,
    key: Key = None,
    data: Data = DATA,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look whether everything is as it must be; ends with 1 when something is wrong."""
    report = examined(url, key, data)
    out = console()
    if as_json:
        out.print_json(msgspec.json.encode({"ok": report.ok(), "checks": report.checks}).decode())
    else:
        for check in report.checks:
            mark = "ok" if not check.findings else "WRONG" if check.error else "note"
            out.print(Text(f"{mark:6}{check.name}: {check.about}", "bold" if check.findings else ""))
            for finding in check.findings:
                out.print(Text(f"      {finding.where}: {finding.text}"))
    if not report.ok():
        raise typer.Exit(1)


def examined(url: str | None, key: str | None, data: pathlib.Path) -> Report:
    """What the server says of its folder, or a look into one that has none."""
    from milepost import app, upkeep  # noqa: PLC0415 - a server's parts take a second to load
    from milepost.runtime.examination import Report  # noqa: PLC0415

    if url is None and key is None and app.owner_of(data) is None:
        return upkeep.examine(config.load({"data": data}))
    with connect(url, key, data, None) as server, server.stream("/examination") as sent:
        return msgspec.json.decode(b"".join(sent), type=Report)


@contextlib.contextmanager
def pieces(url: str | None, key: str | None, data: pathlib.Path) -> Iterator[Iterator[bytes]]:
    """The archive, from the server or from a folder that has none."""
    from milepost import app, upkeep  # noqa: PLC0415 - a server's parts take a second to load

    if url is None and key is None and app.owner_of(data) is None:
        with contextlib.closing(upkeep.backup(config.load({"data": data}))) as made:
            yield made
        return
    with connect(url, key, data, None) as server, server.stream("/backup") as sent:
        yield sent


@contextlib.contextmanager
def new_place(target: pathlib.Path) -> Iterator[pathlib.Path]:
    """Where to write what becomes `target` when it is whole; nothing is left when it is not. Raises Conflict."""
    if target.exists() or target.is_symlink():
        raise Conflict(f"{target} is there already.", field="target", fix="Name a new one: nothing is overwritten.")
    made = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield made
        made.rename(target)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}."
        raise StorageUnavailable(message, field="target", fix="Make room, or name another place.") from error
    finally:
        if made.is_dir():
            shutil.rmtree(made)
        made.unlink(missing_ok=True)
