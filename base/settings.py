"""
Settings: typed, documented, from `ANTIN_…` variables or a line of `antin.toml`; an unknown one stops the start.

Each package declares one frozen dataclass whose fields are made by `setting()`. `wsgi.py` hands all of them to
`load()`, so that the check for unknown names sees every name there is. The environment wins over the file.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints
from urllib.parse import urlsplit

from base.errors import SettingsError

PREFIX = "ANTIN_"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
T = TypeVar("T")


def setting(
    default: Any,
    doc: str,
    *,
    unit: str = "",
    secret: bool = False,
    minimum: float | None = None,
    choices: Sequence[str] = (),
) -> Any:
    """
    A field of a settings class: its default and one line of documentation.

    unit:    of the value (seconds, bytes, …).
    secret:  its value is never shown.
    minimum: the smallest value that is accepted.
    choices: the only words that are accepted, when there are any.
    """
    known = {"doc": doc, "unit": unit, "secret": secret, "minimum": minimum, "choices": tuple(choices)}
    return dataclasses.field(default=default, metadata=known)


@dataclasses.dataclass(frozen=True, slots=True)
class BaseSettings:
    """What every part needs."""

    issuer: str = setting("http://localhost:8000", "Public address of this server; the `iss` of every token.")
    database_url: str = setting(
        "", "Database address; empty means the embedded SQLite file in the data folder.", secret=True
    )
    data_dir: Path = setting(Path("var"), "Folder for the embedded database, sealed keys and demo state.")
    bind: str = setting("", "Address and port to listen on, `host:port`; empty means 127.0.0.1 and the issuer's port.")
    workers: int = setting(2, "Server processes.", unit="processes", minimum=1)
    threads: int = setting(4, "Request threads in each server process.", unit="threads", minimum=1)
    trusted_proxies: int = setting(
        0, "How many reverse proxies in front of us set X-Forwarded-For; 0 trusts none.", unit="proxies", minimum=0
    )
    max_request_bytes: int = setting(
        48 * 1024 * 1024, "Largest request body; longer ones are answered 413.", unit="bytes", minimum=64 * 1024
    )
    metrics_token: str = setting(
        "", "Bearer token that /metrics asks for; empty leaves it open, for a proxy or firewall to close.", secret=True
    )
    log_level: str = setting(
        "INFO", "Least severe level that is logged.", choices=("DEBUG", "INFO", "WARNING", "ERROR")
    )
    source_url: str = setting("", "Where the source code of this server can be had; linked in the footer when set.")
    outbound_private_addresses: str = setting(
        "auto",
        "Whether outgoing requests may reach loopback and private addresses; `auto`: only while the issuer itself is "
        "on this machine, as in the embedded default.",
        choices=("auto", "true", "false"),
    )
    outbound_timeout_seconds: int = setting(
        5, "Longest time for an outgoing request, from connecting to its last byte.", unit="seconds", minimum=1
    )
    outbound_ca_file: str = setting(
        "", "PEM file of the authorities trusted for outgoing https; empty means the usual public ones."
    )
    worker_poll_seconds: float = setting(
        0.2, "How often the delivery worker looks for due work.", unit="seconds", minimum=0.01
    )

    @property
    def reaches_private(self) -> bool:
        """Whether outgoing requests may reach loopback and private addresses."""
        if self.outbound_private_addresses == "auto":
            return urlsplit(self.issuer).hostname in THIS_MACHINE
        return self.outbound_private_addresses == "true"

    def __post_init__(self) -> None:
        """Raises: SettingsError: the issuer is not a plain http(s) address (RFC 8414 §2; OpenID Discovery §3)."""
        parts = urlsplit(self.issuer)
        odd = parts.query or parts.fragment or "@" in parts.netloc or self.issuer.endswith("/")
        if parts.scheme not in ("http", "https") or not parts.hostname or odd:
            raise SettingsError(
                f"ANTIN_ISSUER must be an address such as https://dangnhap.example.vn, without a slash at its end, "
                f"not {self.issuer!r}."
            )

    @property
    def secure(self) -> bool:
        """Whether people reach us by https; cookies are then `__Host-` and Secure."""
        return self.issuer.startswith("https://")


class Settings:
    """The loaded groups, looked up by their class: `settings[BaseSettings].issuer`."""

    def __init__(self, groups: Mapping[type, Any]) -> None:
        self._groups = dict(groups)

    def __getitem__(self, group: type[T]) -> T:
        return cast(T, self._groups[group])

    def rows(self) -> list[tuple[str, Any, Any, Mapping[str, Any]]]:
        """Every setting as (name, value, default, metadata), in order of declaration."""
        return [
            (field.name, getattr(values, field.name), field.default, field.metadata)
            for values in self._groups.values()
            for field in dataclasses.fields(values)
        ]


def load(groups: Sequence[type], environ: Mapping[str, str], toml_path: Path | None = None) -> Settings:
    """
    Read every group.

    Raises: SettingsError: unknown name, wrong type, or a value below its minimum.

    1. Read the file, then the environment; the environment wins.
    2. Convert each value to the type of its field.
    3. Refuse names nobody declared.
    """
    given: dict[str, Any] = {}
    if toml_path is not None and toml_path.exists():
        try:
            given |= tomllib.loads(toml_path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, OSError) as error:
            raise SettingsError(f"{toml_path} cannot be read: {error}") from error
    given |= {name[len(PREFIX) :].lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
    loaded: dict[type, Any] = {}
    for group in groups:
        hints = get_type_hints(group)
        values = {
            field.name: _accepted(field, given.pop(field.name), hints[field.name])
            for field in dataclasses.fields(group)
            if field.name in given
        }
        loaded[group] = group(**values)
    if given:
        names = ", ".join(sorted(f"{PREFIX}{name.upper()}" for name in given))
        raise SettingsError(f"Unknown setting: {names}. `antin config explain` lists every setting.")
    return Settings(loaded)


def _accepted(field: dataclasses.Field[Any], raw: Any, kind: Any) -> Any:
    """The value as its field's type. Raises: SettingsError: wrong type, below the minimum, none of the choices."""
    name, limits = f"{PREFIX}{field.name.upper()}", field.metadata
    shown = "what was given" if limits["secret"] else repr(raw)
    try:
        value = _convert(raw, kind)
    except (TypeError, ValueError) as error:
        wanted = getattr(kind, "__name__", str(kind))
        raise SettingsError(f"{name} must be a {wanted}, not {shown}.") from error
    if limits["minimum"] is not None and value < limits["minimum"]:
        raise SettingsError(f"{name} must be at least {limits['minimum']}, not {shown}.")
    if limits["choices"] and value not in limits["choices"]:
        raise SettingsError(f"{name} must be one of {', '.join(limits['choices'])}, not {shown}.")
    return value


def _convert(raw: Any, kind: Any) -> Any:
    if kind is bool:
        return _as_bool(raw)
    if kind is tuple or str(kind).startswith("tuple"):
        return tuple(str(item) for item in raw) if isinstance(raw, list) else tuple(str(raw).split())
    if isinstance(raw, bool | list | dict) or (kind is int and isinstance(raw, float)):
        raise TypeError(raw)  # int(True) and int(2.7) would be accepted in silence
    return kind(raw)


def _as_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[str(value).lower()]
    except KeyError as error:
        raise ValueError(value) from error
