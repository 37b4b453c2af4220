"""`make bench [ARGS="desk --database postgresql"]`: measure, and print a table of what came out.

The exit code says whether the bench ran, not whether a bar was met.
"""

import argparse
import os
import platform
import signal
import sys
from importlib import import_module

from benchmarks.report import table
from benchmarks.server import newsroom
from tests import run

# The groups of rows: modules here with `rows(site, repeats)` and DEFINITIONS, what they mean.
# Imported when Django is set up, so that they may import what they measure.
GROUPS = ("desk", "review", "imports", "exports")


def main() -> None:
    wishes = _wishes()
    program = run.found(run.chromium, "Chromium", "chromium", "libatomic1")
    with newsroom(wishes.database) as site:
        print(
            f"Python {platform.python_version()}, {site.database}, "
            f"Chromium {run.version(program)}, {os.cpu_count()} cores; "
            f"medians of {wishes.repeats}, others where told; the load was {_load()} before",
            flush=True,
        )
        for name in wishes.groups:
            print(f"\n{name}", flush=True)
            group = import_module(f"benchmarks.{name}")
            rows = group.rows(site, wishes.repeats)
            print(f"\n{table(rows)}\n\n{group.DEFINITIONS}\n\nThe load was {_load()} after.")


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "groups", nargs="*", choices=[[], *GROUPS], metavar="group", help="all, if none is named"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--repeats", type=int, default=10, help="how often a row is measured")
    wishes = parser.parse_args()
    wishes.groups = wishes.groups or list(GROUPS)
    return wishes


def _load() -> str:
    """How many processes wanted a core in the last minute: others make every figure worse."""
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    main()
