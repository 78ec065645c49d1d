"""S01: `hello` goes out, `HELLO` comes back, whatever the network and the peers do."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.lesson import PythonServer, Server, receive, receive_all, reset, run, send_bytewise

SERVER, CLIENT = "s01_echo_once_server", "s01_echo_once_client"
PATIENT = "--silence", "60000"  # however slow this machine is


def tutorial_client(server: Server, text: bytes = b"hello") -> bytes:
    """One send, one read, and away."""
    with server.connect() as peer:
        peer.send(text)
        return peer.recv(1024)


def test_the_tutorials_client():
    with Server(SERVER) as server:
        assert tutorial_client(server) == b"HELLO"
        server.until("hello")


def test_a_client_that_waits_for_the_end_gets_one():
    with Server(SERVER) as server:
        with server.connect() as peer:
            peer.sendall(b"hello")
            assert receive_all(peer) == b"HELLO"
        with server.connect() as peer:  # one that says that it has said all
            peer.sendall(b"hello")
            peer.shutdown(socket.SHUT_WR)
            assert receive_all(peer) == b"HELLO"


def test_every_segmentation():
    with Server(SERVER, *PATIENT) as server:
        for cut in range(1, 5):
            with server.connect() as peer:
                peer.sendall(b"hello"[:cut])
                assert receive(peer, cut) == b"HELLO"[:cut]
                peer.sendall(b"hello"[cut:])
                assert receive(peer, 5 - cut) == b"HELLO"[cut:]
        with server.connect() as peer:
            send_bytewise(peer, b"hello")
            assert receive(peer, 5) == b"HELLO"


def test_any_bytes_and_any_length():
    everything = bytes(range(256)) + "你好, ß".encode()
    with Server(SERVER, *PATIENT) as server:
        for text in (everything, b"\xff", "好".encode() * 20_000, b"\x1b[2J"):
            with server.connect() as peer:
                peer.sendall(text)
                assert receive(peer, len(text)) == text.upper()
        assert "\x1b" not in server.until("\\x1b[2J")


def test_clients_that_leave_hurt_nobody():
    with Server(SERVER) as server:
        for said in (b"", b"h", b"hello"):
            server.connect().close()
            for leave in (socket.socket.close, reset):
                peer = server.connect()
                peer.sendall(said)
                leave(peer)
        assert tutorial_client(server) == b"HELLO"


def test_many_at_once_and_one_after_another():
    with Server(SERVER) as server:
        silent = [server.connect() for _ in range(20)]
        assert all(tutorial_client(server) == b"HELLO" for _ in range(50))
        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(lambda _: tutorial_client(server), range(60))) == {b"HELLO"}
        for peer in silent:
            peer.close()


def test_it_can_be_started_again_at_once():
    with Server(SERVER) as server:
        with server.connect() as peer:
            peer.sendall(b"hello")
            peer.recv(1024)
            assert receive_all(peer) == b""  # the server closed first, so its side stays in TIME_WAIT
        address = server.address
    with Server(SERVER, listen=address) as server:
        assert tutorial_client(server) == b"HELLO"
        refused = run(SERVER, "--listen", address, code=8)
        assert address in refused.stderr and refused.stderr.count("\n") == 1


def test_a_path_and_ipv6(folder):
    path = f"unix:{folder}/socket"
    with Server(SERVER, listen=path) as server:
        assert run(CLIENT, path).stdout == "HELLO\n"
        assert server.address == path
    assert not (folder / "socket").exists()
    with Server(SERVER, listen="[::1]:0") as server:
        assert run(CLIENT, server.address).stdout == "HELLO\n"


# The client.

def test_the_client_and_the_tutorials_server():
    def answer_once(connection):
        data = connection.recv(1024)
        connection.send(data.upper())
        return data
    with PythonServer(answer_once) as server:
        assert run(CLIENT, server.address).stdout == "HELLO\n"
    assert server.results == [b"hello"]


def test_an_answer_in_pieces():
    with PythonServer(lambda connection: send_bytewise(connection, receive(connection, 5).upper())) as server:
        assert run(CLIENT, server.address).stdout == "HELLO\n"


@pytest.mark.parametrize("leave", [socket.socket.close, reset])
def test_a_server_that_leaves(leave):
    for said in range(5):
        def answer_a_part(connection):
            receive(connection, 5)
            connection.sendall(b"HELLO"[:said])
            leave(connection)
        with PythonServer(answer_a_part) as server:
            result = run(CLIENT, server.address, code=5)
            assert result.stdout == "" and result.stderr.count("\n") == 1


def test_nobody_is_there():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = "127.0.0.1:%d" % closed.getsockname()[1]
    assert address in run(CLIENT, address, code=5).stderr


def test_the_command_line_teaches():
    assert "capitals" in run(SERVER, "--help").stdout
    assert "TEXT" in run(CLIENT, "--help").stdout
    assert "--help" in run(SERVER, "--nonsense", code=2).stderr
    assert "--help" in run(CLIENT, code=2).stderr
    assert "port" in run(CLIENT, "127.0.0.1:99999", code=2).stderr
