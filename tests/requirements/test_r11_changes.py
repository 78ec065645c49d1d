"""Between two attempts the source changes, or a bit of what is stored: noticed, and nothing of two versions is ever put together."""

import os

import pytest

from support import limits
from support.files import b3sum, random_file
from support.part import flip_byte, make_journal_agree, part_below, read_journal
from support.proxy import DOWN, UP, Proxy

SIZE = 6 * limits.MIB + 77


def interrupted(alice, server, way: str, at: int, *command: str) -> None:
    """The first attempt: cut after so many bytes."""
    with Proxy(server.port) as proxy:
        proxy.ways[way].cut_at = at
        alice.port = proxy.port
        alice.run(*command, code=5, timeout=limits.TRANSFER)
    alice.port = None


def change(path, how: str) -> None:
    before = path.stat()
    if how == "longer":
        random_file(path, SIZE + 3 * limits.CHUNK)
    elif how == "shorter":
        random_file(path, SIZE - 3 * limits.CHUNK)
    else:
        random_file(path, SIZE)
    if how == "same size and time":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


HOW = ["same size", "same size and time", "longer", "shorter"]


@pytest.mark.proves("R11.5")
@pytest.mark.parametrize("how", HOW)
def test_the_source_of_an_upload_changes(alice, server, rng, how):
    film, stored = alice.work / "film", server.home("alice") / "film"
    for _ in range(limits.soak(1, 5)):
        random_file(film, SIZE)
        interrupted(alice, server, UP, rng.randrange(limits.MIB, 5 * limits.MIB), "put", "film")
        change(film, how)
        alice.run("put", "film")
        assert b3sum(stored) == b3sum(film)
        assert alice.json("quota")["used"] == film.stat().st_size
        alice.run("rm", "film")


@pytest.mark.proves("R11.5")
@pytest.mark.parametrize("how", HOW)
def test_the_source_of_a_download_changes(alice, server, rng, how):
    film, stored = alice.work / "film", server.home("alice") / "film"
    alice.run("mkdir", "made")  # the home is there now
    for _ in range(limits.soak(1, 5)):
        random_file(stored, SIZE)
        interrupted(alice, server, DOWN, rng.randrange(limits.MIB, 5 * limits.MIB), "get", "film")
        replacement = stored.with_name("new")
        replacement.write_bytes(stored.read_bytes())
        os.utime(replacement, ns=(stored.stat().st_atime_ns, stored.stat().st_mtime_ns))
        change(replacement, how)
        replacement.rename(stored)
        alice.run("get", "film")
        assert b3sum(stored) == b3sum(film)
        assert [path.name for path in alice.work.iterdir()] == ["film"], "no part is left"
        film.unlink()


@pytest.mark.proves("R11.6")
def test_a_byte_of_the_stored_part_flips(alice, server, rng):
    film = random_file(alice.work / "film", SIZE)
    for lie in [False, True] * limits.soak(1, 10):
        interrupted(alice, server, UP, rng.randrange(2 * limits.MIB, 5 * limits.MIB), "put", "film")
        server.kill()
        part = part_below(server.data / "staging")
        flip_byte(part, rng.randrange(len(read_journal(part).records) * limits.CHUNK))
        if lie:  # and now the journal vouches for it
            make_journal_agree(part)
        server.start()
        alice.run("put", "film")
        assert b3sum(server.home("alice") / "film") == b3sum(film)
        alice.run("rm", "film")


@pytest.mark.proves("R11.6")
def test_a_byte_of_the_stored_part_flips_while_the_server_runs(alice, server, rng):
    film = random_file(alice.work / "film", SIZE)
    interrupted(alice, server, UP, 4 * limits.MIB, "put", "film")
    part = part_below(server.data / "staging")
    flip_byte(part, rng.randrange(len(read_journal(part).records) * limits.CHUNK))
    alice.run("put", "film")
    assert b3sum(server.home("alice") / "film") == b3sum(film)


@pytest.mark.proves("R11.6")
def test_a_byte_of_the_local_part_flips(alice, server, rng):
    film = random_file(alice.work / "film", SIZE)
    alice.run("put", "film")
    sent = film.rename(alice.work / "sent")
    for lie in [False, True] * limits.soak(1, 10):
        interrupted(alice, server, DOWN, rng.randrange(2 * limits.MIB, 5 * limits.MIB), "get", "film")
        part = part_below(alice.work)
        assert part.name.startswith(".sampan-"), "a name of its own"
        flip_byte(part, rng.randrange(len(read_journal(part).records) * limits.CHUNK))
        if lie:
            make_journal_agree(part)
        alice.run("get", "film")
        assert b3sum(film) == b3sum(sent)
        assert sorted(path.name for path in alice.work.iterdir()) == ["film", "sent"], "no part is left"
        film.unlink()
