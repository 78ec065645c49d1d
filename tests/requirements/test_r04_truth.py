"""R4.2: the figure is what the network has brought, and 100 % is what has been verified."""

import threading

import pytest

from support import limits
from support.bar import drawings
from support.files import random_file
from support.part import read_journal
from support.proxy import Proxy
from support.terminal import Terminal

RATE = 1_000_000        # bytes a second, as the requirement says
SIZE = 20_000_000       # so that a chunk and a redraw together are less than two points
TOLERANCE = 2


def follow(alice, words: list[str], way, size: int, failures: list[str]) -> None:
    """Compares what is drawn with what the proxy has handed on, at the moment of drawing."""
    with Terminal(alice.command(*words), alice, timeout=limits.TRANSFER) as terminal:
        before, seen, last = 0, 0, 0
        percents = []

        def compare(screen: Terminal) -> bool:
            nonlocal before, seen, last
            drawn, after = drawings(screen), way.passed
            for one in drawn[seen:]:
                percents.append(one.percent)
                low, high = 100 * before // size - TOLERANCE, 100 * after // size + TOLERANCE
                if one.percent < 100 and not low <= one.percent <= high:
                    failures.append(f"{words[0]} shows {one.percent}, the proxy counts {100 * before / size:.1f}.."
                                    f"{100 * after / size:.1f}")
                if one.percent == 100 and after < size:
                    failures.append(f"{words[0]} shows 100 % before the last byte")
            seen, before = len(drawn), after
            return bool(percents) and percents[-1] == 100

        terminal.wait_until(compare, "100 %")
        if terminal.wait_end() != 0:
            failures.append(terminal.text())
        if percents != sorted(percents) or len(set(percents)) < 40:
            failures.append(f"{words[0]}: {percents}")


@pytest.mark.proves("R4.2")
def test_within_two_points_of_the_network(alice, server):
    random_file(alice.work / "up", SIZE)
    random_file(alice.work / "down", SIZE)
    (alice.work / "back").mkdir()
    alice.run("put", "down")
    failures: list[str] = []
    with Proxy(server.port) as upward, Proxy(server.port) as downward:
        upward.up.rate = downward.down.rate = RATE
        threads = []
        for proxy, way, words in ((upward, upward.up, ["put", "up"]), (downward, downward.down, ["get", "--to", "back", "down"])):
            alice.port = proxy.port
            thread = threading.Thread(target=follow, args=(alice, words, way, SIZE, failures))
            thread.start()
            while not way.passed:  # the port has been taken when the first byte passes
                thread.join(limits.POLL_INTERVAL)
            threads.append(thread)
        for thread in threads:
            thread.join(limits.TRANSFER)
            assert not thread.is_alive()
    assert failures == []


@pytest.mark.proves("R4.2")
def test_not_100_before_the_last_byte(alice, server):
    size = 3 * limits.MIB
    random_file(alice.work / "file", size)
    alice.run("put", "file")
    (alice.work / "file").unlink()
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.down.hold_at = size - 1000
        with Terminal(alice.command("get", "file"), alice, timeout=limits.TRANSFER) as terminal:
            terminal.wait_until(lambda screen: drawings(screen) and drawings(screen)[-1].percent >= 91, "nearly all")
            assert drawings(terminal)[-1].percent <= 99
            proxy.release()
            assert terminal.wait_end() == 0
            assert [one.percent for one in drawings(terminal)].count(100) == 1


@pytest.mark.proves("R4.2")
def test_not_100_before_the_receipt(alice, server):
    """Every byte has been taken, and the request that asks for the verification is held back."""
    chunks = 12
    random_file(alice.work / "file", chunks * limits.CHUNK)

    def all_taken() -> bool:
        journals = list((server.data / "staging/alice").glob("*.journal"))
        return bool(journals) and len(read_journal(journals[0]).records) == chunks

    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_when = all_taken  # what comes then is the request for the receipt
        with Terminal(alice.command("put", "file"), alice, timeout=limits.TRANSFER) as terminal:
            terminal.wait_for("  99%  ")
            terminal.wait_for("verifying")
            proxy.wait_until(lambda proxy: proxy.up.hold_at is not None, limits.REPLY)
            assert drawings(terminal)[-1].percent == 99 and not (server.home("alice") / "file").exists()
            proxy.release()
            assert terminal.wait_end() == 0
            assert [one.percent for one in drawings(terminal)][-2:] == [99, 100]


@pytest.mark.proves("R4.3")
@pytest.mark.parametrize("verb", ["put", "get"])
def test_a_resumed_one_begins_where_it_was(alice, server, verb):
    size, cut = 8 * limits.MIB, 5 * limits.MIB
    random_file(alice.work / "file", size)
    (alice.work / "back").mkdir()
    words = ["put", "file"] if verb == "put" else ["get", "--to", "back", "file"]
    if verb == "get":
        alice.run("put", "file")
    with Proxy(server.port) as proxy:
        way = proxy.up if verb == "put" else proxy.down
        way.cut_at = cut
        alice.port = proxy.port
        alice.run(*words, code=5)
    alice.port = None
    with Terminal(alice.command(*words), alice, columns=120, timeout=limits.TRANSFER) as terminal:
        assert terminal.wait_end() == 0
        first, *_, last = drawings(terminal)
        # What had been acknowledged or written; at most the chunks in flight are missing.
        assert 100 * (cut - 3 * limits.CHUNK) // size <= first.percent <= 100 * cut // size, first.text
        assert "=" in first.text and "resumed at" in first.text and last.percent == 100
