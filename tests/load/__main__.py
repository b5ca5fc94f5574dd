"""`make bench`: measures, prints a table with the machine named, exits with 1 when a goal is missed."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.load.figures import Figure
from tests.load.posts import measure_posts
from tests.load.program import measure_program


def main() -> int:
    full = bool(os.environ.get("FULL"))
    figures = [*asyncio.run(measure_program()), *asyncio.run(measure_posts(full=full))]
    print(table(figures))
    missed = [one for one in figures if not one.met]
    for one in missed:
        print(f"MISSED: {one.name}: {one.shown}, the goal is {one.goal}", file=sys.stderr)
    return 1 if missed else 0


def table(figures: Iterable[Figure]) -> str:
    rows = [f"| {one.name} | {one.shown} | {one.goal} |" for one in figures]
    return "\n".join([machine(), "", "| what | measured | goal |", "| --- | --- | --- |", *rows])


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
