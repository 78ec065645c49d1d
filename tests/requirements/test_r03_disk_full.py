"""The server's disk is really full, as a file system is: it is said by name, nothing half is left, nothing acknowledged is lost,
server and session go on, and once there is room the same command completes."""

import json
import os

import pytest

from support import limits
from support.client import Client
from support.files import b3sum, random_file
from support.proxy import Proxy
from support.server import Server
from support.small_disk import KINDS, SmallDisk

DISK = 24 * limits.MIB
ENTRIES = 400
FILM = 6 * limits.MIB + 77
PASSWORD = "correct horse"


@pytest.fixture(params=KINDS)
def disk(request, folder):
    disk = SmallDisk(folder, request.param, DISK, ENTRIES)
    try:
        yield disk
    finally:
        disk.close()


@pytest.fixture
def server(folder, disk):
    running = Server(folder, guard=disk).start()
    try:
        yield running
    finally:
        running.stop()
    running.check_log()


@pytest.fixture
def alice(folder, server):
    server.user("add", "alice", password=PASSWORD)
    return Client(folder / "person-alice", server, "alice", PASSWORD)


def expect_sound(alice, disk, files: dict[str, str]) -> None:
    """Her home has just these files (path: digest), nothing is staged, and the ledger is what the disk holds."""
    home = disk.seen(alice.server.home("alice"))
    there = {str(path.relative_to(home)): b3sum(path) for path in home.rglob("*") if path.is_file()}
    assert there == files
    assert staged(alice, disk) == []
    told = alice.json("quota")
    assert told["used"] == sum((home / name).stat().st_size for name in files)
    assert told["files"] == len(list(home.rglob("*")))


def staged(alice, disk) -> list[str]:
    return [path.name for path in disk.seen(alice.server.data / "staging").rglob("*") if path.is_file()]


def says_full(errors: str, item: str) -> None:
    assert errors.startswith(f"sampan: {item}: ") and "no space left" in errors and errors.count("\n") == 1, errors
    assert "/data" not in errors, "the server's paths are its own"


def in_one_session(alice, *lines: str) -> str:
    """Lines of a script for the shell; its errors. All of them through one connection."""
    with Proxy(alice.server.port) as proxy:
        alice.port = proxy.port
        errors = alice.run("shell", input="\n".join(lines) + "\n", timeout=limits.TRANSFER, code=None).stderr
        alice.port = None
        assert proxy.connections == 1
    return errors


@pytest.mark.proves("R3.8")
@pytest.mark.parametrize("room", [0, limits.MIB], ids=["none", "too-little"])
def test_a_large_upload(alice, disk, room):
    """Refused before its bytes flow; the session goes on with what needs no room."""
    film, tea = random_file(alice.work / "film", FILM), random_file(alice.work / "tea", 5000)
    alice.run("put", "tea")
    kept = {"tea": b3sum(tea)}
    disk.fill(leave=room)
    with Proxy(alice.server.port) as proxy:
        alice.port = proxy.port
        says_full(alice.run("put", "film", code=7).stderr, "put film")
        alice.port = None
        assert proxy.up.passed < limits.REFUSED_TRAFFIC
    expect_sound(alice, disk, kept)
    tea.unlink()
    says_full(in_one_session(alice, "put film", "get tea", "ls"), "put film")
    assert b3sum(tea) == kept["tea"]
    disk.make_room()
    alice.run("put", "film")
    expect_sound(alice, disk, {**kept, "film": b3sum(film)})


