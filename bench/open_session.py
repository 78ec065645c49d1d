"""A large file in a session that is open already: what a login costs, and the start of a program, is not in it. rsync has no such
sessions."""

import contextlib
import os
import random
import select
import shutil
import subprocess
import time
from pathlib import Path
from statistics import median

import peers
from special import MIB, Findings, Row, Size, timed
from support.files import random_file
from support.shell import Shell

ROUNDS = 5


class OpenSampan:
    """`sampan shell`."""

    def __init__(self, peer: peers.Sampan, stack: contextlib.ExitStack):
        with peer.with_additions():
            self.shell = stack.enter_context(Shell(peer.client))

    def put(self, file: Path, below: str) -> float:
        return timed(lambda: self.shell.say(f"put {file} --to {below}/", 600))

    def get(self, remote: str, into: Path) -> float:
        return timed(lambda: self.shell.say(f"get {remote} --to {into}/", 600))


class OpenSftp:
    def __init__(self, peer: peers.Sftp, stack: contextlib.ExitStack):
        self.peer = peer
        command, _ = peer.put(Path("nothing"), "")
        self.process = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                            stderr=subprocess.STDOUT))
        stack.callback(self.process.stdin.close)
        self._say("lpwd")

    def _say(self, line: str) -> None:
        """sftp repeats each command when it begins it: so the one behind says that this one is through."""
        self.process.stdin.write(f"{line}\n!echo through\n".encode())
        self.process.stdin.flush()
        text = b""
        while b"\nthrough\n" not in text:
            assert select.select([self.process.stdout], [], [], 600)[0], text
            piece = os.read(self.process.stdout.fileno(), 4096)
            assert piece, text
            text += piece

    def put(self, file: Path, below: str) -> float:
        return timed(lambda: self._say(self.peer.put(file, below)[1].strip()))

    def get(self, remote: str, into: Path) -> float:
        return timed(lambda: self._say(self.peer.get(remote, into)[1].strip()))


class OpenCurl:
    """One curl with two transfers: the second uses the connection of the first, and its own time is what counts."""

    def __init__(self, peer: peers.Nginx, tiny: Path):
        self.peer = peer
        self.tiny = tiny

    def _second(self, first: list[str], second: list[str]) -> float:
        command, _ = self.peer._curl("-w", "%{stderr}%{num_connects} %{time_total}\n", *first, *second)
        errors = subprocess.run(command, check=True, capture_output=True, text=True).stderr
        connects, seconds = errors.splitlines()[1].split()
        assert connects == "0", errors
        return float(seconds)

    def put(self, file: Path, below: str) -> float:
        return self._second(["-T", str(self.tiny), self.peer.url(f"{below}/tiny")],
                            ["-T", str(file), self.peer.url(f"{below}/{file.name}")])

    def get(self, remote: str, into: Path) -> float:
        tiny = f"{Path(remote).parent}/tiny"
        return self._second(["-o", str(into / "tiny"), self.peer.url(tiny)],
                            ["-o", str(into / Path(remote).name), self.peer.url(remote)])


def open_session(folder: Path, size: Size) -> Findings:
    folder.mkdir(parents=True)
    film, tiny = random_file(folder / "film", size.file), random_file(folder / "tiny", 1)
    rounds = ROUNDS if size.rounds > 1 else 1
    up, down = {}, {}
    with contextlib.ExitStack() as stack:
        sessions = {}
        for kind in (peers.Sampan, peers.SampanNotDurable, peers.Sftp, peers.Nginx):
            peer = kind(folder / kind.__name__)
            peer.start()
            stack.callback(peer.stop)
            sessions[peer.name] = (peer, OpenSftp(peer, stack) if kind is peers.Sftp else OpenCurl(peer, tiny)
                                   if kind is peers.Nginx else OpenSampan(peer, stack))
        for number in range(rounds + 1):  # the first warms up and does not count
            for name in random.Random(number).sample(list(sessions), len(sessions)):
                peer, session = sessions[name]
                below, into = f"round{number}", folder / "into"
                peer.make_directory(below)
                into.mkdir()
                os.sync()
                cost_up = session.put(film, below)
                os.sync()
                cost_down = session.get(f"{below}/film", into)
                assert (into / "film").stat().st_size == size.file, name
                shutil.rmtree(into)
                peer.forget(below)
                if number > 0:
                    up.setdefault(name, []).append(cost_up)
                    down.setdefault(name, []).append(cost_down)
    rows = []
    for way, costs in (("up", up), ("down", down)):
        medians = {name: median(seconds) for name, seconds in costs.items()}
        curl = medians[peers.Nginx.name]
        for ours, goal in ((peers.Sampan, 1.0), (peers.SampanNotDurable, 1.3)):
            others = ", ".join(f"{name} {medians[name]:.2f} s" for name in (peers.Nginx.name, peers.Sftp.name))
            rows.append(Row(f"in an open session, {size.file // MIB:,} MiB {way}: {ours.name}",
                            f"{medians[ours.name]:.2f} s; {others}", f"{goal:g}x of {peers.Nginx.name}",
                            curl / medians[ours.name] / goal))
    return rows
