"""A connection cut at any byte: at the edges of a chunk, of the file, before the last answer, and ten times in one file."""

import pytest

from support import limits
from support.files import b3sum, random_file
from support.native import frame, signed_in
from support.proxy import DOWN, UP, Proxy

CHUNK = limits.CHUNK
SIZE = 4 * CHUNK + 1000  # the smallest number of chunks that do not go as one put
EDGES = [0, 1, CHUNK - 1, CHUNK, SIZE - 1, SIZE]
BESIDES = 64 * limits.KIB  # handshake, login, questions and answers of one session
TIME = "2026-11-24T08:15:00Z"
CUTS = 10
BEYOND = 2**32


def send_bytes(alice, server, content: bytes, count: int) -> None:
    """An upload by hand that ends after exactly so many bytes of the file; whole chunks wait for their answers."""
    with signed_in(server.port, alice.user, alice.password) as peer:
        ready = peer.request("upload.begin", path="/film", size=len(content), mtime=TIME)
        assert ready["ok"] and ready["have"] == [] and ready["chunk_size"] == CHUNK, ready
        for index in range(len(content) // CHUNK + 1):
            body = content[index * CHUNK:(index + 1) * CHUNK]
            begun = body[:max(0, count - index * CHUNK)]
            if len(begun) == len(body):
                assert peer.request("upload.chunk", body, upload=ready["upload"], index=index)["ok"]
                continue
            peer.send(frame({"op": "upload.chunk", "id": 99, "body": len(body), "upload": ready["upload"],
                             "index": index}) + begun)
            return


@pytest.mark.proves("R11.4")
@pytest.mark.parametrize("count", EDGES)
def test_an_upload_cut_at_exactly_this_byte(alice, server, count):
    film = random_file(alice.work / "film", SIZE)
    send_bytes(alice, server, film.read_bytes(), count)
    there = SIZE if count == SIZE else count // CHUNK * CHUNK
    assert passed_by(alice, server, UP, "put", "film") <= SIZE - there + BESIDES, "what is there is not sent again"
    assert b3sum(server.home("alice") / "film") == b3sum(film)


class Runs:
    """The same command again and again through one proxy, and what each attempt let pass one way."""

    def __init__(self, alice, server, way: str, *command: str):
        self.alice, self.command = alice, command
        self.network = Proxy(server.port)
        self.way = self.network.ways[way]

    def __enter__(self) -> "Runs":
        self.alice.port = self.network.port
        return self

    def __exit__(self, *_) -> None:
        self.alice.port = None
        self.network.close()

    def cut_at(self, position: int) -> None:
        """One attempt that is cut after so many bytes since the proxy's start."""
        self.way.cut_at = position
        done = self.alice.run(*self.command, code=5, timeout=limits.TRANSFER)
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith(f"sampan: {self.command[0]} film: "), done.stderr
        assert "run the same command again to resume" in lines[0], done.stderr

    def finish(self) -> int:
        """The attempt that succeeds; the bytes that passed in it."""
        before = self.way.passed
        self.alice.run(*self.command, timeout=limits.TRANSFER)
        return self.way.passed - before


def passed_by(alice, server, way: str, *command: str) -> int:
    """The bytes of a whole session."""
    with Runs(alice, server, way, *command) as runs:
        return runs.finish()


@pytest.mark.proves("R11.4")
def test_an_upload_cut_on_its_way_through_the_wire(alice, server):
    stored = server.home("alice") / "film"
    for edge in EDGES[:-1]:
        film = random_file(alice.work / "film", SIZE)
        # A session that sends no data: so many bytes go before the first one of the file.
        ahead = passed_by(alice, server, UP, "mkdir", "-p", "folder-of-many-letters")
        with Runs(alice, server, UP, "put", "film") as runs:
            runs.cut_at(ahead + edge)
            assert not stored.exists()
            runs.finish()
        assert b3sum(stored) == b3sum(film)
        alice.run("rm", "film")


@pytest.mark.proves("R11.4")
def test_an_upload_whose_last_answer_is_lost(alice, server):
    film = random_file(alice.work / "film", SIZE)
    stored = server.home("alice") / "film"
    with Runs(alice, server, UP, "put", "film") as runs:
        runs.network.down.hold_when = stored.exists  # its receipt comes only then
        process = alice.start("put", "film")
        runs.network.wait_until(lambda network: network.down.hold_at is not None, limits.TRANSFER)
        runs.network.reset_connections()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 5 and "sampan: put film: " in errors, (process.returncode, errors)
        runs.network.release()
        assert runs.finish() <= BESIDES, "a file that is there is not sent again"
    assert b3sum(stored) == b3sum(film)
    assert alice.json("quota")["used"] == SIZE


@pytest.mark.proves("R11.4")
def test_a_download_cut_on_its_way_through_the_wire(alice, server):
    film = random_file(alice.work / "film", SIZE)
    alice.run("put", "film")
    sent = film.rename(alice.work / "sent")
    ahead = passed_by(alice, server, DOWN, "stat", "film")
    whole = passed_by(alice, server, DOWN, "get", "film")
    for at in [ahead + edge for edge in EDGES[:-1]] + [whole - 150]:
        film.unlink()
        with Runs(alice, server, DOWN, "get", "film") as runs:
            runs.cut_at(at)
            assert not film.exists()
            runs.finish()
        assert b3sum(film) == b3sum(sent), at
        assert sorted(path.name for path in alice.work.iterdir()) == ["film", "sent"], "no part is left"


def cut_ten_times(runs: Runs, rng) -> None:
    for cut in range(CUTS):
        runs.cut_at(runs.way.passed + limits.MIB // 4 + rng.randrange(limits.FILM // (2 * CUTS)))
    runs.finish()
    again = runs.way.passed - limits.FILM
    print(f"{CUTS} cuts: {again} bytes more than the file")
    assert again <= 10 * limits.MIB
    assert again <= CUTS * CHUNK + limits.MIB, "what one chunk a cut and the sessions cost"


@pytest.mark.proves("R11.7")
def test_ten_cuts_in_one_upload(alice, server, rng):
    film = random_file(alice.work / "film", limits.FILM)
    with Runs(alice, server, UP, "put", "film") as runs:
        cut_ten_times(runs, rng)
    assert b3sum(server.home("alice") / "film") == b3sum(film)


@pytest.mark.proves("R11.7")
def test_ten_cuts_in_one_download(alice, server, rng):
    film = random_file(alice.work / "film", limits.FILM)
    alice.run("put", "film", timeout=limits.TRANSFER)
    sent = film.rename(alice.work / "sent")
    with Runs(alice, server, DOWN, "get", "film") as runs:
        cut_ten_times(runs, rng)
    assert b3sum(film) == b3sum(sent)


@pytest.mark.proves("R11.7")
def test_chunks_beyond_4_gib_are_kept(alice, server):
    """Their places and their digests; a whole file of this size is in the soak."""
    first, content = BEYOND // CHUNK, [random_file(alice.work / f"chunk-{i}", CHUNK) for i in range(2)]
    both = alice.work / "both"
    both.write_bytes(b"".join(chunk.read_bytes() for chunk in content))
    plan = dict(path="/film", size=BEYOND + 3 * CHUNK, mtime=TIME)
    with signed_in(server.port, alice.user, alice.password) as peer:
        ready = peer.request("upload.begin", **plan)
        for i, chunk in enumerate(content):
            assert peer.request("upload.chunk", chunk.read_bytes(), upload=ready["upload"], index=first + i)["ok"]
    with signed_in(server.port, alice.user, alice.password) as peer:
        ready = peer.request("upload.begin", **plan)
        assert ready["have"] == [{"first": first, "count": 2, "digest": f"blake3:{b3sum(both)}"}]
        assert peer.request("upload.abort", path="/film")["ok"]
    assert alice.json("quota")["used"] == 0


@pytest.mark.proves("R11.7")
def test_a_sparse_file_is_cut_near_its_end(alice, server):
    """Beyond 4 GiB in the soak: a minute of hashing and writing."""
    beyond = limits.soak(16 * limits.MIB, BEYOND)
    film, size = alice.work / "film", beyond + 3 * CHUNK
    with film.open("wb") as file:
        file.truncate(size)
        file.seek(beyond + 1)
        file.write(b"beyond")
    with Runs(alice, server, UP, "put", "film") as runs:
        runs.cut_at(size - CHUNK)
        assert runs.finish() <= size // 200 + limits.MIB
    sent = film.rename(alice.work / "sent")
    with Runs(alice, server, DOWN, "get", "film") as runs:
        runs.cut_at(size - CHUNK)
        assert runs.finish() <= size // 200 + limits.MIB
    assert b3sum(film) == b3sum(sent) == b3sum(server.home("alice") / "film")
