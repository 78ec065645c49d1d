"""A place that may not be read or written, or that is full, at either end: it is said, nothing is left, and the session goes on."""

import os
import subprocess

import pytest

from support import limits
from support.files import b3sum, random_file
from support.guard import Guard
from support.proxy import Proxy
from support.server import Server

LARGE = 4 * limits.MIB + 77
SMALL = 300_000
ROOM = limits.MIB


@pytest.fixture
def server(folder):
    """Nobody's, as all his clients: root may write everywhere."""
    running = Server(folder, guard=Guard(folder)).start()
    try:
        yield running
    finally:
        for parent, folders, _ in os.walk(folder):
            for name in folders:
                os.chmod(os.path.join(parent, name), 0o700)
        running.stop()
    running.check_log()


@pytest.fixture
def locked(alice):
    """A local folder that her own permissions forbid."""
    path = alice.work / "locked"
    path.mkdir()
    alice.server.guard.give(path)
    path.chmod(0o500)
    return path


def says(errors: str, item: str, cause: str) -> None:
    assert errors.count("\n") == 1 and item in errors and cause in errors, errors


def staged(server) -> list:
    return [path for path in (server.data / "staging").rglob("*") if path.is_file()]


def in_one_session(alice, *lines: str) -> str:
    """Lines of a script for the shell; its errors. All of them through one connection."""
    with Proxy(alice.server.port) as proxy:
        alice.port = proxy.port
        errors = alice.run("shell", input="\n".join(lines) + "\n", timeout=limits.TRANSFER, code=None).stderr
        alice.port = None
        assert proxy.connections == 1
    return errors


@pytest.mark.proves("R3.8")
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_server_may_not_write_there(alice, server, size):
    random_file(alice.work / "film", size)
    (alice.work / "tea").write_text("oolong")
    alice.run("mkdir", "locked")
    (server.home("alice") / "locked").chmod(0o500)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        says(alice.run("put", "--to", "locked", "film", code=3).stderr, "put film", "permission denied")
        assert size < LARGE or proxy.up.passed < limits.REFUSED_TRAFFIC, "refused before the data flows"
        alice.port = None
    says(in_one_session(alice, "put --to locked film", "put tea"), "put film", "permission denied")
    assert (server.home("alice") / "tea").read_text() == "oolong"
    assert staged(server) == [] and os.listdir(server.home("alice") / "locked") == []
    assert alice.json("quota")["used"] == len("oolong")


@pytest.mark.proves("R3.8")
def test_the_server_may_not_read_it(alice, server):
    for name in ("film", "tea"):
        random_file(alice.work / name, SMALL)
    alice.run("put", "film", "tea")
    (server.home("alice") / "film").chmod(0)
    for name in ("film", "tea"):
        (alice.work / name).unlink()
    says(in_one_session(alice, "get film", "get tea"), "get film", "permission denied")
    assert os.listdir(alice.work) == ["tea"]
    says(alice.run("get", "film", code=3).stderr, "get film", "permission denied")


@pytest.mark.proves("R3.8")
def test_the_client_may_not_read_it(alice, server):
    film = random_file(alice.work / "film", SMALL)
    (alice.work / "tea").write_text("oolong")
    film.chmod(0)
    says(in_one_session(alice, "put film", "put tea"), "put film", "permission denied")
    assert os.listdir(server.home("alice")) == ["tea"]
    says(alice.run("put", "film", code=3).stderr, "put film", "permission denied")


@pytest.mark.proves("R3.8")
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_client_may_not_write_there(alice, locked, size):
    film = random_file(alice.work / "film", size)
    alice.run("put", "film")
    digest = b3sum(film)
    film.unlink()
    says(in_one_session(alice, "get --to locked film", "get film"), "get film", "permission denied")
    assert os.listdir(locked) == [] and b3sum(film) == digest
    says(alice.run("get", "--to", locked, "film", code=3).stderr, "get film", "permission denied")


SMALL_DISK = """
mount -t tmpfs -o size=$2 none "$1" && disk=$1 && shift 2 && "$@"
code=$?
echo "left: $(ls -A "$disk")"
exit $code
"""


def with_small_disk(alice, disk, size: int, *command: str, **options) -> subprocess.CompletedProcess:
    """Runs a client for whom `disk` is a file system of `size` bytes, which is gone afterwards."""
    root = [] if os.geteuid() == 0 else ["--map-root-user"]
    words = ["unshare", "--mount", *root, "sh", "-c", SMALL_DISK, "sh", str(disk), str(size), *alice.command(*command)]
    return subprocess.run(words, cwd=alice.work, capture_output=True, text=True, timeout=limits.TRANSFER,
                          env={**alice.environment(), **options.pop("environment", {})}, **options)


@pytest.fixture
def disk(alice):
    path = alice.work / "disk"
    path.mkdir()
    alice.server.guard.give(path)
    return path


@pytest.mark.proves("R3.8")
@pytest.mark.parametrize("size", [ROOM + 1, LARGE])
def test_the_clients_disk_is_full(alice, disk, size):
    random_file(alice.work / "film", size)
    (alice.work / "tea").write_text("oolong")
    alice.run("put", "film", "tea")
    done = with_small_disk(alice, disk, ROOM, "get", "--to", "disk", "film")
    assert done.returncode == 7 and done.stdout == "left: \n", (done.returncode, done.stdout, done.stderr)
    says(done.stderr, "get film", "no space left")
    done = with_small_disk(alice, disk, ROOM, "get", "--to", "disk", "film", "tea")
    assert done.returncode == 1 and done.stdout == "left: tea\n", (done.returncode, done.stdout, done.stderr)


@pytest.mark.proves("R3.8")
def test_there_is_no_room_for_what_comes_on_standard_input(alice, server, disk):
    done = with_small_disk(alice, disk, ROOM, "put", "--to", "film", "-", input="x" * LARGE,
                           environment={"TMPDIR": str(disk)})
    assert done.returncode == 7 and done.stdout == "left: \n", (done.returncode, done.stdout, done.stderr)
    says(done.stderr, "put film", "no space left")
    assert os.listdir(server.home("alice")) == [] and staged(server) == []
