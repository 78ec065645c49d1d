"""The network falls silent without a word of farewell: both sides give up in time, and what arrived is taken up again.

A proxy that hands nothing on any more, and reads nothing, is what a stopped process, a pulled cable or a dead router is: both
connections stand, and no byte comes. It does so wherever a transfer can be: while it begins, half way, while it is committed,
while a stored file is hashed. They all wait at the same time.
"""

import os
import shutil
import time
from typing import NamedTuple

import pytest

from support import limits
from support.files import b3sum, blake3, random_file
from support.native import signed_in
from support.native_server import NativeServer
from support.proxy import DOWN, UP, Proxy
from support.server import Server
from support.wait import wait_until

SIZE = 4 * limits.MIB + 77
GIVEN_UP = "session ended: timed out"
NAMED_LIMIT = 30 * limits.SCALE  # seconds
LONGER = 28 * limits.SCALE       # than either side bears silence


class Record(NamedTuple):
    """Where a TLS record is among the bytes of one way."""
    start: int
    end: int


def records_of(recording: bytearray) -> list[Record]:
    """Those with something of the conversation in them; what it is nobody can read. The last one of all, which says farewell, is
    19 bytes long, and no other is so short."""
    header, application_data, farewell = 5, 23, 19
    records, at = [], 0
    while at < len(recording):
        end = at + header + int.from_bytes(recording[at + 3:at + 5], "big")
        if recording[at] == application_data and end - at - header > farewell:
            records.append(Record(at, end))
        at = end
    return records


class Model:
    """What goes over the wire in a transfer that nobody disturbs: whoever has a name as long as the model's says as much."""

    REQUESTS = 3  # the records before the first one: the end of the handshake, and two for the login
    REPLIES = 7   # the handshake's four, the greeting, and two for the login

    def __init__(self, client, *command: str):
        with Proxy(client.server.port, record=True) as proxy:
            client.port = proxy.port
            client.run(*command, timeout=limits.TRANSFER)
            client.port = None
        self.requests = records_of(proxy.up.recording)[self.REQUESTS:]
        self.replies = records_of(proxy.down.recording)[self.REPLIES:]

    def amid_reply(self, number: int) -> int:
        """A signature in the handshake may be some bytes longer or shorter another time."""
        return (self.replies[number].start + self.replies[number].end) // 2


class Silence:
    """A transfer whose network falls silent for good once so many bytes have gone one way."""

    def __init__(self, client, command: str, way: str, at: int):
        self.client, self.command = client, command
        self.proxy = Proxy(client.server.port)
        self.proxy.ways[way].hold_at = at
        client.port = self.proxy.port
        self.process = client.start(command, "film")
        self.proxy.wait_until(lambda proxy: proxy.ways[way].passed >= at, limits.TRANSFER)
        self.proxy.freeze()
        self.since = time.monotonic()

    def end(self) -> float:
        """The client's end: as a lost connection, with the way out; how long it took."""
        _, errors = self.process.communicate(timeout=max(1.0, self.since + NAMED_LIMIT - time.monotonic()))
        took = time.monotonic() - self.since
        assert self.process.returncode == 5, (self.process.returncode, errors)
        assert errors.startswith(f"sampan: {self.command} film: timed out"), errors
        assert "run the same command again to resume" in errors and errors.count("\n") == 1, errors
        return took

    def resume(self) -> int:
        """The same command again, the network being well; the bytes of this attempt, both ways."""
        self.proxy.close()
        with Proxy(self.client.server.port) as proxy:
            self.client.port = proxy.port
            self.client.run(self.command, "film", timeout=limits.TRANSFER)
            self.client.port = None
            return proxy.up.passed + proxy.down.passed


def cut_in_half(client) -> None:
    """Leaves one half of the film behind, staged."""
    with Proxy(client.server.port) as proxy:
        proxy.up.cut_at = SIZE // 2
        client.port = proxy.port
        client.run("put", "film", code=5)
    client.port = None


def store_unseen(server, client) -> None:
    """Puts the film into the home behind the server's back: it has no digest of it yet. The client has it as "sent"."""
    client.run("mkdir", "made")  # the home is there now
    shutil.copy(client.work / "film", server.home(client.user) / "film")
    (client.work / "film").rename(client.work / "sent")


