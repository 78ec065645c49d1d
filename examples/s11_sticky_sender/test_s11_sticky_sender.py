"""S11: two sends, and what the other end makes of them."""

import socket
import struct

import pytest

from support.lesson import PythonServer, Server, receive_all, reset, run, send_bytewise

SERVER, CLIENT = "s11_sticky_sender_server", "s11_sticky_sender_client"


def test_two_sends_stick_together():
    with Server(SERVER, "--late", "1000") as server:
        with server.connect() as peer:  # as the tutorial's client
            peer.send(b"hello")
            peer.send(b"world")
        text = server.until(" 2: \n")
        assert " 1: helloworld\n" in text


def test_two_sends_with_a_pause_between_are_two_reads():
    with Server(SERVER, "--late", "0") as server, server.connect() as peer:
        peer.send(b"hello")
        server.until(" 1: hello\n")
        peer.send(b"world")
        server.until(" 2: world\n")


def test_frames_cure_it_in_every_segmentation():
    stream = struct.pack("<i", 5) + b"hello" + struct.pack("<i", 0) + struct.pack("<i", 6) + "世界".encode()
    with Server(SERVER, "--framed", "--late", "0") as server:
        for count, cut in enumerate(range(len(stream)), start=1):
            with server.connect() as peer:
                where = "%s:%d" % peer.getsockname()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peer.sendall(stream[:cut])
                peer.sendall(stream[cut:])
            text = server.until(f"{where} 3: 世界\n")
            assert f"{where} 1: hello\n" in text and f"{where} 2: \n" in text
        with server.connect() as peer:
            send_bytewise(peer, stream)
            server.until("%s:%d 3: 世界\n" % peer.getsockname())


@pytest.mark.parametrize("length", [-1, -2**31, 2**31 - 1, 1024 * 1024 + 1])
def test_a_length_that_cannot_be(length):
    with Server(SERVER, "--framed", "--late", "0") as server, server.connect() as peer:
        peer.sendall(struct.pack("<i", length) + b"x" * 100)
        server.until("%s:%d refused" % peer.getsockname())
        assert run(CLIENT, server.address, "--framed").stdout == ""
        server.until(" 2: world\n")


def test_clients_that_leave_in_the_middle():
    stream = struct.pack("<i", 5) + b"hello" + struct.pack("<i", 5) + b"world"
    for options in ([], ["--framed"]):
        with Server(SERVER, "--late", "0", *options) as server:
            for cut in range(len(stream)):
                for leave in (socket.socket.close, reset):
                    peer = server.connect()
                    peer.sendall(stream[:cut])
                    leave(peer)
            run(CLIENT, server.address, *options)
            server.until("world")


def test_the_clients_bytes():
    with PythonServer(receive_all) as server:
        run(CLIENT, server.address)
        run(CLIENT, server.address, "--framed")
    framed = struct.pack("<i", 5) + b"hello" + struct.pack("<i", 5) + b"world"
    assert sorted(server.results) == sorted([b"helloworld", framed])


def test_client_and_server_together():
    for framed in ([], ["--framed"]):
        with Server(SERVER, "--late", "1000", *framed) as server:
            run(CLIENT, server.address, *framed)
            server.until(" 1: hello\n" if framed else " 1: helloworld\n")
