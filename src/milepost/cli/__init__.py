"""The command `milepost`: one module per noun, put together here.

Owns the command line. Must not touch a data folder that has a server: commands talk to it. Without one, `backup`,
`doctor` and `import events` work on the folder itself; `serve`, `restore` and `journeys validate` need none.
"""

from __future__ import annotations

import typer

from milepost.cli import accounts, analytics, imports, journeys, server, upkeep, workspaces
from milepost.cli.output import Commands

app = typer.Typer(
    cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help="Milepost runs customer journeys and keeps a complete record of every step that every customer takes.",
)  # fmt: skip
app.command("serve")(server.serve)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("doctor")(upkeep.doctor)
app.add_typer(imports.app, name="import")
app.add_typer(journeys.app, name="journeys")
app.command("query")(analytics.query)
app.add_typer(workspaces.app, name="workspaces")
app.command("run")(workspaces.run)
app.add_typer(workspaces.keys, name="keys")
app.add_typer(accounts.app, name="accounts")
