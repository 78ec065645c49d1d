"""S19: a handler for each datagram; the slow ones stop nobody, the broken ones end nothing but themselves."""

import pytest

from support.lesson import Server
from support.udp import BadNetwork, connected_socket, nothing_comes


@pytest.fixture(scope="module")
def server():
    with Server("s19_udp_server", "--rate", "100000") as running:
        yield running


def ask(port: int, question: bytes) -> bytes:
    with connected_socket(port) as peer:
        peer.send(question)
        return peer.recv(65536)


@pytest.mark.parametrize("question", [b"hello", b"HELLO 1", "grüße, 世界".encode(), b"", b"\xff\x00\x1bx", b"x" * 8192],
                         ids=["word", "capitals", "UTF-8", "empty", "bytes", "longest"])
def test_an_answer_in_capitals(server, question):
    assert ask(server.port, question) == question.upper()  # as Python's bytes.upper(): a-z alone


def test_one_client_many_datagrams(server):
    with connected_socket(server.port) as peer:
        for number in range(100):
            peer.send(b"datagram %d" % number)
            assert peer.recv(1024) == b"DATAGRAM %d" % number


def test_many_clients_at_once(server):
    peers = [connected_socket(server.port) for _ in range(200)]
    for number, peer in enumerate(peers):
        peer.send(b"wait 20 client %d" % number)
    for number, peer in enumerate(peers):
        assert peer.recv(1024) == b"CLIENT %d" % number
        assert nothing_comes(peer)
        peer.close()


def test_a_slow_handler_stops_nobody(server):
    with connected_socket(server.port) as slow, connected_socket(server.port) as quick:
        slow.send(b"wait 10000 slow")
        slow.send(b"wait 500 less slow")
        for number in range(20):
            quick.send(b"quick %d" % number)
            assert quick.recv(1024) == b"QUICK %d" % number
        assert slow.recv(1024) == b"LESS SLOW"  # of one client, too


def test_a_broken_handler_ends_itself_alone(server):
    with connected_socket(server.port) as peer:
        for text in (b"wait", b"wait a while", b"wait -1 x", b"wait 10001 x", b"wait 99999999999999999999 x", b"wait \x1b[2J"):
            peer.send(text)
        peer.send(b"alive")
        answers = [peer.recv(1024)]
        while answers[-1] != b"ALIVE":
            answers.append(peer.recv(1024))
        assert answers == [b"WAIT", b"ALIVE"]  # "wait" alone asks for nothing
    errors = server.until("not \"a while\"", "not \"-1 x\"", "not \"10001 x\"", "\\x1b[2J", where="errors")
    assert "\x1b" not in errors


def test_what_does_not_fit_is_not_served(server):
    with connected_socket(server.port) as peer:
        for size in (8193, 65507):
            peer.send(b"x" * size)
        peer.send(b"short")
        assert peer.recv(65536) == b"SHORT"
        assert nothing_comes(peer)


def test_no_more_handlers_than_a_thousand():
    with Server("s19_udp_server", "--rate", "100000") as running, connected_socket(running.port) as crowd:
        for number in range(1000):
            crowd.send(b"wait 10000 x")
            if number % 50 == 0:  # in step: what the kernel's queue loses would not count
                crowd.send(b"y")
                assert crowd.recv(1024) == b"Y"
        with connected_socket(running.port) as other:
            for _ in range(60):
                other.send(b"wait 10000 x")
                other.send(b"too many")
            other.settimeout(0.3)
            with pytest.raises(TimeoutError):
                while True:  # those before the thousandth may have been served
                    assert other.recv(1024) == b"TOO MANY"
            other.send(b"still too many")
            with pytest.raises(TimeoutError):
                other.recv(1024)


def test_a_rate_for_each_machine():
    with Server("s19_udp_server", "--rate", "1") as running, connected_socket(running.port) as peer:
        for _ in range(100):
            peer.send(b"x")
        assert peer.recv(1024) == b"X"
        for _ in range(50):
            peer.settimeout(1.2)
            peer.send(b"y")
            try:
                while peer.recv(1024) != b"Y":
                    continue
                return
            except TimeoutError:
                continue
        raise AssertionError("nobody is served any more")


@pytest.mark.parametrize("up, down, answers", [("l", "", [b"B", b"C"]), ("", "l", [b"B", b"C"]), ("d", "", [b"A", b"A", b"B", b"C"]),
                                               ("r", "", [b"B", b"A", b"C"])])
def test_a_bad_network_is_the_clients_business(server, up, down, answers):
    with BadNetwork(server.port, up, down) as network:
        host, port = network.address.split(":")
        with connected_socket(int(port), host) as peer:
            peer.send(b"a")
            peer.send(b"b")
            while not network.up.passed[1:]:  # before the next: the network's order is then ours
                pass
            peer.send(b"c")
            assert [peer.recv(1024) for _ in answers] == answers


def test_an_answer_comes_from_the_address_that_was_asked():
    with Server("s19_udp_server", listen="0.0.0.0:0") as running, connected_socket(running.port, "127.0.0.3") as peer:
        peer.send(b"here")
        assert peer.recv(1024) == b"HERE"


def test_over_a_unix_path(folder):
    import socket
    path = str(folder / "socket")
    with Server("s19_udp_server", listen=f"unix:{path}"), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
        peer.bind(str(folder / "mine"))
        peer.settimeout(20)
        peer.sendto(b"hello", path)
        assert peer.recv(1024) == b"HELLO"
