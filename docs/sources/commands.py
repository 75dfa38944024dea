"""cli.md: the `antin` command, from its own help."""

from __future__ import annotations

from collections.abc import Iterator

import click

from docs.sources.markdown import heading
from wsgi import cli


def page() -> str:
    """The help of every command that is not an internal one."""
    parts = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in _helps(cli, "antin", None)]
    return heading("Commands", "the commands' own help") + "\n" + "\n".join(parts)


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent, max_content_width=100)
    context.terminal_width = 100
    yield name, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            child = command.get_command(context, word)
            if child is not None and not child.hidden:
                yield from _helps(child, f"{name} {word}", context)
