"""R8: new directories, and every way in which there cannot be one."""

import os

import pytest

from support import limits
from support.native import signed_in
from support.shell import Shell

CLIENTS = 16


@pytest.mark.proves("R8.5")
def test_a_new_one_is_there_for_everybody(alice, server):
    with Shell(alice) as other:
        assert other.say("ls").out == ""
        alice.run("mkdir", "总结 2026")
        assert (server.home("alice") / "总结 2026").is_dir()
        assert other.say("ls").out == "总结 2026\n"
        assert other.say("cd '总结 2026'").err == ""


@pytest.mark.proves("R8.5")
def test_each_refusal_is_one_of_its_own(alice, server):
    (alice.work / "file").write_text("x")
    alice.run("put", "file")
    alice.run("mkdir", "there")
    home = server.home("alice")
    refusals = [
        ("there", 8, "already exists"),
        ("file", 8, "already exists"),
        ("", 2, "the path is empty"),
        (".", 2, '"." names no entry'),
        ("..", 2, '".." names no entry'),
        ("/", 2, '"/" names no entry'),
        ("there/..", 2, '".." names no entry'),
        ("n" * 256, 2, "a name longer than 255 bytes"),
        ("nowhere/below", 4, "no such file or directory"),
        ("file/below", 8, "not a directory"),
    ]
    for name, code, why in refusals[:6]:
        error = alice.run("mkdir", "--", name, code=code).stderr
        assert why in error and error.startswith("sampan: mkdir") and error.count("\n") == 1, (name, error)
    with signed_in(server.port, "alice", alice.password) as peer:
        assert peer.request("mkdir", path="/a\0b")["error"] == "invalid"
    with Shell(alice) as shell:
        for name, _, why in refusals:
            assert why in shell.say(f"mkdir -- '{name}'").err, name
        assert "a path cannot hold a NUL" in shell.say(b"mkdir 'a\0b'").err
        assert sorted(os.listdir(home)) == ["file", "there"]
        assert shell.say(f"mkdir {'n' * 255}").err == ""
        assert sorted(os.listdir(home)) == ["file", "n" * 255, "there"]


@pytest.mark.proves("R8.5")
def test_what_is_missing_above(alice, server):
    alice.run("mkdir", "x/y/z", code=4)
    assert os.listdir(server.home("alice")) == []
    alice.run("mkdir", "-p", "x/y/z")
    assert (server.home("alice") / "x/y/z").is_dir()
    alice.run("mkdir", "-p", "x/y/z")
    alice.run("mkdir", "-p", "x/y/w/v")
    (alice.work / "file").write_text("x")
    alice.run("put", "file")
    for below_a_file in ("file", "file/a"):
        alice.run("mkdir", "-p", below_a_file, code=8)
    assert sorted(os.listdir(server.home("alice") / "x/y")) == ["w", "z"]


@pytest.mark.proves("R8.6")
def test_of_sixteen_at_once_one_makes_it(alice, server):
    peers = [signed_in(server.port, "alice", alice.password) for _ in range(CLIENTS)]
    for turn in range(limits.soak(10, 100)):
        name = f"/contested {turn}"
        for peer in peers:
            peer.send_request("mkdir", path=name)
        answers = [peer.read_frame()[0] for peer in peers]
        assert sorted(answer.get("error", "made") for answer in answers) == ["exists"] * (CLIENTS - 1) + ["made"]
    assert alice.json("quota")["files"] == limits.soak(10, 100)
    for peer in peers:
        peer.stream.close()
    # And so with the real client.
    started = [alice.start("mkdir", "once more") for _ in range(CLIENTS)]
    for process in started:
        process.communicate(timeout=limits.TRANSFER)
    assert sorted(process.returncode for process in started) == [0] + [8] * (CLIENTS - 1)


@pytest.mark.proves("R8.7")
def test_each_counts(new_client, server):
    bob = new_client("bob", "--max-files", "3")
    bob.run("mkdir", "-p", "a/b")
    bob.run("mkdir", "c")
    error = bob.run("mkdir", "d", code=7).stderr
    assert "too many files: needs 1, 0 of 3 entries left" in error
    bob.run("mkdir", "-p", "a/x/y", code=7)
    bob.run("mkdir", "c", code=8)
    bob.run("mkdir", "-p", "a/b")
    assert sorted(os.listdir(server.home("bob"))) == ["a", "c"]
    assert bob.json("quota")["files"] == 3
    bob.run("rmdir", "c")
    bob.run("mkdir", "d")
    assert bob.json("quota")["files"] == 3
