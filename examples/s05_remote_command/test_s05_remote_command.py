"""S05: commands without frames. What the format cannot say is stated as such; nothing else goes wrong."""

import socket
import time

import pytest

from support.lesson import Client, Server, address_of, listening, run
from support.tutorial import finish, processes_with, serve, unique_sleep, until

SERVER, CLIENT = "s05_remote_command_server", "s05_remote_command_client"


def read_until(peer: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        piece = peer.recv(65536)
        assert piece, data[-200:]
        data += piece
    return data


def ask(peer: socket.socket, command: bytes) -> bytes:
    peer.sendall(command)
    return read_until(peer, b"\n")


@pytest.fixture
def server():
    with Server(SERVER, "--allow-commands") as running:
        yield running


def test_standard_output_then_standard_error(server):
    with server.connect() as peer:
        peer.sendall(b"echo err >&2; echo out")
        assert read_until(peer, b"err\n") == b"out\nerr\n"
        peer.sendall("printf '报告\\377\\n'".encode())  # bytes that are no text pass as they are
        assert read_until(peer, b"\n") == "报告".encode() + b"\xff\n"
        peer.sendall(b"true")  # nothing, and then it goes on
        time.sleep(0.3)
        peer.sendall(b"seq 1 2000")
        assert read_until(peer, b"\n2000\n") == b"".join(b"%d\n" % i for i in range(1, 2001))


def test_a_command_in_pieces_is_one():
    with Server(SERVER, "--allow-commands", "--settle", "400") as server:
        command = b"echo a; echo b"
        peers = []
        for cut in range(1, len(command)):
            peer = server.connect()
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.sendall(command[:cut])
            peer.sendall(command[cut:])
            peers.append(peer)
        for peer in peers:
            assert read_until(peer, b"b\n") == b"a\nb\n"
            peer.close()


def test_a_long_command_is_refused_whole(server, folder):
    mark = folder / "mark"
    with server.connect() as peer:
        peer.sendall(f"touch {mark};".encode() + b" " * 1100 + f"touch {mark}2".encode())
        assert b"at most 1024 bytes" in peer.recv(1000)
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(1000) == b""
    assert not list(folder.iterdir())


def test_endless_output_and_endless_patience_have_limits():
    with Server(SERVER, "--allow-commands", "--time-limit", "1") as server:
        with server.connect() as peer:
            peer.sendall(b"yes >&2 & yes")
            assert b"ended" in read_until(peer, b"more than 16 MiB\n")[-100:]
            peer.sendall(b"cat; head -c 200000 /dev/zero >&2; echo done")  # nothing to read; too much for a pipe
            assert read_until(peer, b"\0" * 10).startswith(b"done\n")
            time.sleep(0.2)
        word = unique_sleep()
        with server.connect() as peer:
            peer.sendall(f"sleep {word}".encode())
            assert read_until(peer, b"\n") == b"sampan: ended after 1 s, its limit of time\n"
        assert not processes_with(word)


def test_a_command_ends_with_its_connection():
    words = [unique_sleep(), unique_sleep()]
    with Server(SERVER, "--allow-commands", "--time-limit", "3600") as server:
        for word in words:
            peer = server.connect()
            peer.sendall(f"setsid sleep {word}; sleep {word}".encode())
            until(lambda: processes_with(word), "it begins")
            if word is words[0]:
                peer.close()
                until(lambda: not processes_with(word), "the command outlives its connection")
        assert processes_with(words[1])
    assert not processes_with(words[1]), "a command outlives its server"


def test_who_has_said_everything_may_still_listen(server):
    with server.connect() as peer:
        peer.sendall(b"echo hello")
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(100) == b"hello\n"
        assert peer.recv(100) == b""


def test_invalid_text_runs_nothing_and_ends_nobody(server, folder):
    for data in (b"touch \xff\xfe", b"touch a\0b"):
        with server.connect() as peer:
            peer.sendall(data)
            assert b"sampan: " in peer.recv(1000)
    with server.connect() as peer:
        peer.sendall(b"echo still here")
        assert peer.recv(100) == b"still here\n"


def test_nothing_runs_unless_allowed(folder):
    mark = folder / "mark"
    with Server(SERVER) as server:
        with server.connect() as peer:
            peer.sendall(f"touch {mark}".encode())
            assert b"not allowed" in peer.recv(1000)
    assert not mark.exists()


def test_only_for_this_machine(folder):
    for place in ("0.0.0.0:0", "[::]:0"):
        assert "this machine alone" in run(SERVER, "--listen", place, "--allow-commands", code=3).stderr
    with Server(SERVER, "--allow-commands", listen=f"unix:{folder}/socket"):
        pass


def test_many_clients_at_once(server):
    peers = [server.connect() for _ in range(10)]
    for i, peer in enumerate(peers):
        peer.sendall(b"echo %d" % i)
    for i, peer in enumerate(peers):
        assert peer.recv(100) == b"%d\n" % i
        peer.close()


def test_sixteen_commands_run_at_once_and_no_more(server, folder):
    word = unique_sleep()
    peers = [server.connect() for _ in range(17)]
    for i, peer in enumerate(peers[:16]):
        peer.sendall(f"touch '{folder}/{i}'; sleep {word}".encode())
    until(lambda: len(list(folder.iterdir())) == 16, "sixteen run")
    peers[16].sendall(f"touch '{folder}/one too many'".encode())
    assert b"16 commands are running already: try again later" in read_until(peers[16], b"\n")
    assert len(list(folder.iterdir())) == 16
    peers[0].close()  # its command ends, and its place is free
    until(lambda: ask(peers[16], b"echo now") == b"now\n", "a place is free")
    for peer in peers:
        peer.close()


def test_the_client_with_a_tutorials_server():
    seen = []

    def talk(peer):
        while command := peer.recv(1024):
            seen.append(command)
            if command == b"two pieces":
                peer.sendall(b"piece ")
                peer.sendall(b"by piece\n")
            elif command != b"nothing":
                peer.sendall(b"x" * 5000 + b" " + command + b"\n")

    with listening() as listener:
        server = serve(listener, talk)
        done = run(CLIENT, address_of(listener), typed="\n  one \ntwo pieces\nnothing\n" + "y" * 1025 + "\nlast\n")
        finish(server)
    assert seen == [b"one", b"two pieces", b"nothing", b"last"]
    assert done.stdout == "x" * 5000 + " one\npiece by piece\n" + "x" * 5000 + " last\n"
    assert "nothing has come" in done.stderr and "at most 1024 bytes" in done.stderr


def test_a_server_that_leaves_is_an_error():
    with listening() as listener:
        server = serve(listener, lambda peer: peer.recv(1024))
        with Client(CLIENT, address_of(listener), code=5) as client:
            client.type("anything")
            client.until("connection lost", where="errors")
        finish(server)


def test_our_client_and_our_server(server):
    assert run(CLIENT, server.address, typed="echo a\nseq 1 2000\necho b\n").stdout.splitlines()[-3:] == ["1999", "2000", "b"]
