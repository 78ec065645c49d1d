"""kill -9 of the client in mid-transfer: the same command again completes, without sending again what had arrived."""

from support import limits
from support.files import b3sum, random_file
from support.proxy import DOWN, UP, Proxy


def cut_and_repeat(alice, server, way: str, verb: str, *arguments: str) -> int:
    """Kills the client half way, repeats the command; the bytes that passed that way in both attempts."""
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        half = limits.BULK // 2
        proxy.ways[way].hold_at = half
        process = alice.start(verb, *arguments)
        proxy.wait_until(lambda proxy: proxy.ways[way].passed >= half, limits.TRANSFER)
        process.kill()
        process.communicate()
        proxy.reset_connections()
        proxy.release()
        alice.run(verb, *arguments, timeout=limits.TRANSFER)
        alice.port = None  # from here on without the proxy
        return proxy.ways[way].passed


def test_upload(alice, server):
    sent = random_file(alice.work / "film", limits.BULK)
    passed = cut_and_repeat(alice, server, UP, "put", "film")
    assert b3sum(server.home("alice") / "film") == b3sum(sent)
    assert alice.json("digest", "film")["digest"] == f"blake3:{b3sum(sent)}"
    assert passed <= limits.BULK + limits.CUT_ALLOWANCE, f"{passed - limits.BULK} bytes too many"
    assert alice.json("quota")["used"] == limits.BULK


def test_download(alice, server):
    stored = server.home("alice")
    sent = random_file(alice.work / "film", limits.BULK)
    alice.run("put", "film", timeout=limits.TRANSFER)
    sent.rename(alice.work / "sent")
    passed = cut_and_repeat(alice, server, DOWN, "get", "film")
    assert b3sum(alice.work / "film") == b3sum(stored / "film")
    assert passed <= limits.BULK + limits.CUT_ALLOWANCE, f"{passed - limits.BULK} bytes too many"
    assert sorted(path.name for path in alice.work.iterdir()) == ["film", "sent"], "no part is left"


def test_a_source_that_changed_is_never_spliced(alice, server):
    size = 16 * limits.MIB
    sent = random_file(alice.work / "film", size)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_at = size // 2
        process = alice.start("put", "film")
        proxy.wait_until(lambda proxy: proxy.up.passed >= size // 2, limits.TRANSFER)
        process.kill()
        process.communicate()
        proxy.reset_connections()
        proxy.release()
        random_file(sent, size)  # the same name and size, other bytes
        alice.run("put", "film", timeout=limits.TRANSFER)
    assert b3sum(server.home("alice") / "film") == b3sum(sent)
