"""The server's key is pinned at first contact, and a changed one is refused."""

import shutil

import pytest


def test_first_contact_without_a_terminal_refuses(new_client):
    alice = new_client("alice", trust=False)
    result = alice.run("ls", code=9)
    assert "SHA256:" in result.stderr and "--trust" in result.stderr


def test_trust_pins_the_key(new_client, server):
    alice = new_client("alice")
    alice.run("ls")
    alice.trust = False
    alice.run("ls")


def test_trust_in_the_wrong_key_refuses(new_client, server):
    alice = new_client("alice", trust=False)
    alice.run("ls", "--trust", "SHA256:" + 43 * "A", code=9)


@pytest.mark.proves("R2.7")
def test_a_changed_key_is_refused(new_client, server):
    alice = new_client("alice")
    alice.run("ls")
    port = server.port
    server.stop()
    shutil.rmtree(server.data / "tls")
    server.start()
    # The same address as far as alice can see.
    from support.proxy import Proxy
    with Proxy(server.port) as proxy:
        alice.trust = False
        known = next(path for path in alice.folder.rglob("known_hosts"))
        known.write_text(known.read_text().replace(f":{port}", f":{proxy.port}"))
        result = alice.run("ls", "--server", server.url("alice", proxy.port), code=None)
        alice.port = proxy.port
        result = alice.run("ls", code=9)
        assert "key" in result.stderr
