"""kill -9 in mid-transfer, of the client, of the server, of both: the same command again completes, and little is sent twice."""

import pytest

from support import limits
from support.files import b3sum, random_file
from support.poller import Poller
from support.proxy import DOWN, UP, Proxy

BOTH = ("client", "server")


class Transfer:
    """One film, one way: what to say, what stands there before and after."""

    def __init__(self, alice, server, way: str):
        self.alice, self.server, self.way = alice, server, way
        self.film = random_file(alice.work / "film", limits.FILM)
        self.digest = b3sum(self.film)
        self.stored = server.home("alice") / "film"
        self.here = alice.work / "film"
        self.target = self.stored
        self.command = ("put", "film")
        if way == DOWN:
            alice.run("put", "film", timeout=limits.TRANSFER)
            self.film.unlink()
            self.target = self.here
            self.command = ("get", "film")

    def begin_anew(self) -> None:
        if self.way == DOWN:
            self.here.unlink(missing_ok=True)
        elif self.stored.exists():
            self.alice.run("rm", "film")

    def look(self) -> int | None:
        """The size under the final name: nothing, or the whole."""
        try:
            return self.target.stat().st_size
        except FileNotFoundError:
            return None


def killed_and_repeated(transfer: Transfer, victims: tuple[str, ...], at: int, still: bool) -> int:
    """Kills when `at` bytes have passed, the network being still or not, and says it again; the bytes of both attempts."""
    alice, server, way = transfer.alice, transfer.server, transfer.way
    transfer.begin_anew()
    with Proxy(server.port) as proxy, Poller(transfer.look) as poller:
        alice.port = proxy.port
        if still:
            proxy.ways[way].hold_at = at
        process = alice.start(*transfer.command)
        proxy.wait_until(lambda proxy: proxy.ways[way].passed >= at, limits.TRANSFER)
        if "server" in victims:
            server.kill()
        if "client" in victims:
            process.kill()
            proxy.reset_connections()
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        if victims == ("server",):
            assert process.returncode == 5, (process.returncode, errors)
            assert errors.startswith(f"sampan: {transfer.command[0]} film: ") and errors.count("\n") == 1, errors
        assert transfer.look() is None
        if "server" in victims:
            server.start()
            proxy.target_port = server.port
        alice.run(*transfer.command, timeout=limits.TRANSFER)
        alice.port = None  # from here on without the proxy
        passed = proxy.ways[way].passed
    assert poller.seen == [None, limits.FILM], "under its name it is seen whole or not at all"
    return passed


def kill_often(alice, server, rng, way: str, victims: tuple[str, ...], runs: int) -> None:
    transfer = Transfer(alice, server, way)
    worst = 0
    for run in range(runs):
        at, still = rng.randrange(64 * limits.KIB, limits.FILM), rng.random() < 0.5
        passed = killed_and_repeated(transfer, victims, at, still)
        where = f"run {run}, {' and '.join(victims)} killed at {at}, {'still' if still else 'moving'}"
        assert b3sum(transfer.target) == transfer.digest, where
        worst = max(worst, passed - limits.FILM)
        assert worst <= limits.CUT_ALLOWANCE, f"{where}: {worst} bytes too many"
    assert alice.json("quota")["used"] == limits.FILM
    left = sorted(path.name for path in alice.work.iterdir())
    assert left == ["film"], "no part is left"
    print(f"{runs} x {' and '.join(victims)}: at most {worst} bytes more than the file")


@pytest.mark.proves("R11.1")
def test_the_client_in_an_upload(alice, server, rng):
    kill_often(alice, server, rng, UP, ("client",), limits.soak(2, 20))


@pytest.mark.proves("R11.2")
def test_the_server_in_an_upload(alice, server, rng):
    kill_often(alice, server, rng, UP, ("server",), limits.soak(2, 20))


@pytest.mark.proves("R11.2")
def test_both_in_an_upload(alice, server, rng):
    kill_often(alice, server, rng, UP, BOTH, limits.soak(1, 5))


@pytest.mark.proves("R11.3")
def test_the_client_in_a_download(alice, server, rng):
    kill_often(alice, server, rng, DOWN, ("client",), limits.soak(2, 20))


@pytest.mark.proves("R11.3")
def test_the_server_in_a_download(alice, server, rng):
    kill_often(alice, server, rng, DOWN, ("server",), limits.soak(2, 20))


@pytest.mark.proves("R11.3")
def test_both_in_a_download(alice, server, rng):
    kill_often(alice, server, rng, DOWN, BOTH, limits.soak(1, 5))
