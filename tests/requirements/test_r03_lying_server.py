"""A server that breaks off at exactly this byte, or says what is not so: the client keeps what is right, and nothing else."""

import os

import pytest

from support import limits
from support.native_server import NativeServer, OneFile

CHUNK = limits.CHUNK
SIZE = 4 * CHUNK + 1000
EDGES = [0, 1, CHUNK - 1, CHUNK, SIZE - 1, SIZE]


@pytest.fixture
def film(rng):
    return OneFile(rng.randbytes(SIZE))


@pytest.fixture
def liar(alice, server, film):
    """Alice's client talks to it as if it were her server."""
    with NativeServer(server.data / "tls", alice.password, film) as liar:
        alice.port = liar.port
        yield liar
        alice.port = None


def names_here(alice) -> list[str]:
    return sorted(os.listdir(alice.work))


@pytest.mark.proves("R11.4")
@pytest.mark.parametrize("count", EDGES)
def test_a_download_cut_at_exactly_this_byte(alice, liar, film, count):
    film.break_after = count
    done = alice.run("get", "film", code=0 if count == SIZE else 5)
    if count < SIZE:
        assert done.stderr.startswith("sampan: get film: ") and "film" not in names_here(alice)
        film.asked = 0
        alice.run("get", "film")
        assert film.asked == SIZE - count // CHUNK * CHUNK, "what is here is not asked for again"
    assert (alice.work / "film").read_bytes() == film.content
    assert names_here(alice) == ["film"]


@pytest.mark.proves("R3.6")
def test_a_server_that_says_it_byte_by_byte(alice, server, rng):
    """Lengths, headers and bytes, each in a TLS record of its own."""
    film = OneFile(rng.randbytes(3000))

    def slowly(conversation, request, body):
        conversation.piece = 1
        film(conversation, request, body)
    with NativeServer(server.data / "tls", alice.password, slowly) as slow:
        alice.port = slow.port
        alice.run("get", "film")
        alice.port = None
    assert (alice.work / "film").read_bytes() == film.content


@pytest.mark.proves("R3.2")
@pytest.mark.parametrize("size", [1, 100_000, SIZE])
def test_one_bit_between_the_digest_and_the_bytes(alice, liar, film, rng, size):
    """TLS is content, the digest is not: the name is not given, and the next attempt starts clean."""
    (alice.work / "film").write_text("the old one")
    right = film.content[:size]
    at = rng.randrange(size)
    film.__init__(right)
    film.content = right[:at] + bytes([right[at] ^ 1]) + right[at + 1:]
    done = alice.run("get", "film", code=6)
    assert done.stderr.startswith("sampan: get film: ") and "digest" in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert (alice.work / "film").read_text() == "the old one" and names_here(alice) == ["film"]
    film.content = right
    alice.run("get", "film")
    assert (alice.work / "film").read_bytes() == right and names_here(alice) == ["film"]


@pytest.mark.proves("R3.8")
@pytest.mark.parametrize("size", [100_000, SIZE])
def test_a_receipt_for_other_bytes_is_no_success(alice, server, rng, size):
    """The answer to a put or a commit names what was stored: where that is something else, nothing was done."""
    def answer(conversation, request, body):
        receipt = dict(path="/film", size=size, mtime="2026-11-24T08:15:00Z", digest=f"blake3:{'0' * 64}")
        if request["op"] in ("put", "upload.commit"):
            conversation.reply(request, **receipt)
        elif request["op"] == "upload.begin":
            conversation.reply(request, upload="an-id", chunk_size=CHUNK, have=[])
        elif request["op"] == "upload.chunk":
            conversation.reply(request)
        else:
            conversation.refuse(request, "not_found")
    (alice.work / "film").write_bytes(rng.randbytes(size))
    with NativeServer(server.data / "tls", alice.password, answer) as liar:
        alice.port = liar.port
        done = alice.run("put", "film", code=6)
        assert done.stderr.startswith("sampan: put film: ") and "receipt" in done.stderr, done.stderr
        alice.port = None
