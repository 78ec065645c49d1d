#!/usr/bin/python3
"""How much of each room the unit tests run: builds them with gcov's counters, runs them, and counts lines with gcovr.

    tools/coverage.py     a line for each room of src/, and one for the core; ends 1 where a test fails or the core has too little

The core is what decides and what two sides agree upon, and it needs neither sockets nor a terminal: the formats (wire), what is
kept and who may (storage, accounts, login), the server's conversation (frontends) and the client's (client). The other rooms put
the system's own things in order (disk, database, net: tested with the real ones), start the process (server, services) or talk
to people (cli): there the tests of the whole system count, which are not measured here.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import coroutine_lines
import run_tests

CORE = ("wire", "storage", "accounts", "login", "frontends", "client")
OTHERS = ("base", "disk", "database", "net", "services", "server", "cli")
LEAST = 80.0  # percent, of the core


@dataclass
class Lines:
    all: int = 0
    run: int = 0

    def __add__(self, other: "Lines") -> "Lines":
        return Lines(self.all + other.all, self.run + other.run)

    def percent(self) -> float:
        return 100.0 * self.run / self.all if self.all else 0.0


def count(folder: Path) -> dict[str, Lines]:
    """The lines of each room, its tests and fakes left out."""
    for notes in folder.rglob("*.gcno"):
        coroutine_lines.show(notes)
    report = folder / "coverage.json"
    subprocess.run(["gcovr", "--root", run_tests.ROOT, "--filter", r"src/", "--exclude", r".*_test\.cpp$", "--exclude", r".*/testing/",
                    "--gcov-ignore-parse-errors", "-j", str(run_tests.JOBS), "--json-summary", report, folder], check=True)
    rooms: dict[str, Lines] = {}
    for file in json.loads(report.read_text(encoding="utf-8"))["files"]:
        room = file["filename"].split("/")[1]
        rooms[room] = rooms.get(room, Lines()) + Lines(file["line_total"], file["line_covered"])
    return rooms


def show(name: str, lines: Lines, note: str = "") -> None:
    print(f"{name:<12}{lines.all:>7}{lines.run:>7}{lines.percent():>8.1f} %{note}")


def main() -> int:
    folder = run_tests.ROOT / run_tests.PRESETS["coverage"].folder
    for counters in folder.rglob("*.gcda"):  # of an earlier run
        counters.unlink()
    tests = run_tests.run_preset("coverage", None)
    rooms = count(folder)
    print(f"{'room':<12}{'lines':>7}{'run':>7}")
    for room in CORE + OTHERS:
        show(room, rooms.get(room, Lines()))
    core = sum((rooms.get(room, Lines()) for room in CORE), Lines())
    show("core", core, f", at least {LEAST:.0f} % ({', '.join(CORE)})")
    strangers = rooms.keys() - {*CORE, *OTHERS}
    for room in strangers:
        print(f"coverage: src/{room} is neither core nor not: say so in tools/coverage.py", file=sys.stderr)
    return 1 if tests.failed or not tests.passed or strangers or core.percent() < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
