#!/usr/bin/python3
"""Measures Sampan beside what people would use instead, and writes docs/performance.md.

    bench/bench.py [--quick] [--rounds N] [--only NAME[,NAME]] [--output PAGE]

All servers and clients of one run share a network namespace of their own with cubic congestion control (a system's default
may be bbr, which paces the loopback interface). Rounds are interleaved: every peer once, then every peer again, each time
in another order. Each command is a whole process, as a person would type it, login included; files go to a fresh directory each time.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
os.environ.setdefault("SAMPAN", str(ROOT / "build/sampan"))

import measure  # noqa: E402
import open_session  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import special  # noqa: E402
import workloads  # noqa: E402

INSIDE = "SAMPAN_BENCH_INSIDE"
SPECIALS = {"open-session": open_session.open_session, **special.SPECIALS}


CONGESTION = Path("/proc/sys/net/ipv4/tcp_congestion_control")
DROP_CACHES = Path("/proc/sys/vm/drop_caches")
ALLOWED = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")


def enter_namespace() -> int:
    """Runs this program again in a network namespace of its own."""
    if os.geteuid() != 0:
        print("bench: needs root, for a network namespace of its own: sudo make bench", file=sys.stderr)
        return 2
    # A namespace may only choose among what the machine allows to everybody.
    allowed = ALLOWED.read_text().split()
    ALLOWED.write_text(" ".join([*allowed, "cubic"]))
    try:
        return subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                               sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"}).returncode
    finally:
        ALLOWED.write_text(" ".join(allowed))


def prepare_namespace() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    CONGESTION.write_text("cubic")
    measure.raise_descriptor_limit()


def measure_once(peer: peers.Peer, workload: workloads.Workload, sources: workloads.Sources, number: int,
                 into: Path) -> measure.Cost:
    workloads.clear(into)
    environment = peer.environment()
    below = workload.name if workload.before else f"{workload.name}-{number}"
    if number == 0 or not workload.before:
        peer.make_directory(below)
    if number == 0 and workload.before:
        command, feed = workload.before(peer, sources, below)
        measure.run(command, None, into, environment, feed)
    os.sync()  # what came before is not to be paid for by the one that is measured
    command, feed = workload.command(peer, sources, below, into)
    cost = measure.run(command, peer.pid, into, environment, feed)
    if workload.heavy:
        peer.forget(below)
    return cost


def measure_workload(workload, running, sources, rounds: int, into: Path) -> dict[str, list[measure.Cost]]:
    costs: dict[str, list[measure.Cost]] = {}
    # Memory full of old files makes every new page dear, for whoever happens to need it.
    os.sync()
    DROP_CACHES.write_text("1")
    sources.read()
    for number in range(rounds + 1):  # the first warms up and does not count
        for peer in random.Random(number).sample(running, len(running)):
            if workload.trees and not peer.moves_trees:
                continue
            try:
                cost = measure_once(peer, workload, sources, number, into)
            except (RuntimeError, AssertionError) as error:
                print(f"   {peer.name}: {error}", file=sys.stderr)
                continue
            if number > 0:
                costs.setdefault(peer.name, []).append(cost)
    return {peer.name: costs[peer.name] for peer in running if peer.name in costs}


def race(chosen, sources, rounds: int, folder: Path) -> dict[str, dict[str, list[measure.Cost]]]:
    """Every workload with every peer; by workload's name."""
    results = {}
    running: list[peers.Peer] = []
    try:
        for kind in peers.all_kinds() if chosen else ():
            peer = kind(folder / kind.__name__)
            peer.start()
            running.append(peer)
        for workload in chosen:
            print(f"== {workload.title}", flush=True)
            results[workload.name] = measure_workload(workload, running, sources, rounds, folder / "into")
            print(report.table(workload, sources, results[workload.name]), flush=True)
    finally:
        for peer in running:
            try:
                peer.stop()
            except Exception:
                traceback.print_exc()
    return results


def measure_specials(names: list[str], size: special.Size, folder: Path) -> special.Findings:
    findings: special.Findings = []
    for name in names:
        print(f"== {name}", flush=True)
        try:
            found = SPECIALS[name](folder / name, size)
        except Exception:  # the others are worth having all the same
            traceback.print_exc()
            found = [special.Row(name, "failed", "an end", 0.0)]
        print(report.rows_table(found) + report.growths_table(found), flush=True)
        findings += found
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small files, one round: a minute")
    parser.add_argument("--rounds", type=int, help="that count, after one that does not (5)")
    parser.add_argument("--only", default="", metavar="NAME[,NAME]", help="of " + ", ".join(
        [workload.name for workload in workloads.WORKLOADS] + list(SPECIALS)))
    parser.add_argument("--output", type=Path, help="the page (docs/performance.md; with --quick: standard output)")
    arguments = parser.parse_args()
    if INSIDE not in os.environ:
        return enter_namespace()
    prepare_namespace()
    rounds = arguments.rounds or (1 if arguments.quick else 5)
    wanted = set(filter(None, arguments.only.split(",")))
    chosen = [workload for workload in workloads.WORKLOADS if not wanted or workload.name in wanted]
    specials = [name for name in SPECIALS if not wanted or name in wanted]
    if unknown := wanted - {workload.name for workload in chosen} - set(specials):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=os.environ.get("SAMPAN_BENCH_TMP")) as folder:
        folder = Path(folder)
        sources = workloads.Sources(folder / "sources", workloads.QUICK if arguments.quick else workloads.WHOLE)
        results = race(chosen, sources, rounds, folder)
        findings = measure_specials(specials, special.QUICK if arguments.quick else special.WHOLE, folder)
        if arguments.output or not arguments.quick:
            page = arguments.output or ROOT / "docs/performance.md"
            report.write(page, chosen, sources, results, findings, rounds)
            print(f"written: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
