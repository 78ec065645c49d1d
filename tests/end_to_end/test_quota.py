"""A quota is a reservation: exact under any concurrency, and known before a byte flows."""

import os

from support import limits
from support.files import random_file
from support.poller import Poller
from support.proxy import Proxy


def bytes_of_files(server, user):
    """All that the user's files take, the ones on their way included; a part's journal is the server's own."""
    def look() -> int:
        total = 0
        for top in (server.home(user), server.data / "staging" / user):
            for parent, _, names in os.walk(top):
                for name in names:
                    if not name.endswith(".journal"):
                        try:
                            total += os.lstat(os.path.join(parent, name)).st_size
                        except FileNotFoundError:
                            pass
        return total
    return look


def test_sixteen_uploads_into_room_for_ten(new_client, server):
    alice = new_client("alice", "--quota", "10MiB")
    for number in range(16):
        random_file(alice.work / f"f{number}", limits.MIB)
    alice.run("ls")  # the key is known, the home is made
    with Poller(bytes_of_files(server, "alice")) as poller:
        running = [alice.start("put", f"f{number}") for number in range(16)]
        errors = [process.communicate(timeout=limits.TRANSFER)[1] for process in running]
    codes = sorted(process.returncode for process in running)
    assert codes == [0] * 10 + [7] * 6, errors
    assert max(poller.seen) <= 10 * limits.MIB
    assert alice.json("quota")["used"] == 10 * limits.MIB == bytes_of_files(server, "alice")()
    assert len(os.listdir(server.home("alice"))) == 10


def test_refused_before_a_byte_flows(new_client, server):
    with Proxy(server.port) as proxy:
        alice = new_client("alice", "--quota", "10MiB", port=proxy.port)
        random_file(alice.work / "big", 10 * limits.MIB + 1)
        result = alice.run("put", "big", code=7)
        assert proxy.up.passed + proxy.down.passed <= limits.REFUSED_TRAFFIC
        assert "quota" in result.stderr and "big" in result.stderr
        os.truncate(alice.work / "big", 10 * limits.MIB)
        alice.run("put", "big")
        assert alice.json("quota")["free"] == 0


def test_replacing_counts_the_difference(new_client):
    alice = new_client("alice", "--quota", "5MiB")
    random_file(alice.work / "f", 3 * limits.MIB)
    alice.run("put", "f")
    random_file(alice.work / "f", limits.MIB)
    alice.run("put", "f")
    assert alice.json("quota")["used"] == limits.MIB


def test_number_of_files(new_client):
    alice = new_client("alice", "--max-files", "3")
    for number in range(4):
        (alice.work / f"f{number}").write_text("x")
    alice.run("put", "f0", "f1", "f2")
    alice.run("put", "f3", code=7)
    alice.run("mkdir", "d", code=7)
    alice.run("rm", "f0")
    alice.run("mkdir", "d")


def test_used_is_what_is_on_the_disk_after_a_crash(new_client, server):
    with Proxy(server.port) as proxy:
        proxy.up.hold_at = 4 * limits.MIB
        alice = new_client("alice", "--quota", "20MiB", port=proxy.port)
        random_file(alice.work / "f", 8 * limits.MIB)
        process = alice.start("put", "f")
        proxy.wait_until(lambda proxy: proxy.up.passed >= 4 * limits.MIB, limits.TRANSFER)
        server.kill()
        process.communicate(timeout=limits.TRANSFER)
    server.start()
    alice.port = None
    assert alice.json("quota")["used"] in (0, 8 * limits.MIB, bytes_of_files(server, "alice")())
    alice.run("put", "f")
    assert alice.json("quota")["used"] == 8 * limits.MIB == bytes_of_files(server, "alice")()
