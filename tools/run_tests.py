#!/usr/bin/python3
"""Builds and runs the tests of one or more presets and counts them: the last line is `N passed, N failed`.

    tools/run_tests.py [--only LABEL] PRESET...     presets: release, asan, tsan; coverage (see tools/coverage.py)

A test program of GoogleTest or pytest counts with each of its cases; anything else that ctest runs counts as one. A program
that ends badly without a failed case of its own (a crash, a sanitizer's report, a time-out) counts as one failure.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOBS = max(2, os.cpu_count() or 2)
TESTS = 2 * JOBS  # at once: most of them wait for something, most of the time


@dataclass(frozen=True)
class Preset:
    folder: str
    targets: tuple[str, ...]  # nothing: all
    select: tuple[str, ...]   # ctest's choice


PRESETS = {
    "release": Preset("build", (), ()),
    # Under the sanitizers: all unit tests and fuzz seeds, and the whole-system tests that their lists label so.
    "asan": Preset("build/asan", (), ("-L", "^(unit|fuzz|asan)$")),
    "tsan": Preset("build/tsan", ("sampan", "net_tests", "storage_tests", "accounts_tests", "database_tests"), ("-L", "^tsan$")),
    "coverage": Preset("build/coverage", ("unit_tests",), ("-L", "^unit$")),
}

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:exitcode=99:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=99:second_deadlock_stack=1",
}


PAGE = ROOT / "docs" / "requirements.md"


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def run(command: list[str], **options) -> int:
    return subprocess.run(command, cwd=ROOT, **options).returncode


def build(name: str, preset: Preset) -> bool:
    if not (ROOT / preset.folder / "build.ninja").is_file() and run(["cmake", "--preset", name], stdout=subprocess.DEVNULL):
        return False
    command = ["cmake", "--build", preset.folder, "-j", str(JOBS)]
    if preset.targets:
        command += ["--target", *preset.targets]
    # Quiet where all is well: ninja's progress is for a terminal.
    if sys.stdout.isatty():
        return run(command) == 0
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if result.returncode:
        print(result.stdout[-20_000:])
    return result.returncode == 0


def cases_of(file: Path) -> Count:
    """Counts a JUnit file of GoogleTest or pytest."""
    count = Count()
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            count.failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            count.skipped += 1
        else:
            count.passed += 1
    return count


def count_run(results: Path) -> Count:
    total = Count()
    for test in ElementTree.parse(results / "ctest.xml").getroot().iter("testcase"):
        name, failed = test.get("name", ""), test.get("status") == "fail"
        file = results / f"{name.removeprefix('unit.')}{'_tests' if name.startswith('unit.') else ''}.xml"
        try:
            count = cases_of(file) if file.is_file() else Count(passed=0 if failed else 1)
        except ElementTree.ParseError:  # cut off by a crash
            count = Count()
        if test.get("status") not in ("run", "fail"):  # ctest could not even start it
            failed = True
        if failed and count.failed == 0:
            count.failed = 1
        total += count
    return total


def print_requirements(presets: list[str]) -> None:
    """A line for each requirement of docs/requirements.md: how many of its checks have a test that ran and passed."""
    good: dict[str, int] = {}
    bad: dict[str, int] = {}
    for name in presets:
        for file in (ROOT / PRESETS[name].folder / "results").glob("*.xml"):
            try:
                cases = list(ElementTree.parse(file).getroot().iter("testcase"))
            except ElementTree.ParseError:  # cut off by a crash, which counts as a failure elsewhere
                continue
            for case in cases:
                failed = case.find("failure") is not None or case.find("error") is not None
                for proven in case.iter("property"):
                    if proven.get("name") == "proves":
                        for check in proven.get("value", "").split():
                            (bad if failed else good).setdefault(check, 0)
                            (bad if failed else good)[check] += 1
    page = PAGE.read_text(encoding="utf-8")
    checks = re.findall(r"^\| (R\d+\.\d+) \|", page, flags=re.MULTILINE)
    # A row that says itself that it falls short is not proven, whatever its tests show.
    short = set(re.findall(r"^\| (R\d+\.\d+) \|.*\bfalls short\b", page, flags=re.MULTILINE))
    titles = re.findall(r"^## (R\d+): (.+)$", page, flags=re.MULTILINE)
    for requirement, title in titles:
        own = [check for check in checks if check.split(".")[0] == requirement]
        proven = [check for check in own if check in good and check not in bad and check not in short]
        tests = sum(good.get(check, 0) for check in own)
        missing = [check for check in own if check not in proven]
        print(f"{requirement:>3} {title}: {len(proven)} of {len(own)} checks proven by {tests} tests"
              + (f"; not: {' '.join(missing)}" if missing else ""))


def run_preset(name: str, only: str | None) -> Count:
    preset = PRESETS[name]
    started = time.monotonic()
    print(f"== {name}: building in {preset.folder}", flush=True)
    if not build(name, preset):
        print(f"== {name}: the build failed", flush=True)
        return Count(failed=1)
    built = time.monotonic()
    results = ROOT / preset.folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    environment = {**os.environ, **SANITIZERS, "GTEST_OUTPUT": f"xml:{results}/"}
    select = ("-L", only) if only else preset.select
    run(["ctest", "--test-dir", preset.folder, "--output-on-failure", "--no-tests=error", "-j", str(TESTS), *select,
         "--output-junit", str(results / "ctest.xml")], env=environment)
    count = count_run(results) if (results / "ctest.xml").is_file() else Count(failed=1)
    print(f"== {name}: {count.passed} passed, {count.failed} failed, {count.skipped} skipped; "
          f"build {built - started:.0f} s, tests {time.monotonic() - built:.0f} s", flush=True)
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="LABEL")
    parser.add_argument("presets", nargs="+", choices=PRESETS)
    arguments = parser.parse_args()
    total = Count()
    for name in arguments.presets:
        total += run_preset(name, arguments.only)
    if not arguments.only:
        print_requirements(arguments.presets)
    if total.skipped:
        print(f"{total.skipped} skipped")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
