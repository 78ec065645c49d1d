"""Homes: each user's own, entered or refused, never another one; and with what rights the server works."""

import os
import pwd
import re
import shutil
import socket
import stat
import subprocess

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.guard import Guard
from support.native import NativePeer, signed_in
from support.server import SAMPAN, Server


@pytest.fixture
def guarded(folder):
    """A server without rights: as root it could read a home that is shut to it."""
    server = Server(folder, guard=Guard(folder)).start()
    yield server
    server.stop()


def person(server: Server, folder, name: str) -> Client:
    server.user("add", name, password=PASSWORD)
    return Client(folder / f"person-{name}", server, name, PASSWORD)


@pytest.mark.proves("R5.1", "R5.6")
def test_names_that_begin_alike_are_different_homes(guarded, folder):
    people = {name: person(guarded, folder, name) for name in ("al", "alice", "alice2")}
    for name, client in people.items():
        (client.work / "same").write_text(f"{name}'s")
        client.run("put", "same")
        (client.work / "same").unlink()
        assert client.run("shell", input="pwd\n").stdout == "/\n"
    for name, client in people.items():
        client.run("get", "/same")
        assert (client.work / "same").read_text() == f"{name}'s" == (guarded.home(name) / "same").read_text()
        assert [entry["name"] for entry in client.json("ls", "/")] == ["same"]
        paths = [path for other in people.keys() - {name}
                 for path in (other, f"../{other}", f"../{other}/same", f"2/../../{other}", f"/../{other}/same")]
        lines = [f"{verb} {path}\n" for path in paths for verb in ("get", "ls", "rm", "rmdir")]
        done = client.run("shell", input="".join(lines), code=4)
        assert done.stdout == "" and done.stderr.count("no such file or directory") == len(lines)
    people["al"].run("mkdir", "ice")
    people["al"].run("rm", "ice/same", code=4)
    assert all((guarded.home(name) / "same").exists() for name in people)


def shut(home):
    home.chmod(0)


def move_away(home):
    home.rename(home.with_name(".away"))


def put_file(home):
    move_away(home)
    home.write_text("a file")


def link_to_bob(home):
    move_away(home)
    home.symlink_to("bob")


def link_to_root(home):
    move_away(home)
    home.symlink_to("/")


@pytest.mark.proves("R5.5", "R5.4")
@pytest.mark.parametrize("first", ["first login", "server has seen the home"])
@pytest.mark.parametrize("spoil", [shut, move_away, put_file, link_to_bob, link_to_root], ids=lambda f: f.__name__)
def test_a_home_that_cannot_be_entered(guarded, folder, spoil, first):
    alice, bob = person(guarded, folder, "alice"), person(guarded, folder, "bob")
    (guarded.home("bob") / "secret").write_text("CANARY")
    guarded.guard.give(guarded.home("bob"))
    home = guarded.home("alice")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    if first != "first login":
        alice.run("ls")
    before = sorted(os.listdir(home.parent))
    spoil(home)
    for verb in (["ls", "/"], ["get", "secret"]):
        done = alice.run(*verb, code=3)
        assert re.fullmatch(r"sampan: .*the home directory (is missing|cannot be entered): ask the operator of the server\n",
                            done.stderr), done.stderr
        assert str(folder) not in done.stdout + done.stderr and "CANARY" not in done.stdout + done.stderr
    assert not set(os.listdir(home.parent)) - {*before, ".away"}, "a login makes no home"
    bob.run("ls")
    # And back again once the operator has put it right.
    if spoil is shut:
        home.chmod(0o700)
    else:
        if os.path.lexists(home):
            home.unlink()
        home.with_name(".away").rename(home)
    alice.run("mkdir", "d")


@pytest.mark.proves("R5.5")
def test_an_unreadable_folder_below_shuts_nobody_out(guarded, folder):
    alice = person(guarded, folder, "alice")
    (guarded.home("alice") / "operators").mkdir(mode=0)
    alice.run("ls")
    alice.run("ls", "operators", code=3)


@pytest.mark.proves("R5.2", "R2.6")
def test_names_that_are_no_users(guarded, folder):
    """J32: neither made nor let in; an account that cannot be has no home."""
    for name in ("../bob", ".", "..", "", "a/b", "bob/../alice", "x" * 300):
        guarded.user("add", name, password=PASSWORD, code=2)
        peer = NativePeer(guarded.port)
        answer = peer.login(name, PASSWORD)
        assert not answer["ok"] and answer["error"] in ("login_failed", "invalid"), answer
        peer.stream.close()
    assert os.listdir(guarded.data / "homes") == [] == os.listdir(guarded.data / "staging")


