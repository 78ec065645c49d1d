"""S13: a length of four bytes before each answer, whatever the network does to it."""

import socket
import struct

import pytest

from support.lesson import Server, address_of, listening, run
from support.tutorial import finish, processes_with, read_exactly, read_length, serve, unique_sleep, until

SERVER, CLIENT = "s13_fixed_header_server", "s13_fixed_header_client"


def ask(peer: socket.socket, command: str | bytes) -> bytes:
    peer.sendall(command if isinstance(command, bytes) else command.encode())
    return read_exactly(peer, read_length(peer))


@pytest.fixture
def server():
    with Server(SERVER, "--allow-commands") as running:
        yield running


def test_answers_of_every_size(server):
    with server.connect() as peer:
        assert ask(peer, "echo err >&2; echo out") == b"out\nerr\n"
        assert ask(peer, "true") == b""
        assert ask(peer, "cd /") == b""
        for size in (1, 1023, 1024, 1025, 65536, 8_000_000):
            assert ask(peer, f"head -c {size} /dev/zero") == bytes(size)
        assert ask(peer, "head -c 200000 /dev/zero >&2; echo x") == b"x\n" + bytes(200000)
        assert b"more than 16 MiB" in ask(peer, "yes")[-60:]
        assert ask(peer, "cat") == b""
        assert ask(peer, "echo end") == b"end\n"


def test_who_leaves_takes_the_command_along_and_nobody_else(server):
    word = unique_sleep()
    peer = server.connect()
    peer.sendall(f"sleep {word}".encode())
    until(lambda: processes_with(word), "it begins")
    peer.close()
    until(lambda: not processes_with(word), "the command outlives its connection")
    for data in (b"", b"seq 1 1000000"):  # leaves before asking, and without reading
        with server.connect() as rude:
            rude.sendall(data)
    with server.connect() as peer:
        assert ask(peer, "echo here") == b"here\n"


def test_refusals_are_framed_as_well(folder):
    with Server(SERVER) as server, server.connect() as peer:
        assert b"not allowed" in ask(peer, f"touch {folder}/mark")
        assert b"at most 1024 bytes" in ask(peer, b"x" * 1025)
    assert not list(folder.iterdir())
    assert "this machine alone" in run(SERVER, "--listen", "0.0.0.0:0", code=3).stderr


def answer_in_pieces(pieces: list[bytes]):
    def talk(peer):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.recv(1024)
        for piece in pieces:
            peer.sendall(piece)
    return talk


def test_the_client_reads_an_answer_cut_at_every_byte():
    answer = struct.pack("<i", 6) + b"answer"
    for pieces in [[answer[i:i + 1] for i in range(len(answer))]] + [[answer[:cut], answer[cut:]] for cut in range(1, 10)]:
        with listening() as listener:
            server = serve(listener, answer_in_pieces(pieces))
            assert run(CLIENT, address_of(listener), typed="x\n").stdout == "answer"
            finish(server)


def test_the_client_and_lengths_that_lie():
    for data, why in ((struct.pack("<i", -1), "negative length: -1"), (struct.pack("<i", 2**31 - 1) + b"x", "connection lost"),
                      (b"\1\0", "connection lost"), (b"", "connection lost")):
        with listening() as listener:
            server = serve(listener, answer_in_pieces([data]))
            assert why in run(CLIENT, address_of(listener), typed="x\n", code=5).stderr
            finish(server)


def test_our_client_and_our_server(server):
    said = run(CLIENT, server.address, typed="seq 1 2000\ntrue\necho done\n").stdout
    assert said == "".join(f"{i}\n" for i in range(1, 2001)) + "done\n"
