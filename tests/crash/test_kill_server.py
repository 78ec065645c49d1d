"""kill -9 of the server in mid-transfer, restart: the same command completes, without sending again what had arrived."""

from support import limits
from support.files import b3sum, random_file
from support.proxy import DOWN, UP, Proxy


def cut_and_repeat(alice, server, way: str, verb: str, *arguments: str) -> int:
    """Kills the server half way, restarts it, repeats the command; the bytes that passed that way in both attempts."""
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        half = limits.BULK // 2
        proxy.ways[way].hold_at = half
        process = alice.start(verb, *arguments)
        proxy.wait_until(lambda proxy: proxy.ways[way].passed >= half, limits.TRANSFER)
        server.kill()
        proxy.release()
        _, errors = process.communicate(timeout=limits.TRANSFER)
        assert process.returncode == 5, (process.returncode, errors)
        server.start()
        proxy.target_port = server.port
        alice.run(verb, *arguments, timeout=limits.TRANSFER)
        alice.port = None  # from here on without the proxy
        return proxy.ways[way].passed


def test_upload(alice, server):
    sent = random_file(alice.work / "film", limits.BULK)
    passed = cut_and_repeat(alice, server, UP, "put", "film")
    assert b3sum(server.home("alice") / "film") == b3sum(sent)
    assert passed <= limits.BULK + limits.CUT_ALLOWANCE, f"{passed - limits.BULK} bytes too many"
    assert alice.json("quota")["used"] == limits.BULK


def test_download(alice, server):
    sent = random_file(alice.work / "film", limits.BULK)
    alice.run("put", "film", timeout=limits.TRANSFER)
    sent.rename(alice.work / "sent")
    passed = cut_and_repeat(alice, server, DOWN, "get", "film")
    assert b3sum(alice.work / "film") == b3sum(alice.work / "sent")
    assert passed <= limits.BULK + limits.CUT_ALLOWANCE, f"{passed - limits.BULK} bytes too many"


def test_a_flipped_byte_of_the_stored_part_is_found(alice, server):
    size = 16 * limits.MIB
    sent = random_file(alice.work / "film", size)
    with Proxy(server.port) as proxy:
        alice.port = proxy.port
        proxy.up.hold_at = size // 2
        process = alice.start("put", "film")
        proxy.wait_until(lambda proxy: proxy.up.passed >= size // 2, limits.TRANSFER)
        server.kill()
        proxy.release()
        process.communicate(timeout=limits.TRANSFER)
    part = next((server.data / "staging").rglob("*.part"))
    with part.open("r+b") as file:
        file.seek(limits.MIB)
        byte = file.read(1)
        file.seek(limits.MIB)
        file.write(bytes([byte[0] ^ 1]))
    server.start()
    alice.port = None
    alice.run("put", "film", timeout=limits.TRANSFER)
    assert b3sum(server.home("alice") / "film") == b3sum(sent)
