"""
Schema changes: Alembic, one metadata, revisions named by date.

`head.py` answers cheaply whether a database is up to date (no Alembic is imported); `upgrade.py` brings it there.
Rules for a new revision: docs/runbooks/migrations.md.
"""
