"""The source changes while it is sent, a disk lies, a place may not be written to or is full: an error, and never a wrong copy."""

import os

import pytest

from support import limits
from support.files import b3sum, random_file
from support.part import flip_byte, part_below
from support.proxy import DOWN, UP, Proxy

SIZE = 4 * limits.MIB + 77


def staged(server) -> list:
    return [path for path in (server.data / "staging").rglob("*") if path.is_file()]


# What may happen to a file that is being read. Positions are of bytes that have been sent, or are still to come.
def grows(path):
    with path.open("ab") as file:
        file.write(b"more")


def shrinks(path):
    os.truncate(path, SIZE - 1)


def is_rewritten(at):
    def happen(path):
        with path.open("r+b") as file:
            file.seek(at)
            file.write(os.urandom(100))
    return happen


def is_rewritten_and_its_time_set_back(at):
    def happen(path):
        before = path.stat()
        is_rewritten(at)(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return happen


SENT, TO_COME = 1000, SIZE - 1000
CHANGES = [grows, shrinks, is_rewritten(SENT), is_rewritten(TO_COME), is_rewritten_and_its_time_set_back(SENT),
           is_rewritten_and_its_time_set_back(TO_COME)]
NAMES = ["grows", "shrinks", "rewritten-behind", "rewritten-ahead", "rewritten-behind-time-kept", "rewritten-ahead-time-kept"]


def in_the_middle(alice, server, way: str, happen, *command: str):
    """Lets something happen half way through a transfer; code and errors."""
    with Proxy(server.port) as proxy:
        proxy.ways[way].hold_at = SIZE // 2
        alice.port = proxy.port
        process = alice.start(*command)
        alice.port = None
        proxy.wait_until(lambda proxy: proxy.ways[way].passed >= SIZE // 2, limits.TRANSFER)
        happen()
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
    return process.returncode, errors


@pytest.mark.proves("R3.5")
@pytest.mark.parametrize("change", CHANGES, ids=NAMES)
def test_the_source_changes_during_an_upload(alice, server, change):
    film, stored = random_file(alice.work / "film", SIZE), server.home("alice") / "film"
    alice.run("put", "film")
    old = b3sum(stored)
    random_file(film, SIZE)
    code, errors = in_the_middle(alice, server, UP, lambda: change(film), "put", "film")
    if code == 0:  # only where every byte that went is still the file's, and the rest was read after the change
        assert change is CHANGES[-1] and b3sum(stored) == b3sum(film)
        return
    assert code == 6 and errors.startswith("sampan: put film: ") and errors.count("\n") == 1, (code, errors)
    assert b3sum(stored) == old, "what stood there stands"
    assert staged(server) == [], "nothing of a file that no longer exists is kept"
    assert alice.json("quota")["used"] == SIZE
    alice.run("put", "film")
    assert b3sum(stored) == b3sum(film)


KEPT = is_rewritten_and_its_time_set_back(SENT)


@pytest.mark.proves("R3.5", "R11.5")
def test_the_source_changes_while_an_upload_is_resumed(alice, server):
    """What an earlier attempt left was compared with the file as it was then; now it is another, under the old size and time."""
    film, stored = random_file(alice.work / "film", SIZE), server.home("alice") / "film"
    with Proxy(server.port) as proxy:
        proxy.up.cut_at = SIZE // 4
        alice.port = proxy.port
        alice.run("put", "film", code=5)
        alice.port = None
    code, errors = in_the_middle(alice, server, UP, lambda: KEPT(film), "put", "film")
    assert code == 6 and errors.startswith("sampan: put film: ") and errors.count("\n") == 1, (code, errors)
    assert not stored.exists() and staged(server) == [] and alice.json("quota")["used"] == 0
    alice.run("put", "film")
    assert b3sum(stored) == b3sum(film)


@pytest.mark.proves("R3.5")
def test_a_file_of_a_tree_changes_during_its_upload(alice, server):
    """That file fails by its name, and the rest of the tree arrives."""
    (alice.work / "tree").mkdir()
    film = random_file(alice.work / "tree" / "film", SIZE)
    tea = random_file(alice.work / "tree" / "tea", 1000)
    code, errors = in_the_middle(alice, server, UP, lambda: KEPT(film), "put", "-r", "tree")
    assert code == 1 and "tree/film" in errors and "tea" not in errors, (code, errors)
    assert os.listdir(server.home("alice") / "tree") == ["tea"] and staged(server) == []
    alice.run("put", "-r", "tree")
    for path in (film, tea):
        assert b3sum(server.home("alice") / "tree" / path.name) == b3sum(path)


@pytest.mark.proves("R3.5")
def test_a_source_that_only_looks_changed_is_sent(alice, server):
    """Another name, another mode, a link more: the bytes are the same, and it is not for them to break a transfer."""
    film = random_file(alice.work / "film", SIZE)

    def happen():
        film.chmod(0o600)
        os.link(film, film.with_name("linked"))
        film.rename(film.with_name("renamed"))
    code, errors = in_the_middle(alice, server, UP, happen, "put", "film")
    assert code == 0, errors
    assert b3sum(server.home("alice") / "film") == b3sum(film.with_name("renamed"))


@pytest.mark.proves("R3.5")
@pytest.mark.parametrize("change", CHANGES, ids=NAMES)
def test_the_source_changes_during_a_download(alice, server, change):
    """Somebody writes into the stored file behind the server's back. What arrives is one version, or nothing."""
    film, stored = random_file(alice.work / "film", SIZE), server.home("alice") / "film"
    alice.run("put", "film")
    old = b3sum(film)
    film.unlink()
    code, errors = in_the_middle(alice, server, DOWN, lambda: change(stored), "get", "film")
    if code == 0:
        assert b3sum(film) in (old, b3sum(stored))
    else:
        assert code == 6 and errors.startswith("sampan: get film: ") and errors.count("\n") == 1, (code, errors)
        assert os.listdir(alice.work) == [], "nothing under the name, and nothing left"


@pytest.mark.proves("R3.2", "R11.6")
def test_what_has_arrived_is_changed_before_the_commit(alice, server, rng):
    """Somebody has been at the staged bytes of an upload that goes on: no receipt for what is not there."""
    film, stored = random_file(alice.work / "film", SIZE), server.home("alice") / "film"
    code, errors = in_the_middle(alice, server, UP, lambda: flip_byte(part_below(server.data), rng.randrange(SIZE // 4)), "put", "film")
    assert code == 6 and errors.startswith("sampan: put film: ") and errors.count("\n") == 1, (code, errors)
    assert not stored.exists() and staged(server) == [] and alice.json("quota")["used"] == 0
    alice.run("put", "film")
    assert b3sum(stored) == b3sum(film)


@pytest.mark.proves("R3.2", "R3.5")
def test_a_stored_file_that_rots_is_not_handed_out(alice, server, rng):
    """The wire is without fault and the disk is not: size and time are as they were, one bit is not."""
    for size in (100_000, SIZE):
        film, stored = random_file(alice.work / "film", size), server.home("alice") / "film"
        alice.run("put", "film")
        film.unlink()
        flip_byte(stored, rng.randrange(size))
        done = alice.run("get", "film", code=6)
        assert done.stderr.startswith("sampan: get film: ") and done.stderr.count("\n") == 1, done.stderr
        assert "digest" in done.stderr
        assert os.listdir(alice.work) == [], "nothing under the name, and nothing left"
        assert alice.run("get", "--to", "-", "film", code=6, text=False).stderr.startswith(b"sampan: get film: ")