@pytest.mark.proves("R3.8")
def test_many_small_files_in_one_go(alice, disk):
    """They share their commits: which of them arrived is what the client says, and each that did is whole."""
    tree = alice.work / "tree"
    tree.mkdir()
    digests = {f"tree/{i:03}": b3sum(random_file(tree / f"{i:03}", 20_000 + 1000 * i)) for i in range(120)}
    total = sum(path.stat().st_size for path in tree.iterdir())
    with (disk.path / "ballast").open("wb") as ballast:
        ballast.write(bytes(disk.free() - total // 2))
    done = alice.run("put", "-r", "tree", code=1, timeout=limits.TRANSFER)
    failed = {line.split(": ")[1].removeprefix("put ") for line in done.stderr.splitlines() if "no space left" in line}
    assert 0 < len(failed) < len(digests), done.stderr
    expect_sound(alice, disk, {name: digest for name, digest in digests.items() if name not in failed})
    disk.make_room()
    alice.run("put", "-r", "tree", timeout=limits.TRANSFER)
    expect_sound(alice, disk, digests)


@pytest.mark.proves("R3.8")
def test_directories_until_there_is_no_place_for_one_more(alice, disk):
    names = [f"d{i:03}" for i in range(ENTRIES + 10)]
    errors = in_one_session(alice, *(f"mkdir {name}" for name in names)).splitlines()
    refused = {line.split(": ")[1].removeprefix("mkdir ") for line in errors if "no space left" in line}
    assert 0 < len(refused) == len(errors) < len(names), errors[:3]
    home = disk.seen(alice.server.home("alice"))
    assert sorted(os.listdir(home)) == [name for name in names if name not in refused]
    says_full(alice.run("mkdir", "one-more", code=7).stderr, "mkdir one-more")
    assert alice.json("quota")["files"] == len(names) - len(refused)
    for name in names[:5]:
        alice.run("rmdir", name)
    alice.run("mkdir", "one-more")
    assert alice.json("quota")["files"] == len(names) - len(refused) - 4


@pytest.mark.proves("R3.8", "R11.6")
def test_an_upload_that_is_resumed(alice, disk):
    """It has its room since it was begun. What else it needs may be missing: then it stays, and is resumed again."""
    film = random_file(alice.work / "film", FILM)
    with Proxy(alice.server.port) as proxy:
        proxy.up.cut_at = FILM // 2
        alice.port = proxy.port
        alice.run("put", "film", code=5)
        alice.port = None
    disk.fill()
    done = alice.run("put", "film", code=None, timeout=limits.TRANSFER)
    if done.returncode != 0:
        says_full(done.stderr, "put film")
        assert done.returncode == 7 and not disk.seen(alice.server.home("alice") / "film").exists()
        assert alice.json("quota")["used"] == FILM
        disk.make_room()
        with Proxy(alice.server.port) as proxy:
            alice.port = proxy.port
            alice.run("put", "film")
            alice.port = None
            assert proxy.up.passed <= FILM // 2 + limits.CUT_ALLOWANCE
    expect_sound(alice, disk, {"film": b3sum(film)})


@pytest.mark.proves("R3.8")
def test_accounts(alice, disk, server):
    """The database is on the same disk. Nobody is half made, who is there can log in, and a restart finds all of it."""
    tea = random_file(alice.work / "tea", 5000)
    alice.run("put", "tea")
    disk.fill()
    refused = []
    for i in range(40):  # there may be a free page or two in the database itself
        done = server.user("add", f"person{i}", password=PASSWORD, code=None)
        if done.returncode != 0:
            refused.append((f"person{i}", done))
        if len(refused) == 3:
            break
    assert len(refused) == 3, "a full disk took many accounts"
    for name, done in refused:
        assert done.returncode == 7 and name in done.stderr and "no space left" in done.stderr, (done.returncode, done.stderr)
        assert done.stderr.count("\n") == 1, done.stderr
    names = {user["name"] for user in json.loads(server.user("list", "--json").stdout)}
    assert names.isdisjoint(name for name, _ in refused) and "alice" in names
    tea.unlink()
    alice.run("get", "tea")
    server.stop(), server.start()
    tea.unlink()
    alice.run("get", "tea")
    expect_sound(alice, disk, {"tea": b3sum(tea)})
    disk.make_room()
    for name, _ in refused:
        server.user("add", name, password=PASSWORD)
    server.user("set", "alice", "--quota", "1MiB")
    assert alice.json("quota")["limit"] == limits.MIB
