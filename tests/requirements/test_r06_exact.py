"""A quota is a reservation: exact under any concurrency, and known before a byte flows."""

import json
import os

import pytest

from conftest import PASSWORD
from support import limits
from support.files import random_file
from support.native import NativePeer, frame, signed_in
from support.poller import Poller
from support.proxy import Proxy
from support.quota import bytes_on_disk, figures

MTIME = "2024-01-01T00:00:00Z"
ROUNDS = limits.soak(3, 20)


@pytest.mark.proves("R6.1")
def test_each_user_has_a_limit_of_his_own(new_client, server):
    people = {"alice": new_client("alice", "--quota", "10MiB"), "bob": new_client("bob", "--quota", "1MiB"),
              "carol": new_client("carol")}
    sizes = {"alice": 10 * limits.MIB, "bob": limits.MIB, "carol": 12 * limits.MIB}
    for name, client in people.items():
        random_file(client.work / "fits", sizes[name] - 1)
        client.run("put", "fits")
        (client.work / "more").write_text("xx")
        client.run("put", "more", code=0 if name == "carol" else 7)
        limit = None if name == "carol" else sizes[name]
        used = sizes[name] + (1 if name == "carol" else -1)
        shown = figures(server, client)
        assert shown == {"used": used, "limit": limit, "free": None if limit is None else 1,
                         "files": 2 if name == "carol" else 1, "max_files": {"alice": 2560, "bob": 1024, "carol": None}[name]}
        lines = client.run("quota").stdout
        assert f"({used} bytes)" in lines and (limit is None or f"({limit} bytes)" in lines and "(1 bytes)" in lines)


@pytest.mark.proves("R6.2")
@pytest.mark.parametrize("free", [100_000, limits.MIB, limits.MIB + 1, 10 * limits.MIB])
def test_refused_before_a_byte_flows(new_client, server, free):
    """Whichever way the client sends it: a small file is one request, a large one begins with its size."""
    with Proxy(server.port) as proxy:
        alice = new_client("alice", "--quota", str(free), port=proxy.port)
        random_file(alice.work / "big", free + 1)
        result = alice.run("put", "big", code=7)
        assert proxy.up.passed + proxy.down.passed <= limits.REFUSED_TRAFFIC
        assert "quota" in result.stderr and "big" in result.stderr
        assert figures(server, alice)["used"] == 0
        os.truncate(alice.work / "big", free)
        alice.run("put", "big")
        assert figures(server, alice)["free"] == 0


@pytest.mark.proves("R6.3")
@pytest.mark.parametrize("kind", ["put", "upload"])
def test_sixteen_uploads_into_room_for_ten(new_client, server, kind):
    """Files that come in one request, and files that come in chunks; the watcher counts what is on its way, too."""
    size = limits.MIB + (kind == "upload")
    alice = new_client("alice", "--quota", str(10 * size))
    for number in range(16):
        random_file(alice.work / f"f{number}", size)
    alice.run("ls")  # the key is known
    for _ in range(ROUNDS):
        with Poller(lambda: bytes_on_disk(server, "alice")) as poller:
            running = [alice.start("put", f"f{number}") for number in range(16)]
            errors = [process.communicate(timeout=limits.TRANSFER)[1] for process in running]
        codes = sorted(process.returncode for process in running)
        assert codes == [0] * 10 + [7] * 6, errors
        assert max(poller.seen) <= 10 * size
        assert figures(server, alice)["used"] == 10 * size
        stored = os.listdir(server.home("alice"))
        assert len(stored) == 10
        alice.run("rm", *stored)
        assert figures(server, alice)["used"] == 0


@pytest.fixture
def peer(server):
    server.user("add", "mallory", "--quota", "20MiB", password=PASSWORD)
    with signed_in(server.port, "mallory", PASSWORD) as peer:
        yield peer


@pytest.mark.proves("R6.4")
def test_more_than_was_declared_ends_the_connection(server, peer):
    """A request of 1 KiB that goes on for 10 MiB: what follows is no frame."""
    header = {"op": "put", "id": 1, "path": "f", "digest": "blake3:" + "0" * 64, "mtime": MTIME, "body": 1024}
    peer.send(frame(header) + b"x" * 1024)
    assert peer.read_frame()[0]["error"] == "wrong_digest"
    try:
        peer.send(b"x" * (10 * limits.MIB))
    except Exception:  # it need not even listen to the end
        pass
    peer.expect_close()
    assert bytes_on_disk(server, "mallory") == 0


@pytest.mark.proves("R6.4")
def test_chunks_beyond_the_declared_size_are_not_stored(server, peer):
    begun = peer.request("upload.begin", path="f", size=1024, mtime=MTIME)
    assert begun["ok"]
    chunk = b"x" * begun["chunk_size"]
    for index in range(40):
        assert peer.request("upload.chunk", body=chunk, upload=begun["upload"], index=index)["error"] == "invalid"
        assert bytes_on_disk(server, "mallory") <= 1024
    assert peer.request("upload.commit", upload=begun["upload"], digest="blake3:" + "0" * 64)["error"] == "incomplete"
    assert peer.request("upload.abort", path="f")["ok"]
    assert peer.request("quota")["used"] == 0 == bytes_on_disk(server, "mallory")


@pytest.mark.proves("R6.4")
@pytest.mark.parametrize("size", ["-1", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "18446744073709551616",
                                  "1.5", "1e3", '"1024"', "null", "true", "[1]", "1" + "0" * 400])
def test_sizes_that_cannot_be(server, peer, size):
    begin = f'{{"op":"upload.begin","id":7,"path":"f","mtime":"{MTIME}","size":{size}}}'
    peer.send_header(begin.encode())
    answer, _ = peer.read_frame()
    assert not answer["ok"] and answer["error"] in ("invalid", "bad_request"), answer
    assert bytes_on_disk(server, "mallory") == 0
    with signed_in(server.port, "mallory", PASSWORD) as another:
        another.send_header(f'{{"op":"put","id":8,"path":"f","body":{size}}}'.encode())
        try:
            answer, _ = another.read_frame()
            assert not answer["ok"] and answer["error"] in ("invalid", "bad_request"), answer
        except Exception as error:
            assert type(error).__name__ == "Closed"
        assert json.loads(server.user("show", "mallory", "--json").stdout)["used"] == 0


@pytest.mark.proves("R6.4")
def test_the_largest_size_that_can_be_said(server, peer):
    """2^63-1 bytes: over the quota; without one, more than any disk has."""
    assert peer.request("upload.begin", path="f", size=2**63 - 1, mtime=MTIME)["error"] == "over_quota"
    server.user("set", "mallory", "--quota", "none")
    for size in (2**63 - 1, 2**62, 2**60):
        assert peer.request("upload.begin", path="f", size=size, mtime=MTIME)["error"] == "disk_full"
    assert peer.request("quota")["used"] == 0 == bytes_on_disk(server, "mallory")
    assert NativePeer(server.port).greeting["sampan"] == 1
