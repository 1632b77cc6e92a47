"""The README does what it says: its commands, in order, against a server."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import string
from collections.abc import Iterator
from typing import Any

from tests.acceptance.conftest import Server

README = pathlib.Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> Iterator[list[str]]:
    """The words of every `curl` and `export` in the README."""
    for block in BLOCK.findall(README.read_text(encoding="utf-8")):
        for command in re.split(r"^(?=curl|export|python3)", block, flags=re.MULTILINE):
            if words := shlex.split(command, comments=True):
                yield words


def test_first_event_and_first_journey(server: Server) -> None:
    shell: dict[str, str] = {}
    answers: list[Any] = []
    for program, *words in commands():
        if program == "export":
            name, _, value = words[0].partition("=")
            # What the reader copies from the screen stands there as three dots.
            copied = {"KEY": server.key, "JOURNEY": answers[-1]["id"] if answers else ""}
            shell[name] = copied[name] if value == "..." else value
        elif program == "curl":
            server.settle()
            answers.append(curl(server, [string.Template(word).substitute(shell) for word in words]))
    card, statistics, funnel = answers[-3:]
    assert [event["action"] for event in card["events"]].count("automation.clientEndPath") == 1
    assert statistics["finished"] == 1
    assert [step["count"] for step in funnel["steps"]] == [1, 1]


def curl(server: Server, words: list[str]) -> Any:
    """The JSON of the answer to what `curl` would send."""
    url = next(word for word in words if word.startswith("http"))
    header, _, value = words[words.index("-H") + 1].partition(": ")
    body = words[words.index("-d") + 1] if "-d" in words else None
    method = words[words.index("-X") + 1] if "-X" in words else "GET" if body is None else "POST"
    path = url.removeprefix("http://127.0.0.1:8420")
    # What curl says of a body of its own accord.
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    answer = server.client.request(method, path, headers={header: value, **form}, content=body)
    assert answer.is_success, f"{method} {url}: {answer.text}"
    return json.loads(answer.content)
