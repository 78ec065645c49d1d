"""A quota through the life of a home: replacing, removing, partials, crashes, changed limits, and entries without bytes."""

import os
import signal
import time

import pytest

from conftest import PASSWORD
from support import limits
from support.files import b3sum, random_file
from support.native import signed_in
from support.proxy import Proxy
from support.quota import bytes_on_disk, figures

MTIME = "2024-01-01T00:00:00Z"
EMPTY = "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
ENTRIES = limits.soak(3_000, 100_000)  # tried; the quota is such that the last tenth is too much
MIB = limits.MIB


@pytest.mark.proves("R6.5")
def test_replacing_by_less_frees_the_difference(new_client, server):
    alice = new_client("alice", "--quota", "20MiB")
    for size in (5 * MIB, 3 * MIB, 4 * MIB):
        random_file(alice.work / "f", size)
        alice.run("put", "f")
        assert figures(server, alice)["used"] == size


@pytest.mark.proves("R6.5")
@pytest.mark.parametrize("size", [MIB // 2, 5 * MIB], ids=["put", "upload"])
def test_replacing_needs_room_for_both(new_client, server, size):
    """The written rule (docs/decisions): old or new at every instant, so both must fit; what is refused changes nothing."""
    alice = new_client("alice", "--quota", str(2 * size - 1))
    old = random_file(alice.work / "f", size)
    alice.run("put", "f")
    digest = b3sum(old)
    random_file(alice.work / "f", size)
    assert "quota" in alice.run("put", "f", code=7).stderr
    assert b3sum(server.home("alice") / "f") == digest
    assert figures(server, alice) | {"free": 0} == {"used": size, "limit": 2 * size - 1, "free": 0, "files": 1,
                                                    "max_files": max(1024, (2 * size - 1) // 4096)}
    random_file(alice.work / "f", size - 1)  # exactly what is left
    alice.run("put", "f")
    assert b3sum(server.home("alice") / "f") == b3sum(alice.work / "f")
    assert figures(server, alice)["used"] == size - 1


@pytest.mark.proves("R6.6")
def test_rm_frees_at_once(new_client, server):
    alice = new_client("alice", "--quota", "3MiB")
    for name in ("a", "b", "c"):
        random_file(alice.work / name, MIB)
    alice.run("put", "a", "b", "c")
    with signed_in(server.port, "alice", PASSWORD) as peer:
        for left in (2, 1, 0):
            assert peer.request("remove", path="abc"[left])["ok"]
            assert peer.request("quota")["used"] == left * MIB == bytes_on_disk(server, "alice")
    alice.run("put", "a", "b", "c")


def abandoned(server, alice, size: int) -> None:
    """An upload that is cut in the middle, and whose client is gone."""
    random_file(alice.work / "big", size)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.cut_at = size // 2
        alice.run("put", "big", code=5, timeout=limits.TRANSFER)
    alice.port = None


@pytest.mark.proves("R6.6", "R11.9")
def test_an_abandoned_partial_counts_until_it_expires(new_client, server):
    alice = new_client("alice", "--quota", "10MiB")
    abandoned(server, alice, 6 * MIB)
    assert figures(server, alice)["used"] == 6 * MIB
    random_file(alice.work / "other", 4 * MIB + 1)
    alice.run("put", "other", code=7)
    # A day passes: that is when the journal was last written. SIGHUP has the housekeeping done at once.
    (journal,) = (server.data / "staging" / "alice").glob("*.journal")
    old = time.time() - 25 * 3600
    os.utime(journal, (old, old))
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + limits.REPLY
    while alice.json("quota")["used"] != 0:
        assert time.monotonic() < deadline, "the partial does not expire"
    assert figures(server, alice)["used"] == 0 and os.listdir(server.data / "staging" / "alice") == []
    alice.run("put", "other")


@pytest.mark.proves("R6.6")
def test_used_is_what_is_on_the_disk_after_a_crash(new_client, server):
    with Proxy(server.port) as proxy:
        proxy.up.hold_at = 4 * MIB
        alice = new_client("alice", "--quota", "20MiB", port=proxy.port)
        random_file(alice.work / "f", 8 * MIB)
        process = alice.start("put", "f")
        proxy.wait_until(lambda proxy: proxy.up.passed >= 4 * MIB, limits.TRANSFER)
        server.kill()
        process.communicate(timeout=limits.TRANSFER)
    # And what a kill at other moments would have left.
    staging = server.data / "staging" / "alice"
    (staging / "0123456789abcdef.small").write_bytes(b"x" * 1000)
    (staging / "0123456789abcdef.part").write_bytes(b"x" * 1000)
    server.start()
    alice.port = None
    assert figures(server, alice)["used"] == 8 * MIB
    alice.run("put", "f")
    assert figures(server, alice)["used"] == 8 * MIB


@pytest.mark.proves("R6.7")
def test_a_changed_limit_applies_to_the_next_request(server):
    server.user("add", "alice", "--quota", "1MiB", password=PASSWORD)
    with signed_in(server.port, "alice", PASSWORD) as peer:
        begin = dict(path="f", size=2 * MIB, mtime=MTIME)
        for quota, fits in (("2MiB", True), (str(2 * MIB - 1), False), ("none", True), ("1MiB", False), ("2097152", True)):
            server.user("set", "alice", "--quota", quota)
            answer = peer.request("upload.begin", **begin)
            assert answer["ok"] == fits, (quota, answer)
            if fits:
                assert peer.request("upload.abort", path="f")["ok"]
        for count, fits in (("1", True), ("0", False), ("none", True)):
            server.user("set", "alice", "--max-files", count)
            assert peer.request("upload.begin", **begin)["ok"] == fits
            if fits:
                assert peer.request("upload.abort", path="f")["ok"]


@pytest.mark.proves("R6.7")
@pytest.mark.parametrize("limit", [["--quota", "1MiB"], ["--max-files", "2"]], ids=["bytes", "entries"])
def test_lowered_below_use(new_client, server, limit):
    """Nothing is taken in and nothing is lost: what is there can be fetched and removed, and then there is room again."""
    alice = new_client("alice")
    for name in ("a", "b", "c"):
        random_file(alice.work / name, MIB)
    alice.run("put", "a", "b", "c")
    half = signed_in(server.port, "alice", PASSWORD)
    begun = half.request("upload.begin", path="promised", size=1, mtime=MTIME)
    server.user("set", "alice", *limit)
    (alice.work / "empty").write_bytes(b"")
    for words in (["put", "empty"], ["put", "a", "--to", "."], ["mkdir", "d"]):
        (alice.work / "a").write_bytes(os.urandom(10))
        assert "quota exceeded" in (error := alice.run(*words, code=7).stderr) or "too many files" in error
    alice.run("get", "b", "--to", "copy/")
    assert b3sum(alice.work / "copy/b") == b3sum(server.home("alice") / "b")
    alice.run("ls")
    # What was promised before stays promised.
    one = "blake3:" + b3sum_of(alice, b"1")
    assert half.request("upload.chunk", body=b"1", upload=begun["upload"], index=0)["ok"]
    assert half.request("upload.commit", upload=begun["upload"], digest=one)["ok"]
    half.stream.close()
    alice.run("rm", "a", "b", "c", "promised")
    assert figures(server, alice)["used"] == 0
    alice.run("put", "empty")


def b3sum_of(client, content: bytes) -> str:
    (client.work / "content").write_bytes(content)
    return b3sum(client.work / "content")


@pytest.mark.proves("R6.8", "R8.7")
@pytest.mark.parametrize("what", ["files", "directories"])
def test_entries_without_bytes_are_stopped(new_client, server, what):
    """No --max-files: the quota says how many, one for each 4 KiB."""
    limit = ENTRIES * 9 // 10
    alice = new_client("alice", "--quota", str(4096 * limit))
    refused = 0
    with signed_in(server.port, "alice", PASSWORD) as peer:
        window = 500
        for start in range(0, ENTRIES, window):
            for number in range(start, start + window):
                if what == "files":
                    peer.send_request("put", body=b"", path=f"f{number}", digest=EMPTY, mtime=MTIME)
                else:
                    peer.send_request("mkdir", path=f"d{number}")
            answers = [peer.read_frame()[0] for _ in range(window)]
            assert all(answer["ok"] or answer["error"] == "too_many_files" for answer in answers)
            refused += sum(not answer["ok"] for answer in answers)
    assert refused == ENTRIES - limit
    assert len(os.listdir(server.home("alice"))) == limit
    assert figures(server, alice)["files"] == limit
    (alice.work / "one").write_text("")
    assert "too many files" in alice.run("put", "one", code=7).stderr


@pytest.mark.proves("R6.8")
def test_a_limit_of_entries(new_client):
    alice = new_client("alice", "--max-files", "3")
    for number in range(4):
        (alice.work / f"f{number}").write_text("x")
    alice.run("put", "f0", "f1", "f2")
    alice.run("put", "f3", code=7)
    alice.run("mkdir", "d", code=7)
    alice.run("rm", "f0")
    alice.run("mkdir", "d")
