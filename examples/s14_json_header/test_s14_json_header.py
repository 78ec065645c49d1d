"""S14: a header of named fields before each answer, and a digest that is one."""

import hashlib
import json
import socket

import pytest

from support.lesson import Server, address_of, listening, run
from support.tutorial import finish, framed, read_exactly, read_length, serve

SERVER, CLIENT = "s14_json_header_server", "s14_json_header_client"


def ask(peer: socket.socket, command: str) -> bytes:
    peer.sendall(command.encode())
    text = read_exactly(peer, read_length(peer))
    header = json.loads(text)
    assert text == json.dumps({"md5": header["md5"], "file_name": "f1.txt", "total_size": header["total_size"]}).encode()
    data = read_exactly(peer, header["total_size"])
    assert hashlib.md5(data).hexdigest() == header["md5"]
    return data


@pytest.fixture
def server():
    with Server(SERVER, "--allow-commands") as running:
        yield running


def test_headers_are_pythons_and_digests_are_true(server):
    with server.connect() as peer:
        assert ask(peer, "echo err >&2; echo out") == b"out\nerr\n"
        assert ask(peer, "true") == b""
        assert ask(peer, "head -c 300000 /dev/zero") == bytes(300000)
        assert b"more than 16 MiB" in ask(peer, "yes")[-60:]
    with Server(SERVER) as other, other.connect() as peer:
        assert b"not allowed" in ask(peer, "true")


def served(data: bytes, code: int = 0, cuts: tuple[int, ...] = ()):
    """What our client makes of this answer, sent in pieces."""
    def talk(peer):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.recv(1024)
        for begin, end in zip((0, *cuts), (*cuts, len(data))):
            peer.sendall(data[begin:end])
    with listening() as listener:
        server = serve(listener, talk)
        done = run(CLIENT, address_of(listener), typed="x\n", code=code)
        finish(server)
    return done


def answer(content: bytes, **fields) -> bytes:
    header = {"md5": hashlib.md5(content).hexdigest(), "file_name": "f1.txt", "total_size": len(content)} | fields
    return framed(header) + content


def test_the_client_verifies():
    assert served(answer(b"content")).stdout == "content"
    assert "(not verified" in served(answer(b"content", md5="fdsaf2143254f")).stderr
    assert served(answer(b"content", md5=hashlib.md5(b"content").hexdigest().upper())).stderr == ""
    assert "do not match" in served(answer(b"content", md5=hashlib.md5(b"contenT").hexdigest()), code=6).stderr
    assert "\x1b" not in served(answer(b"", md5="\x1b[31m")).stderr


def test_the_client_reads_an_answer_cut_at_every_byte():
    data = answer(b"content", file_name="报告😀")
    for cut in range(1, len(data), 7):
        assert served(data, cuts=(cut,)).stdout == "content"
    assert served(data, cuts=tuple(range(1, len(data)))).stdout == "content"


def test_the_client_and_headers_that_lie():
    for data in (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\1\0\1\0" + b"{" * 70000, framed(b"[]"), framed(b'{"md5": "x"}'),
                 answer(b"", total_size=-1), answer(b"", total_size="7"), answer(b"", total_size=1.5),
                 answer(b"", total_size=float("nan")), answer(b"", total_size=True), answer(b"short", total_size=2**62),
                 answer(b"whole")[:-1]):
        assert served(data, code=5).stderr
    assert served(framed(b' {"total_size":2, "file_name": "\\udcff", "md5": 0, "md5": "x", "extra": null}\n') + b"ok").stdout == "ok"


def test_our_client_and_our_server(server):
    done = run(CLIENT, server.address, typed="seq 1 2000\ntrue\necho done\n")
    assert done.stdout == "".join(f"{i}\n" for i in range(1, 2001)) + "done\n" and done.stderr == ""
