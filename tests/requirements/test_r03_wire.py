"""The wire flips bytes, breaks off, or is busy while the file is replaced: old or new at every instant, and never anything else."""

import os
import threading

import pytest

from support import limits
from support.client import Client
from support.files import b3sum, random_file
from support.poller import Poller
from support.proxy import DOWN, UP, Proxy

SIZE = 2 * limits.MIB + 77


def bytes_ahead(alice, server, way: str) -> int:
    """What passes before the first byte of a file: a session that carries none."""
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        alice.run("stat", "film")
        alice.port = None
        return proxy.ways[way].passed


def state_of(path):
    """What stands under a name: nothing, or its size and a few of its bytes."""
    def look():
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                return size, file.read(16), os.pread(file.fileno(), 16, size - 16)
        except FileNotFoundError:
            return None
    return look


class Stage:
    """An old film at the receiving end of `way`, and a new one at the other."""

    def __init__(self, alice, server, way: str):
        self.alice, self.server, self.way = alice, server, way
        self.source, self.target = alice.work / "film", server.home("alice") / "film"
        random_file(self.source, SIZE)
        alice.run("put", "film")  # the home is there now
        if way == DOWN:
            self.source, self.target = self.target, self.source
        self.command = ("put" if way == UP else "get", "film")
        self.renew()
        self.ahead = bytes_ahead(alice, server, way)

    def renew(self) -> None:
        """Another new one. (The server's user replaces his file by rename, as everybody does.)"""
        fresh = random_file(self.source.with_name("fresh"), SIZE)
        fresh.rename(self.source)

    def attempt(self, prepare) -> tuple[int, str, list]:
        """Code, errors and everything that was seen under the final name in one run through a network that `prepare` spoils."""
        with Proxy(self.server.port) as proxy, Poller(state_of(self.target)) as poller:
            prepare(proxy.ways[self.way])
            self.alice.port = proxy.port
            done = self.alice.run(*self.command, code=None, timeout=limits.TRANSFER)
            self.alice.port = None
            assert proxy.ways[self.way].flip_at is None and proxy.ways[self.way].cut_at is None, "it came to it"
        return done.returncode, done.stderr, poller.seen


@pytest.mark.proves("R3.2")
@pytest.mark.parametrize("way", [UP, DOWN])
def test_a_flipped_byte_on_the_wire(alice, server, rng, way):
    stage = Stage(alice, server, way)
    for _ in range(limits.soak(8, 50)):
        stage.renew()  # so that nothing of an earlier attempt is taken up, and the byte is sent
        old, at = b3sum(stage.target), stage.ahead + rng.randrange(SIZE)
        code, errors, seen = stage.attempt(lambda way: setattr(way, "flip_at", at))
        assert code in (5, 6), (at, code, errors)
        assert errors.startswith(f"sampan: {stage.command[0]} film: ") and errors.count("\n") == 1, errors
        assert len(seen) == 1 and b3sum(stage.target) == old, "the final name is unchanged"
    alice.run(*stage.command)
    assert b3sum(stage.target) == b3sum(stage.source)


@pytest.mark.proves("R3.3")
@pytest.mark.parametrize("way", [UP, DOWN])
def test_a_cut_at_a_random_byte(alice, server, rng, way):
    stage = Stage(alice, server, way)
    for _ in range(limits.soak(8, 50)):
        old, at = state_of(stage.target)(), rng.randrange(1, stage.ahead + SIZE)
        code, errors, seen = stage.attempt(lambda way: setattr(way, "cut_at", at))
        assert code == 5 and errors.count("\n") == 1, (at, code, errors)
        assert seen == [old], "no part of the new file, and all of the old"
        code, errors, seen = stage.attempt(lambda way: None)
        assert code == 0, errors
        assert seen == [old, state_of(stage.source)()]
        assert b3sum(stage.target) == b3sum(stage.source)
        stage.renew()


@pytest.mark.proves("R3.3")
@pytest.mark.parametrize("way", [UP, DOWN])
def test_a_new_file_appears_at_once_and_whole(alice, server, way):
    """In the middle of the transfer nothing of it is to be seen, not by its final name and, in a home, not by any."""
    stage = Stage(alice, server, way)
    stage.target.unlink()
    with Proxy(server.port) as proxy, Poller(state_of(stage.target)) as poller:
        proxy.ways[way].hold_at = SIZE // 2
        alice.port = proxy.port
        process = alice.start(*stage.command)
        proxy.wait_until(lambda proxy: proxy.ways[way].passed >= SIZE // 2, limits.TRANSFER)
        seen_meanwhile = os.listdir(server.home("alice"))
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 0, errors
    assert seen_meanwhile == ([] if way == UP else ["film"])
    assert poller.seen == [None, state_of(stage.source)()]


def put_in_the_middle(alice, server, hold_at: int, other, back) -> None:
    """A download stands still in its middle until another session has replaced the file."""
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.down.hold_at = hold_at
        process = alice.start("get", "--to", back, "film")
        alice.port = None
        proxy.wait_until(lambda proxy: proxy.down.passed >= hold_at, limits.TRANSFER)
        other.run("put", "film")
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 0, errors


def put_at_the_same_time(alice, server, other, back) -> None:
    putting = threading.Thread(target=other.run, args=("put", "film"))
    putting.start()
    try:
        alice.run("get", "--to", back, "film")
    finally:
        putting.join()


@pytest.mark.proves("R3.4")
@pytest.mark.parametrize("size", [100_000, SIZE])
def test_a_file_is_replaced_while_another_downloads_it(alice, server, rng, folder, size):
    other = Client(folder / "alice-elsewhere", server, "alice", alice.password)
    back = alice.work / "back"
    back.mkdir()
    ahead = None
    film = random_file(other.work / "film", size)
    other.run("put", "film")
    for run in range(limits.soak(6, 25)):
        old = b3sum(film)
        ahead = ahead or bytes_ahead(alice, server, DOWN)
        random_file(film, size)
        if run % 2:
            put_at_the_same_time(alice, server, other, back)
            assert b3sum(back / "film") in (old, b3sum(film))
        else:
            put_in_the_middle(alice, server, ahead + rng.randrange(size), other, back)
            assert b3sum(back / "film") == old, "what was opened is what arrives"
        alice.run("get", "--to", back, "film")
        assert b3sum(back / "film") == b3sum(film)
