"""R5.3: a directory that turns into a link to the outside and back, while clients work below it."""

import ctypes
import os
import threading

import pytest

from support import limits
from support.files import b3sum
from support.jail import PASSWORD, House
from support.native import signed_in

SWAPS = limits.soak(2_000, 10_000)
CLIENTS = 4
ROUNDS = limits.soak(60, 300)  # each client's, at least
RENAME_EXCHANGE = 2
AT_FDCWD = -100
CONTENT = b"alice's\n"


@pytest.fixture(scope="module")
def house(house_folder):
    with House.open(house_folder) as house:
        yield house


def exchange(one: str, other: str) -> None:
    """Both names at once: there is no moment at which one is missing."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


class Worker(threading.Thread):
    """get, put, rm, list and digest of d/x, until told to stop; what it did is in `done` and `refused`."""

    def __init__(self, house: House, digest: str, over: threading.Event):
        super().__init__(daemon=True)
        self.house, self.digest, self.over = house, digest, over
        self.rounds = self.done = self.refused = 0
        self.error: BaseException | None = None
        self.peer = signed_in(house.server.port, "alice", PASSWORD)
        self.peer.heard = bytearray()

    def run(self):
        try:
            while not self.over.is_set() or self.rounds < ROUNDS:
                self.once()
                self.rounds += 1
        except BaseException as error:  # told by the test
            self.error = error

    def once(self):
        answers = [self.peer.request("put", path="d/x", body=CONTENT, digest=self.digest, mtime="2024-01-01T00:00:00Z"),
                   self.peer.request("get", path="d/x"), self.peer.request("list", path="d"),
                   self.peer.request("digest", path="d/x"), self.peer.request("mkdir", path="d/new"),
                   self.peer.request("rmdir", path="d/new"), self.peer.request("remove", path="d/x")]
        self.house.check_answer(bytes(self.peer.heard))
        del self.peer.heard[:]
        for answer in answers:
            assert answer["ok"] or answer["error"] in ("denied", "not_found", "exists", "busy"), answer
        assert not answers[1]["ok"] or answers[1]["content"] == CONTENT
        self.done += sum(answer["ok"] for answer in answers)
        self.refused += sum(answer.get("error") == "denied" for answer in answers)


@pytest.mark.proves("R5.2", "R5.3")
def test_the_swap_race(house):
    (house.folder / "content").write_bytes(CONTENT)
    digest = "blake3:" + b3sum(house.folder / "content")
    (house.folder / "content").unlink()
    d, link = str(house.home / "d"), str(house.home / "d-link")
    os.mkdir(d)
    os.symlink("../bob", link)  # bob has an x of his own
    house.guard.give(house.home)
    over = threading.Event()
    workers = [Worker(house, digest, over) for _ in range(CLIENTS)]
    for worker in workers:
        worker.start()
    swaps = 0
    while swaps < SWAPS or any(worker.rounds < ROUNDS and worker.error is None for worker in workers):
        exchange(d, link)
        swaps += 1
    over.set()
    for worker in workers:
        worker.join(limits.TRANSFER)
        worker.peer.stream.close()
    assert [worker.error for worker in workers] == [None] * CLIENTS
    house.check_untouched()
    assert sum(worker.done for worker in workers) and sum(worker.refused for worker in workers), \
        "both faces of d were met: as a directory and as a link"
    if os.path.islink(d):
        exchange(d, link)
    with signed_in(house.server.port, "alice", PASSWORD) as peer:
        assert peer.request("put", path="d/y", body=CONTENT, digest=digest, mtime="2024-01-01T00:00:00Z")["ok"]
