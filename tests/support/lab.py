"""Two hosts on this machine, each a network namespace, and a slow, lossy line between them (line.cpp). Root."""

import contextlib
import os
import subprocess
from pathlib import Path

from .server import SAMPAN, Server

TOOLS = Path(SAMPAN).parent  # built beside the program
NEAR, FAR = (f"sampan-{host}-{os.getpid()}" for host in ("near", "far"))
NETWORK, NEAR_ADDRESS, FAR_ADDRESS = "198.18.0.0/24", "198.18.0.1", "198.18.0.2"  # for measurements (RFC 2544)


def inside(host: str, *words: str) -> list[str]:
    return ["ip", "netns", "exec", host, *words]


class Line:
    """`with Line(delay=25, loss=1, rate=200):` one way in ms, percent each way, Mbit/s; `queue` before it in KiB. With `cubic_only` both hosts are systems
    where a program gets no BBR: see FarServer."""

    def __init__(self, delay: float, loss: float, rate: float, queue: int = 1024, cubic_only: bool = False):
        self.words = [str(word) for word in (delay, loss, rate, queue)]
        self.congestion = ["congctl", "cubic"] if cubic_only else []

    def __enter__(self) -> "Line":
        with contextlib.ExitStack() as stack:  # what has begun ends also where the next step fails
            for host in (NEAR, FAR):
                subprocess.run(["ip", "netns", "add", host], check=True)
                stack.callback(subprocess.run, ["ip", "netns", "del", host], check=True)
            process = stack.enter_context(subprocess.Popen([TOOLS / "line", NEAR, "eth0", FAR, "eth0", *self.words],
                                                           stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            assert process.stdout.readline() == "ready\n"
            for host, address in ((NEAR, NEAR_ADDRESS), (FAR, FAR_ADDRESS)):
                for words in (["link", "set", "lo", "up"], ["addr", "add", f"{address}/24", "dev", "eth0"],
                              ["link", "set", "eth0", "up"],
                              # Of the route: a namespace may only choose what the machine allows to everybody.
                              ["route", "replace", NETWORK, "dev", "eth0", "src", address, *self.congestion]):
                    subprocess.run(inside(host, "ip", *words), check=True)
            self._end = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._end.close()

    @staticmethod
    def connections() -> int:
        """Of the near host to the far one, now."""
        shown = subprocess.run(inside(NEAR, "ss", "-Htn", "state", "established"), check=True, capture_output=True, text=True)
        return len(shown.stdout.splitlines())

    @staticmethod
    def bytes_carried() -> int:
        """By now, both ways, as the near host sees it."""
        files = [f"/sys/class/net/eth0/statistics/{way}_bytes" for way in ("tx", "rx")]
        shown = subprocess.run(inside(NEAR, "cat", *files), check=True, capture_output=True, text=True)
        return sum(int(line) for line in shown.stdout.split())


class FarServer(Server):
    """A server on the far host; whoever uses it is on the near one. With `cubic_only` both are systems without BBR."""

    def __init__(self, folder: Path, cubic_only: bool = False):
        super().__init__(folder, "--listen", f"sampan://{FAR_ADDRESS}:7267")
        self.preload = ["env", f"LD_PRELOAD={TOOLS / 'cubic_only.so'}"] if cubic_only else []

    def command(self, *words: str) -> list[str]:
        host = FAR if words[0] in ("serve", "user") else NEAR
        return inside(host, *self.preload, *super().command(*words))

    def url(self, user: str, port: int | None = None) -> str:
        return f"sampan://{user}@{FAR_ADDRESS}:7267"

