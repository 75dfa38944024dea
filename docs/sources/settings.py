"""config.md: every setting."""

from __future__ import annotations

from base.run.explain import shown
from base.settings import PREFIX
from docs.sources.markdown import heading, table
from wsgi import load_settings


def page() -> str:
    """The table of settings, in the order of their packages."""
    rows = [
        (
            f"`{PREFIX}{name.upper()}`",
            f"`{shown(default)}`" if shown(default) else "–",
            facts["unit"] or "–",
            facts["doc"] + (" *(secret)*" if facts["secret"] else ""),
        )
        for name, _, default, facts in load_settings({}).rows()
    ]
    return (
        heading("Settings", "the settings classes of each package")
        + "\nEach is an environment variable, or a line of `antin.toml` without the prefix and in small letters. The "
        "environment wins. A name nobody knows stops the start. `antin config explain` shows the values in use.\n\n"
        + table(("Name", "Default", "Unit", "Meaning"), rows)
    )
