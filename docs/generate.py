"""Write what the reference takes from the code: whole pages, and the tables inside pages that people write.

`dev.py docs` runs this, and tests/docs finds drift. Owns the form. Must not hold facts: each comes from the code.
"""

from __future__ import annotations

import json
import pathlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import typer
from pydantic import BaseModel, SecretStr

from milepost import config, errors, testing
from milepost.analytics import funnel, trend
from milepost.api import schema
from milepost.api.server import create_api
from milepost.cli import app as milepost
from milepost.kernel import issues, journey, node
from milepost.telemetry import metrics

REFERENCE: Final = pathlib.Path(__file__).parent / "reference"
MARK: Final = "<!-- Made by `python3 dev.py docs`; change the code, not this page. -->"


def settings() -> str:
    """Every setting of `milepost.config`."""
    sections = []
    for name, field in config.Settings.model_fields.items():
        default = "none" if field.default is None else f"`{str(field.default).lower()}`"
        secret = " It is never logged and never returned." if SecretStr.__name__ in str(field.annotation) else ""
        text = " ".join((field.description or "").split())
        sections.append(f"## {name}\n\n`{config.variable(name)}`, default: {default}\n\n{text}{secret}\n")
    return page(
        "Settings",
        "A server reads its settings from flags of `milepost serve`, from environment variables and from a file in "
        "TOML, which `--config` or `MILEPOST_CONFIG` names. A flag wins over a variable, a variable over the file, the "
        "file over the default. An empty variable counts as not set; a name in the file that is no setting is "
        'refused.\n\n```toml\nport = 9000\nlog_format = "json"\nsmtp_host = "mail.example.com"\n```\n\n'
        "Keep secrets in variables, or let the file be readable by the server's account alone. Paths are relative to "
        "where the server is started.",
        *sections,
    )


def measures() -> str:
    """Every measure of `/metrics`."""
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |"
        for metric in metrics.METRICS
    ]
    bounds = [
        f"- `{metric.name}`: {', '.join(f'{bound:g}' for bound in metric.buckets)}"
        for metric in metrics.METRICS
        if metric.buckets
    ]
    return page(
        "Measures",
        "`GET /metrics` answers in the text format of Prometheus. It needs an API key of the first workspace, which "
        "[operation](../howto/operate.md#watch) shows how to give: there is nothing about any customer in it, but a "
        "good deal about the business. Counters begin at 0 when the server starts. Times are seconds.",
        "\n".join(["| name | kind | labels | meaning |", "|---|---|---|---|", *rows, ""]),
        "With them come those of the process (`process_*`: memory, CPU, open files) and of Python (`python_*`).\n",
        "## Bounds of the histograms\n\n" + "\n".join(bounds) + "\n",
    )


def error_codes() -> str:
    """Every error of `milepost.errors` that the API can answer with."""
    rows = [f"| `{kind.code}` | {kind.status} | {sentence(kind.__doc__)} |" for kind in error_classes()]
    return page(
        "Errors",
        "Every error has the same form: `code` is stable and meant for programs, `message` is meant for people, "
        "`field` names what is wrong in the request and `fix` says what to do about it.",
        "| code | status | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n",
    )


def endpoints() -> str:
    """Every operation of the API, by subject."""
    api = create_api(testing.World().engine, ready=dict, owner_token=secrets.token_urlsafe())
    subjects: dict[str, list[str]] = {}
    for path, operations in api.openapi()["paths"].items():
        for method, operation in operations.items():
            subjects.setdefault(operation["tags"][0], []).append(endpoint(method, path, operation))
    sections = [f"## {subject.capitalize()}\n\n" + "\n".join(entries) for subject, entries in subjects.items()]
    return page(
        "API",
        "A server answers under `http://127.0.0.1:8420`. All but *health* needs an API key, "
        "`Authorization: Bearer mp_...`, which belongs to one workspace. Requests and answers are JSON; times are ISO "
        "8601. The complete description, with every field, is served at `/api/v1/openapi.json`; what goes wrong is "
        "answered as [errors](errors.md) says.",
        *sections,
    )


