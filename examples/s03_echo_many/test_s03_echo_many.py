"""S03: as S02, for any number of clients, one after another and at once, whatever any of them does."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from support import limits
from support.lesson import Client, PythonServer, Server, receive, receive_all, reset, run, send_bytewise

SERVER, CLIENT = "s03_echo_many_server", "s03_echo_many_client"


def converse(server: Server, words: list[bytes]) -> bool:
    """A whole visit as the tutorial's client makes it."""
    with server.connect() as peer:
        for word in words:
            peer.sendall(word)
            if receive(peer, len(word) + 2) != word + b"SB":
                return False
    return True


def test_a_thousand_clients_one_after_another():
    with Server(SERVER) as server:
        assert sum(converse(server, [b"hello", f"client {i}".encode()]) for i in range(1000)) == 1000


def test_two_hundred_clients_at_once():
    """All connected before the first says a word; all talk in turn, several times round."""
    with Server(SERVER) as server:
        peers = [server.connect() for _ in range(200)]
        server.until(", 200 in all")
        for turn in range(5):
            words = [f"client {i} turn {turn}".encode() for i in range(200)]
            for peer, word in zip(peers, words):
                peer.sendall(word)
            for peer, word in zip(peers, words):
                assert receive(peer, len(word) + 2) == word + b"SB"
        for peer in peers:
            peer.close()
        server.until("has left, 0 in all")


def test_two_hundred_clients_at_once_each_at_its_own_pace():
    with Server(SERVER) as server, ThreadPoolExecutor(200) as pool:
        together = threading.Barrier(200)

        def visit(number: int) -> bool:
            together.wait(limits.REPLY)
            return converse(server, [f"{number} {i}".encode() for i in range(5)])
        assert sum(pool.map(visit, range(200))) == 200


def test_no_client_ends_the_server_or_disturbs_another():
    bad = [b"", b"\xff\xfe\xfd", "好".encode()[:2], bytes(range(256)), b"x" * 100_000, b"\x1b]0;title\x07"]
    with Server(SERVER) as server, server.connect() as beside:
        for said in bad:
            for leave in (socket.socket.close, reset):
                peer = server.connect()
                peer.sendall(said)
                leave(peer)  # with its answer unread
                beside.sendall(b"still here")
                assert receive(beside, 12) == b"still hereSB"
        with server.connect() as peer:
            peer.sendall(b"half a goodbye")
            peer.shutdown(socket.SHUT_WR)
            assert receive_all(peer) == b"half a goodbyeSB"
        beside.close()
        server.until("has left, 0 in all")


def test_a_client_that_never_reads_holds_up_nobody():
    with Server(SERVER, "--idle", "2", "--loops", "1") as server, server.connect() as deaf:
        deaf.setblocking(False)
        try:
            while True:  # until every buffer between the two is full
                deaf.send(b"x" * 65536)
        except BlockingIOError:
            pass
        assert converse(server, [b"hello"] * 20)
        server.until("has left, 0 in all")  # and it is not waited for for ever


def test_every_segmentation():
    text = "a你好z".encode()
    with Server(SERVER) as server:
        for cut in range(1, len(text)):
            assert converse(server, [text[:cut], text[cut:]])
        with server.connect() as peer:
            send_bytewise(peer, text)
            peer.shutdown(socket.SHUT_WR)
            assert receive_all(peer).replace(b"SB", b"") == text


# The client.

def tutorial_server(connection) -> list[bytes]:
    messages = []
    while message := connection.recv(1024):
        message.decode()
        messages.append(message)
        connection.send(message + b"SB")
    return messages


def test_the_client_and_the_tutorials_server():
    with PythonServer(tutorial_server) as server:
        started = time.monotonic()
        lines = [f"line {i} 行" for i in range(100)]
        result = run(CLIENT, server.address, typed="\n".join(lines + ["", "last"]))
        assert result.stdout.splitlines() == [line + "SB" for line in lines + ["last"]]
        assert "empty" in result.stderr
        assert time.monotonic() - started < limits.COMMAND
    assert server.results == [[line.encode() for line in lines + ["last"]]]


def test_a_long_line_goes_in_messages_of_whole_characters():
    line = "好" * 1000
    with PythonServer(tutorial_server) as server:
        answers = run(CLIENT, server.address, typed=line + "\nshort\n").stdout.splitlines()
    assert "".join(answer.removesuffix("SB") for answer in answers[:-1]) == line and answers[-1] == "shortSB"


def test_answers_in_pieces():
    def answers_bytewise(connection):
        while message := connection.recv(1024):
            send_bytewise(connection, message + b"SB")
    with PythonServer(answers_bytewise) as server:
        result = run(CLIENT, server.address, "--silence", "60000", typed="hello\n你好\n")
        assert result.stdout == "helloSB\n你好SB\n"


def test_an_answer_of_any_length_and_words_that_nobody_asked_for():
    """A person at the other side: shorter than an echo, unasked, never mistaken for the next answer."""
    asked, unasked = threading.Event(), threading.Event()

    def person(connection):
        assert connection.recv(1024) == b"are you there?"
        connection.send(b"yes")
        asked.wait(limits.REPLY)
        connection.send("by the way: 你好".encode())
        unasked.wait(limits.REPLY)
        assert connection.recv(1024) == b"bye"
        connection.send(b"\x1b[2Jbye")
        return receive_all(connection)
    with PythonServer(person) as server, Client(CLIENT, server.address) as client:
        client.type("are you there?")
        client.until("yes\n")
        asked.set()
        client.until("by the way: 你好\n")  # while it waits for a line
        unasked.set()
        client.type("bye")
        client.until("\\x1b[2Jbye\n")
    assert server.results == [b""]


def test_a_server_that_leaves():
    for leave in (socket.socket.close, reset):
        with PythonServer(lambda connection: (receive(connection, 5), leave(connection))) as server:
            assert "hello" not in run(CLIENT, server.address, typed="hello\nmore\n", code=5).stdout
        # ... while nobody types: the client says so at once, and does not wait for a line.
        with PythonServer(lambda connection: leave(connection)) as server:
            with Client(CLIENT, server.address, code=5) as client:
                client.wait(5)


def test_patience_has_an_end():
    with PythonServer(receive_all) as server:
        assert run(CLIENT, server.address, "--patience", "1", typed="hello\n", code=5).stdout == ""
