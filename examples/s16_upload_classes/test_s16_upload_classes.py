"""S16: many files over one connection, none of which eats the next; commands that do not exist do nothing."""

import json
import os
import socket
import struct

import pytest

from support.lesson import Server, address_of, listening, run
from support.tutorial import ends_in_reset, finish, framed, read_header, serve

SERVER, CLIENT = "s16_upload_classes_server", "s16_upload_classes_client"


def put(name: str, content: bytes, **fields) -> bytes:
    return framed({"cmd": "put", "filename": name, "filesize": len(content)} | fields) + content


@pytest.fixture
def uploads(folder):
    return folder / "file_upload"


@pytest.fixture
def server(uploads):
    with Server(SERVER, "--dir", str(uploads)) as running:
        yield running


def files(uploads) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in uploads.iterdir()}


def send(server, *pieces: bytes) -> bool:
    """Whether the server did all of it."""
    with server.connect() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                peer.sendall(piece)
            peer.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return not ends_in_reset(peer)


def test_three_files_back_to_back(server, uploads):
    kept = {"a": os.urandom(100_001), "empty": b"", "报告 b": os.urandom(8193), "c": os.urandom(1 << 20)}
    assert send(server, b"".join(put(name, content) for name, content in kept.items()))
    assert files(uploads) == kept


def test_cut_at_every_byte_it_is_the_same(server, uploads):
    data = put("a", b"12345") + put("b", b"") + put("c", b"\4\0\0\0")
    for cut in range(1, len(data), 5):
        assert send(server, data[:cut], data[cut:])
    assert send(server, *(data[i:i + 1] for i in range(len(data))))
    assert files(uploads) == {"a": b"12345", "b": b"", "c": b"\4\0\0\0"}


def test_commands_that_do_not_exist(server, uploads):
    for name in ("__init__", "run", "server_close", "server_bind", "socket", "talk", "get", "", "PUT", "../put"):
        for request in (framed({"cmd": name}), put("x", b"swallowed", cmd=name)):
            assert not send(server, request + put("after", b"1")), name
            assert files(uploads) == {"after": b"1"}, name
            (uploads / "after").unlink()


def test_nothing_leaves_the_folder_and_the_rest_is_served(server, uploads, folder):
    canary = folder / "canary"
    canary.write_text("canary")
    for name in ("../canary", str(canary), "..", ".", "", "a/b", "a\0b", "n" * 256):
        assert not send(server, put(name, b"owned") + put("after", b"1")), name
        assert files(uploads) == {"after": b"1"}, name
        (uploads / "after").unlink()
    assert not send(server, put("n" * 255, b"fits") + put("..", b"")) and files(uploads) == {"n" * 255: b"fits"}
    assert canary.read_text() == "canary" and sorted(folder.iterdir()) == [canary, uploads]


def test_headers_that_lie_end_the_conversation(server, uploads):
    for size in (-1, 1.5, "7", True, None, [7], float("nan"), 2**63, 2**70):
        assert not send(server, put("x", b"1234567", filesize=size) + put("y", b"1")), size
    for data in (framed({"cmd": "put"}), framed({"cmd": 7}), framed(b"[]"), framed(b"\xff"), struct.pack("<i", -5),
                 struct.pack("<i", 65537), b"\0\0\0\0"):
        assert not send(server, data + put("y", b"1")), data
    assert files(uploads) == {}


def test_a_sender_who_leaves_destroys_nothing(server, uploads):
    assert send(server, put("kept", b"old"))
    data = put("first", b"1") + put("kept", b"new content")
    for cut in range(len(put("first", b"1")) + 1, len(data), 9):
        assert not send(server, data[:cut])
        assert files(uploads) == {"kept": b"old", "first": b"1"}, cut
    assert not send(server, put("huge", b"x", filesize=2**62))
    assert files(uploads) == {"kept": b"old", "first": b"1"}


def test_our_client_sends_the_tutorials_bytes(folder):
    names = ["a b.bin", "报告", "c", "back\\slash", "d e"]
    for i, name in enumerate(names):
        (folder / name).write_bytes(os.urandom(i * 50_000))
    got = b""

    def talk(peer):
        nonlocal got
        while piece := peer.recv(1 << 16):
            got += piece
    with listening() as listener:
        server = serve(listener, talk)
        typed = f"put '{folder}/a b.bin'\nrun\nsocket\n\nput\nput \"{folder}/报告\"\nput 'x\nput {folder}/c\n"
        typed += f"put '{folder}/back\\slash'\nput {folder}/d\\ e\n"  # in single quotes a backslash is one
        done = run(CLIENT, address_of(listener), typed=typed)
        finish(server)
    expected = b""
    for name in names:
        content = (folder / name).read_bytes()
        text = json.dumps({"cmd": "put", "filename": name, "filesize": len(content)}).encode()
        expected += struct.pack("<i", len(text)) + text + content
    assert got == expected
    assert done.stdout.count("sent ") == len(names)
    for told in ("no such command: run", "no such command: socket", "put PATH", "closing '"):
        assert told in done.stderr


def test_our_client_and_our_server(server, uploads, folder):
    for name in ("a", "b", "c c"):
        (folder / name).write_bytes(os.urandom(70_000))
    typed = "".join(f"put '{folder}/{name}'\n" for name in ("a", "b", "c c"))
    run(CLIENT, server.address, typed=typed)
    assert files(uploads) == {name: (folder / name).read_bytes() for name in ("a", "b", "c c")}
    assert "no such file" in run(CLIENT, server.address, typed=f"put {folder}/none\nput {folder}/a\n", code=4).stderr


def test_a_file_that_changes_is_not_sent_as_whole(folder):
    path = folder / "grows"
    path.write_bytes(bytes(64 << 20))  # more than the sockets hold: it cannot be sent yet

    def talk(peer):
        read_header(peer)
        with path.open("ab") as file:
            file.write(b"more")
        assert ends_in_reset(peer)
    with listening() as listener:
        server = serve(listener, talk)
        assert "changed" in run(CLIENT, address_of(listener), typed=f"put {path}\n", code=6).stderr
        finish(server)
