"""One large file over sixteen connections, on a line that is far and loses packets, between two systems without BBR: network
namespaces of the test's own, so it needs root."""

import os
import time

import pytest

from conftest import PASSWORD
from support import lab, limits
from support.client import Client
from support.files import b3sum, random_file
from support.part import RECORD

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="two hosts on one machine need root")

SIZE = 16 * limits.MIB
LANES = 16


@pytest.fixture
def line(request):
    """25 ms each way, 1 % loss each way, 200 Mbit/s; or, of these, what a test says."""
    words = {"delay": 25, "loss": 1, "rate": 200, **getattr(request, "param", {})}
    with lab.Line(**words, cubic_only=True) as line:
        yield line


@pytest.fixture
def server(folder, line):
    running = lab.FarServer(folder, cubic_only=True).start()
    try:
        yield running
    finally:
        running.stop()
    running.check_log()


@pytest.fixture
def alice(folder, server):
    server.user("add", "alice", password=PASSWORD)
    return Client(folder / "person-alice", server, "alice", PASSWORD)


def chunks_noted(*folders) -> int:
    """What the journals of interrupted transfers say has arrived."""
    return sum(path.stat().st_size // RECORD.size for folder in folders for path in folder.rglob("*.journal"))


@pytest.mark.parametrize("verb", ["put", "get"])
@pytest.mark.parametrize("victim", ["client", "server"])
def test_kill_in_the_middle(alice, server, line, rng, verb, victim):
    """What was noted when it happened is not sent again, and what is under the name in the end is the file."""
    film, stored = random_file(alice.work / "film", SIZE), server.home("alice") / "film"
    digest, target = b3sum(film), stored
    if verb == "get":
        alice.run("put", "film", timeout=limits.TRANSFER)
        film.unlink()
        target = film
    journals = (server.data / "staging", alice.work)
    wanted = rng.randrange(8, 40)
    process = alice.start(verb, "film")
    most, deadline = 0, time.monotonic() + limits.TRANSFER
    while most < LANES or chunks_noted(*journals) < wanted:
        assert process.poll() is None and time.monotonic() < deadline, (process.communicate(timeout=5), most)
        most = max(most, line.connections())
    assert most == LANES
    (process if victim == "client" else server.process).kill()
    _, errors = process.communicate(timeout=limits.TRANSFER)
    if victim == "server":
        assert process.returncode == 5 and errors.count("\n") == 1, (process.returncode, errors)
        server.kill()
    assert not target.exists()
    noted = chunks_noted(*journals)
    assert noted >= wanted
    if victim == "server":
        server.start()
    before = line.bytes_carried()
    alice.run(verb, "film", timeout=limits.TRANSFER)
    carried = line.bytes_carried() - before
    assert b3sum(target) == digest
    assert chunks_noted(*journals) == 0, "nothing is left"
    missing = SIZE - noted * limits.CHUNK
    print(f"{noted} chunks were there, {missing} bytes missing, {carried} carried")
    assert carried <= 1.2 * missing + limits.MIB, "with frames, acknowledgements and what the line lost"


@pytest.mark.parametrize("line", [{"loss": 0, "rate": 4, "queue": 64}], indirect=True, ids=["4-mbit"])
def test_a_line_that_is_full_is_left_to_one_connection(alice, server, line):
    """Packets get lost there too, where the queue before it overflows: more connections would lose more."""
    random_file(alice.work / "film", SIZE)
    process = alice.start("put", "film")
    most, deadline = 0, time.monotonic() + limits.TRANSFER
    while chunks_noted(server.data / "staging") < 12:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate(timeout=5)
        most = max(most, line.connections())
    process.kill()
    process.communicate()
    assert most == 1
