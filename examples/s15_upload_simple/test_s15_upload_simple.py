"""S15: a file goes over whole or not at all, into the folder and nowhere else."""

import json
import os
import socket
import struct
import threading

import pytest

from support import limits
from support.lesson import Server, address_of, listening, run
from support.tutorial import ends_in_reset, finish, framed, read_exactly, read_header, serve, until

SERVER, CLIENT = "s15_upload_simple_server", "s15_upload_simple_client"


class Shelf:
    """A server, its folder, and a canary beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.uploads = folder / "outside" / "uploads"
        self.canary = folder / "outside" / "canary"

    def __enter__(self):
        self.canary.parent.mkdir()
        self.canary.write_text("canary")
        self.server = Server(SERVER, "--dir", str(self.uploads)).__enter__()
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)
        assert self.canary.read_text() == "canary"
        assert sorted(self.canary.parent.iterdir()) == [self.canary, self.uploads]

    def files(self) -> dict[bytes, bytes]:
        return {name: open(os.path.join(os.fsencode(self.uploads), name), "rb").read()
                for name in os.listdir(os.fsencode(self.uploads))}

    def send(self, data: bytes, pieces=None) -> bool:
        """Whether the server took it."""
        with self.server.connect() as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for piece in pieces or [data]:
                    peer.sendall(piece)
                peer.shutdown(socket.SHUT_WR)
            except OSError:
                return False
            return not ends_in_reset(peer)


@pytest.fixture
def shelf(folder):
    with Shelf(folder) as running:
        yield running


def upload(name: str, content: bytes, **fields) -> bytes:
    return framed({"file_path": "C:\\secret\\" + name, "file_name": name, "file_size": len(content)} | fields) + content


def test_files_of_every_kind_arrive(shelf):
    kept = {}
    for name, size in (("empty", 0), ("one", 1), ("报告 😀.txt", 8193), ("a b", 1_000_003), ("-x", 1025), ("n" * 255, 3),
                       (os.fsdecode(b"caf\xe9"), 7), ("line\nend", 5)):
        kept[os.fsencode(name)] = os.urandom(size)
        assert shelf.send(upload(name, kept[os.fsencode(name)]))
    assert shelf.files() == kept


def test_cut_at_every_byte_it_is_the_same(shelf):
    data = upload("报告", b"content")
    for cut in range(1, len(data), 5):
        assert shelf.send(data, [data[:cut], data[cut:]])
    assert shelf.send(data, [data[i:i + 1] for i in range(len(data))])
    assert shelf.files() == {"报告".encode(): b"content"}


def test_nothing_leaves_the_folder(shelf):
    for name in ("../canary", "/etc/canary", str(shelf.canary), "..", ".", "", "a/b", "a\0b", "../uploads/x", "n" * 256,
                 ".sampan-arriving-x", "x" * 5000):
        assert not shelf.send(upload(name, b"owned")), name
    (shelf.uploads / "link").symlink_to(shelf.canary)
    (shelf.uploads / "folder").mkdir()
    assert not shelf.send(upload("folder", b"owned"))
    assert not shelf.send(upload("folder/x", b"owned")) and not list((shelf.uploads / "folder").iterdir())
    assert shelf.send(upload("link", b"mine"))  # the link goes, not what it points to
    assert (shelf.uploads / "link").read_text() == "mine" and not (shelf.uploads / "link").is_symlink()


def test_headers_that_lie_are_refused(shelf):
    for size in (-1, 2**40, 2**62, 2**63, 2**70, 1.5, 7.0, "7", True, None, [7], float("nan"), float("inf")):
        assert not shelf.send(upload("x", b"content", file_size=size)), size
    for data in (struct.pack("<i", -1), struct.pack("<i", 0), struct.pack("<i", 2**31 - 1), framed(b"[]"), framed(b"{"),
                 framed(b"\xff"), b"", b"\1", b"GET / HTTP/1.1\r\n\r\n"):
        assert not shelf.send(data), data
    assert shelf.files() == {}


def test_a_sender_who_leaves_leaves_nothing(shelf):
    shelf.send(upload("kept", b"old"))
    data = upload("kept", b"new content")
    for cut in range(0, len(data), 3):
        assert not shelf.send(data[:cut])
    with shelf.server.connect() as peer:  # seen while it is on its way
        peer.sendall(data[:-1])
        until(lambda: len(shelf.files()) == 2, "it arrives under another name")
        assert shelf.files()[b"kept"] == b"old"
    until(lambda: shelf.files() == {b"kept": b"old"}, "what is unfinished is removed")


def test_many_at_once(shelf):
    def send(number: int) -> None:
        taken.append(shelf.send(upload(f"file{number}", b"%d" % number * 10000)))
    taken: list[bool] = []
    threads = [threading.Thread(target=send, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [True] * 20
    assert shelf.files() == {b"file%d" % i: b"%d" % i * 10000 for i in range(20)}


def test_what_a_killed_server_left_is_removed(folder):
    (folder / ".sampan-arriving-0123").write_text("half")
    (folder / "whole").write_text("whole")
    with Server(SERVER, "--dir", str(folder)):
        assert [path.name for path in folder.iterdir()] == ["whole"]


def test_our_client_sends_the_tutorials_bytes_and_no_path(folder):
    for name, size in (("报告 a.bin", 100_000), ("empty", 0)):
        path = folder / name
        path.write_bytes(os.urandom(size))
        got = {}

        def talk(peer):
            text = read_exactly(peer, struct.unpack("<i", read_exactly(peer, 4))[0])
            got["text"], got["data"] = text, read_exactly(peer, size)
            assert peer.recv(1) == b""
        with listening() as listener:
            server = serve(listener, talk)
            assert f"({size} bytes)" in run(CLIENT, address_of(listener), str(path)).stdout
            finish(server)
        assert got["text"] == json.dumps({"file_path": name, "file_name": name, "file_size": size}).encode()
        assert got["data"] == path.read_bytes()


def test_our_client_tells_what_went_wrong(folder, shelf):
    path = folder / "file"
    path.write_bytes(b"content")
    assert "sent other" in run(CLIENT, shelf.server.address, str(path), "--name", "other").stdout
    assert shelf.files() == {b"other": b"content"}
    for name in ("../canary", "n" * 256):
        assert "refused" in run(CLIENT, shelf.server.address, str(path), "--name", name, code=5).stderr
    assert "no such file" in run(CLIENT, shelf.server.address, str(folder / "none"), code=4).stderr
    assert "directory" in run(CLIENT, shelf.server.address, str(folder), code=8).stderr
    left = threading.Event()

    def never_closes(peer):
        assert read_header(peer)["file_name"] == "file" and read_exactly(peer, 7) == b"content"
        left.wait(limits.REPLY)
    with listening() as listener:
        server = serve(listener, never_closes)
        assert "does not say" in run(CLIENT, address_of(listener), str(path)).stderr
        left.set()
        finish(server)
