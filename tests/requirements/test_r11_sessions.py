"""Whose is an unfinished upload: one session's at a time, one user's alone, and nobody's after a day."""

import os
import time

import pytest

from support import limits
from support.files import b3sum, random_file
from support.native import signed_in
from support.proxy import UP, Proxy
from support.wait import wait_until

SIZE = 6 * limits.MIB + 77
TIME = "2026-11-24T08:15:00Z"
HOUR = 3600


def interrupted_upload(alice, server) -> str:
    """Leaves a part of /film on the server; the film's digest."""
    film = random_file(alice.work / "film", SIZE)
    with Proxy(server.port) as proxy:
        proxy.up.cut_at = SIZE // 2
        alice.port = proxy.port
        alice.run("put", "film", code=5)
    alice.port = None
    return b3sum(film)


def staged_names(server) -> list[str]:
    return sorted(path.name for path in (server.data / "staging").rglob("*") if path.is_file())


def age(server, hours: float) -> None:
    """As if nothing had moved in any upload for so long."""
    then = time.time() - hours * HOUR
    for name in (server.data / "staging").rglob("*"):
        if name.is_file():
            os.utime(name, (then, then))


@pytest.mark.proves("R11.9")
def test_a_second_session_takes_an_upload_over(alice, server):
    film = random_file(alice.work / "film", SIZE)
    with Proxy(server.port) as proxy:
        proxy.up.hold_at = SIZE // 2
        alice.port = proxy.port
        first = alice.start("put", "film")
        proxy.wait_until(lambda proxy: proxy.up.passed >= SIZE // 2, limits.TRANSFER)
        alice.port = None
        alice.run("put", "film", timeout=limits.TRANSFER)
        proxy.release()
        _, errors = first.communicate(timeout=limits.TRANSFER)
    assert first.returncode == 5, (first.returncode, errors)
    assert errors.startswith("sampan: put film: ") and "another session" in errors and errors.count("\n") == 1, errors
    assert b3sum(server.home("alice") / "film") == b3sum(film)
    assert alice.json("quota")["used"] == SIZE and staged_names(server) == []


@pytest.mark.proves("R11.9")
def test_of_sessions_that_resume_together_one_proceeds(alice, server):
    for _ in range(limits.soak(3, 20)):
        digest = interrupted_upload(alice, server)
        both = [alice.start("put", "film") for _ in range(2)]
        ends = []
        for process in both:
            _, errors = process.communicate(timeout=limits.TRANSFER)
            ends.append((process.returncode, errors))
        codes = sorted(code for code, _ in ends)
        # The one that came first is overtaken and says so; or it was through before the other began, which found the film there.
        assert codes in ([0, 5], [0, 0]), ends
        assert b3sum(server.home("alice") / "film") == digest
        assert alice.json("quota")["used"] == SIZE and staged_names(server) == []
        alice.run("rm", "film")


@pytest.mark.proves("R11.9")
def test_of_two_sessions_by_hand_the_later_proceeds(alice, server):
    interrupted_upload(alice, server)
    content = (alice.work / "film").read_bytes()
    last = SIZE // limits.CHUNK
    with signed_in(server.port, "alice", alice.password) as one, signed_in(server.port, "alice", alice.password) as other:
        plan = dict(path="/film", size=SIZE, mtime=TIME)
        early, late = one.request("upload.begin", **plan), other.request("upload.begin", **plan)
        assert early["have"] == late["have"] != []
        chunk = content[last * limits.CHUNK:]
        for op, more in (("upload.chunk", dict(index=last)), ("upload.commit", dict(digest=f"blake3:{'0' * 64}"))):
            refused = one.request(op, chunk if "index" in more else None, upload=early["upload"], **more)
            assert refused["ok"] is False and refused["error"] in ("superseded", "no_such_transfer"), refused
        assert other.request("upload.chunk", chunk, upload=late["upload"], index=last)["ok"]


@pytest.mark.proves("R11.9")
def test_another_user_neither_sees_nor_continues_it(alice, server, new_client):
    digest = interrupted_upload(alice, server)
    bob = new_client("bob")
    with signed_in(server.port, "alice", alice.password) as hers, signed_in(server.port, "bob", bob.password) as his:
        plan = dict(path="/film", size=SIZE, mtime=TIME)
        mine = hers.request("upload.begin", **plan)
        assert mine["have"] != []
        assert his.request("upload.list")["content"] == b"[]"
        for op, more in (("upload.chunk", dict(index=0)), ("upload.commit", dict(digest=f"blake3:{digest}"))):
            refused = his.request(op, b"x" * limits.CHUNK if "index" in more else None, upload=mine["upload"], **more)
            assert refused["error"] == "no_such_transfer", refused
        assert his.request("upload.abort", path="/film")["error"] == "not_found"
        for path in ("/../alice/film", "../alice/film"):
            assert not his.request("upload.begin", path=path, size=SIZE, mtime=TIME)["ok"]
        assert his.request("upload.begin", **plan)["have"] == [], "his own of the same name is another"
        assert hers.request("quota")["used"] == SIZE == his.request("quota")["used"]
    alice.run("put", "film")
    assert b3sum(server.home("alice") / "film") == digest
    assert not (server.home("bob") / "film").exists()


@pytest.mark.proves("R11.9")
def test_an_abandoned_part_expires_after_a_day(alice, server):
    interrupted_upload(alice, server)
    age(server, 23.9)
    server.stop(), server.start()
    assert alice.json("quota")["used"] == SIZE and staged_names(server) != []
    age(server, 24.1)
    server.stop(), server.start()
    wait_until(lambda: staged_names(server) == [], "the part to expire")
    assert alice.json("quota") == {"used": 0, "limit": None, "free": None, "files": 0, "max_files": None}
    alice.run("put", "film")


@pytest.mark.proves("R11.9")
def test_when_it_expires_is_a_setting(folder, alice, server):
    interrupted_upload(alice, server)
    age(server, 1.1)
    server.stop()
    settings = folder / "sampan.toml"
    settings.write_text("upload-expiry-hours = 2\n")
    server.options = ("--config", str(settings))
    server.start()
    assert alice.json("quota")["used"] == SIZE and staged_names(server) != []
    server.stop()
    settings.write_text("upload-expiry-hours = 1\n")
    server.start()
    wait_until(lambda: staged_names(server) == [], "the part to expire")
    assert alice.json("quota")["used"] == 0
