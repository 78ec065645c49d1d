"""R1.3, R1.5, R1.6: bulk in both directions at once, clients that vanish, and more of them than the server has descriptors for."""

import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import PASSWORD
from support import limits
from support.client import Client
from support.files import b3sum, random_file
from support.native import Closed, NativePeer, signed_in
from support.poller import Poller
from support.proxy import Proxy
from support.server import Server

MANY = 16
SIZE = limits.soak(12, 64) * limits.MIB
# Whatever the size of the files: in the suite they are small, so is what the server may take, and half of them would not fit.
RSS = limits.SERVER_RSS if limits.SOAK or limits.SCALE > 1 else MANY * SIZE // 2


@pytest.mark.proves("R1.3")
def test_uploads_and_downloads_at_once(new_client, server):
    up = [new_client(f"up{number:02}") for number in range(MANY)]
    down = [new_client(f"down{number:02}") for number in range(MANY)]
    for person in up:
        random_file(person.work / "file", SIZE)
    for person in down:
        random_file(server.home(person.user) / "file", SIZE)
    with Poller(server.rss) as poller:
        began = time.monotonic()
        running = [person.start(verb, "file") for pair in zip(up, down) for verb, person in zip(("put", "get"), pair)]
        for process in running:
            _, errors = process.communicate(timeout=limits.TRANSFER)
            assert process.returncode == 0, errors
        taken = time.monotonic() - began
    for person in up + down:
        assert b3sum(person.work / "file") == b3sum(server.home(person.user) / "file"), person.user
    print(f"{2 * MANY} x {SIZE // limits.MIB} MiB in {taken:.1f} s, server {max(poller.seen) / limits.MIB:.0f} MiB")
    assert max(poller.seen) <= RSS


def resources(server: Server) -> tuple[int, int]:
    return server.descriptors(), server.threads()


def base_line(server: Server) -> tuple[int, int]:
    """With alice's home open and nobody there."""
    with signed_in(server.port, "alice", PASSWORD) as peer:
        assert peer.request("list", path="/")["ok"]
    wait_until(lambda: server.sockets() == 1, lambda: f"{server.sockets()} sockets")
    return resources(server)


def settle(server: Server, base: tuple[int, int]) -> float:
    """Waits until descriptors and threads are back at `base`; the seconds it took."""
    return wait_until(lambda: resources(server) == base, lambda: f"{resources(server)}, not {base}")


def wait_until(condition, state) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began <= limits.bound(5), state()
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.proves("R1.5")
def test_a_client_killed_in_mid_transfer_disturbs_nobody(new_client, server):
    alice, bob, carol = (new_client(name) for name in ("alice", "bob", "carol"))
    for person in (alice, bob, carol):
        random_file(person.work / "file", 8 * limits.MIB)
        person.run("mkdir", "d")  # its home is open from now on
    carol.run("put", "file")
    (carol.work / "file").rename(carol.work / "sent")
    base = base_line(server)
    with Proxy(server.port) as bobs, Proxy(server.port) as carols:
        bob.port, carol.port = bobs.port, carols.port
        bobs.up.hold_at = carols.down.hold_at = 4 * limits.MIB
        others = [bob.start("put", "file"), carol.start("get", "file")]
        bobs.wait_until(lambda proxy: proxy.up.passed >= 4 * limits.MIB, limits.TRANSFER)
        carols.wait_until(lambda proxy: proxy.down.passed >= 4 * limits.MIB, limits.TRANSFER)
        held = resources(server)
        for number in range(limits.soak(3, 20)):
            (alice.work / f"file{number}").hardlink_to(alice.work / "file")  # a new name: nothing to resume
            with Proxy(server.port) as alices:
                alice.port = alices.port
                alices.up.hold_at = random.randrange(1, 8 * limits.MIB)
                victim = alice.start("put", f"file{number}")
                alices.wait_until(lambda proxy: proxy.up.passed >= proxy.up.hold_at, limits.TRANSFER)
                victim.kill()
                victim.communicate()
            settle(server, held)
        bobs.release(), carols.release()
        for process in others:
            _, errors = process.communicate(timeout=limits.TRANSFER)
            assert (process.returncode, errors) == (0, "")
        assert bobs.connections == carols.connections == 1, "nobody had to come again"
    print(f"at the base line after {settle(server, base):.2f} s")
    assert b3sum(bob.work / "file") == b3sum(server.home("bob") / "file")
    assert b3sum(carol.work / "file") == b3sum(carol.work / "sent")


def come_and_go(port: int, number: int) -> None:
    """Drops at one of five moments: after the connection, in the hello, after the greeting, logged in, in an upload."""
    kind = number % 5
    if kind < 2:
        with socket.create_connection(("127.0.0.1", port), limits.REPLY) as raw:
            raw.sendall(b"\x16\x03\x01"[:3 * kind])
        return
    with NativePeer(port) as peer:
        if kind >= 3:
            assert peer.login("alice", PASSWORD)["ok"]
        if kind == 4:
            path = f"/of-{threading.current_thread().name}"  # one that is nobody else's meanwhile
            begun = peer.request("upload.begin", path=path, size=10**6, mtime="2024-01-01T00:00:00Z")
            assert begun["ok"], begun
            assert peer.request("upload.chunk", body=bytes(262144), upload=begun["upload"], index=0)["ok"]


@pytest.mark.proves("R1.5")
def test_connect_and_drop_leaves_nothing_behind(server):
    server.user("add", "alice", password=PASSWORD)
    base = base_line(server)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: come_and_go(server.port, number), range(100)))
        settle(server, base)
        memory = server.rss()
        cycles = limits.soak(400, 2000)
        list(pool.map(lambda number: come_and_go(server.port, number), range(cycles)))
    settle(server, base)
    growth = server.rss() - memory
    print(f"{cycles} cycles: {server.descriptors()} descriptors as before, {growth / limits.MIB:+.1f} MiB")
    assert growth <= 10 * limits.MIB * limits.SCALE


@pytest.mark.proves("R1.6")
def test_more_clients_than_descriptors(folder):
    server = Server(folder, descriptors=64).start()
    try:
        server.user("add", "alice", password=PASSWORD)
        alice = Client(folder / "person-alice", server, "alice", PASSWORD)
        random_file(alice.work / "file", limits.MIB * 2)
        member = signed_in(server.port, "alice", PASSWORD)

        def come(_: int) -> NativePeer | None:
            try:
                return NativePeer(server.port)
            except (OSError, Closed):  # before the greeting
                return None

        with ThreadPoolExecutor(20) as pool:
            guests = list(pool.map(come, range(200)))
        inside = [guest for guest in guests if guest]
        print(f"{len(inside)} of 200 got in")
        assert 8 <= len(inside) <= 56, "some are let in, the others are told at once"
        # Those who are in can work, which takes descriptors as well ...
        begun = member.request("upload.begin", path="/f", size=5, mtime="2024-01-01T00:00:00Z")
        assert begun["ok"], begun
        assert all(guest.request("list", path="/")["error"] == "login_required" for guest in inside)
        # ... and while nobody does anything, neither does the server.
        before, window = server.cpu_seconds(), 2.0
        time.sleep(window)
        load = (server.cpu_seconds() - before) / window
        print(f"{load:.0%} of a core while idle")
        assert load < 0.2
        for guest in inside:
            guest.stream.close()
        recovered = time.monotonic()
        while alice.run("put", "file", code=None).returncode:
            assert time.monotonic() - recovered < limits.REPLY, "it recovers by itself"
        member.stream.close()
    finally:
        server.stop()
