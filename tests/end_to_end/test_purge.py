"""`user remove --purge`: whatever comes in between, the account is gone first, and the same command again finishes it."""

import json
import os
import subprocess

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.guard import Guard
from support.native import NativePeer
from support.server import Server
from support.wait import wait_until

FILES = 5_000


def is_gone(server: Server, name: str) -> bool:
    return not any(os.path.lexists(server.data / part / name) for part in ("homes", "staging"))


def accounts(server: Server) -> list[str]:
    return [account["name"] for account in json.loads(server.user("list", "--json").stdout)]


def test_killed_in_the_middle(server):
    for name in ("alice", "alice2"):
        server.user("add", name, password=PASSWORD)
        (server.home(name) / "d").mkdir()
    for number in range(FILES):
        (server.home("alice") / "d" / f"{number}").touch()
    purge = subprocess.Popen(server.command("user", "remove", "alice", "--purge", "--data", str(server.data)))
    try:
        wait_until(lambda: len(os.listdir(server.home("alice") / "d")) < FILES, "the first file to go")
    finally:
        purge.kill()
        purge.wait(limits.COMMAND)
    assert 0 < len(os.listdir(server.home("alice") / "d")) < FILES, "it was in the middle"
    assert accounts(server) == ["alice2"]
    with NativePeer(server.port) as peer:
        assert peer.login("alice", PASSWORD)["error"] == "login_failed"
    server.user("remove", "alice", code=4)
    server.user("remove", "alice", "--purge")
    assert is_gone(server, "alice") and os.listdir(server.home("alice2")) == ["d"]
    assert server.user("remove", "alice", "--purge", code=4).stderr.endswith(": no such account\n")


def test_what_cannot_be_removed_is_named_and_keeps_nothing_else(folder):
    """The refusal is the kernel's, so this is a user without rights."""
    server = Server(folder, guard=Guard(folder)).start()
    try:
        server.user("add", "alice", password=PASSWORD)
        alice = Client(folder / "person", server, "alice", PASSWORD)
        alice.run("shell", "--stop-on-error", input="mkdir -p a/shut\nmkdir -p a/open\nmkdir z\n")
        (alice.work / "f").write_text("x")
        for place in ("a/shut", "a/open", "z", "."):
            alice.run("put", "--to", place, "f")
        shut = server.home("alice") / "a/shut"
        shut.chmod(0o500)
        said = server.user("remove", "alice", "--purge", code=3).stderr
        assert said == ("sampan: user remove alice: permission denied: the account is gone, but not all of its files: "
                        "alice/a/shut/f: remove; when that is mended, the same again\n")
        assert accounts(server) == []
        left = sorted(str(path.relative_to(server.home("alice"))) for path in server.home("alice").rglob("*"))
        assert left == ["a", "a/shut", "a/shut/f"]
        shut.chmod(0o700)
        server.user("remove", "alice", "--purge")
        assert is_gone(server, "alice")
    finally:
        server.stop()


@pytest.mark.parametrize("name", ["..", ".", "", "../homes", "bob/d", "/", "bob/../bob"])
def test_names_that_are_no_accounts_remove_nothing(server, name):
    server.user("add", "bob", password=PASSWORD)
    (server.home("bob") / "d").mkdir()
    before = sorted(str(path) for path in (server.data / "homes").rglob("*"))
    server.user("remove", name, "--purge", code=4)
    assert sorted(str(path) for path in (server.data / "homes").rglob("*")) == before and accounts(server) == ["bob"]


def test_a_link_in_the_place_of_a_home(server):
    for name in ("alice", "bob"):
        server.user("add", name, password=PASSWORD)
    (server.home("bob") / "d").mkdir()
    server.home("alice").rmdir()
    server.home("alice").symlink_to("bob")
    server.user("remove", "alice", "--purge")
    assert is_gone(server, "alice") and os.listdir(server.home("bob")) == ["d"]


def test_deeper_than_a_path_can_say(server, alice):
    """A directory that is moved takes its depth along; nobody is shut out by that, and the operator can still count and purge."""
    chain = "/".join("n" * 100 for _ in range(38))  # 3837 bytes
    alice.run("mkdir", "-p", f"one/{chain}")
    alice.run("mkdir", "-p", f"two/{chain}")
    alice.run("mv", "one", f"two/{chain}/one")
    server.stop()
    server.start()
    assert alice.json("quota")["files"] == 2 * 39 == json.loads(server.user("show", "alice", "--json").stdout)["files"]
    server.user("remove", "alice", "--purge")
    assert is_gone(server, "alice")
