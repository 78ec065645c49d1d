"""S09: the sizes are the kernel's own, and what closing does to what is under way happens every time."""

import re
import socket

import pytest

from support.lesson import run

PROGRAM = "s09_socket_buffers"


def figures(*arguments: str) -> dict[str, list[int]]:
    """For each line what it is about and its numbers."""
    lines = [line.split(": ", 1) for line in run(PROGRAM, *arguments).stdout.splitlines()]
    return {f"{number} {about}": [int(text) for text in re.findall(r"\b\d+\b", rest)]
            for number, (about, rest) in enumerate(lines, start=1)}


def buffers_of(ask: int | None = None) -> list[int]:
    with socket.socket() as one:
        both = (socket.SO_SNDBUF, socket.SO_RCVBUF)
        if ask:
            for which in both:
                one.setsockopt(socket.SOL_SOCKET, which, ask)
        return [one.getsockopt(socket.SOL_SOCKET, which) for which in both]


@pytest.mark.parametrize("ask", [1, 2048, 50_000])
def test_requested_and_effective(ask):
    found = figures("--ask", str(ask))
    assert found["1 a new socket"] == buffers_of()
    assert found[f"3 asked for {ask} each"][-2:] == buffers_of(ask)


def test_what_fits_arrives_also_after_close():
    for sent, arrived in (figures()["4 as they come"], figures()["5 asked for 2048 each"]):
        assert sent == arrived > 0
    assert figures()["5 asked for 2048 each"][0] < figures()["4 as they come"][0]


def test_a_question_that_was_not_read_destroys_the_answer():
    for _ in range(5):
        found = figures()
        assert found["6 the question was read before close()"] == [1_000_000, 1_000_000]
        sent, arrived = found["7 the question was not read"]
        assert sent == 1_000_000 and arrived < sent
    assert "then Connection reset by peer" in run(PROGRAM).stdout
