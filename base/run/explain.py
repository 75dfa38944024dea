"""`antin config explain`: every setting there is, from its own declaration."""

from __future__ import annotations

from typing import Any

from base.settings import PREFIX, Settings


def explained(settings: Settings) -> str:
    """One paragraph per setting: name, value now, default and unit, meaning. Secrets are masked."""
    return "\n\n".join(_paragraph(*row) for row in settings.rows())


def shown(value: Any) -> str:
    """A value as one would write it in a variable."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return str(value)


def _paragraph(name: str, value: Any, default: Any, facts: Any) -> str:
    masked = facts["secret"] and value
    now = "********" if masked else shown(value) or "(trống · empty)"
    usual = shown(default) or "(trống · empty)"
    unit = f" {facts['unit']}" if facts["unit"] else ""
    changed = "" if value == default else f"   [mặc định · default: {usual}]"
    return f"{PREFIX}{name.upper()} = {now}{unit}{changed}\n    {facts['doc']}"
