"""S01: `hello` goes out, `HELLO` comes back, whatever the network does to it."""

from support import limits
from support.lesson import Server, address_of, listening, run


def receive_all(peer) -> bytes:
    data = b""
    while piece := peer.recv(4096):
        data += piece
    return data


def test_a_client_that_reads_once():
    with Server("s01_echo_once_server") as server:
        with server.connect() as peer:
            peer.sendall(b"hello")
            assert peer.recv(1024) == b"HELLO"
        server.until("hello")
