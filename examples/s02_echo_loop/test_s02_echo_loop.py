"""S02: a conversation. Each message comes back with SB behind it."""

import socket
import time

import pytest

from support import limits
from support.lesson import Client, PythonServer, Server, receive, receive_all, reset, run, send_bytewise

SERVER, CLIENT = "s02_echo_loop_server", "s02_echo_loop_client"


def say(peer: socket.socket, text: bytes) -> bytes:
    """As the tutorial's client: one send, one read."""
    peer.send(text)
    return peer.recv(1024)


def test_the_tutorials_client():
    with Server(SERVER) as server, server.connect() as peer:
        for text in ("hello", "你好", "x", "SB", "SBSB"):
            assert say(peer, text.encode()) == text.encode() + b"SB"
        server.until("你好")


def test_a_long_message_gets_one_answer():
    with Server(SERVER) as server, server.connect() as peer:
        for size in (1023, 1024, 1025, 4096, 32_000):
            text = ("好" * size).encode()[:size]
            peer.sendall(text)
            answer = receive(peer, size + 2)
            # Nothing in the format joins segments; on this machine one send of this size arrives as one.
            assert answer.replace(b"SB", b"") == text and answer.endswith(b"SB")
            while answer.count(b"SB") > 1 and len(answer) < size + 2 * answer.count(b"SB"):
                answer += receive(peer, size + 2 * answer.count(b"SB") - len(answer))
        assert say(peer, b"still in step") == b"still in stepSB"


def test_every_segmentation_keeps_the_bytes():
    text = "a你好SBz".encode()
    with Server(SERVER) as server:
        for cut in range(1, len(text)):
            with server.connect() as peer:
                assert say(peer, text[:cut]) == text[:cut] + b"SB"
                assert say(peer, text[cut:]) == text[cut:] + b"SB"
        with server.connect() as peer:
            send_bytewise(peer, text.replace(b"SB", b""))
            peer.shutdown(socket.SHUT_WR)
            assert receive_all(peer).replace(b"SB", b"") == text.replace(b"SB", b"")


def test_bytes_that_are_no_text():
    with Server(SERVER) as server, server.connect() as peer:
        for text in (b"\xff\xfe", b"\xe4\xbd", bytes(range(256)), b"\x1b[1;44m"):
            assert say(peer, text) == text + b"SB"
        assert "\x1b" not in server.until("\\x1b[1;44m")


def test_half_a_goodbye_ends_the_answers():
    with Server(SERVER) as server, server.connect() as peer:
        peer.sendall(b"last words")
        peer.shutdown(socket.SHUT_WR)
        assert receive_all(peer) == b"last wordsSB"  # and not SBSBSB for ever


def test_clients_that_leave_and_clients_beside_them():
    with Server(SERVER) as server, server.connect() as beside:
        for leave in (socket.socket.close, reset):
            for said in (b"", b"h", b"hello" * 5000):
                peer = server.connect()
                peer.sendall(said)
                leave(peer)
                assert say(beside, b"here") == b"hereSB"


def test_a_silent_client_is_let_go():
    with Server(SERVER, "--idle", "2") as server, server.connect() as peer:
        assert say(peer, b"hello") == b"helloSB"
        assert receive_all(peer) == b""


# The client.

def tutorial_server(connection) -> list[bytes]:
    """Reads at most 1024 bytes, answers with SB behind, until the client leaves; tells the messages."""
    messages = []
    while message := connection.recv(1024):
        message.decode()  # as the tutorial's does: it must be whole characters
        messages.append(message)
        connection.send(message + b"SB")
    return messages


def test_the_client_and_the_tutorials_server():
    with PythonServer(tutorial_server) as server:
        result = run(CLIENT, server.address, typed="hello\n你好\nSB\nlast")
        assert result.stdout == "helloSB\n你好SB\nSBSB\nlastSB\n" and result.stderr == ""
    assert server.results == [["hello".encode(), "你好".encode(), b"SB", b"last"]]


def test_an_empty_line_does_not_hang_it():
    with PythonServer(tutorial_server) as server:
        result = run(CLIENT, server.address, typed="\n\none\n\n")
        assert result.stdout == "oneSB\n" and result.stderr.count("empty") == 3
    assert server.results == [[b"one"]]


def test_it_answers_while_somebody_types():
    with PythonServer(tutorial_server) as server, Client(CLIENT, server.address) as client:
        for text in ("one", "two"):
            client.type(text)
            client.until(text + "SB\n")


def test_a_long_line_goes_in_messages_of_whole_characters():
    line = "x" + "好" * 1000
    with PythonServer(tutorial_server) as server:
        lines = run(CLIENT, server.address, typed=f"{line}\nshort\n").stdout.splitlines()
    assert "".join(answer.removesuffix("SB") for answer in lines[:-1]) == line and lines[-1] == "shortSB"
    assert all(len(message) <= 1024 for message in server.results[0])


def test_answers_in_pieces():
    def reads_bytewise(connection):
        while byte := connection.recv(1):
            connection.send(byte + b"SB")

    def answers_bytewise(connection):
        while message := connection.recv(1024):
            send_bytewise(connection, message + b"SB")
    with PythonServer(answers_bytewise) as server:
        assert run(CLIENT, server.address, typed="hello\n你好\n").stdout == "helloSB\n你好SB\n"
    with PythonServer(reads_bytewise) as server:  # what a slow network makes of the tutorial's server
        assert run(CLIENT, server.address, typed="hello\nBoS\nlast\n").stdout == \
            "hSBeSBlSBlSBoSB\nBSBoSBSSB\nlSBaSBsSBtSB\n"


@pytest.mark.parametrize("leave", [socket.socket.close, reset])
def test_a_server_that_leaves(leave):
    for said in range(7):
        def answer_a_part(connection):
            receive(connection, 5)
            connection.sendall(b"helloSB"[:said])
            leave(connection)
        with PythonServer(answer_a_part) as server:
            result = run(CLIENT, server.address, typed="hello\nmore\n", code=5)
            assert result.stdout == "" and result.stderr.count("\n") == 1


def test_a_server_that_answers_something_else():
    def other(connection):
        connection.recv(1024)
        connection.send(b"\x1b[2JSomething else\n")
        receive_all(connection)
    with PythonServer(other) as server:
        result = run(CLIENT, server.address, typed="hello\n", code=5)
        assert "no echo" in result.stderr and "\x1b" not in result.stderr


def test_client_and_server_together():
    lines = [f"line {i} 行" for i in range(200)]
    with Server(SERVER) as server:
        started = time.monotonic()
        result = run(CLIENT, server.address, typed="\n".join(lines))
        assert result.stdout.splitlines() == [line + "SB" for line in lines]
        assert time.monotonic() - started < limits.COMMAND  # no waiting for silence between lines
