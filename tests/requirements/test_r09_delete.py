"""R9: files and empty directories go, at once, exactly, and nothing else."""

import os

import pytest

from support import limits
from support.files import b3sum, random_file
from support.native import signed_in
from support.proxy import Proxy
from support.shell import Shell

CLIENTS = 16


def usage(client) -> tuple[int, int]:
    quota = client.json("quota")
    return quota["used"], quota["files"]


@pytest.mark.proves("R9.1")
def test_rm_takes_a_file_and_gives_its_bytes_back(alice, server):
    for name, size in [("kept", 1000), ("gone", 123_457)]:
        random_file(alice.work / name, size)
    alice.run("put", "kept", "gone")
    assert usage(alice) == (124_457, 2)
    alice.run("rm", "gone")
    assert usage(alice) == (1000, 1) and os.listdir(server.home("alice")) == ["kept"]
    assert alice.run("rm", "gone", code=4).stderr == "sampan: rm gone: no such file or directory\n"
    alice.run("mkdir", "d")
    assert "is a directory" in alice.run("rm", "d", code=8).stderr
    for name in ("/", ".", ".."):
        assert "names no entry" in alice.run("rm", name, code=2).stderr
    assert usage(alice) == (1000, 2) and sorted(os.listdir(server.home("alice"))) == ["d", "kept"]


@pytest.mark.proves("R9.2")
def test_rmdir_takes_an_empty_directory(alice, server):
    home = server.home("alice")
    alice.run("mkdir", "-p", "full/sub")
    alice.run("mkdir", "empty")
    file = random_file(alice.work / "file", 70_000)
    alice.run("put", "--to", "full/sub", "file")
    alice.run("put", "file")
    alice.run("rmdir", "empty")
    assert not (home / "empty").exists() and usage(alice) == (140_000, 4)
    before = b3sum(file)
    for name, code, why in [("full", 8, "not empty"), ("full/sub", 8, "not empty"), ("file", 8, "not a directory"),
                            ("nowhere", 4, "no such file"), ("/", 2, '"/" names no entry'), (".", 2, '"." names no entry'),
                            ("..", 2, '".." names no entry'), ("full/..", 2, '".." names no entry')]:
        error = alice.run("rmdir", name, code=code).stderr
        assert why in error and error.count("\n") == 1, (name, error)
    assert b3sum(home / "full/sub/file") == b3sum(home / "file") == before and usage(alice) == (140_000, 4)
    # Of a client that sends what ours would not.
    with signed_in(server.port, "alice", alice.password) as peer:
        for path in ("/", "", "//", "/.", "/..", "/full/..", "/full/sub/../../.."):
            for op in ("rmdir", "remove"):
                assert not peer.request(op, path=path)["ok"], (op, path)
    assert home.is_dir() and usage(alice) == (140_000, 4)


@pytest.mark.proves("R9.3")
def test_a_link_goes_and_its_target_stays(alice, server, folder):
    home = server.home("alice")
    alice.run("mkdir", "d")
    outside = folder / "outside"
    outside.mkdir()
    for place in (home / "d", outside):
        (place / "target").write_text("alive")
    links = {"to a file": "d/target", "to a directory": "d", "out to a file": outside / "target", "out to a directory": outside,
             "dangling": "nowhere", "to itself": "to itself"}
    for name, target in links.items():
        (home / name).symlink_to(target)
    for name in links:
        assert "not a directory" in alice.run("rmdir", name, code=8).stderr, name
    alice.run("rm", *links)
    assert os.listdir(home) == ["d"] and os.listdir(home / "d") == ["target"] == os.listdir(outside)
    assert (home / "d/target").read_text() == (outside / "target").read_text() == "alive"


@pytest.mark.proves("R9.3")
def test_a_name_is_a_name(alice, server):
    """A pattern, an option, a quote in a name mean nothing: each takes only itself."""
    names = ["-x", "--force", "*", "?", "[a-z]", "two words", " leading", "trailing ", "new\nline", "a;b", "$(id)", "~", "a", "b"]
    home = server.home("alice")
    for name in names:
        (alice.work / name).write_text(name)
    alice.run("put", "--", *names)
    left = sorted(names)
    for name in ["*", "-x", "new\nline", "two words"]:
        alice.run("rm", "--", name)
        left.remove(name)
        assert sorted(os.listdir(home)) == left, name
    alice.run("put", "--", *names)
    # In the shell, quotes are as in sh, and a star is a star even without.
    with Shell(alice) as shell:
        left = sorted(names)
        assert shell.say("rm -- *").err == ""
        left.remove("*")
        assert sorted(os.listdir(home)) == left
        assert "no such file" in shell.say("rm -- *").err
        for name in left[:]:
            if "\n" not in name:
                assert shell.say(f"rm -- '{name}'\nmkdir -- '{name}'\nrmdir -- '{name}'").err == "", name
                left.remove(name)
                assert sorted(os.listdir(home)) == left, name
    assert left == ["new\nline"]


