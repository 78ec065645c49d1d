"""A program on a terminal of its own, read as a person reads it: by what stands on the screen, not by the bytes that drew it."""

import termios
import time
from typing import Callable

import pexpect
import pyte

from . import limits


class Terminal:
    """`with Terminal(client.command("shell"), client) as terminal: terminal.send("ls\\n"); terminal.wait_for("report.pdf")`."""

    def __init__(self, words: list[str], client, *, columns: int = 80, rows: int = 24, timeout: float = limits.REPLY):
        self.timeout = timeout
        self.raw = b""  # everything that the program wrote
        self.screen = pyte.HistoryScreen(columns, rows, history=10_000)
        self.stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(words[0], words[1:], dimensions=(rows, columns), cwd=str(client.work),
                                   env=client.environment(), timeout=timeout)
        self.child.delaybeforesend = None

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_) -> None:
        self.child.close(force=True)

    def send(self, text: str) -> None:
        self.child.send(text)

    def resize(self, columns: int) -> None:
        """The window gets another width; the program is told as usual (SIGWINCH)."""
        self.screen.resize(columns=columns)
        self.child.setwinsize(self.screen.lines, columns)

    def lines(self) -> list[str]:
        """What stands on the screen, without the empty lines at its end."""
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def text(self) -> str:
        return "\n".join(self.lines())

    def wait_until(self, condition: Callable[["Terminal"], bool], what: str = "the screen") -> None:
        """Reads until condition(terminal); fails with the screen."""
        deadline = time.monotonic() + self.timeout
        while not condition(self):
            left = deadline - time.monotonic()
            assert left > 0 and self._read(left), f"waited for {what}; the screen:\n{self.text()}"

    def wait_for(self, text: str) -> None:
        self.wait_until(lambda terminal: text in terminal.text(), repr(text))

    def wait_prompt(self, prompt: str) -> None:
        """Until the last line is that prompt and nothing behind it, and the line editor has the terminal: a key that comes
        before that would be shown by the terminal itself."""
        self.wait_until(lambda terminal: terminal.lines()[-1:] == [prompt], repr(prompt))
        deadline = time.monotonic() + self.timeout
        while termios.tcgetattr(self.child.child_fd)[3] & termios.ICANON:
            assert time.monotonic() < deadline, "nobody edits a line"
            time.sleep(limits.POLL_INTERVAL)

    def wait_end(self) -> int:
        """Reads to the program's end; its exit code (minus the signal's number where one ended it)."""
        deadline = time.monotonic() + self.timeout
        while self._read(max(0.0, deadline - time.monotonic())):
            pass
        assert self.child.flag_eof, f"the program does not end; the screen:\n{self.text()}"
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus

    def _read(self, timeout: float) -> bool:
        try:
            data = self.child.read_nonblocking(65536, timeout)
        except (pexpect.TIMEOUT, pexpect.EOF, OSError):
            return False
        self.raw += data
        self.stream.feed(data)
        return True
