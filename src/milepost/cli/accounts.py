"""`milepost accounts`: who may sign in, and a new password for whoever lost theirs.

Owns these commands, and how a password is asked for. Must not decide what a password must be: the server does.
"""

from __future__ import annotations

import sys

import typer

from milepost.cli.connection import DATA, Data, connect
from milepost.cli.output import console, table

app = typer.Typer(no_args_is_help=True, help="List accounts, and give one a new password.")


@app.command("list")
def list_all(data: Data = DATA) -> None:
    """List all accounts."""
    with connect(None, None, data, None) as server:
        found = server.get("/accounts")["accounts"]
    columns = ("email", "name", "created")
    console().print(table(columns, [[row[column] for column in columns] for row in found], numbers_from=9))


@app.command("password")
def password(email: str, data: Data = DATA) -> None:
    """Give an account a new password; all of its sessions end. It is asked for, or read from a pipe."""
    with connect(None, None, data, None) as server:
        server.put("/accounts/password", {"email": email, "password": asked()})
    console().print(f"{email} has a new password, and was signed out everywhere.", markup=False)


def asked() -> str:
    """A new password: typed twice and unseen, or the first line of a pipe."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("New password", hide_input=True, confirmation_prompt="The same again")
        return typed
    return sys.stdin.readline().rstrip("\r\n")
