"""Run by Alembic; the connection, its transaction and its lock come from migrations/upgrade.py."""

from __future__ import annotations

from alembic import context

from migrations.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
