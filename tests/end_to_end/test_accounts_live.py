"""A change of an account takes effect at the user's next request, in sessions that are open as well."""

import pytest

from conftest import PASSWORD
from support.native import Closed, NativePeer, signed_in


@pytest.fixture
def peer(server):
    server.user("add", "alice", "--quota", "1MiB", password=PASSWORD)
    with signed_in(server.port, "alice", PASSWORD) as peer:
        assert peer.request("ping")["ok"]
        yield peer


def assert_ended(peer: NativePeer) -> None:
    """The next request is refused or the session closed, and after that there is no session."""
    with pytest.raises(Closed):
        answer = peer.request("list", path="/")
        assert not answer["ok"], answer
        assert not peer.request("list", path="/")["ok"]
        raise Closed("refused")


def test_the_independent_client_gets_in(peer):
    assert peer.request("quota")["limit"] == 1024 * 1024
    assert peer.request("mkdir", path="/a")["ok"]
    assert peer.request("mkdir", path="/a")["error"] == "exists"


def test_disabled(peer, server):
    server.user("set", "alice", "--disable")
    assert_ended(peer)
    with NativePeer(server.port) as again:
        assert again.login("alice", PASSWORD)["error"] == "login_failed"
    server.user("set", "alice", "--enable")
    signed_in(server.port, "alice", PASSWORD).stream.close()


def test_removed(peer, server):
    server.user("remove", "alice")
    assert_ended(peer)


def test_quota(peer, server):
    answer = peer.request("upload.begin", path="/f", size=2 * 1024 * 1024, mtime="2024-01-01T00:00:00Z")
    assert answer["error"] == "over_quota", answer
    server.user("set", "alice", "--quota", "3MiB")
    assert peer.request("quota")["limit"] == 3 * 1024 * 1024
    assert peer.request("upload.begin", path="/f", size=2 * 1024 * 1024, mtime="2024-01-01T00:00:00Z")["ok"]


def test_password(peer, server):
    server.user("passwd", "alice", password="another one")
    assert_ended(peer)
    with NativePeer(server.port) as old:
        assert old.login("alice", PASSWORD)["error"] == "login_failed"
    signed_in(server.port, "alice", "another one").stream.close()