@pytest.mark.proves("R11.8")
def test_both_sides_give_up_within_30_seconds_wherever_they_are(server, new_client):
    people = {name: new_client(name) for name in ("model", "begin", "sends", "seals", "opens", "reads")}
    for client in people.values():
        os.utime(random_file(client.work / "film", SIZE), (10**9, 10**9))
    model = people["model"]
    cut_in_half(model)
    put = Model(model, "put", "film")  # asks what is there, begins, sends the other half, commits, says farewell
    (model.work / "film").unlink()
    get = Model(model, "get", "film")  # opens, reads, ends, says farewell
    for name in ("begin", "seals"):
        cut_in_half(people[name])
    for name in ("opens", "reads"):
        store_unseen(server, people[name])
    silences = {
        "begin": Silence(people["begin"], "put", DOWN, put.amid_reply(1)),
        "sends": Silence(people["sends"], "put", UP, SIZE // 2),
        "seals": Silence(people["seals"], "put", UP, put.requests[-2].end - 1),
        "opens": Silence(people["opens"], "get", DOWN, get.amid_reply(0)),
        "reads": Silence(people["reads"], "get", DOWN, SIZE // 2),
    }
    took = {name: silence.end() for name, silence in silences.items()}
    last = max(silence.since for silence in silences.values())
    wait_until(lambda: server.log_text().count(GIVEN_UP) == len(silences), "the server to give up",
               max(1.0, last + NAMED_LIMIT - time.monotonic()))
    print(f"the clients gave up after {', '.join(f'{seconds:.1f}' for seconds in took.values())} s, "
          f"the server at the latest {time.monotonic() - last:.1f} s after the last silence began")
    again = {name: silence.resume() for name, silence in silences.items()}
    assert again["seals"] <= limits.CUT_ALLOWANCE, again
    assert all(again[name] <= SIZE // 2 + limits.CUT_ALLOWANCE for name in ("begin", "sends", "reads")), again
    for name in ("begin", "sends", "seals"):
        assert b3sum(server.home(name) / "film") == b3sum(people[name].work / "film")
    for name in ("opens", "reads"):
        assert b3sum(people[name].work / "film") == b3sum(people[name].work / "sent")


@pytest.mark.proves("R11.8")
def test_a_client_goes_on_waiting_for_a_server_that_is_still_at_it(server, alice):
    """For longer than it bears silence."""
    content = b"oolong"
    digest = f"blake3:{blake3(content).hex()}"

    def answer(conversation, request, body):
        if request["op"] != "get":
            conversation.refuse(request, "not_found")
            return
        end = time.monotonic() + LONGER
        while time.monotonic() < end:
            conversation.working(request)
            time.sleep(1)  # it is at it, and that is what the client is told
        conversation.reply(request, content, size=len(content), mode="0644", mtime="2026-11-24T08:15:00Z", digest=digest)
    with NativeServer(server.data / "tls", alice.password, answer) as slow:
        alice.port = slow.port
        alice.run("get", "tea", timeout=limits.TRANSFER)
    assert (alice.work / "tea").read_bytes() == content


class TestImpatientServer:
    """One that bears a second of silence, and has work for longer than that."""

    @pytest.fixture
    def server(self, folder):
        running = Server(folder, settings={"transfer-silence": 1}).start()
        try:
            yield running
        finally:
            running.stop()

    @pytest.mark.proves("R11.8")
    def test_it_says_that_it_is_still_at_it(self, alice, server):
        """Several times within the silence that it bears itself; then it answers."""
        alice.run("mkdir", "made")
        with (server.home("alice") / "film").open("wb") as file:
            file.truncate(2048 * limits.MIB)
        with signed_in(server.port, alice.user, alice.password) as peer:
            answer = peer.request("digest", path="/film")
            assert answer["ok"] and peer.announcements > 0, answer

    @pytest.mark.proves("R11.8")
    @pytest.mark.parametrize("where", ["amid a frame", "with an upload", "with a download"])
    def test_a_peer_that_is_gone_costs_it_nothing_for_long(self, alice, server, where):
        film = random_file(alice.work / "film", SIZE)
        alice.run("put", "film")
        with signed_in(server.port, alice.user, alice.password) as peer:
            if where == "amid a frame":
                peer.send(b"\x20\0\0\0{")
            elif where == "with an upload":
                assert peer.request("upload.begin", path="/other", size=SIZE, mtime="2026-11-24T08:15:00Z")["ok"]
            else:
                assert "download" in peer.request("get", path="/film")
            peer.expect_close()
        wait_until(lambda: GIVEN_UP in server.log_text(), "the server to give up")
        assert b3sum(server.home("alice") / "film") == b3sum(film)