def endpoint(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """One operation: what it is for, and its parameters."""
    parameters = [
        f"- `{parameter['name']}`" + (f": {parameter['description']}" if parameter.get("description") else "")
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "path"
    ]
    text = [f"### `{method.upper()} {path}`", "", " ".join(operation["description"].split()), ""]
    return "\n".join([*text, *parameters, ""] if parameters else text)


def command_line() -> str:
    """Every command of `milepost`."""
    return page(
        "Command line",
        "The command is `.venv/bin/milepost` in a clone. All but `serve` and `journeys validate` talk to the server "
        "that owns the data folder.",
        *commands(typer.main.get_command(milepost), "milepost"),
    )


def commands(command: Any, name: str) -> Iterator[str]:
    """A command with its arguments and options, or all commands of a group."""
    for word, part in getattr(command, "commands", {}).items():
        yield from commands(part, f"{name} {word}")
    if not hasattr(command, "commands"):
        arguments = [part.name.upper() for part in command.params if part.param_type_name == "argument"]
        lines = [f"- `{', '.join(part.opts)}`" + (f": {part.help}" if part.help else "") for part in command.params]
        text = " ".join((command.help or "").split())
        yield "\n".join([f"## `{' '.join([name, *arguments])}`", "", text, "", *lines, ""])


def error_classes() -> list[type[errors.MilepostError]]:
    """The error classes, in the order in which they are defined."""
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.MilepostError)]


def sentence(docstring: str | None) -> str:
    """The first line of a docstring."""
    return (docstring or "").strip().splitlines()[0]


def journey_schema() -> str:
    """The JSON schema of a journey, as the API serves it."""
    return json.dumps(schema.journey(), indent=2, ensure_ascii=False) + "\n"


def issue_codes() -> str:
    """What keeps a journey from being activated."""
    rows = [f"| `{code}` | {meaning} |" for code, meaning in issues.CODES.items()]
    return "\n".join(["| code | meaning |", "|---|---|", *rows])


def page(title: str, introduction: str, *sections: str) -> str:
    """One page: mark, title, introduction, sections."""
    return "\n".join([MARK, "", f"# {title}", "", introduction, "", *sections]).rstrip() + "\n"


def node_facts(kind: type[node.NodeSettings]) -> str:
    """Name, family and settings of a node type."""
    return f"Type `{kind.kind}`, family *{kind.family}*.\n\n{fields(kind)}"


def fields(model: type[BaseModel]) -> str:
    """A table of the fields of a model."""
    schema = model.model_json_schema()
    required = schema.get("required", [])
    rows = [
        f"| `{name}` | {shape(part, schema.get('$defs', {}))} | {default(part, name in required)} | {meaning(part)} |"
        for name, part in schema.get("properties", {}).items()
    ]
    return "\n".join(["| setting | value | default | meaning |", "|---|---|---|---|", *rows])


def shape(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """What a value looks like, in a few words."""
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            members = ", ".join(known[name].get("properties", {}))
            return "condition" if name == "Condition" else f"`{{{members}}}`"
        case {"oneOf": _}:
            return "condition"
        case {"const": value}:
            return f"`{value}`"
        case {"anyOf": parts}:
            return " or ".join(shape(part, known) for part in parts)
        case {"enum": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": items}:
            return f"list of {shape(items, known)}"
        case {"type": "string"}:
            return "text" + (f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else "")
        case {"type": "boolean"}:
            return "`true` or `false`"
        case {"type": kind}:
            return str(kind)
        case _:
            return "JSON"


def default(schema: Mapping[str, Any], required: bool) -> str:
    """The default of a field."""
    return "required" if required else f"`{json.dumps(schema.get('default'))}`"


def meaning(schema: Mapping[str, Any]) -> str:
    """Title and description of a field."""
    return ". ".join(str(schema[key]) for key in ("title", "description") if key in schema)


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "settings.md": settings,
    "metrics.md": measures,
    "errors.md": error_codes,
    "api.md": endpoints,
    "cli.md": command_line,
    "journey.schema.json": journey_schema,
}
PARTS: Final[Mapping[str, type[BaseModel]]] = {
    "journey": journey.Definition,
    "node": journey.NodeDefinition,
    "journey settings": journey.JourneySettings,
    "funnel": funnel.Funnel,
    "funnel step": funnel.Step,
    "trend": trend.Trend,
    "trend series": trend.Series,
}
BLOCK: Final = re.compile(r"(<!-- made: (.+?) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def block(name: str) -> str:
    """The content of `<!-- made: NAME -->`: a node type, the issues, or a part of a journey's definition."""
    kinds = node.registry()
    if name in kinds:
        return node_facts(kinds[name])
    if name == "issues":
        return issue_codes()
    return fields(PARTS[name])


def filled(text: str) -> str:
    """A page that people write, with what the code says in its marked places."""
    return BLOCK.sub(lambda match: f"{match[1]}\n{block(match[2])}\n{match[3]}", text)


def pages() -> Iterator[tuple[pathlib.Path, str]]:
    """Every page of the reference, with the text it must have."""
    for name, make in PAGES.items():
        yield REFERENCE / name, make()
    for path in sorted(REFERENCE.rglob("*.md")):
        if path.name not in PAGES:
            yield path, filled(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write all pages."""
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(REFERENCE.parent))


if __name__ == "__main__":
    main()
