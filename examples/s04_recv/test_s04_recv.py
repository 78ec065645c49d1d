"""S04: the experiments come out as the lesson says, every time."""

import re
import time

from support.lesson import run


def experiments(*arguments: str) -> list[list[tuple[int, str]]]:
    """For each experiment its notes: milliseconds and what."""
    found = []
    for line in run("s04_recv", *arguments).stdout.splitlines():
        if re.match(r"\d+\. ", line):
            found.append([])
        else:
            time_text, note = line.split(" ms\t")
            found[-1].append((int(time_text), note))
    return found


def test_what_recv_gives():
    for _ in range(5):
        notes = [[note for _, note in experiment] for experiment in experiments("--stay", "0")]
        assert notes == [
            ['recv(2) -> "he"', 'recv(2) -> "ll"', 'recv(1) -> "o"'],
            ['recv(1024) -> "hello"', "111", 'recv(1024) -> ""', "222"],
            ['recv(1024) -> "hello"', 'recv(1024) -> ""', 'recv(1024) -> ""'],
            ['recv(2) -> "h"', 'recv(2) -> "e"', 'recv(1) -> "l"'],
            ['exactly(2) -> "he"', 'exactly(2) -> "ll"', 'exactly(1) -> "o"'],
        ]


def test_the_second_recv_waits_as_long_as_the_client_stays():
    started = time.monotonic()
    second = experiments("--stay", "300")[1]
    assert second[2][0] >= 300
    assert time.monotonic() - started >= 0.3
