"""Two hosts on this machine, each a network namespace, and a slow, lossy line between them (bench/line.cpp). Root."""

import os
import subprocess
import time
from pathlib import Path

from support.server import Server

ROOT = Path(__file__).resolve().parent.parent
NEAR, FAR = (f"sampan-{host}-{os.getpid()}" for host in ("near", "far"))
NEAR_ADDRESS, FAR_ADDRESS = "198.18.0.1", "198.18.0.2"  # a range that is for measurements (RFC 2544)


class Line:
    """`with Line(delay=25, loss=1, rate=200):` one way in ms, percent each way, Mbit/s."""

    def __init__(self, delay: float, loss: float, rate: float):
        self.words = [str(word) for word in (delay, loss, rate)]

    def __enter__(self) -> "Line":
        subprocess.run(["cmake", "--build", ROOT / "build", "--target", "line"], check=True, stdout=subprocess.DEVNULL)
        for host in (NEAR, FAR):
            subprocess.run(["ip", "netns", "add", host], check=True)
        self.process = subprocess.Popen([ROOT / "build/line", NEAR, "eth0", FAR, "eth0", *self.words],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        for host, address in ((NEAR, NEAR_ADDRESS), (FAR, FAR_ADDRESS)):
            for words in (["link", "set", "lo", "up"], ["addr", "add", f"{address}/24", "dev", "eth0"],
                          ["link", "set", "eth0", "up"]):
                subprocess.run(["ip", "netns", "exec", host, "ip", *words], check=True)
            subprocess.run(["ip", "netns", "exec", host, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=cubic"], check=True)
        time.sleep(0.2)  # the line wakes up
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        for host in (NEAR, FAR):
            subprocess.run(["ip", "netns", "del", host], check=True)


class FarServer(Server):
    """A server on the far host; whoever uses it is on the near one."""

    def __init__(self, folder: Path):
        super().__init__(folder, "--listen", f"sampan://{FAR_ADDRESS}:7267")

    def command(self, *words: str) -> list[str]:
        host = FAR if words[0] in ("serve", "user") else NEAR
        return ["ip", "netns", "exec", host, *super().command(*words)]

    def url(self, user: str, port: int | None = None) -> str:
        return f"sampan://{user}@{FAR_ADDRESS}:7267"

