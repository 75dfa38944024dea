"""
What a demo service knows of itself: its address, the provider's address, and its credentials.

The seed writes them to `<data_dir>/demo/clients.json` (0600); the service's own process reads that file and nothing
else of the provider, as a service on another machine would.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson

from base.errors import StartError
from base.services import BaseServices, open_base
from base.settings import BaseSettings, Settings, load
from demo.settings import DemoSettings, port_of

PORTAL, ONESTOP = "portal", "onestop"
_TOML = Path("antin.toml")


@dataclass(frozen=True, slots=True)
class Site:
    """
    One relying party: `key` is portal or onestop; `folder` holds its database.

    scope, claims: what it asks for; claims as JSON text (OpenID Connect Core §5.5), empty for none.
    """

    key: str
    url: str
    issuer: str
    client_id: str
    client_secret: str
    scope: str
    claims: str
    folder: Path

    def callback(self) -> str:
        return f"{self.url}/callback"

    def signed_out(self) -> str:
        return f"{self.url}/signed-out"


def demo_folder(data_dir: Path) -> Path:
    """Where the demo keeps its state."""
    return data_dir / "demo"


def clients_file(data_dir: Path) -> Path:
    """The credentials of the demo services."""
    return demo_folder(data_dir) / "clients.json"


def write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps(dict(content), option=orjson.OPT_INDENT_2))
    draft.replace(path)


def read_site(key: str, data_dir: Path) -> Site:
    """
    The facts of one service.

    Raises: StartError: the seed has not run.
    """
    path = clients_file(data_dir)
    try:
        rows = orjson.loads(path.read_bytes())
        row = rows["clients"][key]
    except (OSError, ValueError, KeyError) as error:
        raise StartError(f"{path} does not name the demo service {key}. Start with `antin run --demo`.") from error
    return Site(
        key=key,
        url=row["url"],
        issuer=rows["issuer"],
        client_id=row["client_id"],
        client_secret=row["client_secret"],
        scope=row["scope"],
        claims=orjson.dumps(row["claims"]).decode() if row["claims"] else "",
        folder=demo_folder(data_dir) / key,
    )


def open_site(key: str, environ: Mapping[str, str]) -> tuple[Site, BaseServices]:
    """A service's facts and its own floor: a database of its own, its own address; read in the service's process."""
    given = load((BaseSettings, DemoSettings), _known_settings(environ))[BaseSettings]
    site = read_site(key, given.data_dir)
    site.folder.mkdir(parents=True, exist_ok=True)
    own = BaseSettings(
        issuer=site.url,
        database_url=f"sqlite:///{(site.folder / 'service.db').resolve()}",
        data_dir=given.data_dir,
        bind=f"127.0.0.1:{port_of(site.url)}",
    )
    return site, open_base(Settings({BaseSettings: own}))


def _known_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Our settings alone: those of the provider stand in the same places and are none of this process's business."""
    known = {field.name for group in (BaseSettings, DemoSettings) for field in fields(group)}
    lines = tomllib.loads(_TOML.read_text("utf-8")) if _TOML.exists() else {}
    found = {f"ANTIN_{name.upper()}": str(lines[name]) for name in known & lines.keys()}
    return found | {name: value for name, value in environ.items() if name.removeprefix("ANTIN_").lower() in known}
