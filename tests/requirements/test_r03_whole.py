"""Every size, every name, every way that a stream can be cut into pieces: what comes back is what was sent."""

import os
import random

import pytest

from support import limits
from support.files import b3sum, random_file
from support.native import frame, signed_in
from support.proxy import Proxy

CHUNK = limits.CHUNK
SIZES = [0, 1, 1023, 1024, 1025, 8191, 8192, 8193, 65535, 65536, 65537, CHUNK - 1, CHUNK, CHUNK + 1,
         limits.MIB - 1, limits.MIB, limits.MIB + 1, 9 * limits.MIB + 7]
LARGE = limits.soak([limits.FILM], [limits.FILM, 2**31 - 1, 2**31, 2**32 + 1])
NAMES = ["带空格 的文件", " ", "-leading-dash", "--to", "quote\"'`", "new\nline", "tab\t\x1b[31mred", "😀", "%2e%2e", "a\\b", "*", "~",
         "x" * 255, "船" * 85, os.fsdecode(b"caf\xe9 is latin-1")]


def there_and_back(alice, names: list[str]) -> None:
    """One `put` and one `get` of everything; compares what was sent, what is stored and what came back."""
    alice.run("put", "--", *names, timeout=limits.TRANSFER)
    back = alice.work / "back"
    back.mkdir()
    alice.run("get", "--to", back, "--", *names, timeout=limits.TRANSFER)
    home = alice.server.home("alice")
    for name in names:
        digests = {b3sum(folder / name) for folder in (alice.work, home, back)}
        assert len(digests) == 1, name
        assert (alice.work / name).stat().st_mtime_ns == (back / name).stat().st_mtime_ns, name
    assert sorted(os.listdir(home)) == sorted(os.listdir(back)) == sorted(names), "nothing of the transfers is left"


@pytest.mark.proves("R3.1")
def test_every_size_there_and_back(alice):
    names = [f"size-{size}" for size in SIZES]
    for name, size in zip(names, SIZES):
        random_file(alice.work / name, size)
    there_and_back(alice, names)


@pytest.mark.proves("R3.1")
@pytest.mark.parametrize("size", LARGE)
def test_large_files_there_and_back(alice, size):
    """Sparse, but for their last bytes: what is sent and hashed is all of it."""
    with (alice.work / "film").open("wb") as film:
        film.truncate(size)
        film.seek(size - 4)
        film.write(b"last")
    there_and_back(alice, ["film"])


@pytest.mark.proves("R3.7")
def test_every_name_there_and_back(alice):
    for name in NAMES:
        (alice.work / name).write_bytes(os.fsencode(name))
    there_and_back(alice, NAMES)
    listed = alice.run("ls", "-l").stdout
    assert listed.count("\n") == len(NAMES) and "\x1b" not in listed, "on a terminal a name is one line without escapes"
    alice.run("rm", "--", *NAMES)
    assert alice.json("ls") == []


@pytest.mark.proves("R3.7")
@pytest.mark.parametrize("name", ["y" * 256, "船" * 85 + "x"], ids=["latin", "chinese"])
def test_a_name_of_256_bytes_is_refused_by_name(alice, name):
    (alice.work / "tea").write_text("oolong")
    alice.run("put", "tea")
    commands = [("put", "--to", name, "-"), ("mkdir", name), ("get", name), ("stat", name), ("put", name)]
    for command in commands:
        done = alice.run(*command, code=2, input="oolong")
        assert name[:40] in done.stderr and "255" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert [entry["name"] for entry in alice.json("ls")] == ["tea"]
    assert alice.json("quota")["used"] == len("oolong")


@pytest.mark.proves("R3.6")
def test_one_byte_segments(alice, server):
    size = limits.soak(40_000, limits.MIB + 40_000)
    random_file(alice.work / "film", size)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.piece = proxy.down.piece = 1
        there_and_back(alice, ["film"])


@pytest.mark.proves("R3.6")
def test_random_segments_and_random_coalescing(alice, server, rng):
    names = [f"film-{i}" for i in range(4)]
    for name in names:
        random_file(alice.work / name, rng.choice([100, limits.MIB + 1, 3 * limits.MIB]))
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        for way in (proxy.up, proxy.down):
            way.recut = random.Random(rng.random())
        there_and_back(alice, names)


@pytest.mark.proves("R3.6")
def test_twenty_transfers_back_to_back_on_one_connection(alice, server, rng):
    """Large and small, in chunks and whole, and the network glues them together as it likes."""
    names = [f"film-{i}" for i in range(20)]
    for name in names:
        random_file(alice.work / name, rng.choice([0, 1, 8191, 100_000, limits.MIB, limits.MIB + 1, 2 * limits.MIB]))
    with Proxy(server.port) as proxy:
        proxy.up.recut, proxy.down.recut = random.Random(rng.random()), random.Random(rng.random())
        alice.port = proxy.port
        there_and_back(alice, names)
        assert proxy.connections == 2, "one for all uploads, one for all downloads"


@pytest.mark.proves("R3.6")
@pytest.mark.parametrize("pieces", [[1 << 20], [1, 2, 3, 5, 100, 1_000, 20_000], [1]], ids=["in one go", "random", "byte by byte"])
def test_twenty_uploads_without_waiting_for_an_answer(alice, server, rng, pieces):
    """By hand: every byte of every file, then the twenty answers. The proxy cuts what TLS makes of it; here the cuts, each of them
    a record, go through frames, headers and lengths themselves."""
    content = [rng.randbytes(rng.choice([1, 1023, 8192, 70_000] if pieces != [1] else [0, 1, 200])) for _ in range(20)]
    sent = b""
    for i, data in enumerate(content):
        random_file(alice.work / "digest", 0).write_bytes(data)
        sent += frame({"op": "put", "id": i, "body": len(data), "path": f"/{i}", "mtime": "2026-11-24T08:15:00Z",
                       "digest": f"blake3:{b3sum(alice.work / 'digest')}"}) + data
    with signed_in(server.port, alice.user, alice.password) as peer:
        start = 0
        while start < len(sent):
            piece = rng.choice(pieces)
            peer.send(sent[start:start + piece])
            start += piece
        for i in range(20):
            header, _ = peer.read_frame()
            assert header["ok"] and header["id"] == i and header["size"] == len(content[i]), header
    assert [(server.home("alice") / str(i)).read_bytes() for i in range(20)] == content
