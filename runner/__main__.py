"""`python -m runner …` is the `antin` command."""

from __future__ import annotations

from wsgi import cli

if __name__ == "__main__":
    cli()
