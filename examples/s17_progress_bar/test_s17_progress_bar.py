"""S17: the bar on a terminal, in a pipe, for nothing, and for a transfer that fails."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time

from support import limits
from support.lesson import EXAMPLES, run

PROGRAM = "s17_progress_bar"
MARK = b"\0"


def on_terminal(columns: int, *arguments: str, code: int = 0) -> tuple[bytes, float]:
    """What the program writes to a terminal of so many columns (standard error too), and how long it took."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    started = time.monotonic()
    process = subprocess.Popen([EXAMPLES / PROGRAM, *arguments], stdin=slave, stdout=slave, stderr=slave)
    try:
        # Few bytes: all fit into the terminal. Its slave stays open here until they are read; a terminal whose last slave
        # has closed may lose what nobody had read. The mark is the last thing in it.
        assert process.wait(limits.COMMAND) == code
        seconds = time.monotonic() - started
        os.write(slave, MARK)
        written = b""
        while not written.endswith(MARK):
            written += os.read(master, 65536)
    finally:
        process.kill()
        os.close(slave)
        os.close(master)
    return written.removesuffix(MARK), seconds


def pictures(written: bytes) -> list[str]:
    """What stood on the bar's line, one after another: each begins with a carriage return."""
    text = written.decode()
    return [picture for picture in text.split("\r\n")[0].split("\r") if picture]


def percentages(written: bytes) -> list[int]:
    return [int(re.fullmatch(r"\|* * (\d+)%", picture)[1]) for picture in pictures(written)]


def test_it_grows_to_a_hundred_and_ends_its_line():
    for columns in (80, 40, 10):
        written, _ = on_terminal(columns, "--size", "1000000", "--rate", "2000000")
        shown = percentages(written)
        assert shown == sorted(shown) and shown[-1] == 100 and len(shown) > 1
        assert all(len(picture) < columns for picture in pictures(written))
        full = pictures(written)[-1]
        assert full.startswith("|") and full.endswith("| 100%")
        assert written.decode().endswith("100%\r\n976.6 KiB received\r\n")


def test_it_is_drawn_at_a_fixed_rate():
    written, seconds = on_terminal(80, "--size", "30000000", "--rate", "60000000")  # some 3,600 pieces
    assert len(pictures(written)) <= seconds * 20 + 2


def test_nothing_has_arrived_at_once():
    written, _ = on_terminal(80, "--size", "0")
    assert percentages(written)[-1] == 100 and written.endswith(b"0 B received\r\n")


def test_the_tutorials_sizes():
    for size in (1, 1024, 1025):
        written, _ = on_terminal(80, "--size", str(size))
        assert percentages(written)[-1] == 100


def test_a_sender_that_leaves():
    written, _ = on_terminal(80, "--size", "1025", "--cut", "1024", code=5)
    text = written.decode()
    assert percentages(written)[-1] == 99  # and not rounded up
    last, _, after = text.partition("99%\r\n")
    assert after == "s17_progress_bar: connection lost\r\n", text


def test_a_pipe_gets_no_bar():
    result = run(PROGRAM, "--size", "100000")
    assert result.stdout == "97.7 KiB received\n" and result.stderr == ""
    assert run(PROGRAM, "--size", "5", "--cut", "0", code=5).stdout == ""
