#!/usr/bin/python3
"""Measures Sampan beside what people would use instead, and writes docs/performance.md.

    bench/bench.py [--quick] [--rounds N] [--only NAME[,NAME]] [--output PAGE]

All servers and clients of one run share a network namespace of their own with cubic congestion control (a system's default
may be bbr, which paces the loopback interface). Rounds are interleaved: every peer once, then every peer again. Each
command is a whole process, as a person would type it, login included; files go to a fresh directory each time.
"""

import argparse
import os
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
import peers  # noqa: E402
import report  # noqa: E402
import workloads  # noqa: E402

INSIDE = "SAMPAN_BENCH_INSIDE"


CONGESTION = Path("/proc/sys/net/ipv4/tcp_congestion_control")
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


def measure_once(peer: peers.Peer, workload: workloads.Workload, sources: workloads.Sources, below: str,
                 into: Path) -> measure.Cost:
    workloads.clear(into)
    peer.make_directory(below)
    environment = peer.environment()
    if before := workload.before(peer, sources, below, into):
        measure.run(before[0], None, into, environment, before[1])
    os.sync()  # what came before is not to be paid for by the one that is measured
    command, feed = workload.command(peer, sources, below, into)
    return measure.run(command, peer.pid, into, environment, feed)


def measure_workload(workload, running, sources, rounds: int, into: Path) -> dict[str, list[measure.Cost]]:
    costs: dict[str, list[measure.Cost]] = {}
    for number in range(rounds + 1):  # the first warms up and does not count
        for peer in running:
            if workload.trees and not peer.moves_trees:
                continue
            try:
                cost = measure_once(peer, workload, sources, f"{workload.name}-{number}", into)
            except (RuntimeError, AssertionError) as error:
                print(f"   {peer.name}: {error}", file=sys.stderr)
                continue
            if number > 0:
                costs.setdefault(peer.name, []).append(cost)
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small files, one round: a minute")
    parser.add_argument("--rounds", type=int, help="that count, after one that does not (5)")
    parser.add_argument("--only", default="", help="names of workloads")
    parser.add_argument("--output", type=Path, help="the page (docs/performance.md; with --quick: standard output)")
    arguments = parser.parse_args()
    if INSIDE not in os.environ:
        return enter_namespace()
    prepare_namespace()
    rounds = arguments.rounds or (1 if arguments.quick else 5)
    size = workloads.QUICK if arguments.quick else workloads.WHOLE
    wanted = set(filter(None, arguments.only.split(",")))
    chosen = [workload for workload in workloads.WORKLOADS if not wanted or workload.name in wanted]
    with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=os.environ.get("SAMPAN_BENCH_TMP")) as folder:
        folder = Path(folder)
        sources = workloads.Sources(folder / "sources", size)
        running: list[peers.Peer] = []
        try:
            for kind in peers.PEERS:
                peer = kind(folder / kind.__name__)
                peer.start()
                running.append(peer)
            results = {}
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
        if arguments.output or not arguments.quick:
            page = arguments.output or ROOT / "docs/performance.md"
            report.write(page, chosen, sources, results, rounds)
            print(f"written: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