@pytest.mark.proves("R9.1")
def test_of_several_each_one_is_said(alice, server):
    for name in ("one", "three"):
        (alice.work / name).write_text(name)
    alice.run("put", "one", "three")
    alice.run("mkdir", "two")
    result = alice.run("rm", "one", "absent", "two", "three", code=1)
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == [" rm absent", " rm two"]
    assert os.listdir(server.home("alice")) == ["two"]


@pytest.mark.proves("R9.4")
def test_rm_while_somebody_downloads_it(alice, server):
    file = random_file(alice.work / "large", 8 * limits.MIB)
    alice.run("put", "large")
    (alice.work / "back").mkdir()
    with Proxy(server.port) as proxy:
        proxy.down.hold_at = 3 * limits.MIB
        alice.port = proxy.port
        getter = alice.start("get", "--to", "back", "large")
        proxy.wait_until(lambda proxy: proxy.down.passed >= 3 * limits.MIB, limits.TRANSFER)
        alice.port = None
        alice.run("rm", "large")
        assert usage(alice) == (0, 0) and os.listdir(server.home("alice")) == []
        proxy.release()
        _, errors = getter.communicate(timeout=limits.TRANSFER)
    # It was opened before: the reader gets all of it.
    assert getter.returncode == 0, errors
    assert b3sum(alice.work / "back/large") == b3sum(file)


@pytest.mark.proves("R9.4")
@pytest.mark.parametrize("ending", ["goes on", "is killed"])
def test_rm_while_it_is_uploaded(alice, server, ending):
    """The older file of that name goes; the upload has no name yet, and stays."""
    size = 8 * limits.MIB
    file = random_file(alice.work / "large", 1000)
    alice.run("put", "large")
    random_file(file, size)
    with Proxy(server.port) as proxy:
        proxy.up.hold_at = 3 * limits.MIB
        alice.port = proxy.port
        sender = alice.start("put", "large")
        proxy.wait_until(lambda proxy: proxy.up.passed >= 3 * limits.MIB, limits.TRANSFER)
        alice.port = None
        assert usage(alice) == (size + 1000, 2)
        alice.run("rm", "large")
        alice.run("rm", "large", code=4)
        assert usage(alice) == (size, 1) and os.listdir(server.home("alice")) == []
        if ending == "goes on":
            proxy.release()
        else:
            sender.kill()
        sender.communicate(timeout=limits.TRANSFER)
    if ending == "is killed":
        # What arrived waits for the same command, in the open: listed, counted, given up when one likes.
        with signed_in(server.port, "alice", alice.password) as peer:
            import json
            waiting = json.loads(peer.request("upload.list")["content"])
            assert [(item["path"], item["size"]) for item in waiting] == [("/large", size)]
            assert peer.request("upload.abort", path="/large")["ok"]
        assert usage(alice) == (0, 0)
        alice.run("put", "large")
    assert sender.returncode == (0 if ending == "goes on" else -9)
    assert b3sum(server.home("alice") / "large") == b3sum(file) and usage(alice) == (size, 1)
    alice.run("rm", "large")
    assert usage(alice) == (0, 0)
    server.stop()
    server.start()
    assert usage(alice) == (0, 0), "nothing of it is left on the disk"


@pytest.mark.proves("R9.5")
def test_of_sixteen_at_once_one_takes_it(alice, server):
    (alice.work / "contested").write_text("x" * 100)
    alice.run("put", "contested")
    peers = [signed_in(server.port, "alice", alice.password) for _ in range(CLIENTS)]
    content = (alice.work / "contested").read_bytes()
    for turn in range(limits.soak(10, 100)):
        for peer in peers:
            peer.send_request("remove", path="/contested")
        answers = [peer.read_frame()[0] for peer in peers]
        assert sorted(answer.get("error", "taken") for answer in answers) == ["not_found"] * (CLIENTS - 1) + ["taken"]
        quota = peers[0].request("quota")
        assert (quota["used"], quota["files"]) == (0, 0)
        digest = f"blake3:{b3sum(alice.work / 'contested')}"
        assert peers[0].request("put", content, path="/contested", digest=digest, mtime="2026-11-24T08:15:00Z")["ok"]
    for peer in peers:
        peer.stream.close()
    # And so with the real client.
    started = [alice.start("rm", "contested") for _ in range(CLIENTS)]
    for process in started:
        process.communicate(timeout=limits.TRANSFER)
    assert sorted(process.returncode for process in started) == [0] + [4] * (CLIENTS - 1)
    assert usage(alice) == (0, 0)
