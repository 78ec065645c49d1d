"""Several users at once; short, so that it can also run under ThreadSanitizer."""

import threading

from conftest import PASSWORD
from support import limits
from support.files import b3sum, random_file
from support.native import signed_in


def test_users_at_once_each_in_their_own_home(new_client, server):
    people = [new_client(name) for name in ("al", "alice", "alice2", "bob")]
    for person in people:
        for number in range(3):
            random_file(person.work / f"f{number}", (2 * number + 1) * limits.MIB // 2)
        (person.work / "who").write_text(person.user)
    running = [person.start("put", "f0", "f1", "f2", "who") for person in people for _ in range(1)]
    for process in running:
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 0, errors
    for person in people:
        assert (server.home(person.user) / "who").read_text() == person.user
        (person.work / "back").mkdir()
    running = [person.start("get", "--to", "back", "f0", "f1", "f2", "who") for person in people]
    for process in running:
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 0, errors
    for person in people:
        for name in ("f0", "f1", "f2", "who"):
            assert b3sum(person.work / name) == b3sum(person.work / "back" / name)


def test_one_name_wanted_by_many(server):
    server.user("add", "alice", password=PASSWORD)
    peers = [signed_in(server.port, "alice", PASSWORD) for _ in range(8)]
    for round_number in range(10):
        answers: list[bool] = []

        def make(peer):
            answers.append(peer.request("mkdir", path=f"/d{round_number}")["ok"])

        threads = [threading.Thread(target=make, args=(peer,)) for peer in peers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [False] * 7 + [True]
    for peer in peers:
        peer.stream.close()


def test_orderly_end_lets_a_transfer_finish(alice, server):
    """SIGTERM in mid-upload: the transfer goes on within the grace, and the server ends with 0."""
    import signal

    from support.proxy import Proxy
    sent = random_file(alice.work / "file", 4 * limits.MIB)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_at = 2 * limits.MIB
        process = alice.start("put", "file")
        proxy.wait_until(lambda proxy: proxy.up.passed >= 2 * limits.MIB, limits.TRANSFER)
        server.process.send_signal(signal.SIGTERM)
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 0, errors
        assert server.process.wait(limits.STOP) == 0
    assert b3sum(sent) == b3sum(server.home("alice") / "file")
    server._forget()
    server.start()
