"""
Write the pages under docs/generated from the code itself; `--check` says which are stale and changes nothing.

`make docs` writes, `make check` and tests/architecture look. One function per page; a page is a function of the code
alone, never of the machine or the hour.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.sources import commands, errors, events, formats, oidc_provider, routes, settings, signature_api, tables

FOLDER = Path(__file__).parent / "generated"
PAGES: Mapping[str, Callable[[], str]] = {
    "../formats.md": formats.page,
    "audit_events.md": events.page,
    "cli.md": commands.page,
    "config.md": settings.page,
    "errors.md": errors.page,
    "oidc_provider.md": oidc_provider.page,
    "openapi.json": routes.page,
    "signature_api.json": signature_api.page,
    "steps.md": tables.page,
}


def stale() -> list[str]:
    """Names of pages whose text is not what the code says, and of files nobody generates."""
    wrong = [name for name, make in PAGES.items() if _read(FOLDER / name) != make()]
    return wrong + sorted(path.name for path in FOLDER.iterdir() if path.name not in PAGES)


def write() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), "utf-8")


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        write()
        return 0
    found = stale()
    if found:
        sys.stderr.write(f"Stale: {', '.join(found)}. Run `make docs`.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
