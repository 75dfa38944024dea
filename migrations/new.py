"""`make migration name=…`: write a revision file from the difference between the newest schema and the models."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from base.clock import SystemClock, as_utc
from base.db import Database
from migrations.upgrade import new_revision, upgrade


def main(name: str) -> None:
    """Migrate an empty SQLite database to the newest revision, compare, write `versions/<date>_<name>.py`."""
    word = re.sub(r"\W+", "_", name.strip().lower()) or "change"
    revision = f"{as_utc(SystemClock().now()):%Y_%m_%d}_{word}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        if any((Path(__file__).parent / "versions").glob("*.py")):
            upgrade(database)
        new_revision(database, name, revision)
        database.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
