"""`python -m runner …` is the `antin` command; it is how one of our processes starts another."""

from __future__ import annotations

from wsgi import cli

cli()
