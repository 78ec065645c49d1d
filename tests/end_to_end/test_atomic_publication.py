"""Old or new at every instant: a watcher at 5 ms never sees anything between."""

import os

from support import limits
from support.files import b3sum, random_file
from support.poller import Poller
from support.proxy import Proxy

SIZE = 24 * limits.MIB if limits.SCALE <= 1 else 6 * limits.MIB


def state_of(path):
    """What stands under a name: nothing, or its size and first bytes."""
    def look():
        try:
            with open(path, "rb") as file:
                return os.fstat(file.fileno()).st_size, file.read(16)
        except FileNotFoundError:
            return None
    return look


def whole(path):
    with open(path, "rb") as file:
        return path.stat().st_size, file.read(16)


def test_an_upload_appears_at_once_and_whole(alice, server):
    new = random_file(alice.work / "film", SIZE)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_at = SIZE // 2
        with Poller(state_of(server.home("alice") / "film")) as poller:
            process = alice.start("put", "film")
            proxy.wait_until(lambda proxy: proxy.up.passed >= SIZE // 2, limits.TRANSFER)
            assert alice.server.process.poll() is None
            listed = os.listdir(server.home("alice"))
            proxy.release()
            assert process.wait(limits.TRANSFER) == 0, process.stderr.read()
            process.stdout.close(), process.stderr.close()
    assert listed == [], "nothing of a running upload is in the home"
    assert poller.seen == [None, whole(new)]


def test_an_older_file_stays_until_the_rename(alice, server):
    old = random_file(alice.work / "film", 3 * limits.MIB)
    alice.run("put", "film")
    before = whole(old)
    new = random_file(alice.work / "film", SIZE)
    with Proxy(server.port) as proxy:
        proxy.up.cut_at = SIZE // 2
        alice.port = proxy.port
        with Poller(state_of(server.home("alice") / "film")) as poller:
            code = alice.run("put", "film", code=None, timeout=limits.TRANSFER).returncode
            if code == 5:  # not resumed within the command: the old file must stand
                assert whole(server.home("alice") / "film") == before
                alice.run("put", "film", timeout=limits.TRANSFER)
            else:
                assert code == 0
    assert poller.seen == [before, whole(new)]
    assert b3sum(new) == b3sum(server.home("alice") / "film")


def test_a_download_appears_at_once_and_whole(alice, server):
    sent = random_file(alice.work / "film", SIZE)
    alice.run("put", "film")
    back = alice.work / "back"
    back.mkdir()
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.down.hold_at = SIZE // 2
        with Poller(state_of(back / "film")) as poller:
            process = alice.start("get", "--to", back, "film")
            proxy.wait_until(lambda proxy: proxy.down.passed >= SIZE // 2, limits.TRANSFER)
            proxy.release()
            assert process.wait(limits.TRANSFER) == 0, process.stderr.read()
            process.stdout.close(), process.stderr.close()
    assert poller.seen == [None, whole(sent)]
    assert os.listdir(back) == ["film"]


def test_a_flipped_byte_is_noticed_both_ways(alice, server):
    """TLS notices it first; either way nothing wrong is published."""
    sent = random_file(alice.work / "film", 4 * limits.MIB)
    for way in ("up", "down"):
        if way == "down":
            (alice.work / "film").rename(alice.work / "sent")
            sent = alice.work / "sent"
        with Proxy(server.port) as proxy:
            alice.port = proxy.port
            getattr(proxy, way).flip_at = 2 * limits.MIB
            verb = "put" if way == "up" else "get"
            code = alice.run(verb, "film", code=None, timeout=limits.TRANSFER).returncode
            assert code in (0, 5, 6)
            published = server.home("alice") / "film" if way == "up" else alice.work / "film"
            assert published.exists() == (code == 0)
            if code:
                alice.run(verb, "film")
            assert b3sum(published) == b3sum(sent)


def test_one_byte_segments(alice, server):
    random_file(alice.work / "small", 20_000)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.piece = proxy.down.piece = 1
        alice.run("put", "small", timeout=limits.TRANSFER)
        (alice.work / "small").rename(alice.work / "sent")
        alice.run("get", "small", timeout=limits.TRANSFER)
    assert (alice.work / "sent").read_bytes() == (alice.work / "small").read_bytes()