@pytest.mark.proves("R5.7")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_umask_is_the_servers_own(folder, umask):
    """Whatever the umask of whoever started it: private stays private, and a mode that a user asks for is the one he gets."""
    server = Server(folder)
    server.user("add", "alice", password=PASSWORD)
    before = os.umask(umask)
    try:
        server.start()
    finally:
        os.umask(before)
    try:
        with signed_in(server.port, "alice", PASSWORD) as peer:
            assert peer.request("mkdir", path="d", mode="0755")["ok"]
            empty = "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
            assert peer.request("put", path="f", body=b"", digest=empty, mtime="2024-01-01T00:00:00Z", mode="0640")["ok"]
        modes = {path: stat.S_IMODE((server.data / path).stat().st_mode)
                 for path in (".", "homes", "staging", "homes/alice", "staging/alice", "accounts.db", "tls/key.pem",
                              "homes/alice/d", "homes/alice/f")}
        assert modes == {".": 0o700, "homes": 0o700, "staging": 0o700, "homes/alice": 0o700, "staging/alice": 0o700,
                         "accounts.db": 0o600, "tls/key.pem": 0o600, "homes/alice/d": 0o755, "homes/alice/f": 0o640}
    finally:
        server.stop()


def serve(folder, *options, code):
    """A start that is refused."""
    done = subprocess.run(Server(folder).command("serve", "--data", str(folder / "data"), "--listen", "sampan://127.0.0.1:0", *options),
                          capture_output=True, text=True, timeout=limits.START)
    assert done.returncode == code and not done.stdout, done
    return done.stderr


@pytest.mark.proves("R5.7")
def test_started_by_root_it_works_as_somebody_else(folder):
    if os.geteuid() != 0:
        assert "only root" in serve(folder, "--user", "root", code=3)
        return
    nobody = pwd.getpwnam("nobody")
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # A port that only root may take, where this machine has such ports; else any.
    low = next(low for low in (*range(1023, 900, -1), port) if can_bind(low))
    server = Server(folder, "--user", "nobody", "--listen", f"sampan://127.0.0.1:{low}").start()
    try:
        status = open(f"/proc/{server.process.pid}/status").read()
        for kind, one in (("Uid", nobody.pw_uid), ("Gid", nobody.pw_gid)):
            assert re.search(rf"^{kind}:\s+{one}\s+{one}\s+{one}\s+{one}$", status, re.MULTILINE), status
        for task in os.listdir(f"/proc/{server.process.pid}/task"):  # every thread of it
            status = open(f"/proc/{server.process.pid}/task/{task}/status").read()
            assert re.search(rf"^Uid:\s+({nobody.pw_uid}\s*){{4}}$", status, re.MULTILINE), status
            for kind in ("CapPrm", "CapEff"):
                assert re.search(rf"^{kind}:\s+0+$", status, re.MULTILINE), status
        assert f"listening sampan://127.0.0.1:{low}" in server.lines
        for parent, folders, files in os.walk(server.data):
            for name in [".", *folders, *files]:
                assert os.lstat(os.path.join(parent, name)).st_uid == nobody.pw_uid, name
        assert "running as root" not in server.log_text()
        # Its accounts are its own user's to change: root is told so.
        refused = server.user("add", "alice", password=PASSWORD, code=3)
        assert "belongs to nobody" in refused.stderr
        done = subprocess.run(["setpriv", "--reuid=nobody", "--regid", str(nobody.pw_gid), "--clear-groups",
                               *copied(folder).command("user", "add", "alice", "--data", str(server.data), "--password-file", "-")],
                              input=PASSWORD + "\n", text=True, capture_output=True, timeout=limits.COMMAND)
        assert done.returncode == 0, done
        with signed_in(low, "alice", PASSWORD) as peer:
            assert peer.request("mkdir", path="d")["ok"]
    finally:
        server.stop()


def copied(folder) -> Server:
    """The program where nobody can reach it."""
    class Copy:
        program = folder / "sampan"

        def command(self, *words):
            return list(map(str, words))
    shutil.copy(SAMPAN, Copy.program)
    return Server(folder, guard=Copy())


def can_bind(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.proves("R5.7")
def test_what_keeps_it_from_being_somebody_else_is_said(folder):
    assert "no user" in serve(folder, "--user", "nobody-of-that-name", code=4)
    if os.geteuid() == 0:
        (folder / "data").mkdir(mode=0o700)
        folder.chmod(0o755)
        assert "belongs to root" in serve(folder, "--user", "nobody", code=3)


@pytest.mark.proves("R5.7")
def test_root_is_warned(server):
    assert ("running as root" in server.log_text()) == (os.geteuid() == 0)
