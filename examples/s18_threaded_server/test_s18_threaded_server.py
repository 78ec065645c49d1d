"""S18: many clients, one person who answers them."""

import socket

from support import limits
from support.lesson import Client, Server, receive, receive_all, reset

SERVER, CLIENT = "s18_threaded_server", "s03_echo_many_client"


def name_of(peer: socket.socket) -> str:
    return "%s:%d" % peer.getsockname()


def say(server: Server, peer: socket.socket, text: str) -> None:
    peer.sendall(text.encode())
    server.until(f"{name_of(peer)}: {text}\n")


def test_a_line_answers_the_oldest_message():
    with Server(SERVER) as server, server.connect() as first, server.connect() as second:
        say(server, first, "first asks")
        say(server, second, "second asks")
        say(server, first, "first asks again")
        for text in ("one", "二", "three"):
            server.type(text)
        assert receive(first, 3) == b"one"
        assert receive(second, 3) == "二".encode()
        assert receive(first, 5) == b"three"


def test_an_address_answers_one_client():
    with Server(SERVER) as server, server.connect() as first, server.connect() as second:
        say(server, first, "first asks")
        say(server, second, "second asks")
        server.type(f"@{name_of(second)} you before him")
        assert receive(second, 14) == b"you before him"
        server.type("and you")
        assert receive(first, 7) == b"and you"
        server.type(f"@{name_of(first)} by the way")  # nobody waits for it
        assert receive(first, 10) == b"by the way"


def test_a_client_that_has_said_nothing_can_be_written_to():
    with Server(SERVER) as server, server.connect() as peer:
        server.until(f"{name_of(peer)} is here")
        server.type(f"@{name_of(peer)} welcome")
        assert receive(peer, 7) == b"welcome"


def test_lines_for_nobody():
    with Server(SERVER) as server, server.connect() as peer:
        server.type("is anybody there?")
        server.until("nobody waits", where="errors")
        server.type("@127.0.0.1:1 you there?")
        server.until("no client has the address 127.0.0.1:1", where="errors")
        say(server, peer, "asks")
        server.type("")
        server.until("an empty answer", where="errors")
        server.type("an answer")  # the message still waited
        assert receive(peer, 9) == b"an answer"


def test_who_has_left_takes_nobodys_answer():
    """The tutorial's dead client eats the lines that are meant for others."""
    with Server(SERVER) as server, server.connect() as waiting:
        for leave in (socket.socket.close, reset):
            peer = server.connect()
            name = name_of(peer)
            say(server, peer, "asks and leaves")
            leave(peer)
            server.until(f"{name} has left\n")
        half = server.connect()
        say(server, half, "asks and closes its half")
        half.shutdown(socket.SHUT_WR)
        assert receive_all(half) == b""
        say(server, waiting, "asks and stays")
        server.type("for whom?")
        assert receive(waiting, 9) == b"for whom?"


def test_clients_answer_in_any_number_and_in_order():
    with Server(SERVER) as server:
        peers = [server.connect() for _ in range(60)]
        for peer in peers:
            say(server, peer, "asks")
        for number in range(60):
            server.type(f"answer {number}")
        for number, peer in enumerate(peers):
            assert receive(peer, len(f"answer {number}")) == f"answer {number}".encode()
        for peer in peers:
            peer.close()


def test_bytes_that_are_no_text_and_escapes_are_shown_harmlessly():
    with Server(SERVER) as server, server.connect() as peer:
        peer.sendall(b"\xff\x1b[2J\xe4\xbd\n")
        assert "\x1b" not in server.until("\\xff\\x1b[2J\\xe4\\xbd\\n\n")
        server.type("什么?")
        assert receive(peer, 7) == "什么?".encode()


def test_a_client_that_does_not_read_holds_up_nobody():
    with Server(SERVER, "--idle", "3") as server, server.connect() as deaf, server.connect() as other:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line = "x" * 100_000
        for _ in range(60):  # more than all buffers between the two hold, and more than is kept for one client
            server.type(f"@{name_of(deaf)} {line}")
        say(server, other, "asks")
        server.type("an answer")
        assert receive(other, 9) == b"an answer"
        server.until(f"{name_of(deaf)} has left\n")


def test_a_client_that_floods_is_only_shown():
    with Server(SERVER) as server, server.connect() as flood, server.connect() as other:
        for number in range(101):
            say(server, flood, f"{number}!")
        server.until("says too much")
        say(server, other, "asks")
        for number in range(101):
            server.type(f"answer {number}")
        assert receive(other, 10) == b"answer 100"


def test_the_end_of_the_operators_input_does_not_end_the_server():
    with Server(SERVER) as server, server.connect() as peer:
        server.end()
        say(server, peer, "still here?")


def test_the_client_of_lesson_3_fits():
    with Server(SERVER) as server, Client(CLIENT, server.address) as client:
        client.type("你好")
        server.until(": 你好\n")
        server.type("好久不见")
        client.until("好久不见\n")
        client.type("bye")
        server.until(": bye\n")
        server.type("bye yourself, and a long good night")
        client.until("bye yourself, and a long good night\n")


def test_a_path(folder):
    path = f"unix:{folder}/socket"
    with Server(SERVER, listen=path) as server, Client(CLIENT, path) as client:
        client.type("hello")
        server.until("unix1: hello\n")
        server.type("@unix1 hello yourself")
        client.until("hello yourself\n")


def test_silence_has_an_end():
    with Server(SERVER, "--idle", "1") as server, server.connect(limits.REPLY) as peer:
        assert receive_all(peer) == b""
