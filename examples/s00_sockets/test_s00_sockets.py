"""S00: every call of the tutorial's list occurs, and does over each family what the lesson says."""

import errno
import glob
import os
import re
import socket

from support.lesson import run

LISTED = """bind listen accept connect connect_ex recv send sendall recvfrom sendto getpeername getsockname getsockopt
    setsockopt close setblocking settimeout gettimeout fileno makefile""".split()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def tour() -> dict[str, list[tuple[str, str]]]:
    families = re.split(r"^(AF_\w+)\n", run("s00_sockets").stdout, flags=re.MULTILINE)[1:]
    return {family: [tuple(line.strip().split(" -> ")) for line in text.splitlines()]
            for family, text in zip(families[::2], families[1::2])}


def test_each_call_over_each_family():
    families = tour()
    assert list(families) == ["AF_INET", "AF_INET6", "AF_UNIX"]
    if not has_ipv6():
        assert "not on this machine" in dict(families.pop("AF_INET6"))
    for family, steps in families.items():
        assert not set(LISTED) - {call for call, _ in steps}, family
        found = dict(steps)
        assert found["connect_ex"] == f"{errno.ECONNREFUSED}, {os.strerror(errno.ECONNREFUSED)}"
        assert 50 <= int(found["gettimeout"].removesuffix(" ms")) <= 60  # in the kernel's ticks
        assert found["makefile"] == "a line"
        again = os.strerror(errno.EAGAIN)
        assert [outcome for call, outcome in steps if call == "recv"] == ['"hello"', again, again, '""']
        assert [outcome for call, outcome in steps if call == "recvfrom"] == ["0", "5"]
    assert re.fullmatch(r"127\.0\.0\.1:\d+", dict(families["AF_INET"])["getpeername"])


def test_nothing_is_left_behind():
    run("s00_sockets")
    assert not glob.glob("/tmp/sampan-lesson-*/stream")
