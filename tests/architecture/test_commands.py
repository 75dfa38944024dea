"""Every command that a package adds can be called: the table of wsgi.py names it."""

from __future__ import annotations

import click
import pytest

from wsgi import COMMANDS


@pytest.mark.parametrize("register", dict.fromkeys(COMMANDS.values()), ids=lambda register: register.__name__)
def test_what_a_package_adds_is_in_the_table(register: object) -> None:
    added = click.Group()
    register(added)  # type: ignore[operator]  # the table's own functions
    named = {name for name, by in COMMANDS.items() if by is register}
    assert added.commands.keys() == named
