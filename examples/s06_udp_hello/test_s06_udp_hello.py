"""S06: one datagram there, one back; and what the network may do to either."""

import threading
import time

import pytest

from support.lesson import Client, Server, run
from support.udp import BadNetwork, address_of, connected_socket, nothing_comes, udp_socket

QUICK = ("--wait", "20", "--tries", "4")     # where no answer comes
PATIENT = ("--wait", "100", "--tries", "8")  # where one does, on a busy machine too
ONCE = ("--wait", "60000")                   # no second question


def hello(port: int, host: str = "127.0.0.1") -> bytes:
    with connected_socket(port, host) as peer:
        peer.send(b"hello")
        return peer.recv(1024)


@pytest.fixture
def server():
    with Server("s06_udp_hello_server") as running:
        yield running


# ---- our server, a Python client ----

def test_hello_is_answered_with_hi(server):
    assert hello(server.port) == b"hi"
    server.until("hello")
    assert hello(server.port) == b"hi"  # and again: the tutorial's ends after one


def test_many_at_once(server):
    peers = [connected_socket(server.port) for _ in range(200)]
    for peer in peers:
        peer.send(b"hello")
    for peer in peers:
        assert peer.recv(1024) == b"hi"
        peer.close()


@pytest.mark.parametrize("data", [b"", b"hi", b"hell", b"hello\n", b"\xff\xfe", b"\x1b[2J\x07", b"h" * 65507, b"hello" * 205],
                         ids=["empty", "its own answer", "short", "newline", "not UTF-8", "escape", "largest", "oversize"])
def test_anything_else_is_shown_safely_and_not_answered(server, data):
    with connected_socket(server.port) as peer:
        peer.send(data)
        peer.send(b"hello")
        assert peer.recv(1024) == b"hi"
        assert hello(server.port) == b"hi"  # by now an answer to `data` would be here
        assert nothing_comes(peer)
    shown = server.until("hello")
    assert "\x1b" not in shown and "\x07" not in shown
    if len(data) > 1024:
        server.until(f"({len(data)} bytes)")



def test_two_servers_cannot_be_set_against_each_other(server):
    with Server("s06_udp_hello_server") as other, udp_socket() as forger:
        # What a forged sender would bring about: the answer of the one arrives at the other.
        for sent in (b"hi", b"hello"):
            forger.sendto(sent, ("127.0.0.1", other.port))
        assert forger.recv(1024) == b"hi"
        assert hello(other.port) == b"hi"
        assert nothing_comes(forger)


def test_an_answer_comes_from_the_address_that_was_asked():
    with Server("s06_udp_hello_server", listen="0.0.0.0:0") as running:
        assert hello(running.port, "127.0.0.2") == b"hi"
    with Server("s06_udp_hello_server", listen="[::1]:0") as running:
        assert hello(running.port, "::1") == b"hi"


def test_over_a_unix_path(folder):
    path = folder / "socket"
    with Server("s06_udp_hello_server", listen=f"unix:{path}") as running:
        assert run("s06_udp_hello_client", running.address).stdout == "hi\n"
    assert not path.exists()


def test_a_taken_port_is_named(server):
    result = run("s06_udp_hello_server", "--listen", server.address, code=8)
    assert server.address in result.stderr


# ---- our client, a Python server ----

class PythonServer:
    """Answers as told: a list of answers for each datagram in turn, and the last list from then on."""

    def __init__(self, *answers: list[bytes]):
        self.answers = list(answers)
        self.seen: list[bytes] = []
        self.clients: list[tuple] = []
        self.socket = udp_socket()
        self.address = address_of(self.socket)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while True:
            data, client = self.socket.recvfrom(65536)
            if client == self.socket.getsockname():
                return
            self.seen.append(data)
            self.clients.append(client)
            for answer in self.answers[0]:
                self.socket.sendto(answer, client)
            if len(self.answers) > 1:
                self.answers.pop(0)

    def __enter__(self) -> "PythonServer":
        self.socket.settimeout(None)
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


def test_the_client_says_hello_and_prints_the_answer():
    with PythonServer([b"hi"]) as peer:
        assert run("s06_udp_hello_client", peer.address, *ONCE).stdout == "hi\n"
    assert peer.seen == [b"hello"]


def test_a_lost_datagram_is_asked_for_again():
    with PythonServer([], [], [b"hi"]) as peer:
        assert run("s06_udp_hello_client", peer.address, *PATIENT).stdout == "hi\n"
    assert len(peer.seen) >= 3 and set(peer.seen) == {b"hello"}
    assert len(set(peer.clients)) == 1


def test_a_second_answer_is_not_printed():
    with PythonServer([b"hi", b"hi"]) as peer:
        assert run("s06_udp_hello_client", peer.address).stdout == "hi\n"


@pytest.mark.parametrize("up, down", [("l", ""), ("", "l"), ("ll", "l"), ("d", "d"), ("r", ""), ("", "rr"), ("rl", "dl")])
def test_any_bad_network(server, up, down):
    with BadNetwork(server.port, up, down) as network:
        assert run("s06_udp_hello_client", network.address, *PATIENT).stdout == "hi\n"


def test_a_stranger_is_not_believed():
    with udp_socket() as peer, udp_socket() as stranger, Client("s06_udp_hello_client", address_of(peer), *ONCE) as client:
        _, at = peer.recvfrom(1024)
        stranger.sendto(b"believe me", at)
        peer.sendto(b"hi", at)
        client.until("hi")
    assert client.output == "hi\n"


def test_silence_has_an_end():
    with PythonServer([]) as peer:
        result = run("s06_udp_hello_client", peer.address, *QUICK, code=5)
    assert peer.address in result.stderr and "4 datagrams" in result.stderr
    assert peer.seen == [b"hello"] * 4


def test_nobody_there():
    with udp_socket() as gone:
        address = address_of(gone)
    start = time.monotonic()
    assert address in run("s06_udp_hello_client", address, *QUICK, code=5).stderr
    assert time.monotonic() - start >= 0.02 + 0.04 + 0.08 + 0.16  # refused at once, but it keeps its pace


def test_a_server_that_starts_late_is_found():
    with udp_socket() as gone:
        address, port = address_of(gone), gone.getsockname()[1]
    with Client("s06_udp_hello_client", address, "--wait", "100", "--tries", "12") as client:
        with udp_socket(port=port) as peer:
            _, at = peer.recvfrom(1024)
            peer.sendto(b"hi", at)
            client.until("hi")


def test_a_hostile_answer_does_nothing_to_the_terminal():
    with PythonServer([b"\x1b]0;owned\x07\xff"]) as peer:
        assert run("s06_udp_hello_client", peer.address).stdout == "\\x1b]0;owned\\x07\\xff\n"


def test_an_empty_answer_is_an_answer():
    with PythonServer([b""]) as peer:
        assert run("s06_udp_hello_client", peer.address).stdout == "\n"
