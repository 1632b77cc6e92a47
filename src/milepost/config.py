"""How one server is set: every setting with its default and its meaning, read from flags, the environment and a file.

Owns the names and limits of the settings. Must not know what is done with them; below `api`, nothing reads this module:
everything there is handed values. The page docs/reference/settings.md is made from here.
"""

from __future__ import annotations

import difflib
import os
import pathlib
import tomllib
from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from milepost.errors import Invalid

PREFIX: Final = "MILEPOST_"
FILE: Final = "MILEPOST_CONFIG"
"""The variable that names a file of settings."""


class Settings(BaseModel):
    """The settings of one server. A flag wins over the environment, that over a file, a file over the default."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on. The default is reachable from this machine alone; a container listens on `0.0.0.0`."""

    port: int = Field(default=8420, ge=1, le=65535)
    """TCP port to listen on."""

    data: pathlib.Path = pathlib.Path("data")
    """Folder in which everything is kept; made when missing. One server at a time may use it."""

    state_store: SecretStr | None = None
    """PostgreSQL database in which the state is kept instead of `state.sqlite` in the data folder:
    `postgresql://user:password@host:port/database`, made with `createdb --encoding UTF8 --template template0`. It is
    filled at the first start. Activity and datapoints stay in the data folder, unless `event_store` names another
    place."""

    event_store: SecretStr | None = None
    """ClickHouse database in which activity and datapoints are kept instead of the data folder:
    `clickhouse://user:password@host:port/database`, with `?secure=true` for TLS; the port is that of HTTP, 8123 or
    8443. The database must be there; it is filled at the first start. With a `state_store` too, a second server is a
    standby."""

    api_key: SecretStr | None = Field(default=None, min_length=32, max_length=255)
    """First API key of a new data folder, at least 32 characters long, for containers: `openssl rand -hex 32` makes
    one. When it is missing, a key is made and shown once in the terminal. A folder that has keys already keeps them
    and ignores this."""

    account_email: str | None = None
    """Email of the first account of a new data folder; a container sets it, together with the password. Without it, the
    first account is made in the browser, on the machine that the server runs on."""

    account_password: SecretStr | None = None
    """Password of the first account, at least 12 characters long; goes with its email."""

    disk_reserve: int = Field(default=256 * 1024**2, ge=0)
    """Free disk space, in bytes, below which intake is refused (`storage_full`), so that the stores never fill up."""

    allow_private_networks: bool = False
    """Whether *Webhook* nodes may call addresses in private networks and on this machine."""

    smtp_host: str | None = None
    """Server that takes email. Without one, `message.failed` says that there is none."""

    smtp_port: int = Field(default=587, ge=1, le=65535)
    """TCP port of that server."""

    smtp_username: str | None = None
    """Name to sign in with at that server; goes with a password."""

    smtp_password: SecretStr | None = None
    """Password to sign in with at that server."""

    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted: `starttls` refuses to go on without it, `tls` speaks it from the first byte
    (port 465), `none` is for a server of your own."""

    smtp_sender: str | None = None
    """Address that emails come from where the node names none."""

    smtp_rate: float | None = Field(default=None, gt=0, le=10_000)
    """How many emails per second that server takes at most: more wait in the outbox, and customers go on all the same.
    Below one it is one email in so many seconds: 0.1 is one in ten."""

    webhook_rate: float | None = Field(default=None, gt=0, le=10_000)
    """How many web calls per second are made at most, to all addresses together."""

    log_format: Literal["console", "json"] = "console"
    """How the lines of the log look, on standard error: for people, or one JSON object each. Nothing of a customer is
    in them, whatever the level."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """From which level on there are lines. `debug` tells of every request, batch and attempt."""

    otlp_endpoint: str | None = Field(default=None, pattern="^https?://")
    """Where traces go: a collector of OpenTelemetry, such as `http://127.0.0.1:4318/v1/traces`. Needs
    `milepost[otel]`; without this setting none are made."""

    @field_validator("state_store")
    @classmethod
    def _state_store_is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must be written as postgresql://user:password@host:port/database")
        return value

    @field_validator("event_store")
    @classmethod
    def _event_store_is_clickhouse(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith("clickhouse://"):
            raise ValueError("must be written as clickhouse://user:password@host:port/database")
        return value

    @model_validator(mode="after")
    def _account_is_whole(self) -> Self:
        if (self.account_email is None) != (self.account_password is None):
            raise ValueError("account_email and account_password go together: set both, or neither")
        return self

    @model_validator(mode="after")
    def _smtp_login_is_whole(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("smtp_username and smtp_password go together: set both, or neither")
        return self


def load(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
    file: pathlib.Path | None = None,
) -> Settings:
    """The settings from `flags` (setting -> value; None means: not given), `MILEPOST_...` variables, and a file.

    A flag wins over a variable, a variable over the file, which `MILEPOST_CONFIG` may name as well. An empty variable
    counts as not set, for that is how a container file leaves one out.

    Raises:
        Invalid: a value is wrong; `field` is the variable or the setting, the message says what is allowed.
    """
    if file is None and environ.get(FILE):
        file = pathlib.Path(environ[FILE])
    written = {} if file is None else _written(file)
    found = {name: environ[variable(name)] for name in Settings.model_fields if environ.get(variable(name))}
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return Settings.model_validate({**written, **found, **given})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(map(str, first["loc"])) or "smtp_username"
        in_file = name in written and name not in found
        field = name if name in given or in_file else variable(name)
        place = f"{file}: " if in_file and name not in given else ""
        raise Invalid(
            f"{place}{field}: {first['msg'].removeprefix('Value error, ')}.",
            field=field,
            fix=f"Set {field} to an allowed value, or leave it out.",
        ) from None


def _written(file: pathlib.Path) -> dict[str, Any]:
    """The settings in a file, by name. Raises Invalid, which never quotes a value."""
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Invalid(f"{file} cannot be read: {reason}.", field="config", fix="Check its name.") from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{file} is not TOML: {error}.", field="config", fix="Correct it.") from None
    for name in written:
        if name not in Settings.model_fields:
            near = difflib.get_close_matches(name, Settings.model_fields, 1)
            fix = f"Is it `{near[0]}`?" if near else "The reference lists all settings."
            raise Invalid(f"{file}: there is no setting `{name}`.", field=name, fix=fix)
    return written


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + setting.upper()
