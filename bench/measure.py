"""What one run of one command costs: time, CPU seconds of both sides, peak memory."""

import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    seconds: float
    client_cpu: float   # seconds, user and system
    server_cpu: float   # likewise, of the server's whole process tree
    client_peak: int    # bytes resident
    server_peak: int    # bytes resident, since the server's start


def family(pid: int) -> list[int]:
    """A process and all that descend from it and live."""
    found = [pid]
    for parent in found:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                found += [int(child) for child in Path(f"/proc/{parent}/task/{task}/children").read_text().split()]
        except OSError:  # it ended meanwhile
            pass
    return found


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, its living descendants and the children that it has waited for."""
    total = 0
    for member in family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # ended meanwhile: its parent has its time now, or will
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def peak_of(pid: int) -> int:
    """The sum of the peak resident sizes of a process and its living descendants."""
    total = 0
    for member in family(pid):
        try:
            status = Path(f"/proc/{member}/status").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
    return total


def run(command: list[str], server: int | None, cwd: Path, environment: dict[str, str], feed: str | None = None) -> Cost:
    """Runs a command to its end, which must be a good one."""
    before = cpu_of(server) if server else 0.0
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, env=environment, text=True,
                               stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if feed is not None:
        process.stdin.write(feed)
        process.stdin.close()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {process.returncode}\n{errors}")
    after = cpu_of(server) if server else 0.0
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max(0.0, after - before), usage.ru_maxrss * 1024,
                peak_of(server) if server else 0)


def raise_descriptor_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
