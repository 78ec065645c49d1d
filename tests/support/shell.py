"""`sampan shell` on pipes, line by line: a session that stays while a test looks at what it did."""

import os
import select
import subprocess
import threading
import time
from dataclasses import dataclass

from . import limits

MARK = "---- that was all ----"


@dataclass
class Said:
    out: str
    err: str


class Shell:
    """`with Shell(alice) as shell: shell.say("cd reports"); assert shell.say("pwd").out == "/reports\\n"`."""

    def __init__(self, client):
        environment = {**client.environment(), "SHELL": "/bin/sh"}
        self.process = client.start("shell", stdin=subprocess.PIPE, text=False, env=environment)

    def __enter__(self) -> "Shell":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def say(self, line: str | bytes, timeout: float = limits.COMMAND) -> Said:
        """Sends a line, or several; what they brought. Where that ends, a local command behind them says."""
        data = line if isinstance(line, bytes) else os.fsencode(line)
        # On a thread: what it brings may fill the pipes before all of it is read.
        threading.Thread(target=self._write, args=(data + f"\n!echo '{MARK}'; echo '{MARK}' >&2\n".encode(),),
                         daemon=True).start()
        end = f"{MARK}\n".encode()
        streams = {self.process.stdout.fileno(): b"", self.process.stderr.fileno(): b""}
        deadline = time.monotonic() + timeout
        while waiting := [stream for stream, text in streams.items() if not text.endswith(end)]:
            readable, _, _ = select.select(waiting, [], [], max(0.0, deadline - time.monotonic()))
            assert readable, f"{line!r}: no end in {timeout} s after {streams}"
            for stream in readable:
                piece = os.read(stream, 1 << 20)
                assert piece, f"{line!r}: the shell ended with {streams}"
                streams[stream] += piece
        return Said(*(text[:-len(end)].decode(errors="replace") for text in streams.values()))

    def _write(self, data: bytes) -> None:
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except OSError:  # it ended: say() sees that
            pass

    def end(self) -> int:
        self.process.stdin.close()
        return self.process.wait(limits.COMMAND)
