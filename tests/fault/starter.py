"""Starts servers again and again without loading Python's modules each time.

A line `DATA<tab>PORT<tab>POINT<tab>ARRIVAL<tab>SIGNAL` on standard input starts a server in a fork, as `milepost serve`
does; at a point of `points`, unless it is empty, the server gets the signal. Answers are lines on standard output:
`ready` at first, then the server's process id, and its exit code when it has ended. One at a time.
"""

from __future__ import annotations

import os
import pathlib
import sys
import traceback

import alembic.command  # noqa: F401 - loaded at every start

from milepost import app, config
from milepost.cli.server import announce
from tests.fault import points

TASKS = pathlib.Path("/proc/self/task")


def say(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def main() -> None:

    if TASKS.exists() and len(list(TASKS.iterdir())) > 1:
        sys.exit("a library has started a thread, which a fork would not have")
    say("ready")
    for line in sys.stdin:
        data, port, point, arrival, signal = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)
            code = 1
            try:
                if point:
                    points.die_at(point, int(arrival), int(signal))
                app.serve(config.load({"data": data, "port": port}), announce)
            except SystemExit as end:
                code = int(end.code or 0)
            except Exception:  # noqa: BLE001 - it must not get into the loop of the parent
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        say(child)
        _, status = os.waitpid(child, 0)
        say(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
