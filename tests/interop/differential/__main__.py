"""
`python -m tests.interop.differential [--count 5000] [--seed 1]`: the differential run alone, with a city of its own.

Exit status: 0 every difference is explained, 1 one is not, 77 Node is missing (skipped).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.city import running_city
from tests.interop.base import without_npm
from tests.interop.differential.comparing import COUNT, SEED, run


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.interop.differential", description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="requests to compare")
    parser.add_argument("--seed", type=int, default=SEED, help="what the questions are made from")
    options = parser.parse_args()
    if why := without_npm():
        print(f"skipped: {why}")
        return 77
    with tempfile.TemporaryDirectory(prefix="antin-differential-") as name, running_city(Path(name)) as city:
        return 0 if run(city, options.count, options.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
